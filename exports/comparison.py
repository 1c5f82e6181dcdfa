"""Two years compared, as a workbook."""

from __future__ import annotations

from collections.abc import Iterator

from exports.comparison_tables import actions_table, amounts_table, lineages_table
from exports.legend import legend
from exports.table import Sheet, state
from exports.workbook import About, Target
from exports.workbook import write as write_workbook
from grants.models import Contract
from grants.queries.comparison.comparison import Comparison


def write(comparison: Comparison, contract: Contract, file: Target) -> None:
    """To a path or a binary stream."""
    about = About.of(contract.label, years_in_words(comparison), comparison.b.read_at)
    write_workbook(_sheets(comparison), about, file)


def years_in_words(comparison: Comparison) -> str:
    return f"{comparison.a.year} et {comparison.b.year}"


def _sheets(comparison: Comparison) -> Iterator[Sheet]:
    """The first kind of call has a sheet for actions and one for amounts; the others one each."""
    years = years_in_words(comparison)
    stated = state_of(comparison)
    for index, kind in enumerate(comparison.kinds):
        if index == 0:
            yield Sheet(
                "Actions", f"{kind.kind} : nombre d'actions {years}", (actions_table(comparison, kind),), stated
            )
            yield Sheet(
                "Montants", f"{kind.kind} : montants accordés {years}", (amounts_table(comparison, kind),), stated
            )
        else:
            yield Sheet(
                kind.kind,
                f"{kind.kind} : comparaison {years}",
                (amounts_table(comparison, kind, with_actions=True),),
                stated,
            )
    yield Sheet("Lignées", f"Suite donnée à chaque action {years}", (lineages_table(comparison),), stated)
    yield legend((*comparison.a.funders, *comparison.b.funders), years, stated)


def state_of(comparison: Comparison) -> str:
    a, b = comparison.a, comparison.b
    states = {p.year: state(p.validated_at, p.dated) if p.sections else "sans appel" for p in (a, b)}
    return (
        f"{b.as_of} – ".removeprefix(" – ")
        + "Programmation : "
        + ", ".join(f"{year} {words}" for year, words in states.items())
    )
