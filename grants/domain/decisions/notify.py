"""What a funder decided is told to the applicant, and what was typed for it is confirmed: of one
project or of many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy import select

from grants.database import db
from grants.domain.decisions import rules
from grants.domain.decisions.lines import Lines, behalf, facts, locked, put, refuse, refuse_stale
from grants.domain.decisions.rules import Notice
from grants.domain.mail import mail
from grants.errors import NotAllowed
from grants.models import Funder, Project, Role, RoleGrant, User, now
from grants.permissions import instructs_for

# Project → the version of its line that the person saw.
SeenLines = Mapping[int, int | None]
# The institutions that have somebody here who confirms.
INSTRUCTED = (
    select(RoleGrant.institution_id)
    .join(User, User.id == RoleGrant.user_id)
    .where(RoleGrant.role == Role.INSTRUCTOR, User.active, User.email_confirmed_at.is_not(None))
)


def confirms_first(funder: Funder, by: User) -> bool:
    """Must what was typed for its institution be confirmed before `by` notifies it (rules 6)? Not
    by its own people; nor where it has nobody here, whose source is enough."""
    if instructs_for(by, funder):
        return False
    return db.session.scalar(INSTRUCTED.where(RoleGrant.institution_id == funder.institution_id).limit(1)) is not None


def notify(funder: Funder, seen: SeenLines, notice: Notice, *, by: User) -> Lines:
    """Tell the applicants this funder's decisions from now on (rules 7), under one act; each member
    is told once of all their projects. Raises as `write`."""
    lines = _locked(funder, seen, by)
    first, whom = confirms_first(funder, by), behalf(funder, by)
    refuse((line, why) for line in lines.values() for why in rules.not_notified(facts(line), notice, whom, first=first))
    with db.session.no_autoflush:
        for line in lines.values():
            put(
                line,
                "notify",
                by,
                notice.typed_from.strip(),
                act_number=notice.act_number.strip(),
                act_date=notice.act_date,
                notified_at=now(),
            )
        _tell((line.project for line in lines.values()), funder)
    db.session.flush()
    return lines


def confirm(funder: Funder, seen: SeenLines, *, by: User) -> Lines:
    """Confirm what was typed for the institution of `by`, its instructor, as they saw it (rules 6)."""
    if not instructs_for(by, funder):
        raise NotAllowed("Seule l'institution concernée peut confirmer ces montants.")
    lines = _locked(funder, seen, by)
    refuse((line, why) for line in lines.values() for why in rules.not_confirmed(facts(line)))
    for line in lines.values():
        put(line, "confirm", by, "", confirmed_at=now(), confirmed_by_id=by.id)
    db.session.flush()
    return lines


def _locked(funder: Funder, seen: SeenLines, by: User) -> Lines:
    versions = {(project_id, funder.id): version for project_id, version in seen.items()}
    lines = locked(versions, by)
    refuse_stale(lines, versions)
    return lines


def _tell(projects: Iterable[Project], funder: Funder) -> None:
    """Who bears several is told once, with their list."""
    of_bearer: dict[int, list[Project]] = defaultdict(list)
    for project in projects:
        of_bearer[project.organisation_id].append(project)
    people = mail.members_of(of_bearer)
    for organisation_id, theirs in of_bearer.items():
        for member in people[organisation_id]:
            if len(theirs) == 1:
                mail.queue("decision_notified", member, project=theirs[0], funder=funder.label)
            else:
                mail.queue("decisions_notified", member, projects=theirs, funder=funder.label, link="/mes-projets")
