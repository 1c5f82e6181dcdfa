"""The outbox, for the administrator: what waits, what went, what was given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, case, func, select

from grants.database import db
from grants.models import Mail, now

PAGE_SIZE = 50
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


@dataclass(frozen=True)
class MailPage:
    """`counts`: of each state; `late`: how many wait longer than they should."""

    state: MailState
    rows: list[MailRow]
    counts: dict[MailState, int]
    late: int
    page: int
    pages: int


def mails(state: MailState, page: int = 1) -> MailPage:
    """The latest first."""
    *counts, late = db.session.execute(
        select(
            *(func.count(case((those, 1))) for those in STATES.values()),
            func.count(case((and_(STATES[MailState.WAITING], Mail.due_at < now() - LATE), 1))),
        )
    ).one()
    by_state = dict(zip(STATES, counts, strict=True))
    pages = max(1, -(-by_state[state] // PAGE_SIZE))
    page = min(max(page, 1), pages)
    rows = db.session.execute(
        select(
            Mail.id, Mail.to, Mail.subject, Mail.created_at, Mail.due_at, Mail.sent_at,
            Mail.attempts, Mail.last_error,
        )
        .where(STATES[state])
        .order_by(Mail.id.desc())
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    )  # fmt: skip
    return MailPage(state, [MailRow(*row) for row in rows], by_state, late, page, pages)
