"""Organisations: founded, edited and found again; and what is no SIRET."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from grants.database import db
from grants.domain.organisation import profile
from grants.domain.organisation.identity import Identity, create
from grants.errors import Conflict, DomainError
from grants.models import HistoryEntry, Nature, Organisation, User
from grants.permissions import is_signatory
from grants.queries.administration import organisations as queries
from grants.queries.administration.organisations import alike, same
from tests.conftest import both
from tests.factories import contract, member, user
from tests.factories import organisation as an_organisation

SIRET, LA_POSTE = "78467169500087", "35600000049837"
DETAILS = Identity("L'Écho des  tours", Nature.ASSOCIATION, "784 671 695 00087", rna="w922001234")
SERVICE = Identity("Service jeunesse", Nature.MUNICIPAL_SERVICE)


@both
def test_the_founder_is_its_signatory(app: Flask) -> None:
    founder = user()
    made = create(DETAILS, by=founder)
    assert (made.name, made.siret, made.rna) == ("L'Écho des tours", SIRET, "W922001234")
    assert made.name_key == "l echo des tours"
    assert is_signatory(founder, made)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "  "}, "name"),
        ({"siret": ""}, "siret"),
        ({"siret": "78467169500088"}, "siret"),
        ({"siret": "7846716950008"}, "siret"),
        ({"siret": "٧٨٤٦٧١٦٩٥٠٠٠٨٧"}, "siret"),
        ({"siret": "35600000049838"}, "siret"),
        ({"nature": Nature.LANDLORD, "siret": " "}, "siret"),
        ({"nature": Nature.MUNICIPAL_SERVICE, "siret": "1"}, "siret"),
        ({"rna": "X922001234"}, "rna"),
        ({"rna": "W92200123"}, "rna"),
        ({"email": "nobody"}, "email"),
    ],
)
def test_what_will_not_do(app: Flask, changes: dict, field: str) -> None:
    with pytest.raises(DomainError) as refused:
        create(replace(DETAILS, **changes), by=user())
    assert refused.value.field == field


def test_la_poste_has_numbers_of_its_own(app: Flask) -> None:
    assert create(replace(DETAILS, siret=LA_POSTE), by=user()).siret == LA_POSTE


@both
def test_a_siret_taken_is_refused_and_names_whom_to_join(app: Flask) -> None:
    create(DETAILS, by=user())
    for nature in (Nature.ASSOCIATION, Nature.MUNICIPAL_SERVICE):
        with pytest.raises(DomainError, match=r"Écho des tours.*rejoindre") as refused:
            create(replace(DETAILS, name="Autre", nature=nature), by=user())
        assert refused.value.field == "siret"


@both
def test_services_of_a_commune_share_its_siret_or_have_none(app: Flask) -> None:
    create(SERVICE, by=user())
    create(replace(SERVICE, name="Service des sports", siret=SIRET), by=user())
    create(replace(SERVICE, name="Service culture", siret=SIRET), by=user())
    with pytest.raises(DomainError):
        create(DETAILS, by=user())


@both
def test_pressing_twice_founds_one(app: Flask) -> None:
    founder = user()
    create(SERVICE, by=founder)
    with pytest.raises(DomainError, match="déjà membre"):
        create(SERVICE, by=founder)
    with pytest.raises(DomainError, match="rejoindre"):
        create(SERVICE, by=user())
    create(SERVICE, by=user(), another=True)  # another commune's


@both
def test_an_edit_is_remembered_field_by_field(app: Flask) -> None:
    founder = user()
    made = create(DETAILS, by=founder)
    seen = Identity.of(made)
    profile.save(made, replace(seen, phone="01 23 45 67 89"), by=founder, seen=seen.fingerprint())
    edits = db.session.execute(
        select(HistoryEntry.field, HistoryEntry.old, HistoryEntry.new).filter_by(action="edit")
    ).all()
    assert [tuple(e) for e in edits] == [("phone", "", "01 23 45 67 89")]


@both
def test_a_new_name_is_one_change(app: Flask) -> None:
    founder = user()
    made = create(DETAILS, by=founder)
    rename(made, "Écho", founder)
    assert made.name_key == "echo"
    edits = db.session.scalars(select(HistoryEntry.field).filter_by(action="edit")).all()
    assert edits == ["name"]


@both
def test_a_namesake_of_the_same_contract_is_refused_at_the_name(app: Flask) -> None:
    here, elsewhere = contract(), contract()
    mine, namesake, other = (an_organisation(name) for name in ("service", "culture", "sports"))
    mine.home_contract_id = namesake.home_contract_id = here.id
    other.home_contract_id = elsewhere.id
    an_organisation("jeunesse")  # of no contract
    db.session.flush()
    by = member(mine)
    with pytest.raises(DomainError, match="« culture » existe déjà") as refused:
        rename(mine, "Culture", by)
    assert refused.value.field == "name"
    for name in ("Sports", "Jeunesse", "Service"):
        rename(mine, name, by)
        assert mine.name == name
    bystander = an_organisation("hors contrat")
    rename(bystander, "Jeunesse", member(bystander))


def rename(of: Organisation, name: str, by: User) -> None:
    seen = Identity.of(of)
    nature = {} if of.siret else {"nature": Nature.MUNICIPAL_SERVICE}
    profile.save(of, replace(seen, name=name, **nature), by=by, seen=seen.fingerprint())


@both
def test_an_edit_over_anothers_is_refused(app: Flask) -> None:
    founder = user()
    made = create(DETAILS, by=founder)
    seen = Identity.of(made)
    profile.save(made, replace(seen, phone="01 23 45 67 01"), by=founder, seen=seen.fingerprint())
    again = replace(seen, phone="01 23 45 67 02")
    with pytest.raises(Conflict, match="entre-temps"):
        profile.save(made, again, by=founder, seen=seen.fingerprint())
    assert made.phone == "01 23 45 67 01"


@both
def test_search_finds_whatever_the_accents_and_shows_little(app: Flask) -> None:
    where = "3 rue Haute\n92390 Villeneuve-la-Garenne"
    made = create(replace(DETAILS, address=where, phone="0612345678"), by=user())
    expected = [queries.FoundOrganisation(made.id, made.name, made.nature, "Villeneuve-la-Garenne")]
    for typed in ("echo", "ECHO tours", "l’écho", SIRET, "784 671 695", "784.671.695.00087"):
        assert queries.search(typed) == expected, typed
    for typed in ("echos", "123456789", "%%%", "___", "a\x00b", " "):
        assert queries.search(typed) == [], typed


@both
def test_search_stops_at_twenty(app: Flask) -> None:
    for number in range(25):
        an_organisation(f"Amicale {number:02}")
    assert [f.name for f in queries.search("amicale")] == [f"Amicale {n:02}" for n in range(20)]


@pytest.mark.parametrize("name", ["A.D.A.B.E.", "Association ADABE", "ADABE 92"])
def test_a_name_that_resembles_another_s_is_asked_about(app: Flask, name: str) -> None:
    create(replace(DETAILS, name="ADABE"), by=user())
    other = replace(DETAILS, name=name, siret=LA_POSTE)
    with pytest.raises(DomainError, match="ou presque") as refused:
        create(other, by=user())
    assert refused.value.field == "another"
    assert [found.name for found in same(name, "")] == ["ADABE"]
    create(other, by=user(), another=True)
    assert {one.name for pair in alike() for one in (pair.one, pair.other)} == {"ADABE", name}


AT = {"Amicale Est": "", "Amicale Est de Villeneuve-la-Garenne": "9 rue Haute, 92390 Villeneuve-la-Garenne"}


@pytest.mark.parametrize("first", AT)
def test_a_town_added_to_a_name_makes_no_other_name(app: Flask, first: str) -> None:
    """Whichever comes first; with another town on each it is another."""
    [second] = AT.keys() - {first}
    create(replace(DETAILS, name=first, address=AT[first]), by=user())
    other = replace(DETAILS, name=second, address=AT[second], siret=LA_POSTE)
    with pytest.raises(DomainError, match="ou presque"):
        create(other, by=user())
    assert [found.name for found in same(second, "", AT[second])] == [first]
    create(other, by=user(), another=True)
    assert {one.name for pair in alike() for one in (pair.one, pair.other)} == AT.keys()


def test_the_town_of_the_contract_is_known_and_two_towns_are_two_names(app: Flask) -> None:
    contract().label = "Contrat de ville d'Échirolles"
    an_organisation("Amicale du Parc")
    assert [one.name for one in same("AMICALE DU PARC - ECHIROLLES", "")] == ["Amicale du Parc"]
    an_organisation("Club du Lac")
    assert same("Club du Lac de Lyon", "", "1 rue Haute, 69001 Lyon Cedex 01 (France)")
    an_organisation("Mairie d'Échirolles")
    assert same("Mairie de Brest", "", "1 rue Haute, 29200 Brest") == alike() == []
