"""The list of projects: as the page shows it, every row; and with the columns of each funder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from exports.legend import legend
from exports.programming_columns import SUMMED, SectionRow
from exports.table import Column, Columns, Sheet, Table, Unit, line
from exports.workbook import About, Target
from exports.workbook import write as write_workbook
from grants.models import Contract
from grants.queries.figures import figure
from grants.queries.programming.groups import GroupSums
from grants.queries.programming.programming import Programming
from grants.queries.projects.projects import ProjectRow
from grants.queries.theme_tree import Levels, ThemePlace
from grants.words import word


@dataclass(frozen=True, slots=True)
class PlacedRow:
    row: ProjectRow
    place: ThemePlace


def _texts(levels: Levels) -> Columns[PlacedRow | SectionRow, object]:
    return (
        Column("N°", lambda x: x.row.reference, width=16),
        Column("Action", lambda x: x.row.title, width=16),
        Column("Porteur", lambda x: x.row.bearer, width=16),
        Column(levels.pillar, lambda x: x.place.pillar.title, width=16),
        Column(levels.axis, lambda x: x.place.axis.title, width=16),
        Column(levels.orientation, lambda x: x.place.orientation_title, width=16),
        Column("N / R / CPO", lambda x: x.row.mark, width=16),
        Column("État", lambda x: word(x.row.state), width=16),
    )


def project_table(
    rows: Iterable[ProjectRow], places: Mapping[int, ThemePlace], levels: Levels, funder: str | None
) -> Table:
    """Amounts in euros of `funder`, or of all."""
    of = f" ({funder})" if funder else ""
    columns: Columns[PlacedRow, object] = (
        *_texts(levels),
        Column("Coût total", lambda x: x.row.total_cost, Unit.EUROS),
        Column(f"Demandé{of}", lambda x: x.row.requested, Unit.EUROS),
        Column(f"Proposé{of}", lambda x: x.row.proposed, Unit.EUROS),
        Column(f"Accordé{of}", lambda x: x.row.granted, Unit.EUROS),
    )
    lines = (line(columns, PlacedRow(row, places[row.theme_id])) for row in rows)
    return Table("Projets", columns, lines, flat=True)


def write(programming: Programming, ids: Sequence[int], contract: Contract, file: Target) -> None:
    """These projects of the year, in this order. To a path or a binary stream."""
    by_id = {row.id: SectionRow(row, s) for s in programming.sections for row in s.rows}
    rows = [by_id[id] for id in ids if id in by_id]
    about = About.of(contract.label, str(programming.year), programming.read_at)
    state = f"{len(rows)} dossier{'s' if len(rows) > 1 else ''}"
    sheet = Sheet("Projets", f"Projets {about.period}", (_wide(programming, rows),), state)
    write_workbook((sheet, legend(programming.funders, about.period, state)), about, file)


def _wide(programming: Programming, rows: Iterable[SectionRow]) -> Table:
    columns: Columns[SectionRow, GroupSums] = (
        *_texts(programming.levels),
        Column("Quartier(s)", lambda x: x.row.zones, width=16),
        Column("Coût total", lambda x: figure(x.row.total_cost), Unit.EUROS),
        *(a.column(11, f) for f in programming.funders for a in SUMMED),
        *(amount.column(11) for amount in SUMMED),
    )
    return Table("Projets", columns, (line(columns, row) for row in rows), flat=True)
