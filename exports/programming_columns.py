"""The columns of a year's programming, one entry each, for page, paper, data sheet, CSV, the list's
workbook and the grid (docs/developer.md, "A column of the programming")."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from exports.table import Column, Unit
from grants.queries.figures import ZERO, Figure, Gap, figure, total
from grants.queries.programming.funder_columns import FunderColumn
from grants.queries.programming.grid import RowFigures
from grants.queries.programming.groups import NO_LINE, GroupSums, line
from grants.queries.programming.overview import EnvelopeFigures
from grants.queries.programming.programming import ProgrammingSection
from grants.queries.programming.rows import FunderLine, Row
from grants.queries.programming.standing import Standing
from grants.queries.theme_tree import Levels, ThemePlace
from grants.words import word


@dataclass(frozen=True, slots=True)
class SectionRow:
    row: Row
    section: ProgrammingSection

    @property
    def place(self) -> ThemePlace:
        return self.row.place


@dataclass(frozen=True)
class ProgrammingColumn(Column[SectionRow, GroupSums]):
    """`head` may name a level. `width` on paper and page, `data` on data sheet and CSV: 0 where it
    does not stand. `short`: its heading there. `when`: its sections; `several`: of contracts of several
    communes. `proposed`: beside while
    something is in progress, and while some are undecided summed over those presented alone;
    `decided`: then over those retained alone. `envelope`: what its amounts are drawn from."""

    width: float = 0
    data: float = 0
    short: str = ""
    when: Callable[[ProgrammingSection], bool] = lambda _section: True
    several: bool = False
    proposed: bool = False
    decided: bool = False
    envelope: Callable[[ProgrammingSection], EnvelopeFigures] | None = None


ProgrammingColumns = tuple[ProgrammingColumn, ...]


@dataclass(frozen=True)
class AmountColumn:
    """What each funder's line says in euros, and all of them together. `key`: in addresses, forms
    and the grid's script. `sums`: by funder, where it is summed. `decided`: what is granted, from
    envelopes, once a project is retained. `proposed`, `decided`: as above, too."""

    key: str
    label: str
    cell: Callable[[FunderLine], Figure]
    sums: Callable[[GroupSums], dict[int, Decimal]] | None = None
    proposed: bool = False
    decided: bool = False

    def whole(self, row: Row | RowFigures) -> Figure:
        """Give the euros of all funders together."""
        if self.decided and row.standing is not Standing.RETAINED:
            return Gap.NOTHING
        return total(map(self.cell, row.lines.values()))

    def sum(self, sums: GroupSums, funder_id: int | None = None) -> Decimal | None:
        if self.sums is None:
            return None
        by_funder = self.sums(sums)
        return by_funder[funder_id] if funder_id else sum(by_funder.values(), ZERO)

    def column(self, width: float, funder: FunderColumn | None = None) -> ProgrammingColumn:
        """Make the column of one funder, or of all of them."""
        id, whose = (funder.id, funder.code) if funder else (None, "Total")
        return ProgrammingColumn(
            f"{whose} {self.label}",
            lambda x: self.whole(x.row) if id is None else self.cell(line(x.row, id)),
            Unit.EUROS,
            width,
            (lambda sums: self.sum(sums, id)) if self.sums else None,
            group=whose,
            proposed=self.proposed,
            decided=self.decided,
            envelope=(lambda section: section.envelopes.get(id or 0, section.all_envelopes)) if self.decided else None,
        )


REQUESTED = AmountColumn("demande", "demandé", lambda x: x.requested, lambda s: s.requested)
GRANTED = AmountColumn("accorde", "accordé", lambda x: x.granted, lambda s: s.granted, decided=True)
AMOUNTS = (
    # Not summed: what was not renewed is missing from it.
    AmountColumn("avant", "accordé N-1", lambda x: x.before),
    REQUESTED,
    AmountColumn("propose", "proposé", lambda x: x.proposed, lambda s: s.proposed, proposed=True),
    GRANTED,
)
SUMMED = tuple(amount for amount in AMOUNTS if amount.sums)


def _situation(x: SectionRow) -> str:
    if x.row.standing is Standing.UNDECIDED:
        return f"à décider ({word(x.row.state)})"
    return x.row.standing.value


def _short_orientation(x: SectionRow) -> str:
    node = x.place.orientation
    if node is None:
        return ""
    return str(node.number) if node.number else node.label


def _observations(x: SectionRow) -> str:
    """Conditions, reasons for more than was asked, and what those who gave opinions add."""
    said = []
    for funder in x.section.funders:
        own = x.row.lines.get(funder.id, NO_LINE)
        said += [f"{funder.code} : {text}" for text in (own.condition, own.raised_reason) if text]
    return " ; ".join([*said, x.row.remarks] if x.row.remarks else said)


_C = ProgrammingColumn
# On the page each funder's amounts stand between these two; on the data sheet, after both.
ACTION = (
    _C("Année", lambda x: x.section.year, Unit.YEAR, data=7),
    _C("Appel", lambda x: x.section.kind, data=20),
    _C("N°", lambda x: x.row.reference, width=11, data=10),
    _C("État", lambda x: word(x.row.state), data=12),
    _C("Résultat", lambda x: x.row.standing.value, data=12),
    _C("{levels.pillar}", lambda x: x.place.pillar.label, data=22),
    _C("{levels.axis_apart}", lambda x: x.place.axis.label, data=22),
    _C("{levels.orientation}", _short_orientation, width=11, screen=False),
    _C("{levels.orientation}", lambda x: x.place.orientation_title, data=34),
    _C("Porteur", lambda x: x.row.bearer, width=15, data=24),
    _C("Nature du porteur", lambda x: word(x.row.nature), data=18),
    _C("Action", lambda x: x.row.title, width=23, data=34),
    _C("N / R / CPO", lambda x: x.row.mark, width=7, data=8),
    _C("Commune", lambda x: x.row.commune, width=10, data=18, several=True),
    _C("Autres communes", lambda x: x.row.other_communes, data=18, several=True),
    _C("Quartier(s)", lambda x: x.row.zones, width=12, data=18, screen=False),
    _C("Situation", _situation, width=16, when=lambda section: section.counts.undecided > 0),
    _C(
        "Coût total (hors contributions volontaires)",
        lambda x: figure(x.row.total_cost),
        Unit.EUROS,
        13,
        lambda sums: sums.total_cost,
        data=12,
        short="Coût total",
    ),
)
FIGURES = (
    _C(
        "Autres cofinancements",
        lambda x: x.row.other_funding,
        Unit.EUROS,
        14.5,
        lambda sums: sums.other_funding,
        data=12,
        screen=False,
    ),
    _C("dont droit commun", lambda x: x.row.ordinary_law, Unit.EUROS, data=12),
    *(amount.column(11.5) for amount in SUMMED),
    _C("% du coût", lambda x: x.row.share_of_cost, Unit.PERCENT, 7.5, lambda sums: sums.share_of_cost, decided=True),
    _C("Bénéficiaires", lambda x: x.row.beneficiaries, Unit.WHOLE, 13, data=9, screen=False),
    _C("dont QPV", lambda x: x.row.beneficiaries_qpv, Unit.WHOLE, 6, data=9, screen=False),
)
WORDS = (
    _C("Avis", lambda x: x.row.opinions, width=14, data=24),
    _C("Observations", _observations, width=26, data=34, screen=False),
    _C("Source", lambda x: x.row.source_note, data=40),
)


def page_columns(section: ProgrammingSection, levels: Levels) -> ProgrammingColumns:
    """Give the columns of one kind of call's table, on page and paper."""
    funders = (a.column(8.5, f) for f in section.funders for a in AMOUNTS)
    return tuple(
        replace(column, head=column.head.format(levels=levels))
        for column in (*ACTION, *funders, *FIGURES, *WORDS)
        if column.width
        and column.when(section)
        and (section.proposals or not column.proposed)
        and (levels.communes or not column.several)
    )


def data_columns(levels: Levels) -> tuple[ProgrammingColumns, ProgrammingColumns]:
    """Give the data sheet's columns: those before a funder's line, and those after it."""

    def standing(columns: ProgrammingColumns) -> Iterator[ProgrammingColumn]:
        for c in columns:
            if c.data and (levels.communes or not c.several):
                yield replace(c, head=(c.short or c.head).format(levels=levels), width=c.data)

    return tuple(standing((*ACTION, *FIGURES))), tuple(standing(WORDS))
