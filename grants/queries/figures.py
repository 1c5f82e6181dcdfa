"""What a table's cell may hold: an amount, or one of two ways of having none (rules 10)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from grants.domain.money import share

ZERO = Decimal(0)
T = TypeVar("T")


class Gap(StrEnum):
    """`NOTHING`: asked of nobody, or not decided. `UNKNOWN`: not communicated (no such campaign
    or funder that year), which is never zero."""

    NOTHING = "–"
    UNKNOWN = "n. c."


Figure = Decimal | Gap


def figure(value: Decimal | None) -> Figure:
    return Gap.NOTHING if value is None else value


def known(value: Figure) -> Decimal:
    """Give euros for a sum: a gap adds nothing."""
    return value if isinstance(value, Decimal) else ZERO


def total(values: Iterable[Figure | None]) -> Decimal:
    return sum((v for v in values if isinstance(v, Decimal)), ZERO)


def part(amount: Figure, whole: Figure) -> Figure:
    """Compute the share in percent; a gap where either is one, or the whole is zero."""
    if isinstance(amount, Gap):
        return amount
    return whole if isinstance(whole, Gap) else figure(share(amount, whole))


def difference(before: Figure, after: Figure) -> Figure:
    if isinstance(before, Gap) or isinstance(after, Gap):
        return Gap.UNKNOWN
    return after - before


def growth(before: Figure, after: Figure) -> Figure:
    """Compute the difference in percent of what was before."""
    return part(difference(before, after), before)


def largest(figures: Iterable[tuple[T, Figure]]) -> tuple[T, Decimal] | None:
    """Find what alone has the largest figure above zero, as the title of a drawing may say; nothing where
    two share it."""
    ranked = sorted(((known(value), of) for of, value in figures), key=lambda pair: -pair[0])
    if not ranked or ranked[0][0] <= 0 or ranked[0][0] == (ranked[1][0] if ranked[1:] else ZERO):
        return None
    return ranked[0][1], ranked[0][0]
