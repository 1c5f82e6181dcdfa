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
from exports.table import Column, Columns, Sheet, Table, Unit, line
from exports.workbook import About, Target
from exports.workbook import write as write_workbook
from grants.models import Contract
from grants.queries.comparison.amounts import Actions, Amounts
from grants.queries.comparison.comparison import Comparison, KindComparison
from grants.queries.comparison.lineage import Lineage, fate_sums
from grants.queries.comparison.slots import By, Measure


def tables_of(comparison: Comparison, kind: KindComparison) -> tuple[Table, ...]:
    """Of one kind of call: actions, then amounts."""
    if comparison.by is By.FUNDER:
        return (funders_table(comparison, kind),)
    several = len(kind.funders) > 1
    return actions_table(comparison, kind), amounts_table(comparison, kind, with_total=several)


def write(comparison: Comparison, listed: Sequence[Lineage], contract: Contract, file: Target) -> None:
    """`listed`: the lineages that the page shows. To a path or a binary stream."""
    about = About.of(contract.label, years_in_words(comparison), comparison.b.read_at)
    write_workbook(_sheets(comparison, listed), about, file)


def _sheets(comparison: Comparison, listed: Sequence[Lineage]) -> Iterator[Sheet]:
    years, stated = years_in_words(comparison), state_of(comparison)
    yield Sheet("Synthèse", f"Synthèse {years}", overview_tables(comparison), stated)
    for kind in comparison.kinds:
        for part, table in zip(("", "montants"), tables_of(comparison, kind), strict=False):
            yield Sheet(
                kind.kind,
                f"{kind.kind} {years}",
                (table,),
                stated,
                part=part,
                remark=table.caption.removeprefix(f"{kind.kind} : ").capitalize(),
            )
    if comparison.lineages:
        sums = fates_table(comparison, fate_sums(comparison.lineages))
        yield Sheet("Suites", f"Suites données {years}", (sums,), stated)
        yield Sheet("Lignées", f"Suite donnée à chaque action {years}", (lineages_table(comparison, listed),), stated)
    yield legend((*comparison.a.funders, *comparison.b.funders), years, stated)


# Kind of call, group, line, funder; what is counted, what is compared.
FlatLine = tuple[str, str, str, str, Actions | Amounts, Amounts]


def flat_table(comparison: Comparison) -> Table:
    """A row for each line and funder, without sums."""
    a, b = comparison.a.year, comparison.b.year
    unit = Unit.WHOLE if comparison.measure is Measure.ACTIONS else Unit.EUROS
    what = MEASURES[comparison.measure].capitalize()
    columns: Columns[FlatLine, object] = (
        Column("Appel", lambda x: x[0]),
        Column("Groupe", lambda x: x[1]),
        Column(by_label(comparison), lambda x: x[2]),
        Column("Financeur", lambda x: x[3]),
        Column("Mesure", lambda _: what),
        Column(f"Actions {a}", lambda x: x[4].a, Unit.WHOLE),
        Column(f"Actions {b}", lambda x: x[4].b, Unit.WHOLE),
        Column(str(a), lambda x: x[5].a, unit),
        Column(str(b), lambda x: x[5].b, unit),
        Column("Écart", lambda x: x[5].difference, unit),
        Column("Écart en %", lambda x: x[5].growth, Unit.PERCENT),
        Column(f"Part {a}", lambda x: x[5].share_a, Unit.PERCENT),
        Column(f"Part {b}", lambda x: x[5].share_b, Unit.PERCENT),
    )
    return Table(what, columns, (line(columns, each) for each in _flat(comparison)), flat=True)


def _flat(comparison: Comparison) -> Iterator[FlatLine]:
    for kind in comparison.kinds:
        for own in kind.of_funders:
            yield kind.kind, "", "", own.label, own.actions, own.granted
        for group in kind.groups:
            for x in group.lines:
                for f in kind.funders:
                    yield kind.kind, group.label, x.label, f.code, x.actions, x.amounts[f.id]
