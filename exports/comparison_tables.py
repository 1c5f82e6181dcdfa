"""The tables that compare two years, for page and workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from exports.table import Column, Level, Line, Table, Unit, Value
from grants.queries.comparison import Compared, Comparison, KindComparison


def actions_table(comparison: Comparison, kind: KindComparison) -> Table:
    """Numbers of retained projects."""
    a, b = comparison.a.year, comparison.b.year
    counts = (kind.total.actions.a, kind.total.actions.b)
    return Table(
        f"{kind.kind} : nombre d'actions",
        (Column(comparison.levels.above, width=46), Column(str(a), Unit.WHOLE, 14),
         Column(str(b), Unit.WHOLE, 14), Column("Écart", Unit.WHOLE, 14)),
        tuple(_lines(kind, lambda c: [(c.actions.a, c.actions.b, c.actions.difference)])),
        chart=tuple(i for i, n in enumerate(counts, 1) if isinstance(n, int)),
    )  # fmt: skip


def amounts_table(
    comparison: Comparison, kind: KindComparison, *, with_actions: bool = False
) -> Table:
    """Two rows for each axis, as the report prints it: amounts, and shares in the funder's
    total. Differences stand to the right, outside the printed page."""
    years = (comparison.a.year, comparison.b.year)
    columns = [Column(comparison.levels.above, width=40)]
    if with_actions:
        columns += [Column(f"Actions {year}", Unit.WHOLE, 10) for year in years]
    for funder in kind.funders:
        columns += [Column(f"{funder.code} {year}", Unit.EUROS, 12.5) for year in years]
    printed = len(columns)
    for funder in kind.funders:
        columns.append(Column(f"{funder.code} écart", Unit.EUROS, 12.5))
        columns.append(Column(f"{funder.code} écart en %", Unit.PERCENT, 11))
    return Table(
        f"{kind.kind} : montants accordés, et part dans le total du financeur",
        tuple(columns),
        tuple(_lines(kind, lambda compared: _amounts(compared, kind, with_actions))),
        printed=printed,
    )


def _lines(
    kind: KindComparison, values: Callable[[Compared], list[tuple[Value, ...]]]
) -> Iterator[Line]:
    """`values`: one row, or a row and that of its shares."""

    def both(label: str, compared: Compared, level: Level) -> Iterator[Line]:
        first, *shares = values(compared)
        yield Line((label, *first), level)
        for share in shares:
            yield Line((SHARE_LABEL, *share), Level.SHARE, Unit.PERCENT)

    for pillar in kind.pillars:
        if pillar.subtotal:
            yield Line((pillar.label,), Level.AXIS)
        for axis in pillar.axes:
            yield from both(axis.label, axis, Level.ROW)
        if pillar.subtotal:
            yield from both(f"Sous-total {pillar.label}", pillar.subtotal, Level.SUBTOTAL)
    yield from both("Total", kind.total, Level.TOTAL)


SHARE_LABEL = "Part dans le total du financeur"


def _amounts(
    compared: Compared, kind: KindComparison, with_actions: bool
) -> list[tuple[Value, ...]]:
    each = [compared.amounts[funder.id] for funder in kind.funders]
    counts: tuple[Value, ...] = (compared.actions.a, compared.actions.b) if with_actions else ()
    amounts = [value for money in each for value in (money.a, money.b)]
    shares = [value for money in each for value in (money.share_a, money.share_b)]
    changes = [value for money in each for value in (money.difference, money.growth)]
    blank = (None,) * len(counts)
    return [(*counts, *amounts, *changes), (*blank, *shares, *[None] * len(changes))]


def lineages_table(comparison: Comparison) -> Table:
    a, b = comparison.a.year, comparison.b.year
    return Table(
        "Suite donnée à chaque action",
        (Column("Appel", width=18), Column("Porteur", width=24),
         Column(f"Action {a}", width=36), Column(f"Action {b}", width=36),
         Column("Suite", width=18), Column(f"Accordé {a}", Unit.EUROS, 13),
         Column(f"Accordé {b}", Unit.EUROS, 13), Column("Écart", Unit.EUROS, 13)),
        tuple(
            Line((line.kind, line.bearer, line.title_a, line.title_b, line.fate.value,
                  line.granted_a, line.granted_b, line.difference))
            for line in comparison.lineages
        ),
    )  # fmt: skip
