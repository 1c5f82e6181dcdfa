"""Figures kept in this process as long as nothing is written that they are made of.

What is kept bears the version (`models.FiguresVersion`) that was read before its figures, and the
minute: calls open and close with time, at whole minutes. So nobody is given figures older than what
was committed before they asked.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import datetime
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import select

from grants import database
from grants.database import db
from grants.models import FiguresVersion, now

T = TypeVar("T")
Stamp = tuple[int | None, datetime]


class Unchanged:
    """At most `most` results, the ones that were asked for last; none before a server says so."""

    def __init__(self) -> None:
        self.most = 0
        self._results: OrderedDict[tuple[Hashable, ...], tuple[Stamp, Any]] = OrderedDict()
        self._lock = Lock()

    def clear(self) -> None:
        self._results.clear()

    def get(self, key: tuple[Hashable, ...], read: Callable[[], T]) -> T:
        """What `read` gives, or gave to who asked for the same before; nobody may change it.
        In a transaction that has written it is always read."""
        if not self.most:
            return read()
        stamp = _stamp()
        db.session.flush()  # what the session still holds is written too
        if database.has_written():
            return read()
        known = self._results.get(key)
        result: T = known[1] if known and known[0] == stamp else read()
        with self._lock:
            self._results[key] = (stamp, result)
            self._results.move_to_end(key)
            while len(self._results) > self.most:
                self._results.popitem(last=False)
        return result


def _stamp() -> Stamp:
    """Read once a transaction: what this then reads is of that number, or newer."""
    kept = database.of_transaction()
    if "stamp" not in kept:
        number = db.session.scalar(select(FiguresVersion.number))
        kept["stamp"] = number, now().replace(second=0, microsecond=0)
    stamp: Stamp = kept["stamp"]
    return stamp


unchanged = Unchanged()
lists = Unchanged()  # the small parts of pages of a list
