"""The contract as its JSON file tells it: the format, checked whole before anything is written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from grants.domain.campaign.campaign import closing, opening
from grants.domain.contract.contract import SLUG
from grants.domain.importing.campaign_parts import CampaignParts, read_parts
from grants.domain.importing.communes import CommunePart, ZonePart, named_commune, read_communes, read_zones
from grants.domain.importing.document import YEARS, FileNode, read_document
from grants.domain.importing.faults import ImportRefused, one_of
from grants.models import Nature
from grants.names import fold
from grants.words import word

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_LABEL = 1000
_KIND = 80
_LONG = 5000
FLAGS = {"correct_until_examined": "correction_jusqu_a_l_examen", "operating": "fonctionnement"}
CHOICES = {"kind": "dispositif", **FLAGS}
TEXTS = {"introduction": "presentation", "priorities": "priorites", "committee_dates": "comites"}
# What is deeper than these, or needs more than a name there.
DEEPER = "sous_themes"
CONTRACT_TEXTS = {"service_text": "service", "appeal_text": "recours"}
TREE = ("axes", "orientations", "objectifs")
NATURES = {fold(word(nature)): nature for nature in Nature}
OUTSIDE_ZONE = "Hors QPV"


@dataclass(frozen=True)
class ThemePart:
    """A node of the tree with those below it, in order."""

    depth: int
    label: str
    number: int | None = None
    call_kind: str | None = None
    archived: bool | None = None
    below: list[ThemePart] = field(default_factory=list)


@dataclass(frozen=True)
class FunderPart:
    """`commune`: the INSEE code of the one that it finances alone."""

    code: str
    label: str
    commune: str
    archived: bool | None


@dataclass(frozen=True)
class InstitutionPart:
    """`outside`, `delegates`: `None` where the file does not say."""

    label: str
    outside: bool | None
    delegates: bool | None
    funders: list[FunderPart]


@dataclass(frozen=True)
class CampaignPart:
    """`closes_at` is exclusive: the minute after the last. `terms`: texts and choices that the file has."""

    year: int
    kind: str
    label: str
    funders: list[str]
    opens_at: datetime | None
    closes_at: datetime | None
    terms: dict[str, Any]
    parts: CampaignParts


@dataclass(frozen=True)
class BearerPart:
    name: str
    nature: Nature
    source: str


@dataclass(frozen=True)
class ContractPart:
    """The whole file. `zones`: those of no one commune. `archived`: of a cross-cutting theme or funder,
    where the file says it."""

    slug: str
    label: str
    start_year: int
    end_year: int
    level_names: list[str]
    priority_area: str
    communes: list[CommunePart]
    zones: list[ZonePart]
    cross_themes: list[tuple[str, bool | None]]
    themes: list[ThemePart]
    institutions: list[InstitutionPart]
    campaigns: list[CampaignPart]
    bearers: list[BearerPart]
    texts: dict[str, str]


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
    codes = set[str]()
    communes = read_communes(_each_once(_each_once(root.nodes("communes", required=False), "insee"), "libelle"), codes)
    institutions = _institutions(root, communes)
    part = ContractPart(
        slug=_slug(root),
        label=root.text("libelle"),
        start_year=root.year("debut"),
        end_year=root.year("fin"),
        level_names=root.texts("niveaux", _KIND),
        priority_area=area.text("nom") if area else "",
        communes=communes,
        zones=read_zones(root, codes, required=not communes),
        cross_themes=[
            (label, node.flag("archive")) for label, node in root.labelled("thematiques_transversales", required=False)
        ],
        themes=[_theme(node, 0) for node in _each_once(root.nodes("piliers"), "libelle")],
        institutions=institutions,
        campaigns=_campaigns(root, [f.code for each in institutions for f in each.funders]),
        bearers=_bearers(root),
        texts=_texts(root, CONTRACT_TEXTS),
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
    for deeper, key in enumerate(TREE[depth:], depth + 1):
        if key == "objectifs":
            below += [ThemePart(deeper, text) for text in node.texts(key, _LABEL, required=False)]
        else:
            nodes = _each_once(node.nodes(key, required=False), "libelle")
            below += [_theme(each, deeper) for each in nodes]
    for each in _each_once(node.nodes(DEEPER, required=False), "libelle"):
        below.append(_theme(each, max(depth + 1, (each.number("niveau") or 0) - 1)))
    return ThemePart(
        depth=depth,
        label=node.text("libelle", _LABEL),
        number=node.number("no"),
        call_kind=node.text("dispositif", _KIND, required=False) or None,
        archived=node.flag("archive"),
        below=below,
    )


def _institutions(root: FileNode, communes: list[CommunePart]) -> list[InstitutionPart]:
    codes: set[str] = set()
    return [
        InstitutionPart(
            node.text("libelle"),
            *_standing(node),
            [_funder(each, codes, communes) for each in node.nodes("financeurs")],
        )
        for node in _each_once(root.nodes("institutions"), "libelle")
    ]


def _standing(node: FileNode) -> tuple[bool | None, bool | None]:
    """Is it outside the platform, and does it delegate? Who is said to delegate, or not, is inside."""
    outside, delegates = node.flag("hors_plateforme"), node.flag("delegue")
    if outside and delegates is False:
        node.fault("delegue", "hors de la plateforme, une institution délègue toujours : enlever cette clé")
    return (False if outside is None and delegates is not None else outside), delegates


def _funder(node: FileNode, codes: set[str], communes: list[CommunePart]) -> FunderPart:
    code = node.text("code", 20)
    if code and not _CODE.fullmatch(code):
        node.fault("code", "doit être fait de lettres sans accent, chiffres, - et _ : CGET")
    if fold(code) in codes:
        node.twice("code")
    codes.add(fold(code))
    return FunderPart(code, node.text("libelle"), named_commune(node, communes), node.flag("archive"))


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
    opens, closes = node.moment("ouverture"), node.moment("cloture")
    if (opens is None) != (closes is None):
        node.fault("cloture" if opens else "ouverture", "écrire les deux dates, ou aucune")
    begins = opening(*opens) if opens else None
    ends = closing(*closes) if closes else None
    if begins and ends and ends <= begins:
        node.fault("cloture", "vient avant l'ouverture")
    label = node.text("libelle", required=False) or f"{kind} {year}"
    terms: dict[str, Any] = _texts(node, TEXTS)
    for name, key in FLAGS.items():
        if (said := node.flag(key)) is not None:
            terms[name] = said
    return CampaignPart(year, kind, label, funders, begins, ends, terms, read_parts(node))


def _texts(node: FileNode, keys: dict[str, str]) -> dict[str, str]:
    """Those of these texts that are in the file."""
    texts = {name: node.text(key, _LONG, required=False, lines=True) for name, key in keys.items()}
    return {name: text for name, text in texts.items() if text}


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
