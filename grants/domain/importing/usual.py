"""Calls and contracts to start from, as files of the format that `import contract` reads: what
programmes of the politique de la ville usually ask and look at.

An administrator takes them when a call or a contract is made and changes them at will: nothing later
asks what it came from.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

from grants.domain.campaign.campaign_list import Items, add_item
from grants.domain.campaign.campaign_part import parts_of
from grants.domain.campaign.question import asked_questions
from grants.domain.importing.campaign_parts import CampaignParts, read_parts, write_parts
from grants.domain.importing.contract import import_contract
from grants.domain.importing.document import read_document
from grants.errors import DomainError
from grants.models import Campaign, Contract, User
from grants.names import fold

_FOLDER = Path(__file__).parents[2] / "usual"
# In the order of their lists: the commonest first.
COMMON_CAMPAIGN = "CDV"
_CAMPAIGNS = (COMMON_CAMPAIGN, "VVV", "PRE", "FIPD", "TFPB", "DPV", "AR")
_CONTRACTS = ("quartiers-2030", "piliers-2015")


@dataclass(frozen=True)
class UsualCampaign:
    """`label`: its kind; `introduction`: what it finances, in a sentence."""

    label: str
    introduction: str
    parts: CampaignParts


def _campaign(code: str) -> UsualCampaign:
    node = read_document((_FOLDER / "appels" / f"{code}.json").read_bytes())
    return UsualCampaign(node.text("dispositif"), node.text("presentation", 1000), read_parts(node))


def _contract(code: str) -> bytes:
    return (_FOLDER / "contrats" / f"{code}.json").read_bytes()


USUAL_CAMPAIGNS = {code: _campaign(code) for code in _CAMPAIGNS}
USUAL_CONTRACTS = {code: read_document(_contract(code)).text("libelle") for code in _CONTRACTS}


def ask_usual_questions(campaign: Campaign, code: str, *, by: User) -> None:
    """Give a call the questions and criteria of a usual one; raises `DomainError` for an unknown
    code, or a call that asks something already."""
    usual = _known(code)
    if asked_questions(campaign.questions):
        raise DomainError("Cet appel a déjà des questions : complétez-les une à une.", "preset")
    write_parts(campaign, replace(usual.parts, items=[]), by=by)


def start_campaign(campaign: Campaign, code: str, *, by: User) -> None:
    """Give a new call all that a usual one has; no code, nothing."""
    if not code:
        return
    usual = _known(code)
    campaign.introduction = campaign.introduction or usual.introduction
    write_parts(campaign, usual.parts, by=by)


def _known(code: str) -> UsualCampaign:
    if code not in USUAL_CAMPAIGNS:
        raise DomainError("Choisissez un dispositif de la liste.", "preset")
    return USUAL_CAMPAIGNS[code]


def add_usual(kind: Items, campaign: Campaign, *, by: User) -> None:
    """Those of the commonest call's list that this call does not have."""
    there = {fold(item.label) for item in parts_of(kind, campaign)}
    for _, model, terms in USUAL_CAMPAIGNS[COMMON_CAMPAIGN].parts.items:
        if model is kind and fold(terms.label) not in there:
            add_item(kind, campaign, terms, by=by)


def start_contract(contract: Contract, code: str, *, by: User) -> None:
    """Give a new contract the levels, themes, institutions and funders of a usual one; no code,
    nothing."""
    if code not in USUAL_CONTRACTS:
        return
    own = {"slug": contract.slug, "libelle": contract.label, "debut": contract.start_year, "fin": contract.end_year}
    area = {"quartier_prioritaire": {"nom": contract.priority_area}} if contract.priority_area else {}
    import_contract(json.dumps(json.loads(_contract(code)) | own | area).encode(), by=by)
