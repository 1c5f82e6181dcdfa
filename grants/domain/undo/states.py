"""Projects put back to the state, and to the followers, that they had before an operation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import or_, select

from grants.database import db
from grants.domain.instruction import follower, many, piece_request
from grants.domain.ledger import history
from grants.domain.workflow import put_back
from grants.errors import Conflict, DomainError, NotAllowed
from grants.models import WAITING, FundingLine, HistoryEntry, Project, State, User
from grants.permissions import instructs
from grants.words import word

K = TypeVar("K")
STEP = ("state", "state_reason", "pieces_due_on")
# Project → field → what it was before the operation and after it, as history writes.
Before = Mapping[int, Mapping[str, tuple[str, str]]]


def restore(
    before: Before, projects: dict[int, Project], since: datetime, *, by: User, reason: str
) -> None:
    """`projects`: locked already. Raises `Conflict` that names those that moved since, that
    somebody has proposed for or decided, or whose applicant has answered."""
    _refuse_changed(before, projects)
    states = {id: history.value_of(_column("state"), f["state"][0]) for id, f in before.items()}
    held = {id for id, state in states.items() if state is State.SUBMITTED}
    admitted = {id for id in held if projects[id].state is State.ADMISSIBLE}
    _refuse(projects, _at_work(admitted), "des montants sont proposés ou décidés")
    asked = {id for id in held if projects[id].state is State.INCOMPLETE}
    _refuse(projects, piece_request.answered(asked), "le porteur a répondu")
    with db.session.no_autoflush:
        for key, fields in before.items():
            values = {f: history.value_of(_column(f), old) for f, (old, _) in fields.items()}
            put_back(projects[key], values, by=by, reason=reason)
        piece_request.take_back([projects[id] for id in asked], since)
        again = [id for id, state in states.items() if state is State.INCOMPLETE]
        piece_request.ask_again([projects[id] for id in again])
    db.session.flush()


def restore_followers(
    entries: list[HistoryEntry], projects: dict[int, Project], *, by: User
) -> None:
    """Who followed follows again, and the other way round. Raises `Conflict` as `restore`."""
    if any(not instructs(by, project) for project in projects.values()):
        raise NotAllowed("Seules les personnes qui instruisent se répartissent les dossiers.")
    moves: dict[tuple[int, bool], list[Project]] = defaultdict(list)
    for entry in entries:
        moves[int(entry.old or entry.new), bool(entry.old)].append(projects[entry.project_id or 0])
    for (person_id, following), theirs in moves.items():
        now = follower.followed([project.id for project in theirs], person_id)
        changed = {project.id for project in theirs if (project.id in now) is following}
        _refuse(projects, changed, "la répartition")
        follower.put_back(theirs, person_id, following=following, by=by)


def changes(entries: list[HistoryEntry]) -> Before:
    """Of each project, the step that the operation took. Raises `DomainError` for what is no
    step and cannot be undone in one go."""
    if any(entry.field not in STEP for entry in entries):
        raise DomainError("Cette opération ne s'annule pas en bloc.")
    return over(entries, lambda entry: entry.project_id or 0)


def over(
    entries: Iterable[HistoryEntry], key: Callable[[HistoryEntry], K]
) -> dict[K, dict[str, tuple[str, str]]]:
    """Of each thing and field, the value before the first entry and the one after the last."""
    found: dict[K, dict[str, tuple[str, str]]] = {}
    for entry in entries:
        fields = found.setdefault(key(entry), {})
        fields[entry.field] = (fields.get(entry.field, (entry.old,))[0], entry.new)
    return found


def _column(field: str) -> Any:
    return Project.__table__.c[field]


def _refuse_changed(before: Before, projects: dict[int, Project]) -> None:
    for key, fields in before.items():
        project = projects[key]
        if any(history.text_of(getattr(project, f)) != new for f, (_, new) in fields.items()):
            _refuse(projects, {key}, f"est maintenant {word(project.state)}")


def _at_work(project_ids: set[int]) -> set[int]:
    worked = or_(FundingLine.outcome.not_in(WAITING), FundingLine.proposed.is_not(None))
    return set(
        db.session.scalars(
            select(FundingLine.project_id).where(FundingLine.project_id.in_(project_ids), worked)
        )
    )


def _refuse(projects: dict[int, Project], ids: set[int], why: str) -> None:
    if ids:
        names = many.named(sorted(projects[id].reference or "" for id in ids))
        raise Conflict(
            f"Rien n'a été annulé, car cela a changé depuis : {names} ({why}). Corrigez ces"
            " dossiers un à un."
        )
