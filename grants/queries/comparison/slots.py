"""How a comparison may be cut: by which lines, and what is counted on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from grants.queries.comparison.lineage import Fate
from grants.queries.figures import known
from grants.queries.programming.groups import NOWHERE
from grants.queries.programming.rows import FunderLine, Row
from grants.queries.programming.standing import Standing
from grants.queries.theme_tree import Levels, ThemeNode


class By(StrEnum):
    """Values stand in addresses."""

    PILLAR = "pilier"
    AXIS = "axe"
    ORIENTATION = "orientation"
    BEARER = "porteur"
    FUNDER = "financeur"
    NATURE = "nature"
    COMMUNE = "commune"


class Measure(StrEnum):
    """Values stand in addresses."""

    GRANTED = "accorde"
    REQUESTED = "demande"
    DEPOSITED = "depose"
    ACTIONS = "actions"


@dataclass(frozen=True)
class Counting:
    """`retained`: retained projects alone, as the tables sum them; else every dossier."""

    retained: bool
    value: Callable[[FunderLine], Decimal]

    def counts(self, row: Row) -> bool:
        return not self.retained or row.standing is Standing.RETAINED


COUNTING = {
    Measure.GRANTED: Counting(True, lambda line: known(line.granted)),
    Measure.REQUESTED: Counting(True, lambda line: known(line.requested)),
    Measure.DEPOSITED: Counting(False, lambda line: known(line.requested)),
    Measure.ACTIONS: Counting(True, lambda line: Decimal(known(line.granted) > 0)),
}


class Heading(NamedTuple):
    """`order` sorts, and tells headings of the same words apart."""

    order: tuple[int | str, ...]
    label: str


class ComparisonSlot(NamedTuple):
    """The line that a project is counted on, below a heading (or one without words)."""

    group: Heading
    line: Heading


ALONE = Heading((), "")
Placing = Callable[[Row], ComparisonSlot]

# By fate: the heading, if any, and the line; both in this order.
_NATURES: Mapping[Fate | None, tuple[str, str]] = {
    Fate.RENEWED: ("", "Reconduites"),
    Fate.NEW: ("", "Nouvelles"),
    Fate.NOT_ASKED_AGAIN: ("Arrêtées", "Non redemandées"),
    Fate.REFUSED: ("Arrêtées", "Refusées"),
    Fate.WITHDRAWN: ("Arrêtées", "Retirées"),
    Fate.UNDECIDED: ("En attente", "À décider"),
    Fate.NOT_YET: ("En attente", "Pas encore redemandées"),
    Fate.UNKNOWN: ("Non communiqué", "Suite n. c."),
    Fate.NEW_REFUSED: ("Non retenues", "Nouvelles, refusées"),
    None: ("Non retenues", "Sans suite"),
}


def placing(by: By, levels: Levels, fates: Mapping[int, Fate]) -> Placing:
    """`fates`: of the projects of both years; none where a year is compared with itself."""
    if by is By.PILLAR:
        return lambda row: ComparisonSlot(ALONE, _heading(row.place.pillar))
    if by is By.ORIENTATION:
        return lambda row: _orientation(row, levels)
    if by is By.BEARER:
        return lambda row: ComparisonSlot(ALONE, Heading((row.bearer_key, row.organisation_id), row.bearer))
    if by is By.COMMUNE:
        return lambda row: ComparisonSlot(ALONE, _heading(row.commune_node, row.commune or NOWHERE))
    if by is By.NATURE and not fates:
        return lambda row: ComparisonSlot(ALONE, Heading((0,), "Toutes"))
    if by is By.NATURE:
        return lambda row: _nature(fates.get(row.id))
    return lambda row: _axis(row, levels)


def _nature(fate: Fate | None) -> ComparisonSlot:
    """`None`: neither retained nor asked again."""
    group, label = _NATURES[fate]
    headings = list(dict.fromkeys(heading for heading, _ in _NATURES.values()))
    place = headings.index(group)
    return ComparisonSlot(Heading((place,), group), Heading((place, list(_NATURES).index(fate)), label))


def _heading(node: ThemeNode, label: str = "") -> Heading:
    return Heading((node.position, node.id), label or node.label)


def _axis(row: Row, levels: Levels) -> ComparisonSlot:
    pillar, axis = row.place.pillar, row.place.axis
    label = levels.axis_label(pillar, axis)
    return ComparisonSlot(_heading(pillar), _heading(axis, label))


def _orientation(row: Row, levels: Levels) -> ComparisonSlot:
    pillar, axis, orientation = row.place.pillar, row.place.axis, row.place.orientation
    title = axis.label if axis == pillar else f"{pillar.label} › {axis.label}"
    group = Heading((*_heading(pillar).order, *_heading(axis).order), title)
    if orientation is None:
        return ComparisonSlot(group, Heading((-1,), f"Sans {levels.orientation.lower()}"))
    return ComparisonSlot(group, _heading(orientation, orientation.title))
