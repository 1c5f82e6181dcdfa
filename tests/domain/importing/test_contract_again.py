"""The contract's file taken in again: what it changes, and what it keeps."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from grants.database import db
from grants.domain.campaign import campaign as calls
from grants.domain.importing import import_contract
from grants.domain.importing.faults import ImportRefused
from grants.domain.ledger import history
from grants.models import Campaign, HistoryEntry
from tests.domain.importing.test_bad_contract import document, load
from tests.factories import user


def test_zones_of_several_communes(app: Flask) -> None:
    """Those that were there before the communes go to theirs; two communes may have one of one name."""
    contract, doc = load(document()), document()
    del doc["zones"]
    metz = {"insee": "57463", "libelle": "Metz", "zones": ["Caravelle", "Centre-ville"]}
    doc["communes"] = [metz, {"insee": "57751", "libelle": "Woippy", "zones": ["Centre-ville"]}]
    for _ in range(2):
        load(doc)
    places = {commune.id: commune.label for commune in contract.communes}
    assert [(zone.label, places.get(zone.commune_id)) for zone in contract.zones if zone.label != "Quartiers Sud"] == [
        ("Caravelle", "Metz"),
        ("Centre-ville", "Metz"),
        ("Centre-ville", "Woippy"),
        ("Hors QPV", None),
    ]
    doc["communes"] = [metz | {"libelle": "Metz-Ville"}]
    load(doc)
    assert [commune.label for commune in contract.communes] == ["Metz-Ville", "Woippy"]
    doc["communes"] = [{"insee": "57464", "libelle": "metz ville"}]
    with pytest.raises(ImportRefused, match="est ici la commune 57463"):
        load(doc)


def test_what_was_typed_here_since_is_kept_and_told(app: Flask) -> None:
    doc, told = document(), list[str]()
    doc["campagnes"][0] |= {"presentation": "Pour tous", "priorites": "Les jeunes"}
    importer, administrator = user(), user()
    contract = import_contract(json.dumps(doc).encode(), by=importer)
    call = db.session.scalars(select(Campaign).order_by(Campaign.id)).first()
    history.change(call, "update", "introduction", "Pour tous les habitants", by=administrator)
    history.change(contract, "update", "label", "Notre contrat", by=administrator)
    doc["campagnes"][0]["priorites"] = "Les femmes"
    import_contract(json.dumps(doc).encode(), by=importer, tell=told.append)
    assert (call.introduction, call.priorities, contract.label) == (
        "Pour tous les habitants",
        "Les femmes",
        "Notre contrat",
    )
    assert [line.partition(" : ")[0] for line in told] == [
        "« Notre contrat », libelle",
        f"« {call.label} », presentation",
    ]


def test_dates_moved_here_and_calls_made_here_stay(app: Flask) -> None:
    """A call's dates go together; where its page left something empty the file fills it in."""
    doc, told = document(), list[str]()
    dates = {"ouverture": "2014-10-01", "cloture": "2014-12-15"}
    doc["campagnes"][0] |= dates | {"correction_jusqu_a_l_examen": False}
    importer, administrator = user(), user()
    contract = import_contract(json.dumps(doc).encode(), by=importer)
    call = db.session.scalars(select(Campaign).order_by(Campaign.id)).first()
    later = call.closes_at + timedelta(days=5)
    history.change(call, "update", "closes_at", later, by=administrator)
    history.change(call, "update", "correct_until_examined", True, by=administrator)
    terms = calls.CampaignTerms(contract.end_year, "VVV", "Été", introduction="Pour tous")
    made = calls.create_campaign(contract, terms, [], by=administrator)
    doc["campagnes"][0] |= {"ouverture": "2016-10-01", "cloture": "2016-12-15"}
    funders = doc["campagnes"][0]["financeurs"]
    texts = {"presentation": "Pour certains", "priorites": "Les jeunes"}
    own = {"annee": contract.end_year, "dispositif": "VVV", "libelle": "Été", "financeurs": funders}
    doc["campagnes"].append(own | dates | texts)
    for _ in range(2):
        import_contract(json.dumps(doc).encode(), by=importer, tell=told.append)
    assert (call.opens_at.year, call.closes_at, call.correct_until_examined) == (2014, later, True)
    assert (made.introduction, made.priorities, made.opens_at) == (
        "Pour tous",
        "Les jeunes",
        calls.opening(date(2014, 10, 1), None),
    )
    moved = select(HistoryEntry.field).where(HistoryEntry.subject_id == made.id, HistoryEntry.action == "update")
    assert sorted(db.session.scalars(moved)) == ["closes_at", "opens_at", "priorities"]
    kept = ["cloture", "correction_jusqu_a_l_examen", "ouverture"]
    assert sorted({line.partition(" : ")[0] for line in told}) == [
        *(f"« {call.label} », {key}" for key in kept),
        "« Été », presentation",
    ]
