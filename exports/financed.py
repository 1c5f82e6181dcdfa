"""What was financed in a year, for anybody: by theme, by bearer, action by action."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from exports.table import Column, Columns, Level, Line, Sheet, Table, Unit, Value, line, line_below
from exports.workbook import About, Target
from exports.workbook import write as write_workbook
from grants.queries.figures import Gap
from grants.queries.programming.financed import Financed
from grants.queries.programming.funder_columns import FunderColumn
from grants.queries.programming.groups import GroupSums
from grants.queries.programming.groups import line as line_of
from grants.queries.programming.overview import Bearer
from grants.queries.programming.rows import Row
from grants.words import word

ONLY_NOTIFIED = (
    "Montants accordés et notifiés aux porteurs, en euros ; ni demandes, ni propositions, ni décisions"
    " qui ne sont pas encore notifiées."
)
ThemeLine = tuple[str, GroupSums]
R = TypeVar("R")


def _money(figures: Financed, total: Callable[[R], Value], given: Callable[[R, int], Value]) -> Columns[R, GroupSums]:
    """`given`: by the funder of this id."""

    def column(funder: FunderColumn) -> Column[R, GroupSums]:
        return Column(funder.label, lambda row: given(row, funder.id), Unit.EUROS, 13, lambda s: s.granted[funder.id])

    return (Column("Total", total, Unit.EUROS, 13, lambda s: s.given), *map(column, figures.funders))


def _of_action(figures: Financed) -> Columns[Row, GroupSums]:
    return _money(figures, lambda row: row.granted, lambda row, id: line_of(row, id).granted)


def theme_table(figures: Financed) -> Table:
    money: Columns[ThemeLine, GroupSums] = _money(
        figures, lambda x: x[1].given, lambda x, id: x[1].granted[id] or Gap.NOTHING
    )
    columns: Columns[ThemeLine, GroupSums] = (
        Column(figures.levels.above, lambda x: x[0], width=44),
        Column("Actions", lambda x: x[1].actions, Unit.WHOLE, 9, lambda s: s.actions),
        *money,
    )
    lines = []
    for pillar in figures.pillars:
        lines.append(line(columns, (pillar.node.label, pillar.sums), Level.SUBTOTAL))
        axes = pillar.axes if pillar.has_axes else ()
        lines += [line(columns, (figures.levels.axis_label(pillar.node, axis.node), axis.sums)) for axis in axes]
    lines.append(line_below("Total", columns, figures.total, Level.TOTAL))
    return Table("Par thème", columns, tuple(lines))


def bearer_table(figures: Financed) -> Table:
    money: Columns[Bearer, GroupSums] = _money(figures, lambda b: b.total, lambda b, id: b.granted[id])
    columns: Columns[Bearer, GroupSums] = (
        Column("Porteur", lambda b: b.name, width=36),
        Column("Actions", lambda b: b.actions, Unit.WHOLE, 9, lambda s: s.actions),
        *money,
        Column("Nature du porteur", lambda b: word(b.nature), width=20),
    )
    lines = [line(columns, bearer) for bearer in figures.bearers]
    lines.append(line_below("Total", columns, figures.total, Level.TOTAL))
    return Table("Par porteur", columns, tuple(lines), breaks=True)


def action_table(figures: Financed) -> Table:
    columns: Columns[Row, GroupSums] = (
        Column("Action", lambda r: r.title, width=44),
        Column("Porteur", lambda r: r.bearer, width=30),
        *_of_action(figures),
        Column("Appel", lambda r: figures.kinds[r.campaign_id], width=18),
    )
    return Table("Action par action", columns, tuple(_actions(figures, columns)), label_columns=2, breaks=True)


def _actions(figures: Financed, columns: Columns[Row, GroupSums]) -> Iterator[Line]:
    for pillar in figures.pillars:
        yield Line((pillar.node.label,), Level.PILLAR)
        for axis in pillar.axes:
            if pillar.has_axes:
                yield Line((figures.levels.axis_label(pillar.node, axis.node),), Level.AXIS)
            yield from (line(columns, row) for of in axis.orientations for row in of.rows)
    yield line_below("Total", columns, figures.total, Level.TOTAL)


def financed_data(figures: Financed) -> Table:
    """For other tools: a line an action, what was not given an empty cell."""
    levels, flat = figures.levels, Column[Row, Any]
    columns = (
        flat("Année", lambda _: figures.year, Unit.YEAR),
        flat("Contrat", lambda _: figures.contract),
        flat("Appel", lambda r: figures.kinds[r.campaign_id]),
        flat(levels.pillar, lambda r: r.place.pillar.label),
        flat(levels.axis_apart, lambda r: r.place.axis.label),
        flat(levels.orientation, lambda r: r.place.orientation_title),
        flat("Porteur", lambda r: r.bearer),
        flat("Nature du porteur", lambda r: word(r.nature)),
        flat("Action", lambda r: r.title),
        *_of_action(figures),
    )
    rows = (row for p in figures.pillars for axis in p.axes for of in axis.orientations for row in of.rows)
    cells = ([column.cell(row) for column in columns] for row in rows)
    lines = (Line(tuple([None if value is Gap.NOTHING else value for value in of])) for of in cells)
    return Table("Données", columns, tuple(lines), flat=True)


def write(figures: Financed, file: Target) -> None:
    """To a path or a binary stream."""
    tables = (theme_table(figures), bearer_table(figures), action_table(figures))
    sheets = (
        Sheet(table.caption, f"Ce qui est financé en {figures.year} : {table.caption.lower()}", (table,), ONLY_NOTIFIED)
        for table in tables
    )
    about = About.of(figures.contract, str(figures.year), figures.read_at)
    write_workbook(sheets, about, file)
