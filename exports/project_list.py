"""The list of projects as a table: what the page shows, every row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from exports.table import Column, Line, Table, Unit
from grants.queries.projects import ProjectRow
from grants.queries.theme_tree import Levels, Place
from grants.words import word


def project_table(
    rows: Iterable[ProjectRow], places: Mapping[int, Place], levels: Levels, funder: str | None
) -> Table:
    """Amounts in euros of `funder`, or of all."""
    of = f" ({funder})" if funder else ""
    texts = (
        "N°", "Action", "Porteur", levels.pillar, levels.axis, levels.orientation, "N/R", "État",
    )  # fmt: skip
    amounts = ("Coût total", f"Demandé{of}", f"Proposé{of}", f"Accordé{of}")
    return Table(
        "Projets",
        (*map(Column, texts), *(Column(head, Unit.EUROS) for head in amounts)),
        (_line(row, places[row.theme_id]) for row in rows),
        flat=True,
    )


def _line(row: ProjectRow, place: Place) -> Line:
    return Line((
        row.reference, row.title, row.bearer, place.pillar.title, place.axis.title,
        place.orientation_title, row.mark, word(row.state), row.total_cost, row.requested,
        row.proposed, row.granted,
    ))  # fmt: skip
