"""How often something may be done: counted in the database, whoever or wherever it comes from.

One mechanism for all: `check` before it is done, `count` once it is (or has failed). Past the
limit each further one has to wait twice as long as the one before: a slip costs a minute, an
attack a day, and nobody is shut out for good.
"""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import delete, func, insert, select

from grants.database import db
from grants.errors import DomainError
from grants.models import Attempt, now

FIRST_WAIT = timedelta(minutes=1)
DAY = timedelta(days=1)


class Daily(NamedTuple):
    """What one person, and all who share an internet address, may do in a day before they have to
    wait: far above a good day's work, so that only who floods others meets it. A town hall or a
    training room has one address for all."""

    kind: str
    what: str
    person: int
    address: int


# Who helps several associations founds a few, a room full of them a few dozen.
FOUNDED = Daily("founded", "d'organisations créées", 5, 40)
# An office has about ten members; slips are invited again.
INVITED = Daily("invited", "d'invitations envoyées", 30, 150)
# Each writes to all members of an organisation; few people are in more than a handful.
JOINED = Daily("joined", "de demandes de rejoindre une organisation", 10, 60)
# Of one person by one organisation.
INVITED_ONE = Daily("invited one", "d'invitations à cette adresse", 3, 150)
# A person is an e-mail address, which has one account.
SIGNED_UP = Daily("signed up", "de comptes ouverts", 1, 60)
# A link lives for days: five are for mails that were lost.
MAILED = Daily("mailed", "de liens envoyés par courriel", 5, 100)
# Each writes to all who instruct the dossier.
MESSAGES = Daily("messages", "de messages envoyés", 60, 300)


class TooMany(DomainError):
    """Told how long to wait."""


def check(kind: str, key: str, most: int, within: timedelta = DAY, advice: str = "", *, what: str = "d'essais") -> None:
    """Raises `TooMany` while one has to wait; `advice`: what else one can do meanwhile."""
    if wait := waits(kind, key, most, within):
        raise TooMany(f"Trop {what}. Attendez {_in_words(wait)}, puis recommencez.{advice}")


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
    db.session.execute(insert(Attempt), [{"kind": kind, "key": key, "at": at} for kind, key in done])


def spend(limit: Daily, person: str, address: str) -> None:
    """Once more, in the transaction of what is done: where that is refused, it is not counted.
    Raises `TooMany`."""
    here = [(limit.kind, person, limit.person), (limit.kind, address, limit.address)]
    for kind, key, most in here:
        check(kind, key, most, what=f"{limit.what} en 24 heures")
    count(*((kind, key) for kind, key, _most in here))


def forget_old() -> None:
    db.session.execute(delete(Attempt).where(Attempt.at <= now() - DAY))


def _in_words(wait: timedelta) -> str:
    minutes = -(-wait // timedelta(minutes=1))
    if minutes < 120:
        return f"{minutes} minute{'s' if minutes > 1 else ''}"
    return f"{-(-minutes // 60)} heures"
