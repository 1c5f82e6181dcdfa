"""The tables of what changed between two moments, for page and workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from exports.table import Column, Columns, Level, Line, Table, Unit, Value, line
from grants.french import PARIS, counted
from grants.queries.figures import Gap
from grants.queries.programming.version_changes import FunderTotalChange, LineChange, VersionChanges

TOTALS: Columns[FunderTotalChange, object] = (
    Column("Financeur", lambda x: _label(x), width=30),
    Column("Proposé avant", lambda x: x.proposed[0], Unit.EUROS, 15),
    Column("Proposé après", lambda x: x.proposed[1], Unit.EUROS, 15),
    Column("Écart proposé", lambda x: x.proposed[1] - x.proposed[0], Unit.EUROS, 15),
    Column("Accordé avant", lambda x: x.granted[0], Unit.EUROS, 15),
    Column("Accordé après", lambda x: x.granted[1], Unit.EUROS, 15),
    Column("Écart accordé", lambda x: x.granted[1] - x.granted[0], Unit.EUROS, 15),
)


def totals_table(changes: VersionChanges) -> Table:
    """Over the totals of the programming's own tables."""
    retained = [counted(n, "action", "retenue") for n in changes.retained]
    return Table(
        "Totaux par financeur",
        TOTALS,
        tuple(line(TOTALS, x, Level.ROW if x.funder else Level.TOTAL) for x in changes.totals),
        notes=(
            f"Avant : {retained[0]}. Après : {retained[1]}.",
            "Accordé : sur les projets retenus. Proposé : sur tous, sauf retirés ou irrecevables.",
        ),
    )


def _label(of: FunderTotalChange) -> str:
    return f"{of.funder.code} – {of.funder.institution}" if of.funder else "Total"


def _amount(head: str, of: Callable[[LineChange], Value]) -> Column[LineChange, object]:
    """Nothing where the whole project changed."""
    return Column(head, lambda x: of(x) if x.funder else None, Unit.EUROS, 11)


def _short(at: datetime) -> str:
    """`21/11/2026 04:12`, Paris time: it stands in a narrow column, to be sorted."""
    return f"{at.astimezone(PARIS):%d/%m/%Y %H:%M}"


def _at(x: LineChange) -> str:
    return _short(x.trail.at) if x.trail.at else ""


def _why(x: LineChange) -> str:
    return " ; ".join(x.trail.reasons)


def _what(x: LineChange) -> str:
    return " ; ".join(x.words)


def _what_and_why(x: LineChange) -> str:
    return ". ".join(filter(None, (_what(x), f"Motif : {_why(x)}" if _why(x) else "")))


NUMBER: Column[LineChange, object] = Column("N°", lambda x: x.row.reference, width=11)
FUNDER: Column[LineChange, object] = Column(
    "Financeur", lambda x: x.funder.code if x.funder else Gap.NOTHING.value, width=10
)
AMOUNTS: Columns[LineChange, object] = (
    _amount("Proposé avant", lambda x: x.proposed[0]),
    _amount("Proposé après", lambda x: x.proposed[1]),
    _amount("Accordé avant", lambda x: x.granted[0]),
    _amount("Accordé après", lambda x: x.granted[1]),
)
CHANGES: Columns[LineChange, object] = (
    NUMBER,
    Column("Porteur", lambda x: x.row.bearer, width=17),
    Column("Action", lambda x: x.row.title, width=19),
    FUNDER,
    Column("Ce qui change", _what, width=28),
    *AMOUNTS,
    _amount("Écart accordé", lambda x: x.difference),
    Column("Par", lambda x: ", ".join(x.trail.by), width=17),
    Column("Le", lambda x: _at(x) or None, width=15),
    Column("Motif", _why, width=28),
)
# In columns few enough for a screen: why stands with what, when with who.
ON_PAGE: Columns[LineChange, object] = (
    NUMBER,
    Column("Action", lambda x: f"{x.row.title} · {x.row.bearer}"),
    FUNDER,
    Column("Ce qui change, et pourquoi", _what_and_why, width=28),
    *AMOUNTS,
    Column("Par, le", lambda x: ", ".join(filter(None, (*x.trail.by, _at(x))))),
)


def changes_table(changes: VersionChanges) -> Table:
    return Table(_caption(changes), CHANGES, tuple(_lines(changes, CHANGES)), label_columns=4)


def changes_on_page(changes: VersionChanges) -> Table:
    return Table(_caption(changes), ON_PAGE, tuple(_lines(changes, ON_PAGE)), label_columns=3)


def _caption(changes: VersionChanges) -> str:
    return f"Ce qui a changé : {counted(changes.projects, 'dossier')}"


def _lines(changes: VersionChanges, columns: Columns[LineChange, object]) -> Iterator[Line]:
    for kind, each in changes.kinds:
        if len(changes.b.sections) > 1:
            yield Line((kind,), Level.PILLAR)
        for change in each:
            yield line(columns, change, project_id=change.row.id)
