"""It is asked again who one is before what is told to others or gives rights; some roles need a second factor."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from grants.config import Settings, SettingsError
from grants.database import db
from grants.domain.accounts import passwords
from grants.domain.organisation.merging import merge
from tests.conftest import SignIn, both
from tests.factories import World, organisation
from tests.web.dossiers import fields_in
from tests.web.factors import FACTORS, PASSWORD, add_application, enter, grow_old


@both
def test_it_is_asked_again_before_notifying_and_nothing_is_lost(app: Flask, w: World) -> None:
    w.city_instructor.password_hash = passwords.HASHER.hash(PASSWORD)
    project = w.project()
    db.session.commit()
    client, _ = enter(app, w.city_instructor)
    page = f"/projets/{project.id}/financeurs/{w.ville.id}"
    decided = {"choice": "ACCEPTED", "granted": "100"}
    client.post(page, data=fields_in(client.get(page).text) | decided)
    fields = fields_in(client.get(f"{page}/notification").text)
    grow_old(minutes=31)
    assert client.get(f"{page}/notification").location == f"/verification?next={page}/notification"
    notice = fields | {"act_number": "Délibération 2026-31", "act_date": "2026-11-20"}
    app.config["WTF_CSRF_ENABLED"] = True
    notice["csrf_token"] = fields_in(client.get("/compte/nom").text)["csrf_token"]
    asked = client.post(f"{page}/notification", data=notice)
    assert asked.status_code == 403
    assert "n'est pas perdu" in asked.text
    sent = fields_in(asked.text)
    wrong = client.post("/verification", data=sent | {"password": "faux"})
    assert wrong.status_code == 422
    back = client.post("/verification", data=fields_in(wrong.text) | {"password": PASSWORD}).text
    filled = client.post(f"{page}/notification", data=fields_in(back))
    assert "Délibération 2026-31" in filled.text
    done = client.post(f"{page}/notification", data=fields_in(filled.text))
    assert done.status_code == 302


def test_it_is_asked_again_before_roles_change(w: World, admin: FlaskClient) -> None:
    w.administrator.password_hash = passwords.HASHER.hash(PASSWORD)
    gone, done = organisation(), merge(organisation(), organisation(), by=w.administrator)
    account, role = f"/reglages/comptes/{w.committee.id}", w.committee.roles[0].id
    grow_old(minutes=31)
    slug = w.contract.slug
    for method, url in (
        ("GET", "/reglages/comptes/ajouter"),
        ("POST", f"{account}/roles"),
        ("POST", f"/reglages/roles/{role}/retirer"),
        ("POST", f"{account}/lien"),
        ("GET", f"/reglages/organisations/{gone.id}/reunir/{w.bearer.id}"),
        ("POST", f"/reglages/organisations/{gone.id}/reunir/{w.bearer.id}"),
        ("POST", f"/reglages/reunions/{done.id}/separer"),
        ("POST", f"{account}/fermer"),
        ("POST", f"{account}/rouvrir"),
        ("POST", f"{account}/double-verification/retirer"),
        ("GET", f"/reglages/contrats/{slug}/coller/personnes"),
    ):
        answer = admin.open(url, method=method)
        assert answer.location == f"/verification?next={url}", url
    assert admin.get(f"/reglages/contrats/{slug}/coller/themes").status_code == 200
    assert admin.post("/verification", data={"password": PASSWORD}).status_code == 302
    assert admin.get("/reglages/comptes/ajouter").status_code == 200


def test_a_password_is_no_proof_for_who_has_a_factor(app: Flask, w: World, admin: FlaskClient) -> None:
    w.administrator.password_hash = passwords.HASHER.hash(PASSWORD)
    db.session.commit()
    add_application(admin)
    grow_old(minutes=31)
    assert admin.post("/verification", data={"password": PASSWORD}).status_code == 422
    new = {"current": PASSWORD, "password": "quatre mots bien choisis ensemble"}
    for ask in (admin.get, admin.post):
        assert ask("/compte/mot-de-passe", data=new).location == "/verification?next=/compte/mot-de-passe"
    assert admin.get("/reglages/comptes/ajouter").status_code == 302


def test_a_role_that_needs_one_is_led_there(app: Flask, w: World, sign_in: SignIn) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], second_factor=True)
    home = f"/contrats/{w.contract.slug}"
    for person in (w.coordinator, w.administrator):
        client = sign_in(person)
        for url in (home, "/reglages"):
            answer = client.get(url)
            assert answer.status_code == 403 or answer.location == f"{FACTORS}?next={url}"
        assert client.get("/compte").status_code == 200
        assert client.get("/").status_code == 200
        page = client.get(f"{FACTORS}?next={home}").text
        assert "Votre rôle demande" in page
        assert f"application?next={home}" in page
    assert sign_in(w.city_instructor).get(home).status_code == 200
    assert sign_in(w.applicant).get("/mes-projets").status_code == 200
    client = sign_in(w.coordinator)
    asked = client.post(f"{home}/{w.campaign.year}/plusieurs", data={}, headers={"Accept": "application/json"})
    assert asked.status_code == 403
    add_application(client)
    assert client.get(home).status_code == 200


def test_what_was_sent_by_who_lacks_one_comes_back(app: Flask, w: World, admin: FlaskClient) -> None:
    fields = fields_in(admin.get(f"/reglages/comptes/{w.committee.id}/nom").text)
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], second_factor=True)
    app.config["WTF_CSRF_ENABLED"] = True
    fields |= {"csrf_token": fields_in(admin.get("/compte/nom").text)["csrf_token"], "name": "Nadia Leroy"}
    page = admin.post(f"/reglages/comptes/{w.committee.id}/nom", data=fields)
    assert page.status_code == 403
    assert "Retrouver ce que j'ai écrit" in page.text


def test_it_is_required_in_production_unless_one_says_otherwise(tmp_path) -> None:
    env = {"GRANTS_DATA_DIR": str(tmp_path), "SECRET_KEY": "kq8ZfW3nR7vLx2TbY6mPc9HsD4gJ5aEu"}
    assert not Settings.from_environment(env).second_factor
    env["GRANTS_ENV"] = "production"
    assert Settings.from_environment(env).second_factor
    assert not Settings.from_environment(env | {"GRANTS_SECOND_FACTOR": "optional"}).second_factor
    with pytest.raises(SettingsError, match="GRANTS_SECOND_FACTOR"):
        Settings.from_environment(env | {"GRANTS_SECOND_FACTOR": "oui"})
