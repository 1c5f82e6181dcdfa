"""A contract's theme tree, cut into the levels of a committee's tables.

Names and depth are data. A contract with three levels or more has pillars (depth 0) and axes
(depth 1); with fewer, its roots are both. A theme that skips the axis makes its pillar its own
axis ("Emploi et développement économique"), whose subtotal appears once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Select, SQLColumnExpression, literal, null, select

from grants.database import all_as, select_as
from grants.models import Contract, Theme


@dataclass(frozen=True)
class ThemeNode:
    id: int
    parent_id: int | None
    depth: int
    number: int | None
    label: str
    position: int

    @property
    def title(self) -> str:
        return f"{self.number}. {self.label}" if self.number else self.label


_BLANK: dict[str, SQLColumnExpression[Any]] = {name: null() for name in ("number", "owner_id", "depth")}
_FIRST: dict[str, SQLColumnExpression[Any]] = {"place": literal(0), "position": literal(0), "name": literal("")}


class Labelled(NamedTuple):
    """A row of `labelled`. `what`: the field that takes it; `owner_id`: a theme's parent, a funder's institution, or
    the project that lists it; `depth`: a theme's, or 1 where the funder's institution delegates."""

    what: str
    key: int
    label: str
    number: int | None
    owner_id: int | None
    depth: int | None
    place: int
    position: int
    name: str

    @property
    def theme(self) -> ThemeNode:
        return ThemeNode(self.key, self.owner_id, self.depth or 0, self.number, self.label, self.position)


def labelled(what: str, key: Any, label: Any, **more: Any) -> Select[*tuple[Any, ...]]:
    """A branch of a union that names things: what it is of, its key and label, what a theme has, and
    three columns to sort by. Themes come first, who tell PostgreSQL the types."""
    columns = {"what": literal(what), "key": key, "label": label, **_BLANK, **_FIRST} | more
    return select(*(column.label(name) for name, column in columns.items()))


@dataclass(frozen=True)
class ThemePlace:
    """Where a project stands in the tables."""

    pillar: ThemeNode
    axis: ThemeNode
    orientation: ThemeNode | None

    @property
    def order(self) -> tuple[int, int, int]:
        below = self.orientation.position if self.orientation else -1
        return self.pillar.position, self.axis.position, below

    @property
    def orientation_title(self) -> str:
        return self.orientation.title if self.orientation else self.axis.title


@dataclass(frozen=True)
class Levels:
    """What this contract calls the levels of its tables. `communes`: it has several."""

    pillar: str
    axis: str
    orientation: str
    communes: bool = False

    @classmethod
    def of(cls, contract: Contract) -> Levels:
        names = contract.level_names or ["Thème"]
        axis = axis_depth(names)
        below = names[min(axis + 1, len(names) - 1)]
        return cls(names[0], names[axis], below, bool(contract.named_communes))

    @property
    def above(self) -> str:
        """ "Pilier et axe", or the one level that there is."""
        if self.pillar == self.axis:
            return self.pillar
        return f"{self.pillar} et {self.axis.lower()}"

    @property
    def axis_apart(self) -> str:
        return self.axis if self.axis != self.pillar else f"{self.axis} (axe)"

    def axis_label(self, pillar: ThemeNode, axis: ThemeNode) -> str:
        """Projects straight under a pillar that has axes too are said to have none."""
        return f"Sans {self.axis.lower()}" if axis == pillar else axis.label


def axis_depth(level_names: list[str]) -> int:
    return 1 if len(level_names) >= 3 else 0


def places(contract: Contract) -> dict[int, ThemePlace]:
    """The place of every theme, archived ones too: projects still stand there. One query."""
    nodes = all_as(ThemeNode, select_as(ThemeNode, Theme).where(Theme.contract_id == contract.id))
    return arranged({node.id: node for node in nodes}, contract.level_names)


def arranged(nodes: dict[int, ThemeNode], level_names: list[str]) -> dict[int, ThemePlace]:
    """The place of every node, when the tree has been read already."""
    deepest_axis = axis_depth(level_names)
    return {id: _place(_path(node, nodes), deepest_axis) for id, node in nodes.items()}


def _path(node: ThemeNode, nodes: dict[int, ThemeNode]) -> list[ThemeNode]:
    path = [node]
    while path[0].parent_id is not None:
        path.insert(0, nodes[path[0].parent_id])
    return path


def _place(path: list[ThemeNode], deepest_axis: int) -> ThemePlace:
    above = [node for node in path if node.depth <= deepest_axis]
    below = path[len(above) :]
    return ThemePlace(path[0], above[-1], below[0] if below else None)
