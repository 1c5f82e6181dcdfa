"""Sign-ins: one row a person and device, so that signing out and ending another device's are real.

A device is a browser, told by a cookie of its own that outlives the sign-in: from then on it is
known for this person. Nothing is written while one reads: the last activity stands in the signed
cookie of the sign-in (`web.access`), the row serves for ending it and for the longest life.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from grants.database import all_of, db
from grants.domain.accounts.tokens import hash_of, new_token
from grants.models import User, UserSession, now

LONGEST = timedelta(days=30)
# A device not signed in on for so long is forgotten.
REMEMBERED = timedelta(days=365)


def begin(user: User, device: str, label: str, proved_at: datetime | None = None) -> str:
    """Sign in on a device, known by the token `device`; the token of the sign-in. One of before
    on the same device ends. `proved_at`: when the person showed that it is them, unless it is now."""
    token, key = new_token(), hash_of(device)
    of_user = UserSession.user_id == user.id
    forgotten = UserSession.opened_at < now() - REMEMBERED
    db.session.execute(delete(UserSession).where(of_user, forgotten))
    row = db.session.scalar(select(UserSession).where(of_user, UserSession.device_hash == key))
    if row is None:
        row = UserSession(user_id=user.id, device_hash=key)
        db.session.add(row)
    row.label, row.token_hash, row.opened_at = label, hash_of(token), now()
    row.proved_at = proved_at or row.opened_at
    db.session.flush()
    return token


def open_ones(user: User) -> list[UserSession]:
    """The latest first."""
    still_open = UserSession.token_hash.is_not(None) & (UserSession.opened_at > now() - LONGEST)
    return all_of(
        select(UserSession)
        .where(UserSession.user_id == user.id, still_open)
        .order_by(UserSession.opened_at.desc(), UserSession.id)
    )


def is_known(user: User, device: str) -> bool:
    """Has this person signed in on that device?"""
    known = select(UserSession.id).where(UserSession.user_id == user.id, UserSession.device_hash == hash_of(device))
    return db.session.scalar(known) is not None


def end(token: str) -> None:
    """Sign out; the device stays known."""
    db.session.execute(update(UserSession).where(UserSession.token_hash == hash_of(token)).values(token_hash=None))


def forget(row: UserSession) -> None:
    """End a sign-in from elsewhere: its device is no longer known either."""
    db.session.delete(row)
    db.session.flush()


def forget_all(user: User, but: str = "") -> None:
    """Of whoever has another password or factor now, or may not enter any more; `but`: the token of the
    sign-in that stays. The change itself is written first: its row is the lock that a sign-in at
    the same instant waits for."""
    db.session.flush()
    others = UserSession.token_hash.is_distinct_from(hash_of(but))
    db.session.execute(delete(UserSession).where(UserSession.user_id == user.id, others))


def prove(token: str) -> None:
    """Its person has just shown again that it is them."""
    db.session.execute(update(UserSession).where(UserSession.token_hash == hash_of(token)).values(proved_at=now()))
