"""The list of projects: as the page shows it, every row; and with the columns of each funder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from exports.legend import legend
from exports.table import Column, Line, Sheet, Table, Unit
from exports.workbook import About, Target
from exports.workbook import write as write_workbook
from grants.models import Contract
from grants.queries.programming.groups import line as line_of
from grants.queries.programming.programming import Programming
from grants.queries.programming.rows import Row
from grants.queries.projects.projects import ProjectRow
from grants.queries.theme_tree import Levels, ThemePlace
from grants.words import word


def project_table(
    rows: Iterable[ProjectRow], places: Mapping[int, ThemePlace], levels: Levels, funder: str | None
) -> Table:
    """Amounts in euros of `funder`, or of all."""
    of = f" ({funder})" if funder else ""
    amounts = ("Coût total", f"Demandé{of}", f"Proposé{of}", f"Accordé{of}")
    return Table(
        "Projets",
        (*map(Column, _texts(levels)), *(Column(head, Unit.EUROS) for head in amounts)),
        (_line(row, places[row.theme_id]) for row in rows),
        flat=True,
    )


def _texts(levels: Levels) -> tuple[str, ...]:
    return "N°", "Action", "Porteur", levels.pillar, levels.axis, levels.orientation, "N/R", "État"


def _line(row: ProjectRow, place: ThemePlace) -> Line:
    return Line((
        row.reference, row.title, row.bearer, place.pillar.title, place.axis.title,
        place.orientation_title, row.mark, word(row.state), row.total_cost, row.requested,
        row.proposed, row.granted,
    ))  # fmt: skip


def write(programming: Programming, ids: Sequence[int], contract: Contract, file: Target) -> None:
    """These projects of the year, in this order. To a path or a binary stream."""
    by_id = {row.id: row for section in programming.sections for row in section.rows}
    rows = [by_id[id] for id in ids if id in by_id]
    about = About(contract.label, str(programming.year), programming.read_at)
    state = f"{len(rows)} dossier{'s' if len(rows) > 1 else ''}"
    sheet = Sheet("Projets", f"Projets {about.period}", (_wide(programming, rows),), state)
    write_workbook((sheet, legend(programming.funders, about.period, state)), about, file)


def _wide(programming: Programming, rows: Iterable[Row]) -> Table:
    funders = programming.funders
    heads = [f"{f.code} {what}" for f in funders for what in ("demandé", "proposé", "accordé")]
    heads = ["Coût total", *heads, "Total demandé", "Total proposé", "Total accordé"]
    return Table(
        "Projets",
        (*(Column(head, width=16) for head in (*_texts(programming.levels), "Quartier(s)")),
         *(Column(head, Unit.EUROS) for head in heads)),
        (
            Line((
                row.reference, row.title, row.bearer, row.place.pillar.title,
                row.place.axis.title, row.place.orientation_title, row.mark, word(row.state),
                row.zones, row.total_cost,
                *(
                    figure for f in funders for line in (line_of(row, f.id),)
                    for figure in (line.requested, line.proposed, line.granted)
                ),
                row.requested, row.proposed, row.granted,
            ))
            for row in rows
        ),
        flat=True,
    )  # fmt: skip
