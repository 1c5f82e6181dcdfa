"""The journal of security, for the administrator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import false, func, or_, select

from grants.database import db
from grants.domain.ledger.security import SecurityKind
from grants.models import SecurityEvent
from grants.queries.search import LONGEST

PAGE_SIZE = 50
EVENTS = {
    SecurityKind.SIGN_IN: "Connexion", SecurityKind.SIGN_IN_REFUSED: "Connexion refusée",
    SecurityKind.SIGN_OUT: "Déconnexion", SecurityKind.DENIED: "Page ou action refusée",
    SecurityKind.ROLE_GRANTED: "Rôle donné", SecurityKind.ROLE_REVOKED: "Rôle retiré",
    SecurityKind.PASSWORD: "Mot de passe choisi", SecurityKind.LINK: "Lien à usage unique créé",
    SecurityKind.ACCOUNT: "Compte ouvert, fermé ou rouvert", SecurityKind.EXPORT: "Export",
}  # fmt: skip


@dataclass(frozen=True)
class EventRow:
    at: datetime
    kind: str
    email: str
    detail: str
    address: str


@dataclass(frozen=True)
class EventPage:
    rows: list[EventRow]
    total: int
    page: int
    pages: int


def events(kind: SecurityKind | None = None, search: str = "", page: int = 1) -> EventPage:
    """The latest first; `search` in the addresses (of mail, of the internet) and in the detail.
    Two queries."""
    those = [SecurityEvent.kind == kind.value] if kind else []
    if words := search.strip().lower():
        columns = (SecurityEvent.email, SecurityEvent.address, func.lower(SecurityEvent.detail))
        those.append(or_(*(column.contains(words, autoescape=True) for column in columns)))
        those += [false()] if len(words) > LONGEST else []
    total = db.session.scalar(select(func.count(SecurityEvent.id)).where(*those)) or 0
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(page, 1), pages)
    rows = db.session.execute(
        select(
            SecurityEvent.at, SecurityEvent.kind, SecurityEvent.email, SecurityEvent.detail,
            SecurityEvent.address,
        )
        .where(*those)
        .order_by(SecurityEvent.id.desc())
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    )  # fmt: skip
    return EventPage([EventRow(*row) for row in rows], total, page, pages)
