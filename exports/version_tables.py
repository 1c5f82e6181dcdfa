"""The tables of what changed between two moments, for page and workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from exports.table import Column, Level, Line, Table, Unit, Value
from grants.french import PARIS, counted
from grants.queries.figures import Gap
from grants.queries.programming.version_changes import FunderTotalChange, LineChange, VersionChanges

AMOUNTS = ("Proposé avant", "Proposé après", "Accordé avant", "Accordé après", "Écart accordé")


def totals_table(changes: VersionChanges) -> Table:
    """Over the totals of the programming's own tables."""
    heads = (*AMOUNTS[:2], "Écart proposé", *AMOUNTS[2:])
    retained = [counted(n, "action", "retenue") for n in changes.retained]
    return Table(
        "Totaux par financeur",
        (Column("Financeur", width=30), *(Column(h, Unit.EUROS, 15) for h in heads)),
        tuple(_total(each) for each in changes.totals),
        notes=(
            f"Avant : {retained[0]}. Après : {retained[1]}.",
            "Accordé : sur les projets retenus. Proposé : sur tous, sauf retirés ou irrecevables.",
        ),
    )  # fmt: skip


def _total(of: FunderTotalChange) -> Line:
    proposed, granted = of.proposed, of.granted
    cells = (*proposed, proposed[1] - proposed[0], *granted, granted[1] - granted[0])
    if of.funder is None:
        return Line(("Total", *cells), Level.TOTAL)
    return Line((f"{of.funder.code} – {of.funder.institution}", *cells))


def changes_table(changes: VersionChanges) -> Table:
    return Table(
        _caption(changes),
        (
            Column("N°", width=11), Column("Porteur", width=17), Column("Action", width=19),
            Column("Financeur", width=10), Column("Ce qui change", width=28),
            *(Column(head, Unit.EUROS, 11) for head in AMOUNTS),
            Column("Par", width=17), Column("Le", width=15), Column("Motif", width=28),
        ),
        tuple(_lines(changes, _cells)),
        label_columns=4,
    )  # fmt: skip


def changes_on_page(changes: VersionChanges) -> Table:
    """The same in columns few enough for a screen: why stands with what, when with who."""
    return Table(
        _caption(changes),
        (
            Column("N°"), Column("Action"), Column("Financeur"),
            Column("Ce qui change, et pourquoi", width=28),
            *(Column(head, Unit.EUROS) for head in AMOUNTS[:4]), Column("Par, le"),
        ),
        tuple(_lines(changes, _cells_on_page)),
        label_columns=3,
    )  # fmt: skip


def _caption(changes: VersionChanges) -> str:
    return f"Ce qui a changé : {counted(changes.projects, 'dossier')}"


def _lines(
    changes: VersionChanges, cells: Callable[[LineChange], tuple[Value, ...]]
) -> Iterator[Line]:
    for kind, each in changes.kinds:
        if len(changes.b.sections) > 1:
            yield Line((kind,), Level.PILLAR)
        for change in each:
            yield Line(cells(change), project_id=change.row.id)


def _short(at: datetime) -> str:
    """`21/11/2026 04:12`, Paris time: it stands in a narrow column, to be sorted."""
    return f"{at.astimezone(PARIS):%d/%m/%Y %H:%M}"


def _cells(change: LineChange) -> tuple[Value, ...]:
    row, trail = change.row, change.trail
    return (
        row.reference, row.bearer, row.title, _funder(change), " ; ".join(change.words),
        *_amounts(change), change.difference if change.funder else None,
        ", ".join(trail.by), _short(trail.at) if trail.at else None, " ; ".join(trail.reasons),
    )  # fmt: skip


def _cells_on_page(change: LineChange) -> tuple[Value, ...]:
    row, trail = change.row, change.trail
    what, why = " ; ".join(change.words), " ; ".join(trail.reasons)
    return (
        row.reference, f"{row.title} · {row.bearer}", _funder(change),
        ". ".join(filter(None, (what, f"Motif : {why}" if why else ""))), *_amounts(change),
        ", ".join((*trail.by, *([_short(trail.at)] if trail.at else []))),
    )  # fmt: skip


def _funder(change: LineChange) -> str:
    return change.funder.code if change.funder else Gap.NOTHING.value


def _amounts(change: LineChange) -> tuple[Value, ...]:
    return (*change.proposed, *change.granted) if change.funder else (None,) * 4
