"""The overview of two years side by side, as the city's report prints it: budget framing, then the
global programming."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from exports.table import Column, Level, Line, Table, Unit, Value
from grants.queries.comparison import Comparison
from grants.queries.figures import Gap, difference, growth
from grants.queries.overview import Counts, FunderOverview
from grants.queries.programming import Programming

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
    funders = {f.id: f for f in (*b.funders, *a.funders)}
    outside = [f.code for f in funders.values() if f.outside]
    lines = [
        _framed(f.code, (a.overview.by_funder.get(id_), b.overview.by_funder.get(id_)))
        for id_, f in funders.items()
    ]
    if outside:
        platform = _whole(a, "platform"), _whole(b, "platform")
        lines.append(_framed(f"Total sans {', '.join(outside)}", platform, Level.SUBTOTAL))
    lines.append(_framed("Total", (_whole(a, "total"), _whole(b, "total")), Level.TOTAL))
    return Table(
        "Cadrage budgétaire",
        (Column("Financeur", width=30),
         *(Column(f"Actions {p.year}", Unit.WHOLE, 10) for p in (a, b)),
         *(Column(f"Accordé {p.year}", Unit.EUROS, 13) for p in (a, b)),
         Column("Écart", Unit.EUROS, 13), Column("Écart en %", Unit.PERCENT, 10),
         *(Column(head, Unit.EUROS, 13) for head in heads)),
        tuple(lines),
        notes=("Actions : celles à qui ce financeur accorde de l'argent.",
               *_unknown(comparison)),
    )  # fmt: skip


def _unknown(comparison: Comparison) -> Iterator[str]:
    """A total without them is no total of the same."""
    a, b = comparison.a, comparison.b
    for here, other in ((a, b), (b, a)):
        missing = [f.code for f in other.funders if f not in here.funders]
        if missing and here.sections:
            yield f"Non communiqué en {here.year} : {', '.join(missing)}."


def _whole(of: Programming, which: str) -> FunderOverview | None:
    found: FunderOverview | None = getattr(of.overview, which) if of.sections else None
    return found


def _framed(
    label: str, years: tuple[FunderOverview | None, FunderOverview | None],
    level: Level = Level.ROW,
) -> Line:  # fmt: skip
    """`n. c.` where the funder is in no call of that year."""
    granted_a, granted_b = (o.granted if o else Gap.UNKNOWN for o in years)
    return Line(
        (label, *(o.actions if o else Gap.UNKNOWN for o in years), granted_a, granted_b,
         difference(granted_a, granted_b), growth(granted_a, granted_b),
         *(o.envelope.amount if o else Gap.UNKNOWN for o in years),
         *(o.envelope.left if o else Gap.UNKNOWN for o in years)),
        level,
    )  # fmt: skip


def _global(comparison: Comparison) -> Table:
    """Per kind of call, what became of the dossiers of both years."""
    a, b = comparison.a, comparison.b
    shown = [head for head, of in COUNTED.items()
             if head in ALWAYS or any(of(p.overview.counts) for p in (a, b))]  # fmt: skip
    lines = [
        Line((kind.kind, *_counts(shown, *(_of_kind(p, kind.kind) for p in (a, b)))))
        for kind in comparison.kinds
    ]
    wholes = (p.overview.counts if p.sections else None for p in (a, b))
    lines.append(Line(("Total", *_counts(shown, *wholes)), Level.TOTAL))
    return Table(
        "Programmation globale",
        (Column("Appel", width=30),
         *(Column(f"{head} {year}", Unit.WHOLE, 11) for head in shown
           for year in (a.year, b.year))),
        tuple(lines),
        notes=("Nouvelles, renouvelées, CPO : des actions retenues, comme les porteurs les"
               " déclarent.",),
    )  # fmt: skip


def _of_kind(of: Programming, kind: str) -> Counts | None:
    section = of.section(kind)
    return section.counts if section else None


def _counts(shown: list[str], a: Counts | None, b: Counts | None) -> Iterator[Value]:
    for head in shown:
        yield from (COUNTED[head](c) if c else Gap.UNKNOWN for c in (a, b))
