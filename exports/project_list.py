"""The list of projects as CSV: what the page shows, every row, for French spreadsheets."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from decimal import Decimal
from io import StringIO

from grants.queries.projects import ProjectRow
from grants.queries.theme_tree import Levels, Place
from grants.words import word

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_of(
    rows: Iterable[ProjectRow], places: Mapping[int, Place], levels: Levels, funder: str | None
) -> str:
    """Separated by `;`, decimal commas; amounts in euros of `funder`, or of all."""
    of = f" ({funder})" if funder else ""
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    head = (
        "N°", "Action", "Porteur", levels.pillar, levels.axis, levels.orientation, "N/R", "État",
        "Coût total", f"Demandé{of}", f"Proposé{of}", f"Accordé{of}",
    )  # fmt: skip
    writer.writerow([text(cell) for cell in head])
    for row in rows:
        place = places[row.theme_id]
        writer.writerow([
            text(row.reference), text(row.title), text(row.bearer), text(place.pillar.title),
            text(place.axis.title), text(place.orientation_title), row.mark, word(row.state),
            amount(row.total_cost), amount(row.requested), amount(row.proposed),
            amount(row.granted),
        ])  # fmt: skip
    return out.getvalue()


def text(value: str) -> str:
    """Text stays text: what a spreadsheet would take for a formula gets an apostrophe (§3.11)."""
    return f"'{value}" if value.startswith(FORMULA) else value


def amount(value: Decimal | None) -> str:
    return "" if value is None else f"{value:.2f}".replace(".", ",")
