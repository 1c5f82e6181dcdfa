"""The contract's file taken in again: what it changes, and what it keeps."""

from __future__ import annotations

import json

from flask import Flask
from sqlalchemy import select

from grants.database import db
from grants.domain.importing import import_contract
from grants.domain.ledger import history
from grants.models import Campaign
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
