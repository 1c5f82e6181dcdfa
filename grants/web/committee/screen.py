"""The same tables as the workbooks', as a page shows them: a line's cells in one piece, for a
template takes its time over each of thirty thousand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from exports.overview_tables import overview_tables
from exports.programming_lists import rejected_table
from exports.programming_tables import SectionTable
from exports.table import HEADINGS, Column, Level, Line, Table, Unit, shown, state
from grants.models import Contract
from grants.queries.figures import Gap
from grants.queries.programming.programming import Cut, Programming, programming
from grants.queries.unchanged import unchanged
from grants.web.committee.chart import pillar_shares

# Columns of so many characters on paper hold sentences.
BROAD = 20
# The most characters that a column takes of a printed page's width, how many such a page holds across at 6.5 points,
# and the class that names a larger one: a printer fits it to its paper, and no column is cut off.
WIDEST = {Unit.TEXT: 20.0, Unit.EUROS: 10.0}
OTHERS = 8.0
PAPERS = ((270, ""), (390, " on-a3"), (560, " on-a2"), (float("inf"), " on-a1"))
# A column's place in the lines, its unit and the tag that begins its cells.
ScreenCell = tuple[int, Unit, str]


@dataclass(frozen=True, slots=True)
class ScreenLine:
    """`label` covers `span` columns; `cells` are those of the columns after, in HTML."""

    level: Level
    label: str
    span: int
    cells: Markup
    project_id: int | None


@dataclass(frozen=True)
class ScreenTable:
    """`heads`: (text, class). `printed`: how many columns belong on paper; `paper`: of which size.
    `stacked`: on a phone a row's cells are below one another, each beside its head."""

    caption: str
    heads: tuple[tuple[str, str], ...]
    lines: tuple[ScreenLine, ...]
    notes: tuple[str, ...]
    printed: int
    paper: str
    stacked: bool


def screen(table: Table, *, stacked: bool = False) -> ScreenTable:
    """Without the columns that are only for paper."""
    kept = [index for index, column in enumerate(table.columns) if column.screen]
    printed = sum(index < (table.printed or len(table.columns)) for index in kept)
    wide = sum(min(c.width, WIDEST.get(c.unit, OTHERS)) for c in (table.columns[i] for i in kept[:printed]))
    cells = [
        (index, table.columns[index].unit, _opening(table.columns[index], place < printed, stacked))
        for place, index in enumerate(kept)
    ]
    return ScreenTable(
        caption=table.caption,
        heads=tuple((table.columns[i].head, _class(table.columns[i])) for i in kept),
        lines=tuple(_lines(table, cells)),
        notes=table.notes,
        printed=printed,
        paper=next(paper for room, paper in PAPERS if wide <= room),
        stacked=stacked,
    )


def _class(column: Column[Any, Any]) -> str:
    if column.unit is not Unit.TEXT:
        return "number"
    return "broad" if column.width >= BROAD else ""


def _opening(column: Column[Any, Any], printed: bool, stacked: bool) -> str:
    names = ("number" if column.unit is not Unit.TEXT else "") + ("" if printed else " no-print")
    said = f' class="{names}"' if names else ""
    return f'<td{said} data-head="{escape(column.head)}">' if stacked else f"<td{said}>"


def _lines(table: Table, columns: list[ScreenCell]) -> Iterator[ScreenLine]:
    label_span = sum(index < table.label_columns for index, *_ in columns)
    for line in table.lines:
        if line.level in HEADINGS:
            yield ScreenLine(line.level, str(line.cells[0]), len(columns), Markup(), None)
            continue
        span = label_span if line.level in (Level.SUBTOTAL, Level.TOTAL) else 1
        yield ScreenLine(line.level, str(line.cells[0]), span, _cells(line, columns[span:]), line.project_id)


def _cells(line: Line, columns: list[ScreenCell]) -> Markup:
    parts: list[str] = []
    for index, unit, opening in columns:
        value = line.cells[index]
        begins = opening.replace("data-head", "data-none") if value is Gap.NOTHING else opening
        parts += (begins, escape(shown(value, line.unit or unit)), "</td>")
    return Markup("".join(parts))  # noqa: S704 - each text is escaped


def present_tables(contract: Contract, year: int, cut: Cut) -> dict[str, Any]:
    """Those of today, kept with their figures."""
    key = ("tables", contract.id, tuple(contract.level_names), year, cut)
    return unchanged.get(key, lambda: tables(programming(contract, year, cut=cut)))


def tables(figures: Programming) -> dict[str, Any]:
    """By the names under which `committee/_programming.html` knows them."""
    return {
        "state": " – ".join(filter(None, (state(figures.validated_at, figures.dated), figures.as_of))),
        "figures": figures.overview,
        "overview": [screen(table) for table in overview_tables(figures)],
        "drawn": [pillar_shares(section) for section in figures.sections],
        "sections": [
            (
                section.kind,
                state(section.validated_at, section.dated),
                screen(SectionTable(section, figures.headings).table()),
            )
            for section in figures.sections
        ],
        "rejected": screen(rejected_table(figures)) if figures.rejected.actions else None,
    }
