"""Long lists, a page at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar, TypeVarTuple

from sqlalchemy import Select, func, select

from grants.database import db

PAGE_SIZE = 50
T = TypeVar("T")
Ts = TypeVarTuple("Ts")


@dataclass(frozen=True)
class ListPage(Generic[T]):
    """`page` of `pages`, the first is 1; `total`: rows on all of them."""

    rows: list[T]
    total: int
    page: int
    pages: int


def paged(row: Callable[[*Ts], T], statement: Select[*Ts], page: int, total: int | None = None) -> ListPage[T]:
    """Each row from the columns of the statement; for a page that is none, the nearest. `total`:
    where it is known. A query, or two."""
    if total is None:
        all_rows = statement.order_by(None).subquery()
        total = db.session.scalar(select(func.count()).select_from(all_rows)) or 0
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(page, 1), pages)
    records = db.session.execute(statement.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
    return ListPage([row(*columns) for columns in records], total, page, pages)
