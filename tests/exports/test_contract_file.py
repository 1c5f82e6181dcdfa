"""The file of a contract, out and in again: docs/contract-file.md has all that it may say."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from exports.contract_file import document, write
from grants.database import db
from grants.domain.importing import ImportRefused, import_contract
from grants.domain.importing.contract_file import ignored_keys
from grants.domain.organisation.merging import merge
from grants.models import Contract, HistoryEntry, Nature, Organisation, Role
from tests.conftest import both
from tests.domain.importing.real import import_all
from tests.factories import grant_role, organisation, user

PAGE = Path(__file__).parents[2] / "docs" / "contract-file.md"


def sample() -> dict[str, Any]:
    """The one of the documents."""
    found = re.findall(r"```json\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert len(found) == 1
    said: dict[str, Any] = json.loads(found[0])
    return said


def taken_in(said: dict[str, Any]) -> Contract:
    contract = import_contract(json.dumps(said).encode(), by=user())
    db.session.expire_all()
    return contract


def changes() -> int:
    return db.session.scalar(select(func.count()).select_from(HistoryEntry)) or 0


@both
def test_what_the_documents_say_comes_out_as_it_went_in(app: Flask) -> None:
    said = sample()
    assert ignored_keys(json.dumps(said).encode()) == []
    contract = taken_in(said)
    assert document(contract) == said
    before = changes()
    taken_in(said)
    assert changes() == before


def test_a_bearer_that_was_merged_is_left_as_it_is(app: Flask) -> None:
    said = sample()
    contract = taken_in(said)
    gone = db.session.scalars(select(Organisation).filter_by(home_contract_id=contract.id).limit(1)).one()
    before = gone.nature
    merge(gone, organisation(), by=grant_role(user(), Role.ADMINISTRATOR))
    db.session.commit()
    for each in said["porteurs"]:
        each["nature"] = "bailleur social"
    taken_in(said)
    assert gone.nature is before is not Nature.LANDLORD


@both
def test_a_real_contract_makes_the_same_one_elsewhere(app: Flask) -> None:
    contract, by, _ = import_all()
    file = io.BytesIO()
    write(contract, file)
    before = changes()
    assert import_contract(file.getvalue(), by=by).id == contract.id
    assert changes() == before
    elsewhere = document(contract) | {"slug": "ailleurs", "porteurs": []}
    assert document(taken_in(elsewhere)) == elsewhere


def test_a_deep_tree_and_skipped_levels_come_back(app: Flask) -> None:
    deep = {"libelle": "D", "sous_themes": [{"libelle": "E", "no": 3, "archive": True}]}
    said = sample() | {
        "niveaux": ["A", "B", "C", "D", "E", "F"],
        "piliers": [
            {
                "libelle": "A",
                "orientations": [{"libelle": "C", "sous_themes": [deep]}],
                "sous_themes": [{"libelle": "F seul", "niveau": 6}],
            }
        ],
        "campagnes": [],
        "porteurs": [],
    }
    assert document(taken_in(said))["piliers"] == said["piliers"]


def test_what_changed_in_the_file_changes_and_what_it_lacks_stays(app: Flask) -> None:
    said = sample()
    contract = taken_in(said)
    call = said["campagnes"][0]
    call["pieces"][1]["obligatoire"] = True
    call["analyse"] = [{"libelle": "ancrage dans le QUARTIER", "poids": 1}, {"libelle": "Budget", "poids": 2}]
    call["questions"][0]["choix"].append("Sur place")
    call["criteres"][0]["pourcent"] = 40
    del call["controle"]
    taken_in(said)
    now = document(contract)["campagnes"][0]
    assert now["pieces"][1]["obligatoire"] is True
    assert [(one["libelle"], one["poids"]) for one in now["analyse"]] == [
        ("ancrage dans le QUARTIER", 1),
        ("Budget", 2),
    ]
    assert now["questions"][0]["choix"] == ["Séjour", "Sorties", "Sur place"]
    assert now["criteres"][0]["pourcent"] == 40
    assert now["controle"] == sample()["campagnes"][0]["controle"]


@pytest.mark.parametrize(
    ("part", "value", "words"),
    [
        ("analyse", [{"libelle": "Ancrage", "poids": 9999}], "campagnes[0].analyse[0] : « Ancrage » Écrivez un poids"),
        ("analyse", [{"libelle": "Ancrage", "poids": "3"}], "campagnes[0].analyse[0].poids"),
        ("pieces", [{"document": "carte bleue"}], "campagnes[0].pieces[0].document : « carte bleue » n'est pas connu"),
        ("pieces", [{}], "campagnes[0].pieces[0].libelle"),
        ("questions", [{"question": "Âge", "type": "date"}], "campagnes[0].questions[0].type"),
        ("questions", [{"question": "Âge", "type": "texte", "si_question": "Non"}], "si_reponse"),
        (
            "questions",
            [{"question": "Âge", "type": "texte", "si_question": "Inconnue", "si_reponse": "oui"}],
            "campagnes[0].questions[0] : « Âge » dépend d'une question qui ne vient pas avant elle",
        ),
        ("questions", [{"question": "X", "type": "choix dans une liste", "choix": ["un"]}], "de 2 à 30 choix"),
        ("criteres", [{"libelle": "C", "nombres": ["Nuits"], "sur": ["Nuits"], "pourcent": 5}], "compare « Nuits »"),
        (
            "criteres",
            [
                {
                    "libelle": "C",
                    "nombres": ["Nombre de filles"],
                    "sur": ["Nombre de bénéficiaires attendu"],
                    "pourcent": 0,
                }
            ],
            "entre 1 et 100",
        ),
        ("controle", "tout", "campagnes[0].controle"),
        ("correction_jusqu_a_l_examen", "oui", "campagnes[0].correction_jusqu_a_l_examen"),
        ("cloture", "2026-09-30 12:00", "vient avant l'ouverture"),
        ("cloture", "2026-12-15 25:00", "doit être une date"),
    ],
)
def test_what_cannot_be_is_told_with_its_place(app: Flask, part: str, value: Any, words: str) -> None:
    said = sample()
    said["campagnes"][0][part] = value
    with pytest.raises(ImportRefused) as refused:
        taken_in(said)
    assert words in refused.value.message


def test_an_institution_outside_always_delegates(app: Flask) -> None:
    said = sample()
    said["institutions"][2]["delegue"] = False
    with pytest.raises(ImportRefused, match="délègue toujours"):
        taken_in(said)
