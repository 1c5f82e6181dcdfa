"""The tables that compare two years, for page and workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from exports.table import Column, Level, Line, Table, Unit, Value
from grants.queries.comparison.amounts import ALL, Amounts
from grants.queries.comparison.comparison import Compared, Comparison, KindComparison
from grants.queries.comparison.lineage import FateSum, Lineage
from grants.queries.comparison.slots import By, Measure

MEASURES = {
    Measure.GRANTED: "montants accordés",
    Measure.REQUESTED: "montants demandés par les actions retenues",
    Measure.DEPOSITED: "montants demandés par tous les dossiers déposés",
    Measure.ACTIONS: "actions financées",
}


MOST_DRAWN = 12  # bars on a page


def by_label(comparison: Comparison, by: By | None = None) -> str:
    levels = comparison.levels
    return {
        By.PILLAR: levels.pillar, By.AXIS: levels.above, By.ORIENTATION: levels.orientation,
        By.BEARER: "Porteur", By.FUNDER: "Financeur", By.NATURE: "Nouvelle, reconduite, arrêtée",
    }[by or comparison.by]  # fmt: skip


def actions_table(comparison: Comparison, kind: KindComparison) -> Table:
    """Numbers of projects: those retained, or all of them where the amounts are theirs."""
    a, b = comparison.a.year, comparison.b.year
    counts = (kind.total.actions.a, kind.total.actions.b)
    deposited = comparison.measure is Measure.DEPOSITED
    few = 1 < len(kind.lines) <= MOST_DRAWN
    return Table(
        f"{kind.kind} : nombre " + ("de dossiers déposés" if deposited else "d'actions"),
        (Column(by_label(comparison), width=46), Column(str(a), Unit.WHOLE, 14),
         Column(str(b), Unit.WHOLE, 14), Column("Écart", Unit.WHOLE, 14)),
        tuple(_lines(kind, lambda c: [(c.actions.a, c.actions.b, c.actions.difference)])),
        chart=tuple(i for i, n in enumerate(counts, 1) if isinstance(n, int) and few),
    )  # fmt: skip


def amounts_table(
    comparison: Comparison, kind: KindComparison, *, with_actions: bool = False,
    with_total: bool = False,
) -> Table:  # fmt: skip
    """Two rows for each axis, as the report prints it: amounts, and shares in the funder's
    total. Differences stand to the right, outside the printed page."""
    years = (comparison.a.year, comparison.b.year)
    unit = Unit.WHOLE if comparison.measure is Measure.ACTIONS else Unit.EUROS
    columns = [Column(by_label(comparison), width=40)]
    if with_actions:
        columns += [Column(f"Actions {year}", Unit.WHOLE, 10) for year in years]
    codes = [funder.code for funder in kind.funders] + [kind.total_label] * with_total
    columns += [Column(f"{code} {year}", unit, 12.5) for code in codes for year in years]
    printed = len(columns)
    for code in codes:
        columns.append(Column(f"{code} écart", unit, 12.5))
        columns.append(Column(f"{code} écart en %", Unit.PERCENT, 11))
    lines = list(_lines(kind, lambda line: _amounts(line, kind, with_actions, with_total)))
    if with_total and kind.apart:
        whole = kind.total.all
        blank = [None] * (printed - 3), [None] * (len(columns) - printed)
        lines.append(Line((ALL, *blank[0], whole.a, whole.b, *blank[1]), Level.SUBTOTAL))
    return Table(
        f"{kind.kind} : {MEASURES[comparison.measure]}, et part dans le total du financeur",
        tuple(columns),
        tuple(lines),
        printed=printed,
        notes=(APART.format(", ".join(f.code for f in kind.apart)),) if kind.apart else (),
    )


APART = "{} : connus d'une seule des deux années (n. c. l'autre), donc dans aucun écart."


def _lines(
    kind: KindComparison, values: Callable[[Compared], list[tuple[Value, ...]]]
) -> Iterator[Line]:
    """`values`: one row, or a row and that of its shares."""

    def both(label: str, compared: Compared, level: Level) -> Iterator[Line]:
        first, *shares = values(compared)
        yield Line((label, *first), level)
        for share in shares:
            yield Line((SHARE_LABEL, *share), Level.SHARE, Unit.PERCENT)

    for group in kind.groups:
        if group.subtotal:
            yield Line((group.label,), Level.AXIS)
        for line in group.lines:
            yield from both(line.label, line, Level.ROW)
        if group.subtotal:
            yield from both(f"Sous-total {group.label}", group.subtotal, Level.SUBTOTAL)
    yield from both("Total", kind.total, Level.TOTAL)


SHARE_LABEL = "Part dans le total du financeur"


def _amounts(
    compared: Compared, kind: KindComparison, with_actions: bool, with_total: bool
) -> list[tuple[Value, ...]]:
    each = [compared.amounts[funder.id] for funder in kind.funders]
    each += [compared.total] * with_total
    counts: tuple[Value, ...] = (compared.actions.a, compared.actions.b) if with_actions else ()
    amounts = [value for money in each for value in (money.a, money.b)]
    shares = [value for money in each for value in (money.share_a, money.share_b)]
    changes = [value for money in each for value in (money.difference, money.growth)]
    blank = (None,) * len(counts)
    return [(*counts, *amounts, *changes), (*blank, *shares, *[None] * len(changes))]


def funders_table(comparison: Comparison, kind: KindComparison) -> Table:
    """Where the funders are the lines."""
    a, b = comparison.a.year, comparison.b.year
    return Table(
        f"{kind.kind} : financeurs",
        (Column("Financeur", width=30),
         *(Column(f"Actions {year}", Unit.WHOLE, 10) for year in (a, b)),
         *(Column(f"Demandé {year}", Unit.EUROS, 13) for year in (a, b)),
         *(Column(f"Accordé {year}", Unit.EUROS, 13) for year in (a, b)),
         Column("Accordé écart", Unit.EUROS, 13), Column("Accordé écart en %", Unit.PERCENT, 11),
         *(Column(f"Part de l'accordé {year}", Unit.PERCENT, 11) for year in (a, b))),
        tuple(
            Line((each.label, each.actions.a, each.actions.b, each.asked.a, each.asked.b,
                  *_changes(each.granted), each.granted.share_a, each.granted.share_b), level)
            for level, own in ((Level.ROW, kind.of_funders), (Level.TOTAL, kind.sums))
            for each in own
        ),
        notes=("Demandé : par tous les dossiers déposés. Actions : celles que le financeur"
               " finance ; le total compte une fois une action à plusieurs financeurs.",),
    )  # fmt: skip


def _changes(money: Amounts) -> tuple[Value, ...]:
    return money.a, money.b, money.difference, money.growth


def years_of(comparison: Comparison) -> tuple[int, int]:
    """What became of actions is told forward."""
    first, last = sorted((comparison.a.year, comparison.b.year))
    return first, last


def lineages_table(comparison: Comparison, lineages: Iterable[Lineage] | None = None) -> Table:
    """`lineages`: those to list, if not all."""
    a, b = years_of(comparison)
    listed = comparison.lineages if lineages is None else lineages
    return Table(
        "Suite donnée à chaque action",
        (Column("Appel", width=18), Column("Porteur", width=24),
         Column(f"Action {a}", width=36), Column(f"Action {b}", width=36),
         Column("Suite", width=18), Column("Lien", width=24),
         Column(f"Accordé {a}", Unit.EUROS, 13),
         Column(f"Accordé {b}", Unit.EUROS, 13), Column("Écart", Unit.EUROS, 13)),
        tuple(
            Line((line.kind, line.bearer, line.title_a, line.title_b, line.fate.value,
                  " ; ".join(line.ties), line.granted_a, line.granted_b, line.difference))
            for line in listed
        ),
        notes=(*alike(comparison), *([COUNTED_ONCE.format(a=a)] * any(x.ties for x in listed))),
    )  # fmt: skip


def alike(comparison: Comparison) -> Iterator[str]:
    """Whose money the lineages show, where it is not everybody's."""
    years = (comparison.a, comparison.b)
    funders = {f.code: f.id for p in years for f in p.funders}
    apart = [code for code, id in funders.items()
             if not all(id in p.overview.by_funder for p in years)]  # fmt: skip
    if apart:
        yield (f"Accordé et écarts : sans {', '.join(apart)} (n. c. l'une des deux années), sauf"
               " là où la suite est « n. c. ».")  # fmt: skip


COUNTED_ONCE = (
    "Actions regroupées ou issues de la même : ce qui était accordé en {a} est compté une fois,"
    " avec l'écart de l'ensemble, à la ligne de la première action retenue."
)


KNOWN = "Total des suites connues"


def fates_table(comparison: Comparison, sums: Iterable[FateSum]) -> Table:
    a, b = years_of(comparison)
    return Table(
        "Suites en nombre et en montants",
        (Column("Suite", width=24), Column("Actions", Unit.WHOLE, 10),
         Column(f"Accordé {a}", Unit.EUROS, 13), Column(f"Accordé {b}", Unit.EUROS, 13),
         Column("Écart", Unit.EUROS, 13)),
        tuple(
            Line((each.fate.value.capitalize() if each.fate else KNOWN, each.actions,
                  each.granted_a, each.granted_b, each.difference),
                 Level.ROW if each.fate else Level.TOTAL)
            for each in sums
        ),
        notes=tuple(alike(comparison)),
    )  # fmt: skip
