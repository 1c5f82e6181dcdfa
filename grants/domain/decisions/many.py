"""What a funder says of many projects at once: proposed, decided, notified or confirmed, all of
them or none, in a number of statements that does not grow with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from grants.database import db
from grants.domain.decisions.lines import NOT_YOURS, describe, read
from grants.domain.decisions.notify import confirmable, confirms_first, record_notification
from grants.domain.decisions.rules import Decision, check, more
from grants.domain.decisions.write import granted_beside, record, record_proposal
from grants.domain.envelope import check_rooms
from grants.domain.instruction import many
from grants.domain.instruction.many import Seen
from grants.domain.ledger import history
from grants.domain.locking import fresh_all
from grants.domain.mail import mail
from grants.errors import DomainError, NotAllowed
from grants.models import Campaign, Funder, FundingLine, Outcome, Project, State, User, now
from grants.permissions import decides_for, instructs_for

Lines = dict[int, FundingLine]


def propose_many(
    funder: Funder,
    amounts: Mapping[int, Decimal | None],
    seen: Seen,
    *,
    by: User,
    typed_from: str = "",
    revision_reason: str = "",
) -> Lines:
    """`propose` for each project of `amounts`; `seen`: the versions of their lines. Raises as it
    does, naming the projects."""
    found = _deciding(funder, seen, by)
    with db.session.no_autoflush:
        many.each(
            ((line.project.reference or "", line) for line in found.values()),
            lambda line: record_proposal(
                line, amounts[line.project_id], by, typed_from, revision_reason
            ),
        )
    db.session.flush()
    return found


def decide_many(
    funder: Funder, decisions: Mapping[int, Decision], seen: Seen, *, by: User
) -> Lines:
    """`decide` for each project; the envelope must have room for all of them together."""
    found = _deciding(funder, seen, by)
    others = granted_beside([line.id for line in found.values()])
    many.each(
        ((line.project.reference or "", line) for line in found.values()),
        lambda line: check(
            line, decisions[line.project_id], others.get(line.project_id, Decimal(0))
        ),
    )
    check_rooms(
        ((line.campaign_id, funder.id), more(line, decisions[line.project_id]))
        for line in found.values()
        if decisions[line.project_id].outcome is Outcome.ACCEPTED
    )
    with db.session.no_autoflush:
        for line in found.values():
            record(line, decisions[line.project_id], by)
    db.session.flush()
    return found


def notify_many(
    funder: Funder,
    seen: Seen,
    act_number: str,
    act_date: date | None,
    *,
    by: User,
    typed_from: str = "",
) -> Lines:
    """`notify` for each, under one act; each member is told once of all their projects."""
    found = _own(funder, seen, by)
    first = confirms_first(funder, by)
    with db.session.no_autoflush:
        many.each(
            ((line.project.reference or "", line) for line in found.values()),
            lambda line: record_notification(
                line, act_number, act_date, by, typed_from, first=first
            ),
        )
        _tell([line.project for line in found.values()], funder)
    db.session.flush()
    return found


def confirm_many(funder: Funder, seen: Seen, *, by: User) -> Lines:
    """`confirm` for each."""
    if not instructs_for(by, funder):
        raise NotAllowed("Seule l'institution concernée peut confirmer ces montants.")
    found = _seen(funder, seen)
    at = now()
    with db.session.no_autoflush:
        many.each(
            ((line.project.reference or "", line) for line in found.values()), confirmable
        )
        for line in found.values():
            history.change(line, "confirm", "confirmed_at", at, by=by)
            history.change(line, "confirm", "confirmed_by_id", by.id, by=by)
    db.session.flush()
    return found


def _own(funder: Funder, seen: Seen, by: User) -> Lines:
    if not decides_for(by, funder):
        raise NotAllowed(NOT_YOURS)
    return _seen(funder, seen)


def _deciding(funder: Funder, seen: Seen, by: User) -> Lines:
    found = _own(funder, seen, by)
    projects = [line.project for line in found.values()]
    fresh_all(Campaign, {p.campaign_id for p in projects}, shared=True)
    many.each(((p.reference or "", p) for p in projects), _refuse_unless_admissible)
    return found


def _refuse_unless_admissible(project: Project) -> None:
    if project.state is not State.ADMISSIBLE:
        raise DomainError("n'est pas (ou plus) recevable, aucune décision n'est possible.")


def _seen(funder: Funder, seen: Seen) -> Lines:
    """By project, in the order of locks; raises `Conflict` that names those past `seen`."""
    projects = many.locked(seen, funder.contract_id)
    found = {key: line for (key, _), line in read(projects.values(), [funder]).items()}
    many.each(
        ((projects[key].reference or "", key) for key in projects),
        lambda key: _refuse_absent(key in found),
    )
    many.refuse_stale(
        (line.project.reference or "", line.version, seen[key], describe(line))
        for key, line in found.items()
    )
    return found


def _refuse_absent(there: bool) -> None:
    if not there:
        raise DomainError("ce financeur n'a pas été sollicité, ouvrez d'abord sa ligne.")


def _tell(projects: list[Project], funder: Funder) -> None:
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
                mail.queue(
                    "decisions_notified", member, projects=theirs, funder=funder.label,
                    link="/mes-projets",
                )  # fmt: skip
