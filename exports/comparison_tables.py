"""The tables that compare two years, for page and workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from exports.table import Column, Columns, Level, Line, Table, Unit, line, line_below
from grants.queries.comparison.amounts import ALL, Amounts
from grants.queries.comparison.comparison import Compared, ComparedFunder, Comparison, KindComparison
from grants.queries.comparison.lineage import OPEN, FateSum, Lineage
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
        By.PILLAR: levels.pillar,
        By.AXIS: levels.above,
        By.ORIENTATION: levels.orientation,
        By.BEARER: "Porteur",
        By.FUNDER: "Financeur",
        By.NATURE: "Nouvelle, reconduite, arrêtée",
        By.COMMUNE: "Commune",
    }[by or comparison.by]


def actions_table(comparison: Comparison, kind: KindComparison) -> Table:
    """Numbers of projects: those retained, or all of them where the amounts are theirs."""
    counts = (kind.total.actions.a, kind.total.actions.b)
    deposited = comparison.measure is Measure.DEPOSITED
    few = 1 < len(kind.lines) <= MOST_DRAWN
    columns: Columns[Compared, Compared] = (
        Column(by_label(comparison), lambda x: x.label, width=46),
        Column(str(comparison.a.year), lambda x: x.actions.a, Unit.WHOLE, 14),
        Column(str(comparison.b.year), lambda x: x.actions.b, Unit.WHOLE, 14),
        Column("Écart", lambda x: x.actions.difference, Unit.WHOLE, 14),
    )
    return Table(
        f"{kind.kind} : nombre " + ("de dossiers déposés" if deposited else "d'actions"),
        columns,
        tuple(_lines(kind, columns)),
        chart=tuple(i for i, n in enumerate(counts, 1) if isinstance(n, int) and few),
    )


def amounts_table(
    comparison: Comparison, kind: KindComparison, *, with_actions: bool = False, with_total: bool = False
) -> Table:
    """Two rows for each axis, as the report prints it: amounts, and shares in the funder's
    total. Differences stand to the right, outside the printed page."""
    a, b = comparison.a.year, comparison.b.year
    unit = Unit.WHOLE if comparison.measure is Measure.ACTIONS else Unit.EUROS
    blocks = [(f.code, _amounts_of(f.id)) for f in kind.funders]
    if with_total:
        blocks.append((kind.total_label, lambda x: x.total))
    column = Column[Compared, Compared]
    actions = (
        column(f"Actions {a}", lambda x: x.actions.a, Unit.WHOLE, 10),
        column(f"Actions {b}", lambda x: x.actions.b, Unit.WHOLE, 10),
    )
    printed = (
        column(by_label(comparison), lambda x: x.label, width=40),
        *(actions if with_actions else ()),
        *column.each(
            blocks,
            lambda f: (
                column(f"{f[0]} {a}", lambda x: f[1](x).a, unit, 12.5, lambda x: f[1](x).share_a, group=f[0]),
                column(f"{f[0]} {b}", lambda x: f[1](x).b, unit, 12.5, lambda x: f[1](x).share_b, group=f[0]),
            ),
        ),
    )
    columns = (
        *printed,
        *column.each(
            blocks,
            lambda f: (
                column(f"{f[0]} écart", lambda x: f[1](x).difference, unit, 12.5),
                column(f"{f[0]} écart en %", lambda x: f[1](x).growth, Unit.PERCENT, 11),
            ),
        ),
    )
    lines = list(_lines(kind, columns))
    if with_total and kind.apart:
        whole = kind.total.all
        blank = [None] * (len(printed) - 3), [None] * (len(columns) - len(printed))
        lines.append(Line((ALL, *blank[0], whole.a, whole.b, *blank[1]), Level.SUBTOTAL))
    return Table(
        f"{kind.kind} : {MEASURES[comparison.measure]}, et part dans le total du financeur",
        columns,
        tuple(lines),
        printed=len(printed),
        notes=(APART.format(", ".join(f.code for f in kind.apart)),) if kind.apart else (),
    )


def _amounts_of(funder_id: int) -> Callable[[Compared], Amounts]:
    return lambda x: x.amounts[funder_id]


APART = "{} : connus d'une seule des deux années (n. c. l'autre), donc dans aucun écart."


def _lines(kind: KindComparison, columns: Columns[Compared, Compared]) -> Iterator[Line]:
    def both(compared: Compared, level: Level) -> Iterator[Line]:
        yield line(columns, compared, level)
        if any(column.below for column in columns):
            yield line_below(SHARE_LABEL, columns, compared, Level.SHARE, Unit.PERCENT)

    for group in kind.groups:
        if group.subtotal:
            yield Line((group.label,), Level.AXIS)
        for each in group.lines:
            yield from both(each, Level.ROW)
        if group.subtotal:
            label = f"Sous-total {group.label}"
            yield from both(replace(group.subtotal, label=label), Level.SUBTOTAL)
    yield from both(replace(kind.total, label="Total"), Level.TOTAL)


SHARE_LABEL = "Part dans le total du financeur"


def funders_table(comparison: Comparison, kind: KindComparison) -> Table:
    """Where the funders are the lines."""
    a, b = comparison.a.year, comparison.b.year
    columns: Columns[ComparedFunder, object] = (
        Column("Financeur", lambda x: x.label, width=30),
        Column(f"Actions {a}", lambda x: x.actions.a, Unit.WHOLE, 10),
        Column(f"Actions {b}", lambda x: x.actions.b, Unit.WHOLE, 10),
        Column(f"Demandé {a}", lambda x: x.asked.a, Unit.EUROS, 13),
        Column(f"Demandé {b}", lambda x: x.asked.b, Unit.EUROS, 13),
        Column(f"Accordé {a}", lambda x: x.granted.a, Unit.EUROS, 13),
        Column(f"Accordé {b}", lambda x: x.granted.b, Unit.EUROS, 13),
        Column("Accordé écart", lambda x: x.granted.difference, Unit.EUROS, 13),
        Column("Accordé écart en %", lambda x: x.granted.growth, Unit.PERCENT, 11),
        Column(f"Part de l'accordé {a}", lambda x: x.granted.share_a, Unit.PERCENT, 11),
        Column(f"Part de l'accordé {b}", lambda x: x.granted.share_b, Unit.PERCENT, 11),
    )
    rows = [line(columns, each) for each in kind.of_funders]
    sums = [line(columns, each, Level.TOTAL) for each in kind.sums]
    return Table(
        f"{kind.kind} : financeurs",
        columns,
        (*rows, *sums),
        notes=(
            "Demandé : par tous les dossiers déposés. Actions : celles que le financeur"
            " finance ; le total compte une fois une action à plusieurs financeurs.",
        ),
    )


def years_of(comparison: Comparison) -> tuple[int, int]:
    """What became of actions is told forward."""
    first, last = sorted((comparison.a.year, comparison.b.year))
    return first, last


def lineages_table(comparison: Comparison, lineages: Iterable[Lineage] | None = None) -> Table:
    """`lineages`: those to list, if not all."""
    a, b = years_of(comparison)
    listed = comparison.lineages if lineages is None else lineages
    columns: Columns[Lineage, object] = (
        Column("Appel", lambda x: x.kind, width=18),
        Column("Porteur", lambda x: x.bearer, width=24),
        Column(f"Action {a}", lambda x: x.title_a, width=36),
        Column(f"Action {b}", lambda x: x.title_b, width=36),
        Column("Suite", lambda x: x.fate.value, width=18),
        Column("Lien", lambda x: " ; ".join(x.ties), width=24),
        Column(f"Accordé {a}", lambda x: x.granted_a, Unit.EUROS, 13),
        Column(f"Accordé {b}", lambda x: x.granted_b, Unit.EUROS, 13),
        Column("Écart", lambda x: x.difference, Unit.EUROS, 13),
    )
    once = [COUNTED_ONCE.format(a=a)] * any(x.ties for x in listed)
    return Table(
        "Suite donnée à chaque action",
        columns,
        tuple(line(columns, each) for each in listed),
        notes=(*alike(comparison), *once),
    )


def alike(comparison: Comparison) -> Iterator[str]:
    """Whose money the lineages show, where it is not everybody's."""
    years = (comparison.a, comparison.b)
    funders = {f.code: f.id for p in years for f in p.funders}
    apart = [code for code, id in funders.items() if not all(id in p.overview.by_funder for p in years)]
    if apart:
        yield (
            f"Accordé et écarts : sans {', '.join(apart)} (n. c. l'une des deux années), sauf"
            " là où la suite est « n. c. »."
        )


COUNTED_ONCE = (
    "Actions regroupées ou issues de la même : ce qui était accordé en {a} est compté une fois,"
    " avec l'écart de l'ensemble, à la ligne de la première action retenue."
)


KNOWN = "Total des suites connues"


def fates_table(comparison: Comparison, sums: Iterable[FateSum]) -> Table:
    a, b = years_of(comparison)
    columns: Columns[FateSum, object] = (
        Column("Suite", lambda x: x.fate.value.capitalize() if x.fate else KNOWN, width=24),
        Column("Actions", lambda x: x.actions, Unit.WHOLE, 10),
        Column(f"Accordé {a}", lambda x: x.granted_a, Unit.EUROS, 13),
        Column(f"Accordé {b}", lambda x: x.granted_b, Unit.EUROS, 13),
        Column("Écart", lambda x: x.difference, Unit.EUROS, 13),
    )
    told = tuple(sums)
    left_out = ", ".join(f"« {x.fate.value} »" for x in told if x.fate in OPEN)
    notes = [f"{KNOWN} : sans {left_out}, que les autres tableaux comptent."] * bool(left_out)
    lines = tuple(line(columns, x, Level.ROW if x.fate else Level.TOTAL) for x in told)
    return Table("Suites en nombre et en montants", columns, lines, notes=(*notes, *alike(comparison)))
