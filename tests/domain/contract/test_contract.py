"""What an administrator sets up for a contract, asked of the domain itself."""

from dataclasses import replace

import pytest
from flask import Flask

from grants.database import db
from grants.domain.contract import contract as rules
from grants.domain.contract.contract import ContractTerms
from grants.errors import DomainError
from grants.models import Commune, CrossTheme, Funder, HistoryEntry, Institution, Role, Zone
from tests.conftest import both
from tests.factories import campaign, contract, grant_role, institution, user

TERMS = ContractTerms("Contrat de ville d'Évry", 2024, 2030, ["Axe", "Orientation"])


def refused(field: str, work) -> str:
    with pytest.raises(DomainError) as refusal:
        work()
    assert refusal.value.field == field
    return refusal.value.message


def entries(subject: str) -> list[tuple[str, str, str, str]]:
    rows = db.session.query(HistoryEntry).filter_by(subject=subject).order_by(HistoryEntry.id)
    assert all(row.contract_id for row in rows)
    return [(row.action, row.field, row.old, row.new) for row in rows]


@both
def test_a_new_contract_has_an_address_drawn_from_its_name(app: Flask) -> None:
    by = user()
    made = rules.create_contract("", TERMS, by=by)
    assert made.slug == "contrat-de-ville-d-evry"
    assert entries("contracts") == [("create", "label", "", TERMS.label)]
    assert "déjà prise" in refused("slug", lambda: rules.create_contract(made.slug, TERMS, by=by))


@pytest.mark.parametrize("slug", ["Évry", "a b", "../x", "-", "a--b", "x" * 81, "a\x00b"])
def test_an_address_is_plain(app: Flask, slug: str) -> None:
    refused("slug", lambda: rules.create_contract(slug, TERMS, by=user()))


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("label", {"label": "  "}),
        ("start_year", {"start_year": 0}),
        ("end_year", {"end_year": 99999}),
        ("end_year", {"end_year": 2023}),
        ("level_names", {"level_names": []}),
        ("level_names", {"level_names": ["Axe", "AXE"]}),
    ],
)
def test_terms_hold_together(app: Flask, field: str, change: dict) -> None:
    terms = replace(TERMS, **change)
    refused(field, lambda: rules.create_contract("ville", terms, by=user()))
    existing = contract()
    refused(field, lambda: rules.change_contract(existing, terms, by=user()))


@both
def test_terms_keep_what_exists_inside(app: Flask) -> None:
    by, of = user(), contract()
    campaign(of, [], year=2026)
    terms = ContractTerms(of.label, 2026, 2026, of.level_names)
    rules.change_contract(of, terms, by=by)
    refused("start_year", lambda: rules.change_contract(of, replace(terms, start_year=2027, end_year=2028), by=by))
    refused("end_year", lambda: rules.change_contract(of, replace(terms, start_year=2024, end_year=2025), by=by))
    message = refused(
        "level_names", lambda: rules.change_contract(of, replace(terms, level_names=["Pilier", "Axe"]), by=by)
    )
    assert "3 niveaux" in message
    assert ("update", "start_year", "2015", "2026") in entries("contracts")


@both
def test_institutions_have_their_own_names_and_those_outside_delegate(app: Flask) -> None:
    by, of = user(), contract()
    region = rules.add_part(Institution, of, label=" Région ", outside=True, delegates=False, by=by)
    assert (region.label, region.delegates) == ("Région", True)
    rules.add_part(Institution, contract(), label="Région", outside=False, delegates=False, by=by)
    refused("label", lambda: rules.add_part(Institution, of, label="RÉGION", outside=False, delegates=False, by=by))
    rules.change_part(region, label="Région IDF", outside=False, delegates=False, by=by)
    assert ("update", "label", "Région", "Région IDF") in entries("institutions")


@both
def test_an_institution_with_instructors_cannot_leave_the_platform(app: Flask) -> None:
    of = contract()
    state = institution(of, "État", "CGET")
    grant_role(user(), Role.INSTRUCTOR, of, state)
    refused("outside", lambda: rules.change_part(state, label="État", outside=True, delegates=True, by=user()))


@both
def test_a_code_names_one_funder_of_a_contract(app: Flask) -> None:
    by, of = user(), contract()
    state, city = institution(of, "État"), institution(of, "Ville")
    cget = rules.add_part(Funder, state, code="CGET", label="État – CGET", by=by)
    ville = rules.add_part(Funder, city, code="VILLE", label="Ville", by=by)
    assert (cget.position, ville.position, state.funders) == (1, 2, [cget])
    assert "État – CGET" in refused("code", lambda: rules.add_part(Funder, city, code="cget", label="X", by=by))
    refused("code", lambda: rules.change_part(ville, code="CGET", label="Ville", by=by))
    refused("code", lambda: rules.change_part(ville, code="A B", label="Ville", by=by))
    refused("label", lambda: rules.change_part(ville, code="VILLE", label=" ", by=by))
    rules.change_part(ville, code="VILLE", label="Ville du Pont", by=by)
    assert ("update", "label", "Ville", "Ville du Pont") in entries("funders")


@both
def test_zones_and_cross_themes(app: Flask) -> None:
    by, of = user(), contract()
    zone = rules.add_part(Zone, of, label="Hors QPV", priority=False, by=by)
    assert [z.label for z in of.zones] == ["Caravelle", "Hors QPV"]
    refused("label", lambda: rules.change_part(zone, label="caravelle", priority=False, by=by))
    rules.change_part(zone, label="Hors quartier", priority=False, by=by)
    youth = rules.add_part(CrossTheme, of, label="La jeunesse", by=by)
    refused("label", lambda: rules.add_part(CrossTheme, of, label="LA JEUNESSE", by=by))
    rules.change_part(youth, label="Jeunesse", by=by)
    assert entries("zones")[-1] == ("update", "label", "Hors QPV", "Hors quartier")
    assert entries("cross_themes")[-1] == ("update", "label", "La jeunesse", "Jeunesse")


def test_communes_and_the_zones_of_each(app: Flask) -> None:
    of, elsewhere, by = contract(), contract(), user()
    [metz, woippy] = [
        rules.add_part(Commune, of, label=label, insee=insee, by=by)
        for label, insee in (("Metz", "57463"), ("Woippy", "57751"))
    ]
    for insee in ("5746", "574630", "2C001", "", "٥٧٤٦٣"):
        refused("insee", lambda insee=insee: rules.add_part(Commune, of, label="X", insee=insee, by=by))
    assert "Metz" in refused("insee", lambda: rules.add_part(Commune, of, label="X", insee="57463", by=by))
    refused("label", lambda: rules.add_part(Commune, of, label="METZ", insee="2a004", by=by))
    rules.change_part(woippy, label="Woippy", insee="2a004", by=by)
    assert woippy.insee == "2A004"
    foreign = rules.add_part(Commune, elsewhere, label="Metz", insee="57463", by=by)
    zone = {"label": "Centre", "priority": True, "by": by}
    refused("commune_id", lambda: rules.add_part(Zone, of, **zone))
    refused("commune_id", lambda: rules.add_part(Zone, of, **zone, commune_id=foreign.id))
    [one, other] = [rules.add_part(Zone, of, **zone, commune_id=place.id) for place in (metz, woippy)]
    refused("label", lambda: rules.change_part(other, label="Centre", priority=True, commune_id=metz.id, by=by))
    rules.add_part(Zone, of, label="Hors QPV", priority=False, by=by)
    rules.change_part(one, label="Centre", priority=True, commune_id=metz.id, by=by)
