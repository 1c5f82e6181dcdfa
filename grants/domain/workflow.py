"""The one door for a project's state (rules 2, and states): a table, and `advance` over it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import or_, select, update

from grants.database import db
from grants.domain.ledger import history
from grants.domain.locking import fresh
from grants.errors import Conflict, DomainError, NotAllowed
from grants.models import WAITING, Funder, FundingLine, PieceRequest, Project, State, User, now
from grants.permissions import is_coordinator, is_signatory, require

MEANWHILE = "Ce dossier a été modifié entre-temps par une autre personne. Relisez-le, puis recommencez."

Who = Callable[[User, Project], bool]


@dataclass(frozen=True)
class Transition:
    target: State
    who: Who
    needs_reason: bool = False


def _signatory_or_coordinator(user: User, project: Project) -> bool:
    """A draft is the applicant's own; after deposit the coordinator may act on their word."""
    if is_signatory(user, project):
        return True
    return project.state is not State.DRAFT and is_coordinator(user, project)


def _typed_by_coordinator(user: User, project: Project) -> bool:
    """A dossier that came by e-mail or on paper; never an applicant's own draft."""
    return project.received_on is not None and is_coordinator(user, project)


_WITHDRAWN = Transition(State.WITHDRAWN, _signatory_or_coordinator, needs_reason=True)
# What nobody has seen needs no word.
_ABANDONED = Transition(State.WITHDRAWN, _signatory_or_coordinator)

TRANSITIONS: dict[tuple[State, str], Transition] = {
    (State.DRAFT, "submit"): Transition(State.SUBMITTED, is_signatory),
    (State.DRAFT, "merge"): Transition(State.WITHDRAWN, is_signatory),
    (State.DRAFT, "receive"): Transition(State.SUBMITTED, _typed_by_coordinator, True),
    (State.SUBMITTED, "ask_pieces"): Transition(State.INCOMPLETE, is_coordinator, True),
    (State.INCOMPLETE, "complete"): Transition(State.SUBMITTED, is_coordinator),
    (State.SUBMITTED, "admit"): Transition(State.ADMISSIBLE, is_coordinator),
    (State.SUBMITTED, "refuse"): Transition(State.INADMISSIBLE, is_coordinator, True),
    (State.INADMISSIBLE, "reopen"): Transition(State.SUBMITTED, is_coordinator, True),
    (State.ADMISSIBLE, "close"): Transition(State.CLOSED, is_coordinator),
    **{
        (state, "withdraw"): _WITHDRAWN
        for state in (State.SUBMITTED, State.INCOMPLETE, State.ADMISSIBLE, State.INADMISSIBLE)
    },
    (State.DRAFT, "withdraw"): _ABANDONED,
}


def possible(project: Project, user: User) -> list[str]:
    """The actions that this user may take on the project now (for buttons)."""
    return [
        action for (state, action), step in TRANSITIONS.items() if state is project.state and step.who(user, project)
    ]


def lock(project: Project, version: int | None = None) -> Project:
    """The row locked and read afresh; raises `Conflict` when it is past `version`."""
    db.session.flush()
    fresh(project)
    if version is not None and project.version != version:
        raise Conflict(MEANWHILE)
    return project


def lock_unchanged(project: Project, version: int) -> None:
    """The row locked, for who has read the dossier already: raises `Conflict` unless it still is
    at `version`. Whatever belongs to a dossier changes it with its version."""
    current = select(Project.version).where(Project.id == project.id)
    if db.session.scalar(current.with_for_update()) != version:
        raise Conflict(MEANWHILE)


def advance(
    project: Project, action: str, *, by: User, reason: str = "", due_on: date | None = None, version: int | None = None
) -> Project:
    """Move the project. Raises `DomainError` when the state does not allow it, the reason is
    missing or the deadline for pieces is, `NotAllowed` when this user may not, `Conflict` when
    it was changed since `version`."""
    lock(project, version)
    move(project, action, by=by, reason=reason, due_on=due_on)
    db.session.flush()
    return project


def move(project: Project, action: str, *, by: User, reason: str = "", due_on: date | None = None) -> None:
    """`advance` for who holds the lock already; the caller flushes."""
    step = TRANSITIONS.get((project.state, action))
    if step is None:
        raise DomainError("L'état du dossier ne permet pas (ou plus) cette action.")
    if not step.who(by, project):
        raise NotAllowed("Vous n'avez pas le droit de faire cette action sur ce dossier.")
    reason = reason.strip()
    if step.needs_reason and not reason:
        raise DomainError("Indiquez le motif : il figurera au dossier.", "reason")
    if action == "ask_pieces" and due_on is None:
        raise DomainError("Indiquez la date limite de réponse.", "due_on")
    if action == "close":
        _refuse_unless_all_told(project)
    old = project.state
    project.state = step.target
    project.saved_at = now()
    if old is State.INCOMPLETE:
        _close_requests(project)
    history.record(project, action, by=by, field="state", old=old, new=step.target, reason=reason)
    told = "" if action == "receive" else reason
    history.change(project, action, "state_reason", told, by=by)
    history.change(project, action, "pieces_due_on", due_on, by=by)


# What is undone, and done again: a step and its way back.
_UNDONE = {frozenset((State.SUBMITTED, state)) for state in (State.ADMISSIBLE, State.INCOMPLETE)}


def put_back(project: Project, before: Mapping[str, Any], *, by: User, reason: str) -> None:
    """Undo a step of the coordinator's: `before`, the state (with its reason and date) that the
    locked project had. The caller looks after what hangs on it, and flushes."""
    if frozenset((project.state, before["state"])) not in _UNDONE:
        raise DomainError("Cette étape ne s'annule pas en bloc : reprenez les dossiers un à un.")
    require(by, "contract.coordinate", project, "Vous n'avez pas le droit de faire cette action sur ce dossier.")
    for field, value in before.items():
        history.change(project, "undo", field, value, by=by, reason=reason)
    project.saved_at = now()


def _close_requests(project: Project) -> None:
    """Whatever ends the wait for pieces ends what was open for it."""
    db.session.execute(
        update(PieceRequest)
        .where(PieceRequest.project_id == project.id, PieceRequest.closed_at.is_(None))
        .values(closed_at=now())
    )


def _refuse_unless_all_told(project: Project) -> None:
    """Nobody decides or notifies any more once it is closed: every funder must have done both."""
    lines = db.session.execute(
        select(Funder.label, FundingLine.outcome.in_(WAITING))
        .join(Funder, Funder.id == FundingLine.funder_id)
        .where(
            FundingLine.project_id == project.id,
            or_(FundingLine.outcome.in_(WAITING), FundingLine.notified_at.is_(None)),
        )
        .order_by(Funder.position)
    ).all()
    undecided = ", ".join(label for label, waits in lines if waits)
    untold = ", ".join(label for label, waits in lines if not waits)
    left = [f"doivent encore décider (accorder ou refuser) : {undecided}"] if undecided else []
    left += [f"doivent encore notifier leur décision : {untold}"] if untold else []
    if left:
        raise DomainError(
            f"Ce dossier ne peut pas encore être clos. Des financeurs {' ; '.join(left)}. Clore serait définitif."
        )
