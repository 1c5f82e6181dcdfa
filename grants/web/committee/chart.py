"""Two bars for each axis: where they are drawn. Their figures stand in the table beside."""

from __future__ import annotations

from dataclasses import dataclass

from grants.queries.comparison import KindComparison

STEP, BAR, WIDTH = 44, 13, 300


@dataclass(frozen=True)
class Bar:
    """In the units of the drawing. `first`: of the first of the two years."""

    y: int
    width: int
    count: int
    first: bool


@dataclass(frozen=True)
class Chart:
    labels: tuple[tuple[int, str], ...]
    bars: tuple[Bar, ...]
    height: int


def chart(kind: KindComparison) -> Chart | None:
    """What was not communicated has no bar; nothing at all, no drawing."""
    axes = [axis for pillar in kind.pillars for axis in pillar.axes]
    counts = [(axis.actions.a, axis.actions.b) for axis in axes]
    most = max((c for pair in counts for c in pair if isinstance(c, int)), default=0)
    if most == 0:
        return None
    return Chart(
        labels=tuple((i * STEP + 12, axis.label) for i, axis in enumerate(axes)),
        bars=tuple(
            _bar(i, count, most, first)
            for i, pair in enumerate(counts)
            for count, first in zip(pair, (True, False), strict=True)
            if isinstance(count, int)
        ),
        height=len(axes) * STEP,
    )


def _bar(index: int, count: int, most: int, first: bool) -> Bar:
    y = index * STEP + 16 + (0 if first else BAR)
    return Bar(y, round(count * WIDTH / most), count, first)
