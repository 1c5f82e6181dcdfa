"""The communes of a contract's file, each with its zones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grants.domain.contract.contract import INSEE, INSEE_ADVICE
from grants.domain.importing.document import FileNode
from grants.domain.importing.faults import one_of
from grants.names import fold


@dataclass(frozen=True)
class CommunePart:
    insee: str
    label: str
    zones: list[str]


def read_communes(nodes: Iterable[FileNode]) -> list[CommunePart]:
    return [_commune(node) for node in nodes]


def _commune(node: FileNode) -> CommunePart:
    insee = node.text("insee", 5)
    if insee and not INSEE.fullmatch(insee):
        node.fault("insee", f"n'est pas un code INSEE : {INSEE_ADVICE}")
    return CommunePart(insee, node.text("libelle"), node.texts("zones", required=False))


def named_commune(node: FileNode, communes: Sequence[CommunePart]) -> str:
    """The INSEE code of the one that `commune` names by it or by its name; empty where it says none."""
    named = fold(node.text("commune", required=False))
    found = next((each.insee for each in communes if named in (fold(each.insee), fold(each.label))), "")
    if named and not found:
        node.fault("commune", f"n'est pas dans « communes », {one_of(each.label for each in communes)}")
    return found
