"""What a funder decided is told to the applicant, and what was typed for it is confirmed."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from grants.database import db
from grants.domain.decisions.lines import line_of, own_column, put
from grants.domain.ledger import history
from grants.domain.mail import mail
from grants.domain.workflow import lock
from grants.errors import DomainError, NotAllowed
from grants.models import (
    NOT_COUNTING,
    WAITING,
    Funder,
    FundingLine,
    Project,
    Role,
    RoleGrant,
    User,
    now,
)
from grants.permissions import instructs_for

UNCONFIRMED = "saisi pour l'institution, qui ne l'a pas encore confirmé"


def confirms_first(funder: Funder, by: User) -> bool:
    """Must what was typed for its institution be confirmed before `by` notifies it (rules 6)? Not
    by its own people; nor where it has nobody here, whose source is enough."""
    if instructs_for(by, funder):
        return False
    here = select(RoleGrant.id).join(User, User.id == RoleGrant.user_id).where(
        RoleGrant.role == Role.INSTRUCTOR, User.active, User.email_confirmed_at.is_not(None),
        RoleGrant.institution_id == funder.institution_id,
    )  # fmt: skip
    return db.session.scalar(here.limit(1)) is not None


def notify(
    project: Project,
    funder: Funder,
    act_number: str,
    act_date: date | None,
    *,
    by: User,
    version: int | None = None,
    typed_from: str = "",
) -> FundingLine:
    """Tell the applicant this funder's decision from now on (rules 7). `typed_from`: the source,
    when the coordinator notifies a decision that the institution took here itself; history keeps
    it. Raises `DomainError` where nothing is decided or confirmed, or the project counts no
    more."""
    line = line_of(own_column(project, funder, by), funder, version)
    first = confirms_first(funder, by)
    record_notification(line, act_number, act_date, by, typed_from, first=first)
    db.session.flush()
    for member in mail.members(project.organisation):
        mail.queue("decision_notified", member, project=project, funder=funder.label)
    return line


def record_notification(
    line: FundingLine, act_number: str, act_date: date | None, by: User, typed_from: str, *,
    first: bool,
) -> None:  # fmt: skip
    """`notify` on a line that is locked; the caller flushes, and tells the applicant. `first`: of
    `confirms_first`."""
    if line.project.state in NOT_COUNTING:
        raise DomainError("Ce dossier est retiré ou irrecevable : il n'y a plus rien à notifier.")
    if line.outcome in WAITING:
        raise DomainError("Il n'y a pas encore de décision à notifier.")
    if first and line.typed_from and not line.confirmed_at:
        raise DomainError(f"Ce montant est {UNCONFIRMED} : demandez-lui de le confirmer.")
    if not act_number.strip():
        raise DomainError("Indiquez le numéro de l'acte (arrêté, délibération).", "act_number")
    if act_date is None:
        raise DomainError("Indiquez la date de l'acte.", "act_date")
    put(
        line, "notify", by, typed_from.strip(), typed_from or line.typed_from,
        act_number=act_number.strip(), act_date=act_date, notified_at=now(),
    )  # fmt: skip


def confirm(
    project: Project, funder: Funder, *, by: User, version: int | None = None
) -> FundingLine:
    """The institution's instructor confirms what was typed for it (rules 6), as they saw it."""
    lock(project)
    if not instructs_for(by, funder):
        raise NotAllowed("Seule l'institution concernée peut confirmer ce montant.")
    line = line_of(project, funder, version)
    confirmable(line)
    history.change_each(
        line, "confirm", {"confirmed_at": now(), "confirmed_by_id": by.id}, by=by
    )
    return line


def confirmable(line: FundingLine) -> None:
    """Raises `DomainError` unless it was typed on behalf of its institution."""
    if not line.typed_from or line.confirmed_at:
        raise DomainError("Il n'y a rien à confirmer sur cette ligne.")
