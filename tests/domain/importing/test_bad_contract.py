"""The contract's file: completed without deleting, refused with the path of each fault."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from grants.database import db
from grants.domain.importing import import_contract
from grants.french import deadline
from grants.models import Campaign, Contract, HistoryEntry, Institution, Nature, Organisation, Theme, User, Zone
from tests.conftest import both
from tests.domain.importing.real import content, faults_of
from tests.factories import campaign, user

Doc = dict[str, Any]


def document() -> Doc:
    return json.loads(content("contrat.json"))


def load(doc: Any, by: User | None = None) -> Contract:
    return import_contract(json.dumps(doc).encode(), by=by or user())


def put(path: str, value: Any) -> Callable[[Doc], None]:
    """`put("campagnes.2.annee", "x")`"""
    *keys, last = [int(key) if key.isdigit() else key for key in path.split(".")]

    def change(doc: Any) -> None:
        for key in keys:
            doc = doc[key]
        if isinstance(doc, list) and last == len(doc):
            doc.append(value)
        else:
            doc[last] = value

    return change


def drop(key: str) -> Callable[[Doc], None]:
    return lambda doc: doc.pop(key)


BAD = {
    "year in words": (
        put("campagnes.2.annee", "2021"),
        "campagnes[2].annee : « 2021 » doit être une année en chiffres",
    ),
    "year true": (put("campagnes.2.annee", True), "campagnes[2].annee"),
    "year of another century": (put("debut", 215), "debut : « 215 »"),
    "call outside the contract": (
        put("campagnes.2.annee", 2012),
        "campagnes[2].annee : « 2012 » n'est pas une année du contrat (2015 à 2022)",
    ),
    "ends before it starts": (put("fin", 2014), "fin : « 2014 » vient avant le début"),
    "slug with spaces": (put("slug", "Ma Ville"), "slug : « Ma Ville » doit être en minuscules"),
    "slug of slashes": (put("slug", "../x"), "slug"),
    "no label": (drop("libelle"), "libelle : manque : écrire un texte"),
    "empty label": (put("libelle", " "), "libelle : doit être un texte"),
    "label of another type": (put("libelle", ["a"]), 'libelle : « ["a"] » doit être un texte'),
    "endless label": (put("libelle", "é" * 251), "au plus 250 caractères"),
    "NUL": (put("libelle", "a\0b"), "libelle"),
    "half a character": (put("libelle", "\ud800"), "libelle : « \ufffd » doit être"),
    "no list of bearers": (drop("porteurs"), "porteurs : manque : écrire une liste"),
    "object for a list": (put("porteurs", {}), "porteurs : « {} » doit être une liste"),
    "list for an object": (put("campagnes.1", []), "campagnes[1] : « [] » doit être un objet"),
    "list for the area": (put("quartier_prioritaire", []), "quartier_prioritaire : « [] » doit"),
    "text for a theme": (put("piliers.0.axes.1", "Santé"), "piliers[0].axes[1] : « Santé » doit"),
    "theme without label": (
        put("piliers.0.axes.1.orientations.0", {"no": 1}),
        "piliers[0].axes[1].orientations[0].libelle : manque",
    ),
    "theme number in words": (
        put("piliers.0.axes.1.orientations.0.no", "un"),
        "piliers[0].axes[1].orientations[0].no : « un » doit être un num",
    ),
    "theme twice": (
        put("piliers.0.axes.3", {"libelle": "SANTÉ"}),
        "piliers[0].axes[3].libelle : « SANTÉ » figure deux fois",
    ),
    "objective of another type": (
        put("piliers.1.orientations.0.objectifs.0", 3),
        "piliers[1].orientations[0].objectifs[0] : « 3 » doit être",
    ),
    "too few level names": (put("niveaux", ["Pilier"]), 'niveaux : « ["Pilier"] » doit nommer 4'),
    "no level names": (put("niveaux", []), "niveaux"),
    "unknown nature": (
        put("porteurs.3.nature", "club"),
        "porteurs[3].nature : « club » n'est pas connue, écrire l'un de : association ; service municipal",
    ),
    "nature of another type": (put("porteurs.3.nature", {}), "porteurs[3].nature"),
    "bearer twice": (
        put("porteurs.40", {"nom": "aa92 ", "nature": "association"}),
        "porteurs[40].nom : « aa92 » figure deux fois",
    ),
    "institution twice": (
        put("institutions.6", {"libelle": "Ville", "financeurs": []}),
        "institutions[6].libelle : « Ville » figure deux fois",
    ),
    "funder twice": (
        put("institutions.1.financeurs.0.code", "CGET"),
        "institutions[1].financeurs[0].code : « CGET » figure deux fois",
    ),
    "funder code with spaces": (
        put("institutions.1.financeurs.0.code", "LA VILLE"),
        "doit être fait de lettres sans accent",
    ),
    "outside in words": (
        put("institutions.3.hors_plateforme", "oui"),
        "institutions[3].hors_plateforme : « oui » doit être true ou false",
    ),
    "unknown funder": (
        put("campagnes.0.financeurs.0", "CGTE"),
        "nomme « CGTE », qui n'est pas connu, écrire l'un de : CGET ; PRE",
    ),
    "campaign twice": (
        put("campagnes.5", {"annee": 2021, "dispositif": "contrat de ville", "financeurs": []}),
        "campagnes[5].dispositif : « contrat de ville » figure",
    ),
    "one date": (put("campagnes.0.cloture", "2021-12-15"), "campagnes[0].ouverture : écrire les"),
    "no date": (put("campagnes.0.cloture", "15/12/2021"), "campagnes[0].cloture : « 15/12/2021 »"),
    "no such commune": (
        put("communes", [{"insee": "5746", "libelle": "Metz"}]),
        "communes[0].insee : « 5746 » n'est pas un code INSEE",
    ),
    "commune twice": (
        put("communes", [{"insee": "57463", "libelle": "Metz"}, {"insee": "57463", "libelle": "Woippy"}]),
        "communes[1].insee : « 57463 » figure deux fois",
    ),
    "two communes of one name": (
        put("communes", [{"insee": "57463", "libelle": "Metz"}, {"insee": "57751", "libelle": "metz"}]),
        "communes[1].libelle : « metz » figure deux fois",
    ),
    "zone code twice": (
        put("zones", [{"libelle": name, "code": code} for name, code in (("Nord", "qn05701m"), ("Sud", "QN05701M"))]),
        "zones[1].code : « QN05701M » figure deux fois",
    ),
    "zone twice": (put("zones.3", "caravelle"), "zones[3] : « caravelle » figure deux fois"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_wrong_value_is_named_by_its_path(app: Flask, case: str) -> None:
    change, said = BAD[case]
    doc = document()
    change(doc)
    faults = faults_of(lambda: load(doc))
    assert any(said in fault for fault in faults), faults
    assert all(fault.isprintable() for fault in faults)
    assert db.session.scalar(select(func.count()).select_from(Contract)) == 0


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "vide"),
        (b"{", "ligne 1 : ce n'est pas du JSON"),
        (b'{\n "slug": }', "ligne 2 : ce n'est pas du JSON"),
        (b"[]", "doit être un objet"),
        (b"null", "doit être un objet"),
        (b"[" * 100_000, "niveaux sans fin"),
        (b'{"debut": ' + b"9" * 5000 + b"}", "démesuré"),
        (b'{"debut": NaN}', "debut"),
        (b'{"slug": "a", "slug": "b"}', "figure deux fois"),
        (b"PK\x03\x04rest", "C'est un classeur"),
        ('{"libelle": "é"}'.encode("latin-1"), "UTF-8"),
    ],
)
def test_what_is_no_contract(app: Flask, data: bytes, said: str) -> None:
    assert any(said in fault for fault in faults_of(lambda: import_contract(data, by=user())))


@both
def test_the_contract_is_there_whole(app: Flask) -> None:
    contract = load(document())
    assert (contract.priority_area, contract.start_year, contract.end_year) == ("AIRE 2029", 2015, 2022)
    assert [(zone.label, zone.priority) for zone in contract.zones] == [
        ("Caravelle", True),
        ("Centre-ville", True),
        ("Quartiers Sud", True),
        ("Hors QPV", False),
    ]
    themes = {theme.label: theme for theme in contract.themes}
    employment = themes["Emploi et développement économique"]
    path = themes["Lever les freins à l'emploi"]
    assert (path.depth, path.parent_id, path.number) == (2, employment.id, 2)
    objective = themes["Développer la linguistique à visée professionnelle"]
    assert (objective.depth, objective.parent_id) == (3, path.id)
    reserved = themes["Proposer des solutions aux situations de fragilité rencontrées sur le territoire"]
    assert reserved.call_kind == "Réussite éducative (PRE)"
    seen: set[int | None] = {None}
    for theme in contract.themes:
        assert theme.parent_id in seen
        seen.add(theme.id)
    stands = {each.label: (each.outside, each.delegates) for each in contract.institutions}
    assert stands["Région"] == (True, True)
    assert stands["État"] == (False, False)
    campaigns = db.session.scalars(select(Campaign).order_by(Campaign.id)).all()
    assert [c.label for c in campaigns][:2] == ["Contrat de ville 2021", "Contrat de ville 2022"]
    assert [link.funder.code for link in campaigns[1].funders] == ["CGET", "VILLE", "DEPT"]
    school = db.session.scalars(select(Organisation).where(Organisation.name_key == "caisse des ecoles")).one()
    assert (school.nature, school.source) == (Nature.PUBLIC_BODY, "déduite du nom")


def test_a_campaign_with_dates_closes_at_the_end_of_its_last_day(app: Flask) -> None:
    doc = document()
    doc["campagnes"][1] |= {"libelle": "CDV 2022", "ouverture": "2021-10-01", "cloture": "2021-12-15"}
    load(doc)
    call = db.session.scalars(select(Campaign).where(Campaign.label == "CDV 2022")).one()
    assert deadline(call.closes_at) == "jusqu'au 15 décembre 2021 à 23\xa0h\xa059"


def test_the_texts_of_a_call_come_with_it_and_stay_where_they_are_not_said(app: Flask) -> None:
    doc, importer = document(), user()
    doc["campagnes"][0] |= {"presentation": "Pour tous\n\nDeux fois", "priorites": "Les jeunes"}
    load(doc, importer)
    del doc["campagnes"][0]["presentation"]
    doc["campagnes"][0]["priorites"] = "Les femmes"
    load(doc, importer)
    texts = {(call.introduction, call.priorities) for call in db.session.scalars(select(Campaign))}
    assert texts == {("Pour tous\n\nDeux fois", "Les femmes"), ("", "")}
    changed = select(HistoryEntry.old, HistoryEntry.new).where(HistoryEntry.field == "priorities")
    assert db.session.execute(changed).all() == [("Les jeunes", "Les femmes")]


def test_additions_are_made_changes_are_taken_and_nothing_is_deleted(app: Flask) -> None:
    contract = load(document())
    entries = db.session.scalar(select(func.count()).select_from(HistoryEntry)) or 0
    region = next(each for each in contract.institutions if each.label == "ARS")
    ville = next(each for each in contract.institutions if each.label == "Ville")
    ville.delegates = True  # an administrator's choice, which the file does not speak of
    doc = document()
    doc["piliers"].insert(0, doc["piliers"].pop())
    doc["piliers"][1]["axes"].insert(0, {"libelle": "Sport"})
    del doc["piliers"][1]["axes"][1]
    doc["institutions"] = [i for i in doc["institutions"] if i["libelle"] != "ARS"]
    doc["campagnes"][0]["financeurs"].remove("ARS")
    doc["porteurs"] = [{"nom": "AA92", "nature": "autre"}]
    doc["zones"].append("Nord")
    contract.end_year = 2023  # prolonged on the screen, with a call that the file does not name
    campaign(contract, [], year=2023)
    load(doc)
    assert contract.end_year == 2023
    assert db.session.get(Institution, region.id) is region
    assert ville.delegates
    labels = [t.label for t in db.session.scalars(select(Theme).order_by(Theme.position)) if t.depth < 2]
    assert labels == [
        "Cadre de vie et renouvellement urbain",
        "Habitat",
        "Renouvellement urbain",
        "Cadre de vie",
        "Cohésion sociale",
        "Sport",
        "Éducation",
        "Santé",
        "Accès aux droits",
        "Emploi et développement économique",
    ]
    positions = db.session.scalars(select(Theme.position)).all()
    assert len(set(positions)) == len(positions)
    assert db.session.scalar(select(func.count()).select_from(Organisation)) == 40
    natures = select(Organisation.nature).where(Organisation.name == "AA92")
    assert db.session.scalar(natures) is Nature.OTHER
    assert db.session.scalar(select(func.count()).select_from(Zone)) == 5
    assert db.session.scalar(select(func.count()).select_from(HistoryEntry)) == entries + 1
