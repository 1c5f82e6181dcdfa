"""Bars of two years: where they are drawn. Their figures stand in the tables beside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from exports.table import Unit, shown
from grants.french import shortened
from grants.queries.comparison.comparison import Compared, KindComparison
from grants.queries.figures import Gap

STEP, BAR, WIDTH = 44, 13, 260
SHARE_WIDTH = 300
# More lines than this are no picture any more: bars of all funders together, no shares.
FEW, MOST = 8, 60
SMALLEST_SAID = 9  # a part narrower than its number has none


@dataclass(frozen=True)
class Bar:
    """In the units of the drawing. `first`: of the first of the two years."""

    y: int
    width: int
    text: str
    first: bool


@dataclass(frozen=True)
class Chart:
    """`labels`: (where, what) of each pair of bars."""

    title: str
    labels: tuple[tuple[int, str], ...]
    bars: tuple[Bar, ...]
    height: int


@dataclass(frozen=True)
class SharePart:
    """A line's part of a whole, by its number in the list beside; `text`: the share."""

    x: float
    width: float
    number: int
    text: str

    @property
    def named(self) -> bool:
        return self.width >= SMALLEST_SAID


@dataclass(frozen=True)
class ShareBar:
    """What one funder gives to each line in one year."""

    label: str
    parts: tuple[SharePart, ...]


def action_chart(kind: KindComparison) -> Chart | None:
    lines = kind.lines
    return _chart("", lines, ((line.actions.a, line.actions.b) for line in lines), Unit.WHOLE)


def amount_charts(kind: KindComparison, unit: Unit) -> list[Chart]:
    """One a funder; where the lines are many, one of them all."""
    lines = kind.lines
    if len(lines) > FEW:
        whole = _chart(kind.total_label, lines, ((x.total.a, x.total.b) for x in lines), unit)
        return [whole] if whole else []
    each = (_chart(f.code, lines, ((x.amounts[f.id].a, x.amounts[f.id].b) for x in lines), unit) for f in kind.funders)
    return [found for found in each if found]


def _chart(
    title: str, lines: list[Compared], pairs: Iterable[tuple[Decimal | int | Gap, ...]], unit: Unit
) -> Chart | None:
    """What was not communicated has no bar; nothing at all, or one line, no drawing."""
    values = list(pairs)
    most = max((v for pair in values for v in pair if not isinstance(v, Gap)), default=0)
    if most <= 0 or not 1 < len(lines) <= MOST:
        return None
    return Chart(
        title,
        labels=tuple((i * STEP + 12, shortened(line.label, 52)) for i, line in enumerate(lines)),
        bars=tuple(
            Bar(i * STEP + 16 + (0 if first else BAR), round(value * WIDTH / most), shown(value, unit), first)
            for i, pair in enumerate(values)
            for value, first in zip(pair, (True, False), strict=True)
            if not isinstance(value, Gap)
        ),
        height=len(lines) * STEP,
    )


def share_bars(kind: KindComparison, years: tuple[int, int]) -> list[ShareBar]:
    """One a funder and year, where the lines are few."""
    if not 1 < len(kind.lines) <= FEW:
        return []
    bars = [
        ShareBar(
            f"{funder.code} {year}",
            tuple(
                _parts((line.amounts[funder.id].share_a, line.amounts[funder.id].share_b)[which] for line in kind.lines)
            ),
        )
        for funder in kind.funders
        for which, year in enumerate(years)
    ]
    return [bar for bar in bars if bar.parts]


def _parts(shares: Iterable[Decimal | Gap]) -> Iterable[SharePart]:
    x = 0.0
    for number, share in enumerate(shares, 1):
        if not isinstance(share, Gap) and share > 0:
            width = round(float(share) * SHARE_WIDTH / 100, 1)
            yield SharePart(round(x, 1), width, number, shown(share, Unit.PERCENT))
            x += width
