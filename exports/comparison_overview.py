"""The overview of two years side by side, as the city's report prints it: budget framing, then the
global programming."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from exports.table import Column, Level, Line, Table, Unit, Value
from grants.queries.comparison.amounts import ALL, total_label
from grants.queries.comparison.comparison import Comparison
from grants.queries.comparison.framing import Framed, framed
from grants.queries.figures import Gap
from grants.queries.programming.overview import Counts, count

COUNTED: dict[str, Callable[[Counts], int]] = {
    "Déposés": lambda c: c.deposited,
    "Retenus": lambda c: c.retained,
    "Non retenus": lambda c: c.not_retained,
    "À décider": lambda c: c.undecided,
    "Retirés": lambda c: c.withdrawn,
    "Nouvelles": lambda c: c.new,
    "Renouvelées": lambda c: c.renewed,
    "CPO": lambda c: c.multiyear,
}
ALWAYS = ("Déposés", "Retenus", "Non retenus", "Nouvelles", "Renouvelées")


def overview_tables(comparison: Comparison) -> tuple[Table, Table]:
    return _framing(comparison), _global(comparison)


def _framing(comparison: Comparison) -> Table:
    a, b = comparison.a, comparison.b
    heads = [f"{head} {year}" for head in ("Enveloppe", "Reste") for year in (a.year, b.year)]
    framing = framed(a, b)
    lines = [*map(_framed, framing.alike),
             _framed(framing.total, Level.TOTAL),
             *map(_framed, framing.apart),
             *(_framed(each, Level.SUBTOTAL) for each in framing.wholes)]  # fmt: skip
    return Table(
        "Cadrage budgétaire",
        (Column("Financeur", width=30),
         *(Column(f"Actions {p.year}", Unit.WHOLE, 10) for p in (a, b)),
         *(Column(f"Accordé {p.year}", Unit.EUROS, 13) for p in (a, b)),
         Column("Écart", Unit.EUROS, 13), Column("Écart en %", Unit.PERCENT, 10),
         *(Column(head, Unit.EUROS, 13) for head in heads)),
        tuple(lines),
        notes=("Actions : celles à qui ce financeur accorde de l'argent. Enveloppe et reste : de"
               " tous ses appels de l'année.",),
    )  # fmt: skip


def _framed(each: Framed, level: Level = Level.ROW) -> Line:
    years, granted = each.years, each.granted
    return Line(
        (each.label, *(o.actions if o else Gap.UNKNOWN for o in years), granted.a, granted.b,
         granted.difference, granted.growth,
         *(o.envelope.amount if o else Gap.UNKNOWN for o in years),
         *(o.envelope.left if o else Gap.UNKNOWN for o in years)),
        level,
    )  # fmt: skip


def _global(comparison: Comparison) -> Table:
    """Per kind of call, what became of the dossiers of both years."""
    a, b = comparison.a, comparison.b
    shown = [head for head, of in COUNTED.items()
             if head in ALWAYS or any(of(p.overview.counts) for p in (a, b))]  # fmt: skip
    pairs = {kind.kind: (a.section(kind.kind), b.section(kind.kind)) for kind in comparison.kinds}
    lines = [
        Line((kind, *_counts(shown, *(section.counts if section else None for section in pair))))
        for kind, pair in pairs.items()
    ]
    alike = [pair for pair in pairs.values() if all(pair)]
    apart = [kind for kind, pair in pairs.items() if not all(pair)]
    if alike:
        sums = (count(row for section in of if section for row in section.rows)
                for of in zip(*alike, strict=True))  # fmt: skip
        lines.append(Line((total_label(apart), *_counts(shown, *sums)), Level.TOTAL))
    if apart:
        everything = (p.overview.counts if p.sections else None for p in (a, b))
        lines.append(Line((ALL, *_counts(shown, *everything)), Level.SUBTOTAL))
    return Table(
        "Programmation globale",
        (Column("Appel", width=30),
         *(Column(f"{head} {year}", Unit.WHOLE, 11) for head in shown
           for year in (a.year, b.year))),
        tuple(lines),
        notes=("Nouvelles, renouvelées, CPO : des actions retenues, comme les porteurs les"
               " déclarent.",),
    )  # fmt: skip


def _counts(shown: list[str], a: Counts | None, b: Counts | None) -> Iterator[Value]:
    for head in shown:
        yield from (COUNTED[head](c) if c else Gap.UNKNOWN for c in (a, b))
