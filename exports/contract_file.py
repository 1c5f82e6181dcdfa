"""A contract as the JSON file that `import contract` reads, with what the settings' pages set of it and its
calls; envelopes, agreements, documents and roles are not in it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from sqlalchemy import select

from grants.database import db
from grants.domain.importing.campaign_parts import said_parts
from grants.domain.importing.contract_file import CONTRACT_TEXTS, DEEPER, OUTSIDE_ZONE, TEXTS, TREE
from grants.french import PARIS
from grants.models import Campaign, Commune, Contract, Institution, Organisation, Theme
from grants.names import fold
from grants.words import word

FileEntry = dict[str, Any]


def write(contract: Contract, file: BinaryIO) -> None:
    """Indented, in UTF-8; what is empty is left out."""
    file.write(json.dumps(document(contract), ensure_ascii=False, indent=2).encode() + b"\n")


def document(contract: Contract) -> FileEntry:
    """The whole file; bearers are those that the contract brought."""
    themes: dict[int | None, list[Theme]] = {}
    for theme in contract.themes:
        themes.setdefault(theme.parent_id, []).append(theme)
    bearers = select(Organisation).where(Organisation.home_contract_id == contract.id).order_by(Organisation.name_key)
    calls = select(Campaign).where(Campaign.contract_id == contract.id).order_by(Campaign.year, Campaign.id)
    return {
        "slug": contract.slug,
        "libelle": contract.label,
        "debut": contract.start_year,
        "fin": contract.end_year,
        "niveaux": contract.level_names,
        **_some(
            quartier_prioritaire=_some(nom=contract.priority_area),
            **_texts(contract, CONTRACT_TEXTS),
            thematiques_transversales=[_named(one.label, archive=one.archived) for one in contract.cross_themes],
        ),
        **_some(communes=[_commune(commune, contract) for commune in contract.communes]),
        "zones": _zones(contract, None),
        "piliers": [_theme(theme, themes) for theme in themes.get(None, [])],
        "institutions": [_institution(one) for one in contract.institutions],
        "campagnes": [_campaign(one) for one in db.session.scalars(calls)],
        "porteurs": [
            {"nom": one.name, "nature": word(one.nature), **_some(nature_source=one.source)}
            for one in db.session.scalars(bearers)
        ],
    }


def _some(**values: Any) -> FileEntry:
    """What is said at all."""
    return {key: value for key, value in values.items() if value is not None and value not in ("", [], {})}


def _texts(owner: Contract | Campaign, keys: dict[str, str]) -> FileEntry:
    return {key: getattr(owner, name) for name, key in keys.items()}


def _theme(theme: Theme, themes: dict[int | None, list[Theme]]) -> FileEntry:
    below: dict[str, list[FileEntry]] = {}
    for one in themes.get(theme.id, []):
        # Of the last of these levels the file may have names alone.
        key = TREE[one.depth - 1] if one.depth < len(TREE) else DEEPER
        level = one.depth + 1 if key == DEEPER and one.depth > theme.depth + 1 else None
        below.setdefault(key, []).append(_theme(one, themes) | _some(niveau=level))
    archived = True if theme.archived else None
    return {"libelle": theme.label, **_some(no=theme.number, dispositif=theme.call_kind, archive=archived), **below}


def _commune(commune: Commune, contract: Contract) -> FileEntry:
    return {"insee": commune.insee, "libelle": commune.label, **_some(zones=_zones(contract, commune))}


def _zones(contract: Contract, commune: Commune | None) -> list[str | FileEntry]:
    """Those of a commune, or of no one: objects where a name alone would not say what they are."""
    alone = bool(contract.communes) and commune is None
    return [
        _named(
            zone.label,
            code=zone.code,
            prioritaire=None
            if zone.priority == (not alone and fold(zone.label) != fold(OUTSIDE_ZONE))
            else zone.priority,
            archive=zone.archived,
        )
        for zone in contract.zones
        if zone.commune_id == (commune.id if commune else None)
    ]


def _named(label: str, *, archive: bool, **more: Any) -> str | FileEntry:
    said = _some(archive=archive or None, **more)
    return {"libelle": label, **said} if said else label


def _institution(institution: Institution) -> FileEntry:
    return {
        "libelle": institution.label,
        **({"hors_plateforme": True} if institution.outside else {"delegue": institution.delegates}),
        "financeurs": [
            {
                "code": funder.code,
                "libelle": funder.label,
                **_some(commune=funder.commune and funder.commune.insee, archive=funder.archived or None),
            }
            for funder in institution.funders
        ],
    }


def _campaign(campaign: Campaign) -> FileEntry:
    return {
        "annee": campaign.year,
        "dispositif": campaign.kind,
        "libelle": campaign.label,
        "financeurs": [link.funder.code for link in campaign.funders],
        **_some(
            ouverture=_moment(campaign.opens_at, timedelta(0)),
            cloture=_moment(campaign.closes_at, timedelta(minutes=1)),
            correction_jusqu_a_l_examen=campaign.correct_until_examined,
            fonctionnement=campaign.operating,
            **_texts(campaign, TEXTS),
            **{key: [_some(**one) for one in ones] for key, ones in said_parts(campaign).items()},
        ),
    }


def _moment(at: datetime | None, less: timedelta) -> str | None:
    """In Paris; a call closes the minute after the last that is said."""
    return (at - less).astimezone(PARIS).strftime("%Y-%m-%d %H:%M") if at else None
