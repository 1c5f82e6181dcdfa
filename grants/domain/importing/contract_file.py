"""The contract as its JSON file tells it: the format, checked whole before anything is written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from grants.domain.contract.contract import SLUG
from grants.domain.importing.document import YEARS, FileNode, read_document
from grants.domain.importing.faults import ImportRefused, one_of
from grants.french import PARIS
from grants.models import Nature
from grants.names import fold
from grants.words import word

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_LABEL = 1000
_KIND = 80
_LONG = 5000
_TEXTS = {"introduction": "presentation", "priorities": "priorites"}
_TREE = ("axes", "orientations", "objectifs")
NATURES = {fold(word(nature)): nature for nature in Nature}
OUTSIDE_ZONE = "Hors QPV"


@dataclass(frozen=True)
class ThemePart:
    """A node of the tree with those below it, in order."""

    depth: int
    label: str
    number: int | None = None
    call_kind: str | None = None
    below: list[ThemePart] = field(default_factory=list)


@dataclass(frozen=True)
class FunderPart:
    code: str
    label: str


@dataclass(frozen=True)
class InstitutionPart:
    """`outside`: `None` where the file does not say."""

    label: str
    outside: bool | None
    funders: list[FunderPart]


@dataclass(frozen=True)
class CampaignPart:
    """`closes_at` is exclusive: the midnight after the last day. `texts`: those that the file has."""

    year: int
    kind: str
    label: str
    funders: list[str]
    opens_at: datetime | None
    closes_at: datetime | None
    texts: dict[str, str]


@dataclass(frozen=True)
class BearerPart:
    name: str
    nature: Nature
    source: str


@dataclass(frozen=True)
class ContractPart:
    """The whole file."""

    slug: str
    label: str
    start_year: int
    end_year: int
    level_names: list[str]
    priority_area: str
    zones: list[str]
    cross_themes: list[str]
    themes: list[ThemePart]
    institutions: list[InstitutionPart]
    campaigns: list[CampaignPart]
    bearers: list[BearerPart]


def read_contract(data: bytes) -> ContractPart:
    """Raises `ImportRefused` with every fault of the file."""
    return _contract(read_document(data))


def ignored_keys(data: bytes) -> list[str]:
    """Paths of what the file says and nobody reads: slips, often. Raises `ImportRefused`."""
    root = read_document(data)
    _contract(root)
    return list(root.values.unread())


def _contract(root: FileNode) -> ContractPart:
    area = root.node("quartier_prioritaire")
    zones = root.texts("zones")
    institutions = _institutions(root)
    part = ContractPart(
        slug=_slug(root),
        label=root.text("libelle"),
        start_year=root.year("debut"),
        end_year=root.year("fin"),
        level_names=root.texts("niveaux", _KIND),
        priority_area=area.text("nom") if area else "",
        zones=zones if fold(OUTSIDE_ZONE) in map(fold, zones) else [*zones, OUTSIDE_ZONE],
        cross_themes=root.texts("thematiques_transversales", required=False),
        themes=[_theme(node, 0) for node in _each_once(root.nodes("piliers"), "libelle")],
        institutions=institutions,
        campaigns=_campaigns(root, [f.code for each in institutions for f in each.funders]),
        bearers=_bearers(root),
    )
    _check(root, part)
    if root.faults:
        raise ImportRefused(root.faults)
    return part


def _check(root: FileNode, part: ContractPart) -> None:
    if part.start_year > part.end_year > 0:
        root.fault("fin", f"vient avant le début ({part.start_year})")
    elif part.start_year and part.end_year:
        for node in root.nodes("campagnes"):
            year: Any = node.values.get("annee")
            if year in YEARS and not part.start_year <= year <= part.end_year:
                outside = f"n'est pas une année du contrat ({part.start_year} à {part.end_year})"
                node.fault("annee", f"{outside} : la corriger, ou « debut » et « fin » du contrat")
    depth = max(map(_deepest, part.themes), default=0)
    if 0 < len(part.level_names) <= depth:
        root.fault("niveaux", f"doit nommer {depth + 1} niveaux, autant qu'en ont les piliers")
    elif not part.level_names:
        root.fault("niveaux", "doit nommer au moins un niveau")


def _deepest(theme: ThemePart) -> int:
    return max(map(_deepest, theme.below), default=theme.depth)


def _each_once(nodes: Iterable[FileNode], key: str) -> Iterable[FileNode]:
    """Those that are named like none before; the others are faults."""
    seen = set()
    for node in nodes:
        value = node.values.get(key)
        if isinstance(value, str) and fold(value) in seen:
            node.twice(key)
            continue
        if isinstance(value, str):
            seen.add(fold(value))
        yield node


def _slug(root: FileNode) -> str:
    slug = root.text("slug", 80)
    if slug and not SLUG.fullmatch(slug):
        root.fault("slug", "doit être en minuscules sans accent, chiffres et tirets : ma-ville")
    return slug


def _theme(node: FileNode, depth: int) -> ThemePart:
    """A level may be skipped: orientations stand directly under a pillar without axes."""
    below = []
    for deeper, key in enumerate(_TREE[depth:], depth + 1):
        if key == "objectifs":
            below += [ThemePart(deeper, text) for text in node.texts(key, _LABEL, required=False)]
        else:
            nodes = _each_once(node.nodes(key, required=False), "libelle")
            below += [_theme(each, deeper) for each in nodes]
    return ThemePart(
        depth=depth,
        label=node.text("libelle", _LABEL),
        number=node.number("no"),
        call_kind=node.text("dispositif", _KIND, required=False) or None,
        below=below,
    )


def _institutions(root: FileNode) -> list[InstitutionPart]:
    codes: set[str] = set()
    return [
        InstitutionPart(
            node.text("libelle"),
            node.flag("hors_plateforme"),
            [_funder(each, codes) for each in node.nodes("financeurs")],
        )
        for node in _each_once(root.nodes("institutions"), "libelle")
    ]


def _funder(node: FileNode, codes: set[str]) -> FunderPart:
    code = node.text("code", 20)
    if code and not _CODE.fullmatch(code):
        node.fault("code", "doit être fait de lettres sans accent, chiffres, - et _ : CGET")
    if fold(code) in codes:
        node.twice("code")
    codes.add(fold(code))
    return FunderPart(code, node.text("libelle"))


def _campaigns(root: FileNode, codes: list[str]) -> list[CampaignPart]:
    found: list[CampaignPart] = []
    for node in root.nodes("campagnes"):
        campaign = _campaign(node, codes)
        if any((c.year, fold(c.label)) == (campaign.year, fold(campaign.label)) for c in found):
            advice = "figure deux fois pour cette année, donner à chaque campagne son propre « libelle »"
            node.fault("dispositif", advice)
        found.append(campaign)
    return found


def _campaign(node: FileNode, codes: list[str]) -> CampaignPart:
    year, kind = node.year("annee"), node.text("dispositif", _KIND)
    funders = node.texts("financeurs")
    for code in funders:
        if code not in codes:
            node.fault("financeurs", f"nomme « {code} », qui n'est pas connu, {one_of(codes)}")
    opens, closes = node.day("ouverture"), node.day("cloture")
    if (opens is None) != (closes is None):
        node.fault("cloture" if opens else "ouverture", "écrire les deux dates, ou aucune")
    elif opens and closes and closes < opens:
        node.fault("cloture", "vient avant l'ouverture")
    label = node.text("libelle", required=False) or f"{kind} {year}"
    ends = datetime.combine(closes + timedelta(days=1), time(), PARIS) if closes else None
    begins = datetime.combine(opens, time(), PARIS) if opens else None
    texts = {name: node.text(key, _LONG, required=False, lines=True) for name, key in _TEXTS.items()}
    said = {name: text for name, text in texts.items() if text}
    return CampaignPart(year, kind, label, funders, begins, ends, said)


def _bearers(root: FileNode) -> list[BearerPart]:
    return [
        BearerPart(node.text("nom"), _nature(node), node.text("nature_source", _LABEL, required=False))
        for node in _each_once(root.nodes("porteurs"), "nom")
    ]


def _nature(node: FileNode) -> Nature:
    text = node.text("nature")
    nature = NATURES.get(fold(text))
    if text and nature is None:
        node.fault("nature", f"n'est pas connue, {one_of(map(word, Nature))}")
    return nature or Nature.OTHER
