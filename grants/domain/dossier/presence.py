"""Who has a dossier open now: two people at one dossier see each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, text

from grants.database import db
from grants.models import Presence, Project, User, now
from grants.models.base import Instant

# The page of those who instruct; every other one is the applicant's.
SHEET = "fiche"
# Without a sign of life for so long, a person has left.
GONE = timedelta(seconds=60)

# One statement, that two windows of one person may send at once; both databases read it alike.
_TOUCH = text(
    "INSERT INTO presences (project_id, user_id, page, since, seen_at)"
    " VALUES (:project_id, :user_id, :page, :at, :at)"
    " ON CONFLICT (project_id, user_id) DO UPDATE SET page = excluded.page,"
    " since = CASE WHEN presences.page = excluded.page AND presences.seen_at > :gone"
    " THEN presences.since ELSE excluded.since END, seen_at = excluded.seen_at"
).bindparams(bindparam("at", type_=Instant), bindparam("gone", type_=Instant))


@dataclass(frozen=True)
class Other:
    """Somebody else at this dossier; `page` is empty on its list of pages."""

    name: str
    page: str
    since: datetime


def touch(project: Project, page: str, *, by: User) -> None:
    """`by` has this page open at this instant."""
    at = now()
    db.session.execute(_TOUCH, {"project_id": project.id, "user_id": by.id, "page": page, "at": at, "gone": at - GONE})


def others(project: Project, *, than: User, on_sheet: bool = False) -> list[Other]:
    """Those seen within the last minute on the same side, the longest there first: an applicant
    is not told who instructs when, nor the reverse."""
    rows = db.session.execute(
        select(User.name, Presence.page, Presence.since)
        .join(User, User.id == Presence.user_id)
        .where(
            Presence.project_id == project.id,
            Presence.user_id != than.id,
            (Presence.page == SHEET) if on_sheet else (Presence.page != SHEET),
            Presence.seen_at > now() - GONE,
        )
        .order_by(Presence.since)
    )
    return [Other(*row) for row in rows]
