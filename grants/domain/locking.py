"""Rows locked and read afresh, so that a decision rests on what is true now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, InvalidRequestError

from grants.database import db
from grants.errors import Conflict, DomainError
from grants.models import Entity

T = TypeVar("T", bound=Entity)


def fresh(row: T, *, shared: bool = False, key_share: bool = False) -> T:
    """`shared`: others may read it locked as well, none may change it; `key_share`: rows that
    point to it may still be written. Raises `Conflict` when it has just been deleted."""
    try:
        db.session.refresh(row, with_for_update={"of": type(row), "read": shared, "key_share": key_share})
    except InvalidRequestError:
        raise Conflict(
            "Ce que vous modifiez vient d'être supprimé par une autre personne. Rechargez la page précédente."
        ) from None
    return row


def insert_once(made: Entity, already: DomainError) -> None:
    """Write the row; raises `already` where a unique constraint says that there is one."""
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except IntegrityError as error:
        if _code(error.orig) in ("SQLITE_CONSTRAINT_UNIQUE", "23505"):  # PostgreSQL's unique_violation
            raise already from None
        raise


def _code(error: object) -> str:
    return getattr(error, "sqlite_errorname", "") or getattr(error, "sqlstate", "")


def one_at_a_time(what: str) -> None:
    """Until this transaction ends, the next who asks for the same waits. On SQLite nobody else is
    writing."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(what))))


def fresh_all(table: type[T], ids: Iterable[int], *, shared: bool = False, options: Iterable[Any] = ()) -> dict[int, T]:
    """Those of the rows that exist, locked in the order of their ids by one statement: two that
    lock many wait for each other. `options`: what to load with them."""
    rows = db.session.scalars(
        select(table)
        .where(table.id.in_(set(ids)))
        .order_by(table.id)
        .options(*options)
        .with_for_update(of=table, read=shared)
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in rows}
