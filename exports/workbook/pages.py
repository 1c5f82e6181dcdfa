"""Where the printed pages of a table end: its headings stand on each, and sums below a row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import takewhile

from exports.table import HEADINGS, Level, Line

AGAIN = " (suite)"


def paged(
    lines: Iterable[Line], first: float, room: float, height: Callable[[Line], float]
) -> Iterator[tuple[Line, bool]]:
    """Each line, and whether a page begins with it: at a pillar that does not fit whole below the
    one before, and where no more fits. In points: what lines may take of the `first` page and of
    each later one, and the height of a line."""
    left, above = first, dict[Level, Line]()
    blocks = [(block, sum(map(height, block))) for block in _blocks(lines)]
    for number, (block, tall) in enumerate(blocks):
        below = blocks[number + 1 :] if block[0].level is Level.PILLAR else []
        rest = sum(more for _, more in takewhile(lambda pair: pair[0][0].level is not Level.PILLAR, below))
        begins = number > 0 and tall + rest > left
        repeated = list(_again(above, block[0].level)) if begins else []
        left = (room if begins else left) - tall - sum(map(height, repeated))
        for index, line in enumerate([*repeated, *block]):
            yield line, begins and index == 0
        for line in block:
            if line.level in HEADINGS:
                above = _within(above, line.level) | {line.level: line}


def _blocks(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """What stays on one page: headings with the row below them, a row with the sums below it."""
    block: list[Line] = []
    for line in lines:
        opens = line.level in HEADINGS or line.level is Level.ROW
        if opens and block and block[-1].level not in HEADINGS:
            yield block
            block = []
        block.append(line)
    if block:
        yield block


def _within(above: dict[Level, Line], level: Level) -> dict[Level, Line]:
    """The headings that are over one of this level; over a row, all."""
    over = HEADINGS[: HEADINGS.index(level)] if level in HEADINGS else HEADINGS
    return {each: line for each, line in above.items() if each in over}


def _again(above: dict[Level, Line], level: Level) -> Iterator[Line]:
    for line in _within(above, level).values():
        yield replace(line, cells=(f"{line.cells[0]}{AGAIN}",))
