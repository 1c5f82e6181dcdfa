"""Two years of a contract side by side, each kind of call with itself (rules 10).

Made from the two years' programmings, so that no figure can differ from theirs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from grants.models import Contract
from grants.queries.figures import ZERO, Figure, Gap, difference, growth, part
from grants.queries.funder_columns import FunderColumn
from grants.queries.lineage import Lineage, lineages
from grants.queries.programming import Programming, Section, kind_order, programming
from grants.queries.programming_groups import Sums
from grants.queries.theme_tree import Levels, Node

Count = int | Gap


@dataclass(frozen=True)
class Actions:
    """Numbers of retained projects."""

    a: Count
    b: Count

    @property
    def difference(self) -> Count:
        if isinstance(self.a, Gap) or isinstance(self.b, Gap):
            return Gap.UNKNOWN
        return self.b - self.a


@dataclass(frozen=True)
class Amounts:
    """What a funder grants, in euros, and its share in percent of the funder's total."""

    a: Figure
    b: Figure
    share_a: Figure
    share_b: Figure

    @property
    def difference(self) -> Figure:
        return difference(self.a, self.b)

    @property
    def growth(self) -> Figure:
        return growth(self.a, self.b)


@dataclass(frozen=True)
class Compared:
    """One axis, pillar, or the whole. `amounts`: by funder id."""

    label: str
    actions: Actions
    amounts: dict[int, Amounts]


@dataclass(frozen=True)
class ComparedPillar:
    """`axes` without a `subtotal`: a pillar that is its own axis."""

    label: str
    axes: tuple[Compared, ...]
    subtotal: Compared | None


@dataclass(frozen=True)
class KindComparison:
    """`funders`: those with money in either year."""

    kind: str
    funders: tuple[FunderColumn, ...]
    pillars: tuple[ComparedPillar, ...]
    total: Compared


@dataclass(frozen=True)
class Comparison:
    a: Programming
    b: Programming
    levels: Levels
    kinds: tuple[KindComparison, ...]
    lineages: tuple[Lineage, ...]


def comparison(contract: Contract, year_a: int, year_b: int) -> Comparison:
    """A year without any campaign gives `n. c.` everywhere, not an error."""
    a = programming(contract, year_a)
    b = a if year_a == year_b else programming(contract, year_b)
    kinds = sorted({s.kind for s in (*a.sections, *b.sections)}, key=kind_order)
    return Comparison(
        a, b, b.levels,
        tuple(_kind(kind, a.section(kind), b.section(kind), b.levels) for kind in kinds),
        lineages(a, b),
    )  # fmt: skip


# Of a section's groups: (pillar id, axis id), the pillar's own, or the whole.
Key = tuple[int | None, int | None]
WHOLE: Key = (None, None)


class _Pair:
    """The same kind of call in both years; either may be missing."""

    def __init__(self, a: Section | None, b: Section | None) -> None:
        self.years = tuple((section, _sums(section)) for section in (a, b))
        columns = {f.id: f for section in (b, a) if section for f in section.funders}
        self.funders = tuple(f for f in columns.values() if self._has_money(f.id))

    def _has_money(self, funder_id: int) -> bool:
        return any(sums[WHOLE].granted.get(funder_id) for section, sums in self.years if section)

    def compare(self, label: str, key: Key) -> Compared:
        actions = (_actions(section, sums.get(key)) for section, sums in self.years)
        amounts = {funder.id: self._amounts(funder.id, key) for funder in self.funders}
        return Compared(label, Actions(*actions), amounts)

    def _amounts(self, funder_id: int, key: Key) -> Amounts:
        a, b = (_granted(section, sums.get(key), funder_id) for section, sums in self.years)
        whole_a, whole_b = (
            _granted(section, sums.get(WHOLE), funder_id) for section, sums in self.years
        )
        return Amounts(a, b, part(a, whole_a), part(b, whole_b))


def _sums(section: Section | None) -> dict[Key, Sums]:
    if section is None:
        return {}
    found: dict[Key, Sums] = {WHOLE: section.total}
    for pillar in section.pillars:
        found[pillar.node.id, None] = pillar.sums
        found |= {(pillar.node.id, axis.node.id): axis.sums for axis in pillar.axes}
    return found


def _actions(section: Section | None, sums: Sums | None) -> Count:
    if section is None:
        return Gap.UNKNOWN
    return sums.actions if sums else 0


def _granted(section: Section | None, sums: Sums | None, funder_id: int) -> Figure:
    if section is None or all(f.id != funder_id for f in section.funders):
        return Gap.UNKNOWN
    return sums.granted[funder_id] if sums else ZERO


def _kind(kind: str, a: Section | None, b: Section | None, levels: Levels) -> KindComparison:
    pair = _Pair(a, b)
    nodes = _nodes([section for section in (a, b) if section])
    return KindComparison(
        kind,
        pair.funders,
        tuple(_pillar(pair, pillar, axes, levels) for pillar, axes in nodes),
        pair.compare("Total", WHOLE),
    )


def _nodes(sections: Iterable[Section]) -> list[tuple[Node, list[Node]]]:
    """Pillars and their axes with a retained project in either year, in the tree's order."""
    axes: dict[Node, set[Node]] = {}
    for section in sections:
        for pillar in section.pillars:
            own = {axis.node for axis in pillar.axes if axis.sums.actions}
            axes.setdefault(pillar.node, set()).update(own)
    ordered = sorted(axes.items(), key=lambda item: item[0].position)
    return [(p, sorted(own, key=lambda n: n.position)) for p, own in ordered if own]


def _pillar(pair: _Pair, pillar: Node, axes: list[Node], levels: Levels) -> ComparedPillar:
    if axes == [pillar]:
        own = pair.compare(pillar.label, (pillar.id, pillar.id))
        return ComparedPillar(pillar.label, (own,), None)
    return ComparedPillar(
        pillar.label,
        tuple(
            pair.compare(levels.axis_label(pillar, axis), (pillar.id, axis.id)) for axis in axes
        ),
        pair.compare(pillar.label, (pillar.id, None)),
    )
