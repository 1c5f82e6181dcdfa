"""An operation undone in one go: everything as it was before it, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from grants.database import all_of, db
from grants.domain.decisions.undo import restore
from grants.domain.instruction import lineage
from grants.domain.instruction.follower import FOLLOWER
from grants.domain.ledger.operation import operation
from grants.domain.locking import fresh, fresh_all
from grants.domain.undo import states
from grants.errors import DomainError, NotAllowed
from grants.models import FundingLine, HistoryEntry, Operation, Project, User, now
from grants.permissions import can

UNDO_DAYS = 7
UNDO = "undo"
# By the action of its entries: why an operation is never undone.
NEVER = {
    "notify": "Une notification ne s'annule pas : le porteur a été prévenu. Notifiez de nouveau"
    " pour corriger l'acte, ou révisez la décision.",
    "import": "Un import ne s'annule pas : ce qu'il a repris était déjà public, et d'autres années"
    " s'y rattachent. Corrigez ces dossiers un à un, ou faites restaurer la sauvegarde d'avant.",
}
Key = tuple[int, int]


@dataclass(frozen=True)
class Undone:
    """`operation`: the undoing, which can be undone in its turn; `cells`: the project and funder
    of each line that changed."""

    operation: Operation
    cells: list[Key]
    project_ids: list[int]


def undo(operation_id: int, *, by: User, reason: str = "") -> Undone:
    """Everything as it was before, or nothing. Raises `NotAllowed` unless `by` did it (or is the
    coordinator) and still writes in its columns; `DomainError` when it is undone already, older
    than `UNDO_DAYS` or one of `NEVER`; `Conflict` that names what changed since; and what
    `restore` raises."""
    done = _locked(operation_id, by)
    entries = all_of(
        select(HistoryEntry).where(HistoryEntry.operation_id == done.id).order_by(HistoryEntry.id)
    )
    for action in {entry.action for entry in entries} & NEVER.keys():
        raise DomainError(NEVER[action])
    projects = fresh_all(
        Project, {e.project_id for e in entries if e.project_id},
        options=[joinedload(Project.campaign), joinedload(Project.organisation)],
    )  # fmt: skip
    of_lines = [e for e in entries if e.subject == FundingLine.__tablename__ and e.field]
    lines = states.over(of_lines, lambda e: (e.project_id or 0, e.funder_id or 0))
    of_projects = [entry for entry in entries if entry.subject == Project.__tablename__]
    follows = [entry for entry in of_projects if entry.field == FOLLOWER]
    links = [entry for entry in of_projects if entry.field == lineage.PREDECESSOR]
    steps = states.changes([e for e in of_projects if e not in follows and e not in links])
    why = reason.strip()
    with operation(done.contract_id, UNDO, by=by) as made:
        states.restore(steps, projects, done.at, by=by, reason=why)
        states.restore_followers(follows, projects, by=by)
        lineage.unlink_many(links, projects, by=by)
        restore(lines, projects, done.at, by=by, reason=why)
    done.undone_at = now()
    db.session.flush()
    return Undone(made, sorted(lines), sorted(projects))


def _locked(operation_id: int, by: User) -> Operation:
    done = db.session.get(Operation, operation_id)
    if done is None:
        raise DomainError("Cette opération n'existe pas.")
    if not can(by, "operation.undo", done):
        raise NotAllowed("Seule la personne qui l'a faite, ou le chef de projet, peut l'annuler.")
    fresh(done)
    if done.undone_at is not None:
        raise DomainError("Cette opération est déjà annulée.")
    if done.at < now() - timedelta(days=UNDO_DAYS):
        raise DomainError(
            f"Cette opération a plus de {UNDO_DAYS} jours : elle ne s'annule plus. Corrigez les"
            " dossiers un à un."
        )
    return done
