"""Where an action may be put in the contract's tree."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from grants.database import db
from grants.models import Theme


@dataclass(frozen=True)
class ThemeChoice:
    id: int
    label: str
    group: str


@dataclass(frozen=True)
class _Node:
    id: int
    parent: _Node | None
    position: int
    number: int | None
    label: str
    own_kind: str | None

    def ancestors(self) -> list[_Node]:
        return [*self.parent.ancestors(), self.parent] if self.parent else []

    @property
    def kind(self) -> str | None:
        """A reserved branch reserves what is under it."""
        return self.own_kind or (self.parent.kind if self.parent else None)

    def choice(self) -> ThemeChoice:
        group = " › ".join(up.label for up in self.ancestors())
        return ThemeChoice(self.id, theme_label(self), group)


def theme_label(theme: Theme | _Node) -> str:
    """`1. Combattre les inégalités`."""
    return f"{theme.number}. {theme.label}" if theme.number else theme.label


_THEMES = (
    select(Theme.id, Theme.parent_id, Theme.position, Theme.number, Theme.label, Theme.call_kind)
    .where(Theme.contract_id == bindparam("contract"), Theme.archived.is_(False))
    .order_by(Theme.depth)
)


def _nodes(contract_id: int) -> list[_Node]:
    """In the order of the tree, without what is archived or under something archived."""
    nodes: dict[int, _Node] = {}
    rows = db.session.execute(_THEMES, {"contract": contract_id})
    for id_, parent_id, position, number, label, kind in rows:
        if parent_id is None or parent_id in nodes:
            parent = nodes.get(parent_id or 0)
            nodes[id_] = _Node(id_, parent, position, number, label, kind)
    return sorted(nodes.values(), key=lambda node: node.position)


def offered(contract_id: int, *call_kinds: str) -> list[ThemeChoice]:
    """The orientations that calls of these kinds take, in the order of the tree; one query.

    An orientation is the last numbered theme of its branch (its objectives below are not
    chosen one by one), or the last theme where none is numbered. Where some are reserved for
    this kind of call, only these; never those reserved for another kind.
    """
    nodes = _nodes(contract_id)
    above_numbered = {up.id for node in nodes if node.number for up in node.ancestors()}
    parents = {node.parent.id for node in nodes if node.parent}
    choices = [
        node
        for node in nodes
        if node.id not in (above_numbered if node.number else parents)
        and (node.number or not any(up.number for up in node.ancestors()))
    ]
    taken: set[int] = set()
    for kind in call_kinds:
        reserved = {node.id for node in choices if node.kind == kind}
        taken |= reserved or {node.id for node in choices if node.kind is None}
    return [node.choice() for node in choices if node.id in taken]
