"""The calls and contracts to start from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask

import grants
from grants.database import db
from grants.domain.campaign.campaign import copy_campaign
from grants.domain.campaign.campaign_part import parts_of
from grants.domain.contract.contract import ContractTerms, create_contract
from grants.domain.importing.campaign_parts import LISTS, said_parts
from grants.domain.importing.usual import USUAL_CAMPAIGNS, USUAL_CONTRACTS, start_campaign, start_contract
from tests.conftest import both
from tests.factories import user
from tests.factories.world import world

FOLDER = Path(grants.__file__).parent / "usual"


def test_every_file_is_offered() -> None:
    assert {path.stem for path in (FOLDER / "appels").glob("*.json")} == set(USUAL_CAMPAIGNS)
    assert {path.stem for path in (FOLDER / "contrats").glob("*.json")} == set(USUAL_CONTRACTS)


@pytest.mark.parametrize("code", USUAL_CAMPAIGNS)
def test_a_usual_call_gives_all_that_its_file_says(app: Flask, code: str) -> None:
    w = world()
    w.campaign.introduction = ""
    start_campaign(w.campaign, code, by=w.administrator)
    said = json.loads((FOLDER / "appels" / f"{code}.json").read_text("utf-8"))
    assert w.campaign.introduction == said["presentation"]
    for key, told in said_parts(w.campaign).items():
        wanted = said.get(key, [])
        assert [one.get("libelle", one.get("question")) for one in told] == [
            one.get("libelle", one.get("document", one.get("question"))) for one in wanted
        ]
    later = copy_campaign(w.campaign, 2027, by=w.administrator)
    assert said_parts(later) == said_parts(w.campaign)
    assert all(parts_of(kind, later) for kind in LISTS.values())


@both
def test_words_that_were_typed_stay(app: Flask) -> None:
    w = world()
    w.campaign.introduction = "Les nôtres"
    start_campaign(w.campaign, "VVV", by=w.administrator)
    assert w.campaign.introduction == "Les nôtres"


@both
@pytest.mark.parametrize("code", USUAL_CONTRACTS)
def test_a_usual_contract_gives_levels_themes_and_funders(app: Flask, code: str) -> None:
    by = user()
    terms = ContractTerms("Contrat d'essai", 2025, 2031, ["Un seul"], priority_area="Les Rives")
    contract = create_contract("essai", terms, by=by)
    start_contract(contract, code, by=by)
    db.session.expire_all()
    said = json.loads((FOLDER / "contrats" / f"{code}.json").read_text("utf-8"))
    assert (contract.label, contract.start_year, contract.end_year) == ("Contrat d'essai", 2025, 2031)
    assert contract.priority_area == "Les Rives"
    assert contract.level_names == said["niveaux"]
    assert [theme.label for theme in contract.themes] == [one["libelle"] for one in said["piliers"]]
    assert [one.label for one in contract.institutions] == [one["libelle"] for one in said["institutions"]]
