"""An operation undone in one go: everything as it was before it, or nothing; projects go back to
the state, and to the followers, that they had."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from grants.database import all_of, db
from grants.domain.agreements.projects import take_back
from grants.domain.decisions import undo as decisions
from grants.domain.decisions.refusals import LineKey
from grants.domain.instruction import follower, lineage, many, piece_request
from grants.domain.instruction.follower import FOLLOWER
from grants.domain.ledger import history
from grants.domain.ledger.operation import operation
from grants.domain.locking import fresh, fresh_all
from grants.domain.workflow import put_back
from grants.errors import DomainError, NotAllowed
from grants.models import PREDECESSOR, WAITING, FundingLine, HistoryEntry, Operation, Project, State, User, now
from grants.permissions import instructs, require
from grants.words import word

UNDO_DAYS = 7
UNDO = "undo"
# By the action of its entries: why an operation is never undone.
NEVER = {
    "notify": "Une notification ne s'annule pas : le porteur a été prévenu. Notifiez de nouveau"
    " pour corriger l'acte, ou révisez la décision.",
    "import": "Un import ne s'annule pas : ce qu'il a repris était déjà public, et d'autres années"
    " s'y rattachent. Corrigez ces dossiers un à un, ou faites restaurer la sauvegarde d'avant.",
}
STEP = ("state", "state_reason", "pieces_due_on")
# Project → field → what it was before the operation and after it, as history writes.
ProjectsBefore = Mapping[int, Mapping[str, tuple[str, str]]]


@dataclass(frozen=True)
class Undone:
    """`operation`: the undoing, which can be undone in its turn; `cells`: the project and funder
    of each line that changed."""

    operation: Operation
    cells: list[LineKey]
    project_ids: list[int]


def undo(operation_id: int, *, by: User, reason: str = "") -> Undone:
    """Everything as it was before, or nothing. Raises `NotAllowed` unless `by` did it (or is the
    coordinator) and still writes in its columns; `DomainError` when it is undone already, older
    than `UNDO_DAYS` or one of `NEVER`; `Conflict` that names what changed since; and what
    `restore` raises."""
    done = _locked(operation_id, by)
    entries = all_of(select(HistoryEntry).where(HistoryEntry.operation_id == done.id).order_by(HistoryEntry.id))
    if never := sorted({entry.action for entry in entries} & NEVER.keys()):
        raise DomainError(NEVER[never[0]])
    if not any(entry.project_id for entry in entries):
        raise DomainError("Cette opération a changé des réglages, et aucun dossier : elle ne s'annule pas d'ici.")
    projects = fresh_all(
        Project,
        {e.project_id for e in entries if e.project_id},
        options=[joinedload(Project.campaign), joinedload(Project.organisation)],
    )
    born = {e.project_id: projects[e.project_id] for e in entries if e.project_id and e.action == "create"}
    of_lines = [e for e in entries if e.subject == FundingLine.__tablename__ and e.field and e.project_id not in born]
    lines = history.over(of_lines, lambda e: (e.project_id or 0, e.funder_id or 0))
    of_projects = [entry for entry in entries if entry.subject == Project.__tablename__]
    follows = [entry for entry in of_projects if entry.field == FOLLOWER]
    links = [entry for entry in of_projects if entry.field == PREDECESSOR]
    steps = changes([e for e in of_projects if e not in follows and e not in links and e.project_id not in born])
    why = reason.strip()
    since = changed(of_projects, projects)
    since |= {(done.id, id): "modifié" for id in _written_since(entries[-1].id, born)}
    many.refuse_changed(sorted(f"{projects[id].reference} ({told})" for (_, id), told in since.items()))
    with operation(done.contract_id, UNDO, by=by) as made:
        restore(steps, projects, done.at, by=by, reason=why)
        restore_followers(follows, projects, by=by)
        lineage.unlink_many(links, projects, by=by)
        decisions.restore(lines, projects, done.at, by=by, reason=why)
        for project in born.values():
            take_back(project, by=by, reason=why)
    done.undone_at = now()
    db.session.flush()
    return Undone(made, sorted(lines), sorted(projects))


def _written_since(entry_id: int, ids: Iterable[int]) -> set[int]:
    """Of these projects, those whose history went on after that entry."""
    later = select(HistoryEntry.project_id).where(HistoryEntry.project_id.in_(ids), HistoryEntry.id > entry_id)
    return {id_ for id_ in db.session.scalars(later) if id_}


def _locked(operation_id: int, by: User) -> Operation:
    done = db.session.get(Operation, operation_id)
    if done is None:
        raise DomainError("Cette opération n'existe pas.")
    require(by, "operation.undo", done, "Seule la personne qui l'a faite, ou le chef de projet, peut l'annuler.")
    fresh(done)
    if done.undone_at is not None:
        raise DomainError("Cette opération est déjà annulée.")
    if done.at < now() - timedelta(days=UNDO_DAYS):
        raise DomainError(
            f"Cette opération a plus de {UNDO_DAYS} jours : elle ne s'annule plus. Corrigez les dossiers un à un."
        )
    return done


def restore(before: ProjectsBefore, projects: dict[int, Project], since: datetime, *, by: User, reason: str) -> None:
    """`projects`: locked, and as the operation left them."""
    asked = [projects[id] for id in before if projects[id].state is State.INCOMPLETE]
    with db.session.no_autoflush:
        for key, fields in before.items():
            values = {f: history.value_of(_column(f), old) for f, (old, _) in fields.items()}
            put_back(projects[key], values, by=by, reason=reason)
        piece_request.take_back(asked, since)
        piece_request.ask_again([projects[id] for id in before if projects[id].state is State.INCOMPLETE])
    db.session.flush()


def restore_followers(entries: list[HistoryEntry], projects: dict[int, Project], *, by: User) -> None:
    """Who followed follows again, and the other way round."""
    if any(not instructs(by, project) for project in projects.values()):
        raise NotAllowed("Seules les personnes qui instruisent se répartissent les dossiers.")
    moves: dict[tuple[int, bool], list[Project]] = defaultdict(list)
    for entry in entries:
        moves[_person(entry), bool(entry.old)].append(projects[entry.project_id or 0])
    for (person_id, following), theirs in moves.items():
        follower.put_back(theirs, person_id, following=following, by=by)


def changes(entries: list[HistoryEntry]) -> ProjectsBefore:
    """Of each project, the step that the operation took. Raises `DomainError` for what is no
    step and cannot be undone in one go."""
    if any(entry.field not in STEP for entry in entries):
        raise DomainError("Cette opération ne s'annule pas en bloc.")
    return history.over(entries, lambda entry: entry.project_id or 0)


def _column(field: str) -> Any:
    return Project.__table__.c[field]


def changed(entries: Iterable[HistoryEntry], projects: Mapping[int, Project]) -> dict[tuple[int, int], str]:
    """Of each operation and project of these entries (of projects), in words what has changed since:
    its state, followers or filiation, or that somebody proposed, decided or answered."""
    things = history.over(entries, lambda e: (e.operation_id or 0, e.project_id or 0, _person(e)))
    ids = {id for _, id, _ in things}
    if not ids:
        return {}
    merging, follows = lineage.merging(ids), follower.pairs(ids)
    busy = {(State.ADMISSIBLE, id): "des montants sont proposés ou décidés" for id in _at_work(ids)} | {
        (State.INCOMPLETE, id): "le porteur a répondu" for id in piece_request.answered(ids)
    }
    why: dict[tuple[int, int], str] = {}
    for (operation_id, id, person), fields in things.items():
        project, what = projects[id], ""
        same = all(history.text_of(getattr(project, f, None)) == new for f, (_, new) in fields.items())
        if person:
            following = (id, person) in follows
            what = "" if following is bool(fields[FOLLOWER][1]) else "la répartition"
        elif PREDECESSOR in fields:
            what = "" if same and id not in merging else "la filiation"
        elif not same:
            what = word(project.state)
        elif fields.get("state", ("",))[0] == State.SUBMITTED:
            what = busy.get((project.state, id), "")
        if what:
            why.setdefault((operation_id, id), what)
    return why


def _person(entry: HistoryEntry) -> int:
    """Whose following it is about."""
    return int(entry.old or entry.new) if entry.field == FOLLOWER else 0


def _at_work(project_ids: set[int]) -> set[int]:
    worked = or_(FundingLine.outcome.not_in(WAITING), FundingLine.proposed.is_not(None))
    return set(
        db.session.scalars(select(FundingLine.project_id).where(FundingLine.project_id.in_(project_ids), worked))
    )
