"""The same tables as the workbooks', as a page shows them: texts ready for the template."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from exports.table import HEADINGS, Column, Level, Line, Table, Unit, shown

# Columns of so many characters on paper hold sentences.
BROAD = 20


@dataclass(frozen=True, slots=True)
class ScreenLine:
    """`label` covers `span` columns; `cells` are (text, is it a number) of the columns after."""

    level: Level
    label: str
    span: int
    cells: tuple[tuple[str, bool], ...]
    project_id: int | None


@dataclass(frozen=True)
class ScreenTable:
    """`heads`: (text, class). `printed`: how many columns belong on paper."""

    caption: str
    heads: tuple[tuple[str, str], ...]
    lines: tuple[ScreenLine, ...]
    notes: tuple[str, ...]
    printed: int


def screen(table: Table) -> ScreenTable:
    """Without the columns that are only for paper."""
    kept = [index for index, column in enumerate(table.columns) if column.screen]
    units = [table.columns[index].unit for index in kept]
    return ScreenTable(
        caption=table.caption,
        heads=tuple((table.columns[i].head, _class(table.columns[i])) for i in kept),
        lines=tuple(_lines(table, kept, units)),
        notes=table.notes,
        printed=sum(index < (table.printed or len(table.columns)) for index in kept),
    )


def _class(column: Column) -> str:
    if column.unit is not Unit.TEXT:
        return "number"
    return "broad" if column.width >= BROAD else ""


def _lines(table: Table, kept: list[int], units: list[Unit]) -> Iterator[ScreenLine]:
    label_span = sum(index < table.label_columns for index in kept)
    for line in table.lines:
        if line.level in HEADINGS:
            yield ScreenLine(line.level, str(line.cells[0]), len(kept), (), None)
            continue
        span = label_span if line.level in (Level.SUBTOTAL, Level.TOTAL) else 1
        yield ScreenLine(
            line.level, str(line.cells[0]), span, _cells(line, kept[span:], units[span:]),
            line.project_id,
        )  # fmt: skip


def _cells(line: Line, kept: list[int], units: list[Unit]) -> tuple[tuple[str, bool], ...]:
    return tuple(
        (shown(line.cells[index], line.unit or unit), unit is not Unit.TEXT)
        for index, unit in zip(kept, units, strict=True)
    )
