"""Pages of a contract of several communes; those of one never speak of them."""

import re
from urllib.parse import unquote

import pytest
from flask import Flask

from grants.database import db
from grants.domain.contract.contract import add_part
from grants.domain.dossier.budget import funders_of
from grants.domain.ledger.operation import operation
from grants.errors import DomainError
from grants.french import today
from grants.models import Commune, Project, Role, State
from grants.web.admin.accounts import _grant
from tests.conftest import SignIn
from tests.factories import World, campaign, grant_role, project, two_communes, user, world
from tests.web.dossiers import applicants_world, draft_of, send


def pages_of(w: World, draft: Project, project: Project) -> dict[str, str]:
    contract, year = f"/contrats/{w.contract.slug}", w.campaign.year
    return {
        f"/mes-projets/{draft.id}/public": "applicant",
        f"/projets/{project.id}": "coordinator",
        f"/projets/{project.id}/classement": "coordinator",
        f"/appels/{w.campaign.id}/dossier-recu": "coordinator",
        f"{contract}/{year}/projets": "coordinator",
        f"{contract}/{year}/projets.csv": "coordinator",
        f"{contract}/{year}/programmation": "committee",
        f"{contract}/{year}/programmation.csv": "committee",
        f"{contract}/comparaison/2025/{year}": "committee",
        f"{contract}/{year}/grille": "committee",
    }


@pytest.mark.slow
@pytest.mark.parametrize("several", [False, True])
def test_pages_speak_of_communes_where_there_are_several(app: Flask, sign_in: SignIn, several: bool) -> None:
    w = applicants_world("ici")
    draft, project = draft_of(w), w.project()
    campaign(w.contract, [w.cget], year=2025)
    if several:
        draft.commune, project.commune = two_communes(w.contract)
    else:
        add_part(Commune, w.contract, label="Metz", insee="57463", by=w.administrator)
    db.session.commit()
    for path, who in pages_of(w, draft, project).items():
        page = sign_in(getattr(w, who)).get(path)
        assert page.status_code == 200, path
        assert bool(re.search("commune(?!s? )|Metz|Woippy", page.text, re.IGNORECASE)) is several, path


def test_the_territory_is_asked_with_its_communes(app: Flask, sign_in: SignIn) -> None:
    w = applicants_world("ici")
    draft = draft_of(w)
    metz, woippy = two_communes(w.contract)
    db.session.commit()
    client, path = sign_in(w.applicant), f"/mes-projets/{draft.id}/public"
    page = client.get(path).text
    assert page.index("Metz : Caravelle") < page.index("Woippy : Saint-Éloy")
    zones = [zone.id for zone in w.contract.zones]
    send(client, path, commune_id=metz.id, other_commune_ids=[woippy.id], zone_ids=zones)
    db.session.expire_all()
    assert (draft.commune, draft.other_communes, len(draft.zones)) == (metz, [woippy], 2)
    answer = send(client, path, commune_id="999999999999", zone_ids=zones)
    assert answer.status_code == 422
    db.session.expire_all()
    assert draft.commune == metz


def test_the_settings_add_communes_and_place_zones(app: Flask, sign_in: SignIn) -> None:
    w = world("ici")
    db.session.commit()
    admin, base = sign_in(w.administrator), "/reglages/contrats/ici"
    for label, insee in (("Metz", "57463"), ("Woippy", "57751")):
        assert send(admin, f"{base}/communes/ajouter", label=label, insee=insee).status_code == 302
    assert "INSEE" in send(admin, f"{base}/communes/ajouter", label="Nancy", insee="54").text
    metz = db.session.query(Commune).filter_by(insee="57463").one()
    assert "Choisissez la commune" in send(admin, f"{base}/quartiers/ajouter", label="Borny").text
    assert send(admin, f"{base}/quartiers/ajouter?commune={metz.id}", label="Borny").status_code == 302
    send(admin, f"/reglages/quartiers/{w.contract.zones[0].id}", commune_id=metz.id)
    page = admin.get(f"{base}/quartiers").text.replace("\xa0", " ")
    order = ("Quartiers : Metz", "Caravelle", "Borny", "Quartiers : Woippy")
    assert sorted(order, key=page.index) == list(order)


@pytest.mark.slow
def test_the_tables_are_cut_as_the_address_says(app: Flask, sign_in: SignIn) -> None:
    w = world("ici")
    one, other = w.project(title="À Metz"), w.project(title="Ailleurs")
    campaign(w.contract, [w.cget], year=2025)
    one.commune, other.commune = two_communes(w.contract)
    db.session.commit()
    client, here = sign_in(w.coordinator), f"/contrats/ici/{w.campaign.year}"
    query = f"?commune={one.commune.id}"
    for path in (f"{here}/projets", f"{here}/projets.csv", f"{here}/grille", f"{here}/programmation"):
        page = client.get(path + query).text
        assert ("À Metz" in page, "Ailleurs" in page) == (True, False), path
        both = client.get(f"{path}?commune=999").text
        assert ("À Metz" in both, "Ailleurs" in both) == (True, True), path
    by_commune = client.get(f"{here}/programmation?par=commune").text
    assert by_commune.index("Sous-total commune « Metz »") < by_commune.index("Sous-total commune « Woippy »")
    assert "commune=" in client.get(f"{here}/programmation{query}").text.partition("programmation.xlsx")[2][:40]
    pair = f"/contrats/ici/comparaison/2025/{w.campaign.year}"
    assert "Woippy" in client.get(f"{pair}?par=commune").text
    assert "Metz seulement" in client.get(f"{pair}{query}").text
    for file in ("vue.csv", "vue.xlsx"):
        assert "Metz" in unquote(client.get(f"{pair}/{file}{query}").headers["Content-Disposition"])
    day = client.get(f"{here}/programmation/{today().isoformat()}?par=commune").text
    assert "Sous-total commune « Metz »" in day


@pytest.mark.slow
def test_who_coordinates_a_commune_sees_and_acts_in_its_dossiers(app: Flask, sign_in: SignIn) -> None:
    w = world("ici")
    one, other, nowhere = (w.project(title=title, state=State.SUBMITTED) for title in ("À Metz", "À Woippy", "Où ?"))
    campaign(w.contract, [w.cget], year=2025)
    one.commune, other.commune = metz, woippy = two_communes(w.contract)
    w.applicant.name = "Une adhérente"
    db.session.commit()
    admin, person = sign_in(w.administrator), user("Alix")
    db.session.commit()
    page = admin.get(f"/reglages/comptes/{person.id}").text
    choice = re.search(rf'value="(COORDINATOR:\d+:{metz.id})">chef de projet, Metz', page)
    assert choice
    admin.post(f"/reglages/comptes/{person.id}/roles", data={"role": choice[1]})
    assert (
        "déjà ce rôle"
        in admin.post(f"/reglages/comptes/{person.id}/roles", data={"role": choice[1]}, follow_redirects=True).text
    )
    db.session.expire_all()
    assert [(grant.role, grant.commune_id) for grant in person.roles] == [(Role.COORDINATOR, metz.id)]
    client, here = sign_in(person), f"/contrats/ici/{w.campaign.year}"
    assert client.get("/contrats/ici").location.endswith(f"{here}/projets")
    pair, every = f"/contrats/ici/comparaison/2025/{w.campaign.year}", f"{here}/plusieurs?quoi=recevables&lot=tous"
    for path in (f"{here}/projets", f"{here}/projets.csv", f"{here}/programmation", f"{here}/programmation.csv", every):
        for query in ("", f"commune={woippy.id}"):
            shown = client.get(f"{path}{'&' if '?' in path else '?'}{query}")
            assert shown.status_code == 200, path
            assert not re.search("À Woippy|Où \\?", shown.text), path
            assert ("À Metz" in shown.text) is (not query or "programmation" in path), path
    assert "Metz seulement" in client.get(pair).text
    for path in (f"{here}/grille", f"{here}/enveloppes", f"{here}/versions", f"/projets/{other.id}"):
        assert client.get(path).status_code == 403, path
    assert client.get(f"/projets/{one.id}").status_code == 200
    for each, may in ((one, True), (other, False), (nowhere, False)):
        path = f"/projets/{each.id}/etapes/admit"
        sent = send(client, path) if may else client.post(path)
        assert (sent.status_code == 403) is not may
        db.session.expire_all()
        assert (each.state is State.ADMISSIBLE) is may


@pytest.mark.slow
def test_of_an_earlier_dossier_of_another_commune_its_number_alone_is_read(app: Flask, sign_in: SignIn) -> None:
    w = world("ici")
    last = campaign(w.contract, [w.cget], year=2025)
    one, there = w.project(title="Bien à Metz"), project(last, w.applicant, requested={w.cget: 7531})
    aside = project(last, w.applicant, requested={w.cget: 8642})
    there.title, there.objectives, aside.title = "Bien loin", "Un objectif de Woippy", "Bien à côté"
    metz, woippy = two_communes(w.contract)
    one.commune, there.commune, aside.commune, one.predecessor_id = metz, woippy, woippy, there.id
    person = grant_role(user("Alix"), Role.COORDINATOR, w.contract, commune=metz)
    db.session.commit()
    client, said = sign_in(person), f"/projets/{one.id}/filiation"
    for path in (f"/projets/{one.id}", f"{said}?avec={aside.reference}", f"/projets/{one.id}/avis"):
        page = client.get(path)
        assert page.status_code == 200
        assert not re.search("Bien loin|objectif de Woippy|Bien à côté|7.531|8.642", page.text), path
        assert (there.reference in page.text) is not path.endswith("avis")
    assert "7\u202f531" in sign_in(w.coordinator).get(f"/projets/{one.id}").text
    refused = send(client, said, references=[there.reference], others=aside.reference)
    assert (refused.status_code, "que vous pouvez lire" in refused.text) == (422, True)
    assert send(client, said, references=[there.reference]).status_code == 302
    db.session.expire_all()
    assert one.predecessor_id == there.id


def test_a_contract_that_has_one_commune_left(app: Flask, sign_in: SignIn) -> None:
    """Who coordinates that one reads its dossiers; a funder of it is asked by all of them."""
    w = world("ici")
    one = w.project(title="À Metz")
    metz, woippy = two_communes(w.contract)
    one.commune, w.ville.commune_id = metz, metz.id
    person = grant_role(user("Alix"), Role.COORDINATOR, w.contract, commune=metz)
    db.session.delete(w.contract.zones[1])
    db.session.delete(woippy)
    db.session.commit()
    db.session.expire_all()
    assert "À Metz" in sign_in(person).get(f"/contrats/ici/{w.campaign.year}/programmation").text
    draft = draft_of(w)
    assert (draft.commune_id, w.ville in funders_of(draft)) == (None, True)
    assert "Ne finance que" not in sign_in(w.administrator).get(f"/reglages/financeurs/{w.ville.id}").text


def test_who_coordinates_a_commune_is_led_to_what_they_may_open(app: Flask, sign_in: SignIn) -> None:
    w = world("ici")
    one, two = w.project(state=State.SUBMITTED), w.project(state=State.SUBMITTED)
    one.commune = two.commune = metz = two_communes(w.contract)[0]
    person = grant_role(user("Alix"), Role.COORDINATOR, w.contract, commune=metz)
    with operation(w.contract.id, "admit", by=person) as made:
        pass
    db.session.commit()
    client = sign_in(person)
    moved = {"campaign_id": one.campaign_id, "theme_id": one.theme_id, "kind": "NEW"}
    for project_id, to in ((two.id, metz), (one.id, w.contract.communes[1])):
        path = f"/projets/{project_id}/classement"
        done = send(client, path, **moved, commune_id=to.id)
        assert (done.status_code, client.get(done.location, follow_redirects=True).status_code) == (302, 200), path
    done = client.post(f"/contrats/ici/operations/{made.id}/annuler")
    assert (done.status_code, client.get(done.location, follow_redirects=True).status_code) == (302, 200)


def test_a_choice_that_is_gone_gives_no_wider_role(app: Flask) -> None:
    w = world()
    for role in ("COORDINATOR", "INSTRUCTOR"):
        with pytest.raises(DomainError, match="n'existe plus"):
            _grant(w.applicant, f"{role}:{w.contract.id}:999")
