"""The tables of what changed between two moments, for page and workbook."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from exports.table import Column, Level, Line, Table, Unit, Value
from grants.french import PARIS, counted
from grants.queries.figures import Gap
from grants.queries.version_changes import Change, Changes, FunderTotal

AMOUNTS = ("Proposé avant", "Proposé après", "Accordé avant", "Accordé après", "Écart accordé")


def totals_table(changes: Changes) -> Table:
    """Over the totals of the programming's own tables."""
    heads = (*AMOUNTS[:2], "Écart proposé", *AMOUNTS[2:])
    retained = [counted(n, "action", "retenue") for n in changes.retained]
    return Table(
        "Totaux par financeur",
        (Column("Financeur", width=30), *(Column(h, Unit.EUROS, 15) for h in heads)),
        tuple(_total(each) for each in changes.totals),
        notes=(
            f"Avant : {retained[0]}. Après : {retained[1]}.",
            "Accordé : sur les projets retenus. Proposé : sur les projets retenus ou à décider.",
        ),
    )  # fmt: skip


def _total(of: FunderTotal) -> Line:
    proposed, granted = of.proposed, of.granted
    cells = (*proposed, proposed[1] - proposed[0], *granted, granted[1] - granted[0])
    if of.funder is None:
        return Line(("Total", *cells), Level.TOTAL)
    return Line((f"{of.funder.code} – {of.funder.institution}", *cells))


def changes_table(changes: Changes) -> Table:
    return Table(
        f"Ce qui a changé : {counted(changes.projects, 'dossier')}",
        (
            Column("N°", width=11), Column("Porteur", width=17), Column("Action", width=19),
            Column("Financeur", width=10), Column("Ce qui change", width=28),
            *(Column(head, Unit.EUROS, 11) for head in AMOUNTS[:4]),
            Column(AMOUNTS[4], Unit.EUROS, 11, screen=False),
            Column("Par", width=17), Column("Le", width=15), Column("Motif", width=28),
        ),
        tuple(_lines(changes)),
        label_columns=4,
    )  # fmt: skip


def _lines(changes: Changes) -> Iterator[Line]:
    for kind, each in changes.kinds:
        if len(changes.b.sections) > 1:
            yield Line((kind,), Level.PILLAR)
        for change in each:
            yield _line(change)


def _short(at: datetime) -> str:
    """`21/11/2026 04:12`, Paris time: it stands in a narrow column, to be sorted."""
    return f"{at.astimezone(PARIS):%d/%m/%Y %H:%M}"


def _line(change: Change) -> Line:
    row, trail = change.row, change.trail
    amounts: tuple[Value, ...] = (None,) * len(AMOUNTS)
    if change.funder:
        amounts = (*change.proposed, *change.granted, change.difference)
    return Line(
        (
            row.reference, row.bearer, row.title,
            change.funder.code if change.funder else Gap.NOTHING.value, " ; ".join(change.words),
            *amounts, ", ".join(trail.by), _short(trail.at) if trail.at else None,
            " ; ".join(trail.reasons),
        ),
        project_id=row.id,
    )  # fmt: skip
