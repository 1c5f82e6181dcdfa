"""The one-page overview of a year ("Synthèse"), for page and workbook."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from exports.programming_columns import GRANTED
from exports.programming_tables import DEFICIT, RESERVED
from exports.table import Column, Level, Table, Unit, Value, line, line_below
from grants.queries.figures import Gap, part
from grants.queries.programming.groups import GroupSums
from grants.queries.programming.overview import Counts, FunderOverview
from grants.queries.programming.programming import Programming, ProgrammingSection
from grants.queries.theme_tree import Levels

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


def overview_tables(programming: Programming) -> tuple[Table, ...]:
    return (
        _framing(programming),
        _global(programming),
        *(_pillars(section, programming.headings) for section in programming.sections),
    )


FramingLine = tuple[str, Callable[[FunderOverview], Value]]


def _framing(programming: Programming) -> Table:
    overview = programming.overview
    column, by_funder = Column[FramingLine, object], overview.by_funder
    columns = (
        column("Budget", lambda x: x[0], width=36),
        *column.each(programming.funders, lambda f: column(f.code, lambda x: x[1](by_funder[f.id]), Unit.EUROS, 12)),
        column("Total", lambda x: x[1](overview.total), Unit.EUROS, 13),
    )
    lines = [line(columns, ("Accordé", lambda o: o.granted)), line(columns, ("Enveloppe", lambda o: o.envelope.amount))]
    if overview.total.envelope.reserved:
        lines.append(line(columns, (RESERVED, lambda o: o.envelope.reserved or Gap.NOTHING)))
    lines.append(line(columns, ("Reste", lambda o: o.envelope.left), Level.SUBTOTAL))
    if overview.total.envelope.deficit:
        deficit: FramingLine = (DEFICIT, lambda o: o.envelope.deficit or Gap.NOTHING)
        lines.append(line(columns, deficit, Level.SUBTOTAL))
    if overview.total.agreed:
        lines.append(line(columns, ("Accordé sous convention (CPO)", lambda o: o.agreed)))
        share = line(columns, ("Part sous convention", lambda o: part(o.agreed, o.granted)))
        lines.append(replace(share, unit=Unit.PERCENT))
    return Table("Cadrage budgétaire", columns, tuple(lines))


# What sums up all calls: numbers of dossiers, if any, and what is said of each funder.
AllCampaigns = tuple[Counts | None, Callable[[FunderOverview], Value]]


def _global(programming: Programming) -> Table:
    """Per kind of call: what became of the dossiers; then what each institution here grants."""
    overview = programming.overview
    outside = ", ".join(f.code for f in programming.funders if f.outside)
    column, by_funder = Column[ProgrammingSection, AllCampaigns], overview.by_funder
    columns = (
        column("Appel", lambda s: s.kind, width=36),
        *column.each(
            COUNTED.items(),
            lambda counted: column(
                counted[0], lambda s: counted[1](s.counts), Unit.WHOLE, 12, lambda x: counted[1](x[0]) if x[0] else None
            ),
        ),
        *column.each(
            (f for f in programming.funders if not f.outside),
            lambda f: column(
                f"{f.code} accordé",
                lambda s: s.total.granted.get(f.id, Gap.UNKNOWN),
                Unit.EUROS,
                14,
                lambda x: x[1](by_funder[f.id]),
            ),
        ),
        column(
            f"Total hors {outside}" if outside else "Total",
            lambda s: s.platform_granted,
            Unit.EUROS,
            16,
            lambda x: x[1](overview.platform),
        ),
    )
    financed: AllCampaigns = (None, lambda o: o.actions)
    lines = (
        *(line(columns, section) for section in programming.sections),
        line_below("Total", columns, (overview.counts, lambda o: o.granted), Level.TOTAL),
        line_below("Actions financées", columns, financed, Level.ROW, Unit.WHOLE),
    )
    note = f"Sans les financeurs hors plateforme : {outside}."
    return Table("Programmation globale", columns, lines, notes=(note,) if outside else ())


PillarLine = tuple[str, GroupSums]


def _pillars(section: ProgrammingSection, levels: Levels) -> Table:
    """Money and share of each pillar in what each funder of the call grants."""
    column, granted = Column[PillarLine, object], section.total.granted
    columns = (
        column(levels.pillar, lambda x: x[0], width=36),
        column("Actions retenues", lambda x: x[1].actions, Unit.WHOLE, 12),
        *column.each(
            section.funders,
            lambda f: (
                column(f"{f.code} accordé", lambda x: x[1].granted[f.id], Unit.EUROS, 14),
                column(f"{f.code} part du total", lambda x: part(x[1].granted[f.id], granted[f.id]), Unit.PERCENT, 12),
            ),
        ),
        column("Total accordé", lambda x: GRANTED.sum(x[1]), Unit.EUROS, 13),
    )
    lines = [line(columns, (p.node.label, p.sums)) for p in section.pillars]
    lines.append(line(columns, ("Total", section.total), Level.TOTAL))
    caption = f"{section.kind} : {levels.pillar.lower()} par {levels.pillar.lower()}"
    return Table(caption, columns, tuple(lines))
