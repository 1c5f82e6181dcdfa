"""The one place that writes the journal of security."""

from __future__ import annotations

from enum import StrEnum

from grants.database import db
from grants.models import SecurityEvent, User


class Event(StrEnum):
    SIGN_IN = "sign_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    SIGN_OUT = "sign_out"
    DENIED = "denied"
    ROLE_GRANTED = "role_granted"
    ROLE_REVOKED = "role_revoked"
    PASSWORD = "password"  # noqa: S105 - a new one was chosen
    LINK = "link"
    ACCOUNT = "account"
    EXPORT = "export"


def record(
    kind: Event, by: User | None = None, *, email: str = "", address: str = "", detail: str = ""
) -> None:
    """Append one event; `email`: where `by` is nobody."""
    db.session.add(
        SecurityEvent(
            kind=kind.value, user_id=by.id if by else None, email=by.email if by else email[:254],
            address=address[:45], detail=detail[:500],
        )
    )  # fmt: skip
