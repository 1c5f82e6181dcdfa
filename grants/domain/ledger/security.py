"""The one place that writes the journal of security."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from sqlalchemy import delete

from grants.database import db
from grants.models import SecurityEvent, User, now

# A year (CNIL, recommendation of 2021 on logs: six months to one year); the triggers hold 365 days.
KEPT = timedelta(days=366)


class SecurityKind(StrEnum):
    SIGN_IN = "sign_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    SIGN_OUT = "sign_out"
    DENIED = "denied"
    ROLE_GRANTED = "role_granted"
    ROLE_REVOKED = "role_revoked"
    PASSWORD = "password"  # noqa: S105 - a new one was chosen
    FACTOR = "factor"
    LINK = "link"
    ACCOUNT = "account"
    EXPORT = "export"


def record(kind: SecurityKind, by: User | None = None, *, email: str = "", address: str = "", detail: str = "") -> None:
    """Append one event; `email`: where `by` is nobody."""
    db.session.add(
        SecurityEvent(
            kind=kind.value,
            user_id=by.id if by else None,
            email=by.email if by else email[:254],
            address=address[:45],
            detail=detail[:500],
        )
    )


def forget_old() -> None:
    """Delete what is older than `KEPT`: addresses of people are not kept for ever."""
    db.session.execute(delete(SecurityEvent).where(SecurityEvent.at < now() - KEPT))
