"""The zones of a contract's file, and its communes, each with its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grants.domain.contract.contract import INSEE, INSEE_ADVICE, ZONE_CODE
from grants.domain.importing.document import FileNode
from grants.domain.importing.faults import one_of
from grants.names import fold


@dataclass(frozen=True)
class ZonePart:
    """`said`: its code, and whether it is in the priority area, or archived, where the file says so."""

    label: str
    said: dict[str, str | bool]


@dataclass(frozen=True)
class CommunePart:
    insee: str
    label: str
    zones: list[ZonePart]


def read_zones(node: FileNode, *, required: bool) -> list[ZonePart]:
    return [ZonePart(label, _said(zone)) for label, zone in node.labelled("zones", required=required)]


def _said(zone: FileNode) -> dict[str, str | bool]:
    code = zone.text("code", 8, required=False)
    if code and not ZONE_CODE.fullmatch(code):
        zone.fault("code", "n'est pas un code de la liste officielle, par exemple QN05701M")
    said = {"code": code or None, "priority": zone.flag("prioritaire"), "archived": zone.flag("archive")}
    return {name: value for name, value in said.items() if value is not None}


def read_communes(nodes: Iterable[FileNode]) -> list[CommunePart]:
    return [_commune(node) for node in nodes]


def _commune(node: FileNode) -> CommunePart:
    insee = node.text("insee", 5)
    if insee and not INSEE.fullmatch(insee):
        node.fault("insee", f"n'est pas un code INSEE : {INSEE_ADVICE}")
    return CommunePart(insee, node.text("libelle"), read_zones(node, required=False))


def named_commune(node: FileNode, communes: Sequence[CommunePart]) -> str:
    """The INSEE code of the one that `commune` names by it or by its name; empty where it says none."""
    named = fold(node.text("commune", required=False))
    found = next((each.insee for each in communes if named in (fold(each.insee), fold(each.label))), "")
    if named and not found:
        node.fault("commune", f"n'est pas dans « communes », {one_of(each.label for each in communes)}")
    return found
