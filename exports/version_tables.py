"""What changed between two moments of a year's programming: tables for the page, and a workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from exports.legend import legend
from exports.table import Column, Columns, Level, Line, Sheet, Table, Unit, Value, line
from exports.workbook import About, Target
from exports.workbook import write as write_workbook
from grants.french import PARIS, counted, instant
from grants.models import Contract
from grants.queries.figures import Gap
from grants.queries.programming.version_changes import FunderTotalChange, LineChange, VersionChanges
from grants.queries.programming.versions import Moment

TOTALS: Columns[FunderTotalChange, object] = (
    Column("Financeur", lambda x: f"{x.funder.code} – {x.funder.institution}" if x.funder else "Total", width=30),
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


def _amount(head: str, value: Callable[[LineChange], Value]) -> Column[LineChange, object]:
    """Nothing where the whole project changed."""
    return Column(head, lambda x: value(x) if x.funder else None, Unit.EUROS, 11)


def _at(x: LineChange) -> str:
    """`21/11/2026 04:12`, Paris time: it stands in a narrow column, to be sorted."""
    return f"{x.trail.at.astimezone(PARIS):%d/%m/%Y %H:%M}" if x.trail.at else ""


def _why(x: LineChange) -> str:
    return " ; ".join(x.trail.reasons)


def _what_and_why(x: LineChange) -> str:
    return ". ".join(filter(None, (" ; ".join(x.words), f"Motif : {_why(x)}" if _why(x) else "")))


_C = Column[LineChange, object]
NUMBER = _C("N°", lambda x: x.row.reference, width=11)
FUNDER = _C("Financeur", lambda x: x.funder.code if x.funder else Gap.NOTHING.value, width=10)
AMOUNTS = (
    _amount("Proposé avant", lambda x: x.proposed[0]),
    _amount("Proposé après", lambda x: x.proposed[1]),
    _amount("Accordé avant", lambda x: x.granted[0]),
    _amount("Accordé après", lambda x: x.granted[1]),
)
CHANGES = (
    NUMBER,
    _C("Porteur", lambda x: x.row.bearer, width=17),
    _C("Action", lambda x: x.row.title, width=19),
    FUNDER,
    _C("Ce qui change", lambda x: " ; ".join(x.words), width=28),
    *AMOUNTS,
    _amount("Écart accordé", lambda x: x.difference),
    _C("Par", lambda x: ", ".join(x.trail.by), width=17),
    _C("Le", _at, width=15),
    _C("Motif", _why, width=28),
)
# In columns few enough for a screen: why stands with what, when with who.
ON_PAGE = (
    NUMBER,
    _C("Action", lambda x: f"{x.row.title} · {x.row.bearer}"),
    FUNDER,
    _C("Ce qui change, et pourquoi", _what_and_why, width=28),
    *AMOUNTS,
    _C("Par, le", lambda x: ", ".join(filter(None, (*x.trail.by, _at(x))))),
)


def changes_table(changes: VersionChanges, columns: Columns[LineChange, object]) -> Table:
    caption = f"Ce qui a changé : {counted(changes.projects, 'dossier')}"
    lines = tuple(_lines(changes, columns))
    return Table(caption, columns, lines, label_columns=columns.index(FUNDER) + 1)


def _lines(changes: VersionChanges, columns: Columns[LineChange, object]) -> Iterator[Line]:
    for kind, each in changes.kinds:
        if len(changes.b.sections) > 1:
            yield Line((kind,), Level.PILLAR)
        for change in each:
            yield line(columns, change, project_id=change.row.id)


def write(changes: VersionChanges, contract: Contract, file: Target) -> None:
    """To a path or a binary stream."""
    about = About.of(contract.label, str(changes.b.year), changes.b.read_at)
    write_workbook(_sheets(changes), about, file)


def _sheets(changes: VersionChanges) -> Iterator[Sheet]:
    between = f"De : {title(changes.before)}. À : {title(changes.after)}."
    what = f"Ce qui a changé dans la programmation {changes.b.year}"
    yield Sheet("Changements", what, (changes_table(changes, CHANGES),), between)
    yield Sheet("Totaux", f"{what} : totaux", (totals_table(changes),), between)
    yield legend((*changes.a.funders, *changes.b.funders), str(changes.b.year), between)


def title(moment: Moment) -> str:
    return moment.title or f"programmation d'aujourd'hui, {instant(moment.at)}"
