"""The overview of two years side by side, as the city's report prints it: budget framing, then the
global programming."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from exports.overview_tables import COUNTED
from exports.table import Column, Columns, Level, Table, Unit, Value, line
from grants.queries.comparison.amounts import ALL, total_label
from grants.queries.comparison.comparison import Comparison
from grants.queries.comparison.framing import Framed, framed
from grants.queries.figures import Gap
from grants.queries.programming.overview import Counts, count

T = TypeVar("T")
ALWAYS = ("Déposés", "Retenus", "Non retenus", "Nouvelles", "Renouvelées")


def overview_tables(comparison: Comparison) -> tuple[Table, Table]:
    return _framing(comparison), _global(comparison)


def _framing(comparison: Comparison) -> Table:
    a, b = comparison.a.year, comparison.b.year
    framing = framed(comparison.a, comparison.b)
    columns: Columns[Framed, object] = (
        Column("Financeur", lambda x: x.label, width=30),
        Column(f"Actions {a}", lambda x: _value_of(x.a, lambda o: o.actions), Unit.WHOLE, 10),
        Column(f"Actions {b}", lambda x: _value_of(x.b, lambda o: o.actions), Unit.WHOLE, 10),
        Column(f"Accordé {a}", lambda x: x.granted.a, Unit.EUROS, 13),
        Column(f"Accordé {b}", lambda x: x.granted.b, Unit.EUROS, 13),
        Column("Écart", lambda x: x.granted.difference, Unit.EUROS, 13),
        Column("Écart en %", lambda x: x.granted.growth, Unit.PERCENT, 10),
        Column(f"Enveloppe {a}", lambda x: _value_of(x.a, lambda o: o.envelope.amount), Unit.EUROS, 13),
        Column(f"Enveloppe {b}", lambda x: _value_of(x.b, lambda o: o.envelope.amount), Unit.EUROS, 13),
        Column(f"Reste {a}", lambda x: _value_of(x.a, lambda o: o.envelope.left), Unit.EUROS, 13),
        Column(f"Reste {b}", lambda x: _value_of(x.b, lambda o: o.envelope.left), Unit.EUROS, 13),
    )
    return Table(
        "Cadrage budgétaire",
        columns,
        (
            *(line(columns, x) for x in framing.alike),
            line(columns, framing.total, Level.TOTAL),
            *(line(columns, x) for x in framing.apart),
            *(line(columns, x, Level.SUBTOTAL) for x in framing.wholes),
        ),
        notes=(
            "Actions : celles à qui ce financeur accorde de l'argent. Enveloppe et reste : de"
            " tous ses appels de l'année.",
        ),
    )


def _value_of(counts: T | None, value: Callable[[T], Value]) -> Value:
    """Of a year that knows it."""
    return value(counts) if counts else Gap.UNKNOWN


CountsLine = tuple[str, Counts | None, Counts | None]


def _global(comparison: Comparison) -> Table:
    """Per kind of call, what became of the dossiers of both years."""
    a, b = comparison.a, comparison.b
    shown = [h for h, number in COUNTED.items() if h in ALWAYS or any(number(p.overview.counts) for p in (a, b))]
    column = Column[CountsLine, object]
    columns = (
        column("Appel", lambda x: x[0], width=30),
        *column.each(
            shown,
            lambda head: (
                column(f"{head} {a.year}", lambda x: _value_of(x[1], COUNTED[head]), Unit.WHOLE, 11),
                column(f"{head} {b.year}", lambda x: _value_of(x[2], COUNTED[head]), Unit.WHOLE, 11),
            ),
        ),
    )
    pairs = {kind.kind: (a.section(kind.kind), b.section(kind.kind)) for kind in comparison.kinds}
    rows: list[CountsLine] = [
        (kind, one.counts if one else None, other.counts if other else None) for kind, (one, other) in pairs.items()
    ]
    lines = [line(columns, row) for row in rows]
    alike = [pair for pair in pairs.values() if all(pair)]
    apart = [kind for kind, pair in pairs.items() if not all(pair)]
    if alike:
        years = zip(*alike, strict=True)
        sums = [count(row for section in sections if section for row in section.rows) for sections in years]
        lines.append(line(columns, (total_label(apart), sums[0], sums[1]), Level.TOTAL))
    if apart:
        whole = [p.overview.counts if p.sections else None for p in (a, b)]
        lines.append(line(columns, (ALL, whole[0], whole[1]), Level.SUBTOTAL))
    return Table(
        "Programmation globale",
        columns,
        tuple(lines),
        notes=("Nouvelles, renouvelées, CPO : des actions retenues, comme les porteurs les déclarent.",),
    )
