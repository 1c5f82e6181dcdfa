"""The outbox as its worker and the administrator see it: taken, sent, put off, given up.

Each function is one short write of its caller's; nothing here waits for a mail server.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, or_, select, update

from grants.database import db
from grants.domain.contract.identity import stored
from grants.domain.locking import fresh
from grants.errors import DomainError
from grants.models import Mail, User, now
from grants.permissions import require

# Longer than one mail can take: a worker that still holds it after that has died.
CLAIM_LIFE = timedelta(minutes=10)
WAITS = [timedelta(minutes=m) for m in (1, 5, 30, 120, 720)]
MOST_ATTEMPTS = 8
MAX_ERROR = 500
# The secret part of a one-time link (`secrets.token_urlsafe(32)`).
TOKEN = re.compile(r"(?<=/)[\w-]{43}(?![\w-])")


@dataclass(frozen=True)
class Letter:
    """What is to be handed to the mail server; `whose`: the commune that writes."""

    id: int
    to: str
    subject: str
    text: str
    html: str
    created_at: datetime
    whose: str = ""


def anything_due() -> bool:
    return db.session.scalar(select(Mail.id).where(*_due()).limit(1)) is not None


def claim() -> Letter | None:
    """Take the mail that is due longest, which no other worker then takes; `None`: none left."""
    mail = db.session.scalar(
        select(Mail).where(*_due()).order_by(Mail.due_at, Mail.id).limit(1).with_for_update(skip_locked=True)
    )
    if mail is None:
        return None
    mail.taken_at = now()
    db.session.flush()
    return Letter(mail.id, mail.to, mail.subject, mail.text, mail.html, mail.created_at, stored().name)


def sent(mail_id: int) -> None:
    """From now on its secret link is with its reader alone."""
    mail = _taken(mail_id)
    mail.sent_at, mail.taken_at, mail.given_up_at, mail.last_error = now(), None, None, ""
    mail.attempts += 1
    mail.text, mail.html = TOKEN.sub("…", mail.text), TOKEN.sub("…", mail.html)
    db.session.flush()


def put_off(mail_id: int, error: str) -> None:
    """It was tried in vain: again later, and after `MOST_ATTEMPTS` never."""
    mail = _taken(mail_id)
    mail.attempts += 1
    mail.taken_at, mail.last_error = None, error[:MAX_ERROR]
    if mail.attempts >= MOST_ATTEMPTS:
        mail.given_up_at = now()
    mail.due_at = now() + WAITS[min(mail.attempts, len(WAITS)) - 1]
    db.session.flush()


def give_up(mail_id: int, error: str) -> None:
    """It was refused for good."""
    mail = _taken(mail_id)
    mail.attempts += 1
    mail.taken_at, mail.last_error, mail.given_up_at = None, error[:MAX_ERROR], now()
    db.session.flush()


def release(mail_id: int) -> None:
    """Not tried after all: the mail server would have nobody's mail."""
    _taken(mail_id).taken_at = None
    db.session.flush()


def tell_trouble(error: str) -> None:
    """Every mail that waits says why; no attempt is counted, so that none is given up."""
    db.session.execute(update(Mail).where(*_due()).values(last_error=error[:MAX_ERROR]))


def forget(days: int) -> int:
    """Delete the mails that were sent more than so many days ago; how many. What they told stands
    in the dossiers."""
    old = delete(Mail).where(Mail.sent_at < now() - timedelta(days=days))
    return db.session.execute(old).rowcount  # type: ignore[attr-defined, no-any-return]


def retry(mail: Mail, *, by: User) -> None:
    """Send at once what waits or was given up, with as many attempts as a new mail has."""
    require(by, "administer", None, "Seul un administrateur peut renvoyer un courriel.")
    fresh(mail)
    if mail.sent_at:
        raise DomainError("Ce courriel est déjà parti.")
    mail.given_up_at, mail.attempts, mail.due_at = None, 0, now()
    db.session.flush()


def _due() -> list[ColumnElement[bool]]:
    at = now()
    return [
        Mail.sent_at.is_(None),
        Mail.given_up_at.is_(None),
        Mail.due_at <= at,
        or_(Mail.taken_at.is_(None), Mail.taken_at < at - CLAIM_LIFE),
    ]


def _taken(mail_id: int) -> Mail:
    return db.session.get_one(Mail, mail_id, with_for_update=True)
