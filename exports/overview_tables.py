"""The one-page overview of a year ("Synthèse"), for page and workbook."""

from __future__ import annotations

from exports.programming_tables import DEFICIT
from exports.table import Column, Level, Line, Table, Unit, Value
from grants.queries.figures import Figure, Gap
from grants.queries.programming.groups import GroupSums
from grants.queries.programming.overview import Counts
from grants.queries.programming.programming import Programming, ProgrammingSection
from grants.queries.theme_tree import Levels

COUNTED = ("Déposés", "Retenus", "Non retenus", "À décider", "Retirés", "Nouvelles",
           "Renouvelées", "CPO")  # fmt: skip


def overview_tables(programming: Programming) -> tuple[Table, ...]:
    return (
        _framing(programming),
        _global(programming),
        *(_pillars(section, programming.levels) for section in programming.sections),
    )


def _framing(programming: Programming) -> Table:
    funders, overview = programming.funders, programming.overview
    each = [*(overview.by_funder[f.id] for f in funders), overview.total]
    deficit = Line((DEFICIT, *(o.envelope.deficit or Gap.NOTHING for o in each)), Level.SUBTOTAL)
    return Table(
        "Cadrage budgétaire",
        (Column("Budget", width=36), *(Column(f.code, Unit.EUROS, 12) for f in funders),
         Column("Total", Unit.EUROS, 13)),
        (
            Line(("Accordé", *(o.granted for o in each))),
            Line(("Enveloppe", *(o.envelope.amount for o in each))),
            Line(("Reste", *(o.envelope.left for o in each)), Level.SUBTOTAL),
            *([deficit] if overview.total.envelope.deficit else []),
        ),
    )  # fmt: skip


def _global(programming: Programming) -> Table:
    """Per kind of call: what became of the dossiers; then what each institution here grants."""
    overview = programming.overview
    funders = [f for f in programming.funders if not f.outside]
    outside = ", ".join(f.code for f in programming.funders if f.outside)
    columns = (
        Column("Appel", width=36),
        *(Column(head, Unit.WHOLE, 12) for head in COUNTED),
        *(Column(f"{f.code} accordé", Unit.EUROS, 14) for f in funders),
        Column(f"Total hors {outside}" if outside else "Total", Unit.EUROS, 16),
    )
    lines = [
        Line((section.kind, *_counts(section.counts),
              *(section.total.granted.get(f.id, Gap.UNKNOWN) for f in funders),
              section.platform_granted))
        for section in programming.sections
    ]  # fmt: skip
    lines.append(Line(
        ("Total", *_counts(overview.counts), *(overview.by_funder[f.id].granted for f in funders),
         overview.platform.granted), Level.TOTAL,
    ))  # fmt: skip
    lines.append(Line(
        ("Actions financées", *[None] * len(COUNTED),
         *(overview.by_funder[f.id].actions for f in funders), overview.platform.actions),
        unit=Unit.WHOLE,
    ))  # fmt: skip
    note = f"Sans les financeurs hors plateforme : {outside}."
    return Table("Programmation globale", columns, tuple(lines), notes=(note,) if outside else ())


def _counts(counts: Counts) -> tuple[int, ...]:
    return (
        counts.deposited, counts.retained, counts.not_retained, counts.undecided,
        counts.withdrawn, counts.new, counts.renewed, counts.multiyear,
    )  # fmt: skip


def _pillars(section: ProgrammingSection, levels: Levels) -> Table:
    """Money and share of each pillar in what each funder of the call grants."""
    columns = [Column(levels.pillar, width=36), Column("Actions retenues", Unit.WHOLE, 12)]
    for funder in section.funders:
        columns.append(Column(f"{funder.code} accordé", Unit.EUROS, 14))
        columns.append(Column(f"{funder.code} part du total", Unit.PERCENT, 12))
    columns.append(Column("Total accordé", Unit.EUROS, 13))
    lines = [Line(_pillar(p.node.label, p.sums, p.shares, section)) for p in section.pillars]
    lines.append(Line(_pillar("Total", section.total, section.shares, section), Level.TOTAL))
    return Table(
        f"{section.kind} : {levels.pillar.lower()} par {levels.pillar.lower()}",
        tuple(columns), tuple(lines),
    )  # fmt: skip


def _pillar(
    label: str, sums: GroupSums, shares: dict[int, Figure], section: ProgrammingSection
) -> tuple[Value, ...]:
    cells: list[Value] = [label, sums.actions]
    for funder in section.funders:
        cells += [sums.granted[funder.id], shares[funder.id]]
    return (*cells, sums.total_granted)
