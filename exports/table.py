"""Tables as page, workbook and CSV render them: columns, and lines of values made from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from itertools import takewhile
from typing import Any, Generic, TypeVar

from grants.french import day, euros, percent, whole

Value = Decimal | int | str | None
T = TypeVar("T")
R = TypeVar("R", contravariant=True)
S = TypeVar("S", contravariant=True)


class Unit(StrEnum):
    """What the numbers of a column are; texts and gaps (`–`, `n. c.`) may stand in any."""

    TEXT = "text"
    EUROS = "euros"
    PERCENT = "percent"
    WHOLE = "whole"
    YEAR = "year"


class Level(StrEnum):
    """Headings have one text, in their first cell. `SHARE`: a row below its amounts."""

    HEAD = "head"
    PILLAR = "pillar"
    AXIS = "axis"
    ORIENTATION = "orientation"
    ROW = "row"
    SHARE = "share"
    SUBTOTAL = "subtotal"
    TOTAL = "total"


HEADINGS = (Level.PILLAR, Level.AXIS, Level.ORIENTATION)


@dataclass(frozen=True)
class Column(Generic[R, S]):
    """One column, whole: its heading, its cell in the line of a row, and `below` in that of a sum
    (or of shares), if it has one there. `width`: in characters, on paper. `screen`: also shown on
    the page. `group`: whose figures it has; a printed page does not part them."""

    head: str
    cell: Callable[[R], Value]
    unit: Unit = Unit.TEXT
    width: float = 11
    below: Callable[[S], Value] | None = None
    screen: bool = True
    group: str = ""

    @classmethod
    def each(cls, things: Iterable[T], made: Callable[[T], Column[R, S] | Columns[R, S]]) -> Columns[R, S]:
        """Make a column, or several, of each thing of the data: by a function, so that each keeps its own."""
        found = map(made, things)
        return tuple(c for own in found for c in (own if isinstance(own, tuple) else (own,)))


Columns = tuple[Column[R, S], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """`unit`: of its numbers, where it is not the columns'. `project_id`: what it is about."""

    cells: tuple[Value, ...]
    level: Level = Level.ROW
    unit: Unit | None = None
    project_id: int | None = None


def line(columns: Columns[R, Any], row: R, level: Level = Level.ROW, project_id: int | None = None) -> Line:
    return Line(tuple([column.cell(row) for column in columns]), level, None, project_id)


def line_below(label: str, columns: Iterable[Column[Any, S]], sums: S, level: Level, unit: Unit | None = None) -> Line:
    """`label`: in place of the first column's cell."""
    cells = [column.below(sums) if column.below else None for column in columns]
    return Line((label, *cells[1:]), level, unit)


def leading(columns: Iterable[Column[Any, Any]]) -> int:
    """How many columns the label of a sum may cover."""
    return sum(1 for _ in takewhile(lambda column: column.below is None, columns))


@dataclass(frozen=True)
class Table:
    """`label_columns`: how many columns the label of a sum may cover. `printed`: how many
    columns belong to the printed page (all, if `None`). `breaks`: pillars are kept whole, and sums with the row above.
    `flat`: one line a record, to be filtered. `chart`: the columns whose rows are drawn as bars
    in a workbook."""

    caption: str
    columns: Columns[Any, Any]
    lines: Iterable[Line]
    label_columns: int = 1
    printed: int | None = None
    breaks: bool = False
    flat: bool = False
    chart: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """`name`: of its tab, `part`: what tells it from others of this name. `state`: of the
    programming. Several tables stand below one another."""

    name: str
    title: str
    tables: tuple[Table, ...]
    state: str
    remark: str = ""
    part: str = ""


def state(validated_at: datetime | None, dated: bool) -> str:
    """`dated`: as of `queries.programming`."""
    if validated_at is None:
        return "en cours"
    return f"validée le {day(validated_at)}" if dated else "validée"


def shown(value: Value, unit: Unit) -> str:
    """Write a value as a reader sees it, in its unit; nothing at all is empty."""
    if value is None or isinstance(value, str):
        return value or ""
    return _SHOWN[unit](value)


_SHOWN: dict[Unit, Callable[..., str]] = {
    Unit.TEXT: str,
    Unit.YEAR: str,
    Unit.WHOLE: whole,
    Unit.EUROS: euros,
    Unit.PERCENT: percent,
}
