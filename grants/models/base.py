"""What every table shares: the declarative base, money, instants and enumerations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime, Enum, Index, Integer, MetaData, String, Text, text
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from grants.names import fold

CENT = Decimal("0.01")

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


class Money(TypeDecorator[Decimal]):
    """Euros as `Decimal` with two places in Python, whole cents in the database.

    Raises `ValueError` for an amount finer than a cent: nothing is rounded silently.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        if value is None:
            return None
        cents = Decimal(value) * 100
        if cents != cents.to_integral_value():
            raise ValueError(f"finer than a cent: {value}")
        return int(cents)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-2).quantize(CENT)


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime in Python, the same naive in the database (both databases alike)."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


_BEHIND = ContextVar("_BEHIND", default=timedelta(0))


def now() -> datetime:
    """The present instant, in UTC; within `played_at`, one of the past."""
    return datetime.now(UTC) - _BEHIND.get()


@contextmanager
def played_at(instant: datetime) -> Iterator[None]:
    """Within, the clock goes on from `instant`: the demonstration tells of its last year."""
    token = _BEHIND.set(datetime.now(UTC) - instant)
    try:
        yield
    finally:
        _BEHIND.reset(token)


def one_of(enum: type[StrEnum], name: str) -> Enum:
    """A string column limited to the members of `enum` by a check constraint."""
    return Enum(
        enum,
        name=name,
        native_enum=False,
        create_constraint=True,
        validate_strings=True,
        length=20,
        values_callable=lambda members: [m.value for m in members],
    )


def unique_where(condition: str, name: str, *columns: str) -> Index:
    """Columns that are unique among the rows of which the condition holds, on both databases."""
    where = text(condition)
    return Index(name, *columns, unique=True, sqlite_where=where, postgresql_where=where)


def folded(*columns: str) -> Callable[[Any], str]:
    """The default of a column that keeps others folded for search, in rows inserted in bulk; what
    is written one by one, the models' validators fold."""

    def default(context: Any) -> str:
        given = context.get_current_parameters()
        return fold(" ".join(given.get(column) or "" for column in columns))

    return default


Name = Annotated[str, mapped_column(String(250))]
Words = Annotated[str, mapped_column(Text)]
Euros = Annotated[Decimal, mapped_column(Money)]
At = Annotated[datetime, mapped_column(Instant)]


class Entity(Base):
    """A thing with a number of its own, as most tables hold."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
