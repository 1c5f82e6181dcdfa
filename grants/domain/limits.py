"""How often something may be done: counted in the database, whoever or wherever it comes from.

One mechanism for all: `check` before it is done, `count` once it is (or has failed). Past the
limit each further one has to wait twice as long as the one before: a slip costs a minute, an
attack a day, and nobody is shut out for good.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, func, insert, select

from grants.database import db
from grants.errors import DomainError
from grants.models import Attempt, now

FIRST_WAIT = timedelta(minutes=1)
DAY = timedelta(days=1)


class TooMany(DomainError):
    """Told how long to wait."""


def check(kind: str, key: str, most: int, within: timedelta = DAY, told: str = "") -> None:
    """Raises `TooMany` while one has to wait; `told`: what else one can do meanwhile."""
    if wait := waits(kind, key, most, within):
        raise TooMany(f"Trop d'essais. Attendez {_in_words(wait)}, puis recommencez.{told}")


def waits(kind: str, key: str, most: int, within: timedelta = DAY) -> timedelta:
    """How long `key` has to wait before the next `kind`: not at all below `most` times `within`
    that time. An instant to come (a clock that was wrong) does not count."""
    at = now()
    times, latest = db.session.execute(
        select(func.count(), func.max(Attempt.at)).where(
            Attempt.kind == kind, Attempt.key == key, Attempt.at > at - within, Attempt.at <= at
        )
    ).one()
    if times < most:
        return timedelta()
    wait: timedelta = latest - at + min(FIRST_WAIT * 2 ** min(times - most, 20), within)
    return max(wait, timedelta())


def count(*done: tuple[str, str]) -> None:
    """Once more, of each kind and key."""
    at = now()
    db.session.execute(
        insert(Attempt), [{"kind": kind, "key": key, "at": at} for kind, key in done]
    )


def forget_old() -> None:
    db.session.execute(delete(Attempt).where(Attempt.at <= now() - DAY))


def _in_words(wait: timedelta) -> str:
    minutes = -(-wait // timedelta(minutes=1))
    if minutes < 120:
        return f"{minutes} minute{'s' if minutes > 1 else ''}"
    return f"{-(-minutes // 60)} heures"
