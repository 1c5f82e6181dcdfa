"""Two years of a contract side by side, each kind of call with itself (rules 10).

Made from the rows of the two years' programmings, so that no figure can differ from theirs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby

from grants.models import Contract
from grants.queries.comparison.amounts import ALL, Actions, Amounts, Count, Unlike, total_label
from grants.queries.comparison.lineage import Lineage, fates, lineages
from grants.queries.comparison.slots import COUNTING, By, ComparisonSlot, Heading, Measure, Placing, placing
from grants.queries.figures import ZERO, Figure, Gap, part, total
from grants.queries.programming.funder_columns import FunderColumn
from grants.queries.programming.programming import Cut, Programming, ProgrammingSection, kind_order, programming
from grants.queries.programming.rows import Row
from grants.queries.theme_tree import Levels
from grants.queries.unchanged import unchanged


@dataclass(frozen=True)
class Compared:
    """One line, heading or the whole. `amounts`: by funder id; `total`: of the funders that both
    years know, like with like; `all`: of all of them, no two sums of the same."""

    label: str
    actions: Actions
    amounts: dict[int, Amounts]
    total: Amounts
    all: Unlike


@dataclass(frozen=True)
class ComparedGroup:
    """Without a `subtotal`: lines below no heading, or one that is its own only line."""

    label: str
    lines: tuple[Compared, ...]
    subtotal: Compared | None


@dataclass(frozen=True)
class ComparedFunder:
    """`actions`: projects that it grants money to; `granted` has its share in all funders'."""

    label: str
    actions: Amounts
    asked: Amounts
    granted: Amounts


@dataclass(frozen=True)
class KindComparison:
    """`funders`: those with money in either year; `apart`: of these, what one year alone knows.
    `of_funders`: where they are the lines, each with actions, what was asked by all dossiers, and
    what was granted, then sums; else empty."""

    kind: str
    funders: tuple[FunderColumn, ...]
    apart: tuple[FunderColumn, ...]
    groups: tuple[ComparedGroup, ...]
    total: Compared
    of_funders: tuple[ComparedFunder, ...] = ()
    sums: tuple[ComparedFunder, ...] = ()

    @property
    def total_label(self) -> str:
        return total_label(f.code for f in self.apart)

    @property
    def lines(self) -> list[Compared]:
        return [line for group in self.groups for line in group.lines]


@dataclass(frozen=True)
class Comparison:
    """`by` and `measure`: how its `kinds` are cut."""

    a: Programming
    b: Programming
    levels: Levels
    by: By
    measure: Measure
    kinds: tuple[KindComparison, ...]
    lineages: tuple[Lineage, ...]


def why_not(known: Collection[int], a: int, b: int) -> str:
    """Why two years cannot be compared (French), or nothing. `known`: those with a campaign."""
    if a != b and {a, b} <= set(known):
        return ""
    listed = ", ".join(str(year) for year in sorted(known)) or "aucune"
    return f"{a} et {b} ne se comparent pas : il faut deux années différentes qui ont un appel à projets ({listed})."


def comparison(
    contract: Contract,
    year_a: int,
    year_b: int,
    by: By = By.AXIS,
    measure: Measure = Measure.GRANTED,
    commune_id: int | None = None,
) -> Comparison:
    """A year without any campaign gives `n. c.` everywhere, not an error."""
    key = ("comparison", contract.id, tuple(contract.level_names), year_a, year_b, by, measure, commune_id)
    return unchanged.get(key, lambda: _comparison(contract, year_a, year_b, by, measure, commune_id))


def _comparison(
    contract: Contract, year_a: int, year_b: int, by: By, measure: Measure, commune_id: int | None
) -> Comparison:
    a = programming(contract, year_a)
    b = a if year_a == year_b else programming(contract, year_b)
    lines = lineages(contract, a, b)
    place = placing(by, b.levels, fates(lines))
    if commune_id:  # what becomes of an action is told of all communes: it may go from one to another
        a, b = (programming(contract, year, cut=Cut(commune_id)) for year in (year_a, year_b))
        lines = tuple(x for x in lines if (x.after or x.before[0]).commune_node.id == commune_id)
    kinds = sorted({s.kind for s in (*a.sections, *b.sections)}, key=kind_order)
    compared = (_kind(kind, (a.section(kind), b.section(kind)), place, by, measure) for kind in kinds)
    return Comparison(a, b, b.levels, by, measure, tuple(compared), lines)


Sections = tuple[ProgrammingSection | None, ProgrammingSection | None]
Together = Callable[[list[Decimal]], Decimal]
TallyKey = ComparisonSlot | Heading | None  # a line, a heading, or the whole


@dataclass
class _Tally:
    actions: int = 0
    amounts: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    total: Decimal = ZERO
    all: Decimal = ZERO


class _Year:
    """The sums of one kind of call in one year, which may have no such call. `other`: the year
    that it is compared with."""

    def __init__(
        self, section: ProgrammingSection | None, other: ProgrammingSection | None, place: Placing, measure: Measure
    ) -> None:
        self.section = section
        # An action of several funders is one.
        self.together: Together = max if measure is Measure.ACTIONS else total
        self.alike = {f.id for f in other.funders} if other else None
        self.funders = {f.id: f for f in section.funders} if section else {}
        self.tallies: dict[TallyKey, _Tally] = defaultdict(_Tally)
        self.counting = COUNTING[measure]
        for row in section.rows if section else ():
            if self.counting.counts(row):
                slot = place(row)
                for key in (None, slot.group, slot):
                    self._add(self.tallies[key], row)

    def _add(self, tally: _Tally, row: Row) -> None:
        tally.actions += 1
        amounts = {id_: self.counting.value(line) for id_, line in row.lines.items()}
        for id_, amount in amounts.items():
            tally.amounts[id_] += amount
        alike = amounts.keys() if self.alike is None else amounts.keys() & self.alike
        tally.total += self.together([ZERO, *(amounts[id_] for id_ in alike)])
        tally.all += self.together([ZERO, *amounts.values()])

    def actions(self, key: TallyKey) -> Count:
        return self._at(key).actions if self.section else Gap.UNKNOWN

    def amount(self, key: TallyKey, funder_id: int) -> Figure:
        known = funder_id in self.funders
        return self._at(key).amounts.get(funder_id, ZERO) if known else Gap.UNKNOWN

    def total(self, key: TallyKey) -> Figure:
        return self._at(key).total if self.section else Gap.UNKNOWN

    def all(self, key: TallyKey) -> Figure:
        return self._at(key).all if self.section else Gap.UNKNOWN

    def _at(self, key: TallyKey) -> _Tally:
        return self.tallies.get(key) or _Tally()


class _Pair:
    """The same kind of call in both years."""

    def __init__(self, sections: Sections, place: Placing, measure: Measure) -> None:
        a, b = sections
        self.a, self.b = _Year(a, b, place, measure), _Year(b, a, place, measure)
        columns = self.b.funders | self.a.funders
        self.funders = tuple(f for f in columns.values() if self._has_money(f.id))
        alike = self.a.funders.keys() & self.b.funders.keys()
        self.apart = tuple(f for f in self.funders if a and b and f.id not in alike)

    def _has_money(self, funder_id: int) -> bool:
        return any(year.tallies[None].amounts.get(funder_id) for year in (self.a, self.b))

    def compare(self, label: str, key: TallyKey) -> Compared:
        return Compared(
            label,
            Actions(self.a.actions(key), self.b.actions(key)),
            {funder.id: self.amounts(key, funder.id) for funder in self.funders},
            _amounts(self.a.total(key), self.b.total(key), self.a.total(None), self.b.total(None)),
            Unlike(self.a.all(key), self.b.all(key), Gap.NOTHING, Gap.NOTHING),
        )

    def amounts(self, key: TallyKey, funder_id: int) -> Amounts:
        a, b = self.a.amount(key, funder_id), self.b.amount(key, funder_id)
        return _amounts(a, b, self.a.amount(None, funder_id), self.b.amount(None, funder_id))

    def groups(self) -> Iterable[ComparedGroup]:
        """Lines with a project in either year, in order."""
        slots = {key for year in (self.a, self.b) for key in year.tallies if isinstance(key, ComparisonSlot)}
        for group, inside in groupby(sorted(slots), key=lambda slot: slot.group):
            yield self._group(group, list(inside))

    def _group(self, group: Heading, slots: list[ComparisonSlot]) -> ComparedGroup:
        alone = len(slots) == 1 and slots[0].line.order == group.order
        if alone:
            return ComparedGroup(group.label, (self.compare(group.label, slots[0]),), None)
        lines = tuple(self.compare(slot.line.label, slot) for slot in slots)
        whole = self.compare(group.label, group) if group.label else None
        return ComparedGroup(group.label, lines, whole)


def _amounts(a: Figure, b: Figure, whole_a: Figure, whole_b: Figure) -> Amounts:
    return Amounts(a, b, part(a, whole_a), part(b, whole_b))


def _kind(kind: str, sections: Sections, place: Placing, by: By, measure: Measure) -> KindComparison:
    pair = _Pair(sections, place, measure)
    if by is By.FUNDER:
        lines, sums = _of_funders(sections, place)
        return KindComparison(kind, pair.funders, pair.apart, (), pair.compare("Total", None), lines, sums)
    return KindComparison(kind, pair.funders, pair.apart, tuple(pair.groups()), pair.compare("Total", None))


def _of_funders(sections: Sections, place: Placing) -> tuple[tuple[ComparedFunder, ...], ...]:
    """Each; then what they come to, like with like, and all of them where some are left out."""
    actions, asked, granted = (
        _Pair(sections, place, measure) for measure in (Measure.ACTIONS, Measure.DEPOSITED, Measure.GRANTED)
    )
    wholes = [pair.compare("", None) for pair in (actions, asked, granted)]
    apart = {f.id: f for pair in (granted, asked) for f in pair.apart}
    lines = []
    for funder in {f.id: f for pair in (granted, asked) for f in pair.funders}.values():
        done, wished, money = (p.amounts(None, funder.id) for p in (actions, asked, granted))
        whole = wholes[-1].total
        share_of = (Gap.NOTHING, Gap.NOTHING) if funder.id in apart else (whole.a, whole.b)
        lines.append(ComparedFunder(funder.label, done, wished, _amounts(money.a, money.b, *share_of)))
    label = total_label(f.code for f in apart.values())
    alike, everything = (tuple(getattr(w, of) for w in wholes) for of in ("total", "all"))
    sums = [ComparedFunder(label, *alike), ComparedFunder(ALL, *everything)]
    return tuple(lines), tuple(sums[: 1 + bool(apart)])
