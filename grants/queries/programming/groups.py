"""Rows grouped by pillar, axis and orientation, with the sums that committees read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import groupby

from grants.queries.figures import ZERO, Figure, Gap, part, total
from grants.queries.programming.rows import FunderLine, Row
from grants.queries.programming.standing import Standing
from grants.queries.theme_tree import ThemeNode, ThemePlace

NO_LINE = FunderLine(None, Gap.NOTHING)
NOWHERE = "Commune non connue"


@dataclass(frozen=True)
class GroupSums:
    """Euros by funder id, and over all of them, of one set of projects. Last year's amounts are
    not summed: projects that were not renewed are missing."""

    actions: int
    requested: dict[int, Decimal]
    proposed: dict[int, Decimal]
    granted: dict[int, Decimal]
    total_cost: Decimal
    other_funding: Decimal
    share_of_cost: Figure

    @property
    def given(self) -> Decimal:
        """By all funders."""
        return sum(self.granted.values(), ZERO)


@dataclass(frozen=True)
class OrientationGroup:
    node: ThemeNode | None
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class AxisGroup:
    """`presented`: over its rows; `sums`: over those retained."""

    node: ThemeNode
    orientations: tuple[OrientationGroup, ...]
    presented: GroupSums
    sums: GroupSums


@dataclass(frozen=True)
class PillarGroup:
    node: ThemeNode
    axes: tuple[AxisGroup, ...]
    presented: GroupSums
    sums: GroupSums

    @property
    def has_axes(self) -> bool:
        """Otherwise it is its own axis, and has one subtotal."""
        return any(axis.node != self.node for axis in self.axes)


def retained(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if row.standing is Standing.RETAINED]


def sum_up(rows: Iterable[Row], funders: Iterable[int]) -> GroupSums:
    counted = list(rows)
    funders = list(funders)
    granted = {f: total(line(r, f).granted for r in counted) for f in funders}
    cost = total(r.total_cost for r in counted)
    all_known = all(isinstance(r.total_cost, Decimal) for r in counted)
    return GroupSums(
        actions=len(counted),
        requested={f: total(line(r, f).requested for r in counted) for f in funders},
        proposed={f: total(line(r, f).proposed for r in counted) for f in funders},
        granted=granted,
        total_cost=cost,
        other_funding=total(r.other_funding for r in counted),
        share_of_cost=part(sum(granted.values(), ZERO), cost) if all_known else Gap.NOTHING,
    )


def line(row: Row, funder_id: int) -> FunderLine:
    """Empty where the project's own call does not have this funder."""
    return row.lines.get(funder_id, NO_LINE)


def by_theme(row: Row) -> ThemePlace:
    return row.place


def by_commune(row: Row) -> ThemePlace:
    """Its commune in the place of the pillar, and the axis with its pillar below."""
    pillar, axis, commune = row.place.pillar, row.place.axis, row.commune_node
    if axis != pillar:
        axis = replace(axis, label=f"{pillar.label} › {axis.label}")
    return ThemePlace(commune if commune.id else replace(commune, label=NOWHERE), axis, row.place.orientation)


def group(
    rows: Iterable[Row], funders: list[int], place: Callable[[Row], ThemePlace] = by_theme
) -> tuple[PillarGroup, ...]:
    """`rows` in the order of the tables."""
    pillars = []
    for pillar, in_pillar in groupby(rows, key=lambda row: place(row).pillar):
        inside = list(in_pillar)
        axes = tuple(
            _axis(axis, list(in_axis), funders) for axis, in_axis in groupby(inside, key=lambda row: place(row).axis)
        )
        presented, sums = sum_up(inside, funders), sum_up(retained(inside), funders)
        pillars.append(PillarGroup(pillar, axes, presented, sums))
    return tuple(pillars)


def _axis(node: ThemeNode, rows: list[Row], funders: list[int]) -> AxisGroup:
    orientations = tuple(
        OrientationGroup(orientation, tuple(inside))
        for orientation, inside in groupby(rows, key=lambda row: row.place.orientation)
    )
    presented, sums = sum_up(rows, funders), sum_up(retained(rows), funders)
    return AxisGroup(node, orientations, presented, sums)
