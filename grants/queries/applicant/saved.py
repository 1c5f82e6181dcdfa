"""Who wrote a page of a dossier last, undid its oath, or asked for its signature."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement

from grants.database import all_as, select_as
from grants.domain.dossier.drafts import SWORN, Section
from grants.models import HistoryEntry, Project, User


@dataclass(frozen=True)
class Saved:
    """`new`: as history keeps it."""

    by_id: int
    by: str
    at: datetime
    new: str


@dataclass(frozen=True)
class UndoneOath:
    """Whose change of which page undid a sworn statement."""

    by: str
    section: str
    at: datetime


def undone(project: Project) -> UndoneOath | None:
    """Nothing while the statement holds, or where none was ever made."""
    if project.sworn_at is not None:
        return None
    last = _last(project.id, "save", Section.STATEMENTS, HistoryEntry.old == SWORN)
    return UndoneOath(last.by, last.new, last.at) if last else None


def last_saved(project_id: int, section: str) -> Saved | None:
    """Who saved this section last, and when (for a conflict)."""
    return _last(project_id, "save", section)


def signature_asked(project_id: int) -> Saved | None:
    """By whom of its organisation, and when, last."""
    return _last(project_id, "ask_signature", "")


def _last(project_id: int, action: str, field: str, *more: ColumnElement[bool]) -> Saved | None:
    found = all_as(
        Saved,
        select_as(Saved, HistoryEntry, by=User.name)
        .join(User, User.id == HistoryEntry.by_id)
        .where(HistoryEntry.project_id == project_id, HistoryEntry.action == action, HistoryEntry.field == field, *more)
        .order_by(HistoryEntry.id.desc())
        .limit(1),
    )
    return found[0] if found else None
