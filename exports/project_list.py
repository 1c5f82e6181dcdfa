"""The list of projects: as the page shows it, every row; and with the columns of each funder."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exports.legend import legend
from exports.programming_columns import GRANTED, REQUESTED, SUMMED, SectionRow
from exports.table import Column, Columns, Sheet, Table, Unit, line
from exports.workbook import About, Target
from exports.workbook import write as write_workbook
from grants.models import Contract
from grants.queries.programming.groups import GroupSums
from grants.queries.programming.programming import Programming
from grants.queries.project_filters import Sort
from grants.queries.projects.projects import ProjectRow
from grants.queries.theme_tree import Levels, ThemePlace
from grants.words import word


@dataclass(frozen=True, slots=True)
class PlacedRow:
    row: ProjectRow
    place: ThemePlace


@dataclass(frozen=True)
class ListColumn(Column[Any, object]):
    """`key`: in addresses and forms; of an amount that of `AMOUNTS`. `always`: nobody does without. `first`:
    on the page until one has chosen. `sort`: by what the page may be sorted here."""

    key: str = ""
    always: bool = False
    first: bool = True
    sort: Sort | None = None


COST = "cout"
ListColumns = tuple[ListColumn, ...]


def columns_of(levels: Levels, funder: str | None = None) -> ListColumns:
    """Amounts in euros of `funder`, or of all."""
    whose = f" ({funder})" if funder else ""
    euros, theme = Unit.EUROS, Sort.THEME
    commune = (ListColumn("Commune", lambda x: x.row.commune, width=18, key="commune"),) * levels.communes
    return (
        ListColumn("N°", lambda x: x.row.reference, width=12, key="numero", always=True, sort=Sort.REFERENCE),
        ListColumn("Action", lambda x: x.row.title, width=44, key="titre", always=True, sort=Sort.TITLE),
        ListColumn("Porteur", lambda x: x.row.bearer, width=28, key="porteur", sort=Sort.BEARER),
        *commune,
        ListColumn(levels.pillar, lambda x: x.place.pillar.title, width=26, key="pilier", first=False),
        ListColumn(levels.axis, lambda x: x.place.axis.title, width=30, key="axe", sort=theme),
        ListColumn(levels.orientation, lambda x: x.place.orientation_title, width=44, key="orientation", first=False),
        ListColumn("N / R / CPO", lambda x: x.row.mark, width=12, key="nature"),
        ListColumn("État", lambda x: word(x.row.state), width=20, key="etat"),
        ListColumn("Coût total", lambda x: x.row.total_cost, euros, key=COST),
        ListColumn(f"Demandé{whose}", lambda x: x.row.requested, euros, key=REQUESTED.key),
        ListColumn(f"Proposé{whose}", lambda x: x.row.proposed, euros, key="propose"),
        ListColumn(f"Accordé{whose}", lambda x: x.row.granted, euros, key=GRANTED.key, sort=Sort.GRANTED),
    )


def chosen(columns: ListColumns, keys: Collection[str] | None) -> ListColumns:
    """`keys`: nothing where nobody chose."""
    return tuple(column for column in columns if keys is None or column.always or column.key in keys)


def project_table(rows: Iterable[ProjectRow], places: Mapping[int, ThemePlace], columns: ListColumns) -> Table:
    lines = (line(columns, PlacedRow(row, places[row.theme_id])) for row in rows)
    return Table("Projets", columns, lines, flat=True)


def write(
    programming: Programming, ids: Sequence[int], contract: Contract, keys: Collection[str] | None, file: Target
) -> None:
    """These projects of the year, in this order, with these columns. To a path or a binary stream."""
    by_id = {row.id: SectionRow(row, s) for s in programming.sections for row in s.rows}
    rows = [by_id[id] for id in ids if id in by_id]
    about = About.of(contract.label, str(programming.year), programming.read_at)
    state = f"{len(rows)} dossier{'s' if len(rows) > 1 else ''}"
    sheet = Sheet("Projets", f"Projets {about.period}", (_wide(programming, rows, keys),), state)
    write_workbook((sheet, legend(programming.funders, about.period, state)), about, file)


def _wide(programming: Programming, rows: Iterable[SectionRow], keys: Collection[str] | None) -> Table:
    """With the columns of each funder."""
    own = chosen(columns_of(programming.levels), keys)
    shown = {column.key for column in own}
    amounts = [amount for amount in SUMMED if amount.key in shown]
    columns: Columns[SectionRow, GroupSums] = (
        *(column for column in own if column.unit is Unit.TEXT),
        Column("Quartier(s)", lambda x: x.row.zones, width=16),
        *(column for column in own if column.key == COST),
        *(a.column(11, f) for f in programming.funders for a in amounts),
        *(amount.column(11) for amount in amounts),
    )
    return Table("Projets", columns, (line(columns, row) for row in rows), flat=True)
