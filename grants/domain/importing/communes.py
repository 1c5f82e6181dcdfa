"""The zones of a contract's file, and its communes, each with its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from grants.domain.contract.taken import INSEE, INSEE_ADVICE, ZONE_CODE
from grants.domain.importing.document import FileNode
from grants.domain.importing.faults import FileFault, ImportRefused, one_of
from grants.names import fold


@dataclass(frozen=True)
class ZonePart:
    """`terms`: its code, and whether it is in the priority area, or archived, where the file says so."""

    label: str
    terms: dict[str, str | bool]


@dataclass(frozen=True)
class CommunePart:
    insee: str
    label: str
    zones: list[ZonePart]


def read_zones(node: FileNode, codes: set[str], *, required: bool) -> list[ZonePart]:
    """`codes`: of the zones that were read before, to which these add theirs."""
    return [ZonePart(label, _terms(zone, codes)) for label, zone in node.labelled("zones", required=required)]


def _terms(zone: FileNode, codes: set[str]) -> dict[str, str | bool]:
    code = zone.text("code", 8, required=False).upper()
    if code and not ZONE_CODE.fullmatch(code):
        zone.fault("code", "n'est pas un code de la liste officielle, par exemple QN05701M")
    if code in codes:
        zone.twice("code")
    codes |= {code} - {""}
    terms = {"code": code or None, "priority": zone.flag("prioritaire"), "archived": zone.flag("archive")}
    return {name: value for name, value in terms.items() if value is not None}


def read_communes(nodes: Iterable[FileNode], codes: set[str]) -> list[CommunePart]:
    return [_commune(node, codes) for node in nodes]


def _commune(node: FileNode, codes: set[str]) -> CommunePart:
    insee = node.text("insee", 5)
    if insee and not INSEE.fullmatch(insee):
        node.fault("insee", f"n'est pas un code INSEE : {INSEE_ADVICE}")
    return CommunePart(insee, node.text("libelle"), read_zones(node, codes, required=False))


def refuse_other_codes(parts: Sequence[CommunePart], stored: Mapping[str, str]) -> None:
    """Raises `ImportRefused` for one whose name another has here that the file does not list; `stored`: by its code."""
    codes = {fold(label): insee for insee, label in stored.items() if insee not in {part.insee for part in parts}}
    faults = [
        FileFault(
            None, "communes", part.label, f"est ici la commune {codes[fold(part.label)]} : corriger son « insee »"
        )
        for part in parts
        if fold(part.label) in codes
    ]
    if faults:
        raise ImportRefused(faults)


def named_commune(node: FileNode, communes: Sequence[CommunePart]) -> str:
    """The INSEE code of the one that `commune` names by it or by its name; empty where it says none."""
    named = fold(node.text("commune", required=False))
    found = next((each.insee for each in communes if named in (fold(each.insee), fold(each.label))), "")
    if named and not found:
        node.fault("commune", f"n'est pas dans « communes », {one_of(each.label for each in communes)}")
    return found
