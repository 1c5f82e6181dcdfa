"""The journal of security, for the administrator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import false, func, or_

from grants.database import select_as
from grants.domain.ledger.security import SecurityKind
from grants.models import SecurityEvent
from grants.queries.paging import ListPage, paged
from grants.queries.search import LONGEST

EVENTS = {
    SecurityKind.SIGN_IN: "Connexion",
    SecurityKind.SIGN_IN_REFUSED: "Connexion refusée",
    SecurityKind.SIGN_OUT: "Déconnexion",
    SecurityKind.DENIED: "Page ou action refusée",
    SecurityKind.ROLE_GRANTED: "Rôle donné",
    SecurityKind.ROLE_REVOKED: "Rôle retiré",
    SecurityKind.PASSWORD: "Mot de passe choisi",
    SecurityKind.FACTOR: "Double vérification changée",
    SecurityKind.LINK: "Lien à usage unique créé",
    SecurityKind.ACCOUNT: "Compte ouvert, fermé ou rouvert",
    SecurityKind.EXPORT: "Export",
}


@dataclass(frozen=True)
class EventRow:
    at: datetime
    kind: str
    email: str
    detail: str
    address: str


def events(kind: SecurityKind | None = None, search: str = "", page: int = 1) -> ListPage[EventRow]:
    """The latest first; `search` in the addresses (of mail, of the internet) and in the detail."""
    those = [SecurityEvent.kind == kind.value] if kind else []
    if words := search.strip().lower():
        columns = (SecurityEvent.email, SecurityEvent.address, func.lower(SecurityEvent.detail))
        those.append(or_(*(column.contains(words, autoescape=True) for column in columns)))
        those += [false()] if len(words) > LONGEST else []
    found = select_as(EventRow, SecurityEvent).where(*those).order_by(SecurityEvent.id.desc())
    return paged(EventRow, found, page)
