"""The outbox, for the administrator: what waits, what went, what was given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, case, func, select

from grants.database import db, select_as
from grants.models import Mail, now
from grants.queries.paging import ListPage, paged

# Waiting longer than that, a mail says that nothing sends.
LATE = timedelta(hours=1)


class MailState(StrEnum):
    WAITING = "attente"
    GIVEN_UP = "abandonnes"
    SENT = "envoyes"


STATES: dict[MailState, ColumnElement[bool]] = {
    MailState.WAITING: and_(Mail.sent_at.is_(None), Mail.given_up_at.is_(None)),
    MailState.GIVEN_UP: Mail.given_up_at.is_not(None),
    MailState.SENT: Mail.sent_at.is_not(None),
}


@dataclass(frozen=True)
class MailRow:
    """`due_at`: when it is tried next."""

    id: int
    to: str
    subject: str
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None
    attempts: int
    last_error: str


def counts() -> tuple[dict[MailState, int], int]:
    """How many mails are in each state; and how many wait longer than they should."""
    *numbers, late = db.session.execute(
        select(
            *(func.count(case((those, 1))) for those in STATES.values()),
            func.count(case((and_(STATES[MailState.WAITING], Mail.due_at < now() - LATE), 1))),
        )
    ).one()
    return dict(zip(STATES, numbers, strict=True)), late


def mails(state: MailState, page: int, total: int) -> ListPage[MailRow]:
    """The latest first; `total`: how many there are."""
    those = select_as(MailRow, Mail).where(STATES[state]).order_by(Mail.id.desc())
    return paged(MailRow, those, page, total)
