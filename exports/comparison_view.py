"""What the comparison page shows, as a workbook and as flat rows: the chosen lines, amounts and
actions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from exports.comparison import state_of, years_in_words
from exports.comparison_overview import overview_tables
from exports.comparison_tables import (
    MEASURES,
    actions_table,
    amounts_table,
    by_label,
    fates_table,
    funders_table,
    lineages_table,
)
from exports.legend import legend
from exports.table import Column, Line, Sheet, Table, Unit, Value
from exports.workbook import About, Target
from exports.workbook import write as write_workbook
from grants.models import Contract
from grants.queries.comparison.comparison import Compared, Comparison, KindComparison
from grants.queries.comparison.lineage import Lineage, fate_sums
from grants.queries.comparison.slots import By, Measure


def tables_of(comparison: Comparison, kind: KindComparison) -> tuple[Table, ...]:
    """Of one kind of call: actions, then amounts."""
    if comparison.by is By.FUNDER:
        return (funders_table(comparison, kind),)
    several = len(kind.funders) > 1
    return actions_table(comparison, kind), amounts_table(comparison, kind, with_total=several)


def write(
    comparison: Comparison, listed: Sequence[Lineage], contract: Contract, file: Target
) -> None:
    """`listed`: the lineages that the page shows. To a path or a binary stream."""
    about = About(contract.label, years_in_words(comparison), comparison.b.read_at)
    write_workbook(_sheets(comparison, listed), about, file)


def _sheets(comparison: Comparison, listed: Sequence[Lineage]) -> Iterator[Sheet]:
    years, stated = years_in_words(comparison), state_of(comparison)
    yield Sheet("Synthèse", f"Synthèse {years}", overview_tables(comparison), stated)
    for kind in comparison.kinds:
        for part, table in zip(("", "montants"), tables_of(comparison, kind), strict=False):
            yield Sheet(kind.kind, f"{kind.kind} {years}", (table,), stated, part=part,
                        remark=table.caption.removeprefix(f"{kind.kind} : ").capitalize()
                        )  # fmt: skip
    if comparison.lineages:
        sums = fates_table(comparison, fate_sums(comparison.lineages))
        yield Sheet("Suites", f"Suites données {years}", (sums,), stated)
        yield Sheet("Lignées", f"Suite donnée à chaque action {years}",
                    (lineages_table(comparison, listed),), stated)  # fmt: skip
    yield legend((*comparison.a.funders, *comparison.b.funders), years, stated)


def flat_table(comparison: Comparison) -> Table:
    """A row for each line and funder, without sums."""
    a, b = comparison.a.year, comparison.b.year
    unit = Unit.WHOLE if comparison.measure is Measure.ACTIONS else Unit.EUROS
    what = MEASURES[comparison.measure].capitalize()
    return Table(
        what,
        (*(Column(head) for head in ("Appel", "Groupe", by_label(comparison), "Financeur",
                                     "Mesure")),
         *(Column(f"{head} {year}", Unit.WHOLE) for head in ("Actions",) for year in (a, b)),
         *(Column(str(year), unit) for year in (a, b)),
         Column("Écart", unit), Column("Écart en %", Unit.PERCENT),
         *(Column(f"Part {year}", Unit.PERCENT) for year in (a, b))),
        tuple(_flat(comparison, what)),
        flat=True,
    )  # fmt: skip


def _flat(comparison: Comparison, what: str) -> Iterator[Line]:
    for kind in comparison.kinds:
        for line in kind.of_funders:
            money = line.granted
            yield Line((kind.kind, "", "", line.label, what, line.actions.a, line.actions.b,
                        money.a, money.b, money.difference, money.growth, money.share_a,
                        money.share_b))  # fmt: skip
        for group in kind.groups:
            for each in group.lines:
                for funder in kind.funders:
                    yield Line((kind.kind, group.label, each.label, funder.code, what,
                                *_values(each, funder.id)))  # fmt: skip


def _values(line: Compared, funder_id: int) -> tuple[Value, ...]:
    money = line.amounts[funder_id]
    return (
        line.actions.a, line.actions.b, money.a, money.b, money.difference, money.growth,
        money.share_a, money.share_b,
    )  # fmt: skip
