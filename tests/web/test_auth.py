"""Signing up, in and out; links; the account page: as a browser meets them."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select

from grants.database import db
from grants.domain import limits
from grants.domain.accounts import accounts
from grants.domain.accounts.passwords import hash_password
from grants.errors import DomainError
from grants.models import Attempt, Mail, Role, User
from grants.web.auth.entering import landing
from grants.web.auth.routes import ASKED, MOST_ASKED
from tests.conftest import both
from tests.factories import contract, grant_role, institution, user

PASSWORD = "une phrase qui se retient"


@pytest.fixture
def person(app: Flask) -> User:
    made = accounts.create("Anne Martin", "anne@example.org", hash_password(PASSWORD))
    db.session.commit()
    return made


def post(client, path: str, **fields):
    return client.post(path, data=fields)


def signed_in(client) -> bool:
    return client.get("/compte").status_code == 200


def sign_in_as(app: Flask, password: str = PASSWORD, path: str = "/connexion", **extra):
    client = app.test_client()
    return client, client.post(path, data={"email": " Anne@Example.org ", "password": password}, **extra)


def test_sign_up_then_out_then_in(app: Flask) -> None:
    client = app.test_client()
    answer = post(client, "/inscription", name="Anne", email="Anne@Example.org", password=PASSWORD)
    assert answer.status_code == 302
    assert signed_in(client)
    assert post(client, "/deconnexion").status_code == 302
    assert not signed_in(client)
    client, answer = sign_in_as(app)
    assert (answer.status_code, signed_in(client)) == (302, True)


@pytest.mark.parametrize("email", ["anne@mairie-évry.fr", "anne.le\u2011gall@example.org"])
def test_what_opened_the_account_opens_it_again(app: Flask, email: str) -> None:
    client = app.test_client()
    post(client, "/inscription", name="Anne", email=email, password=PASSWORD)
    assert signed_in(client)
    client = app.test_client()
    post(client, "/mot-de-passe-oublie", email=email)
    db.session.rollback()
    assert "forgotten_password" in db.session.scalars(select(Mail.purpose)).all()
    post(client, "/connexion", email=email, password=PASSWORD)
    assert signed_in(client)


def test_an_account_of_an_intranet_address_stays_open_to_its_owner(app: Flask) -> None:
    """Opened under older rules of what an address is."""
    made = user()
    made.email, made.password_hash = "anne@mairie.local", hash_password(PASSWORD)
    db.session.commit()
    client = app.test_client()
    post(client, "/connexion", email="Anne@mairie.local", password=PASSWORD)
    assert signed_in(client)
    assert accounts.link_owner(accounts.create_admin("Anne@mairie.local")).id == made.id
    with pytest.raises(DomainError, match=r"prenom\.nom"):
        accounts.create_admin("bernard@mairie.local")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("email", "", "Indiquez votre adresse"),
        ("email", "anne", "comme prenom.nom@exemple.fr"),
        ("email", "a\x00@example.org", "caractère invisible"),
        ("email", "x" * 250 + "@example.org", "254 caractères"),
        ("name", " ", "Indiquez votre nom"),
        ("name", "x" * 251, "250 caractères"),
        ("password", "court", "trop court"),
        ("password", "x" * 5000, "200 caractères"),
        ("password", "a\x00" * 10, "caractère invisible"),
    ],
)
def test_sign_up_refuses_in_words_and_keeps_what_was_typed(app: Flask, field: str, value: str, message: str) -> None:
    fields = {"name": "Zoé", "email": "zoe@example.org", "password": PASSWORD, field: value}
    answer = post(app.test_client(), "/inscription", **fields)
    assert answer.status_code == 422
    assert message in answer.text
    assert "<title>Erreur\u00a0: " in answer.text
    assert field == "name" or 'value="Zoé"' in answer.text
    assert db.session.scalar(select(func.count(User.id))) == 0


def test_bytes_that_are_no_text_make_no_error(app: Flask) -> None:
    body = b"name=%ff%fe&email=a%c3@example.org&password=%e9%e9%e9%e9%e9%e9%e9%e9%e9%e9%e9%e9%e9%e9"
    for path in ("/inscription", "/connexion"):
        answer = app.test_client().post(path, data=body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code == 422
        assert "Il y a un problème" in answer.text


def test_an_address_with_an_account_is_told_to_sign_in_and_is_throttled(app: Flask, person: User) -> None:
    client = app.test_client()
    fields = {"name": "Autre", "email": "ANNE@example.org", "password": PASSWORD}
    limits.count(*[(ASKED, "127.0.0.1")] * (MOST_ASKED - 2))
    db.session.commit()
    for _ in range(2):
        assert "connectez-vous" in post(client, "/inscription", **fields).text
    assert "Trop d&#39;essais" in post(client, "/inscription", **fields).text
    assert not signed_in(client)
    assert db.session.scalar(select(func.count(User.id))) == 1


@both
def test_the_same_sign_up_at_once_gives_one_account(app: Flask) -> None:
    def sign_up(_: int) -> int:
        with app.app_context():
            fields = {"name": "Anne", "email": "anne@example.org", "password": PASSWORD}
            return app.test_client().post("/inscription", data=fields).status_code

    with ThreadPoolExecutor(4) as pool:
        codes = sorted(pool.map(sign_up, range(4)))
    assert codes == [302, 422, 422, 422]
    assert db.session.scalar(select(func.count(User.id))) == 1


def test_the_sixth_failure_is_told_how_long_to_wait(app: Flask, person: User) -> None:
    for _ in range(5):
        assert "ne vont pas ensemble" in sign_in_as(app, "faux")[1].text
    client, answer = sign_in_as(app)
    assert "Attendez 1 minute," in answer.text
    assert not signed_in(client)


def test_a_success_forgets_the_failures(app: Flask, person: User) -> None:
    sign_in_as(app, "faux")
    assert db.session.scalar(select(func.count(Attempt.id))) == 3  # account, address, both
    db.session.rollback()
    sign_in_as(app)
    kinds = db.session.scalars(select(Attempt.kind)).all()
    assert "password" not in kinds


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "https:evil.example",
        "/\\evil.example",
        "\\\\evil",
        "/\t/evil.example",
        "/\n/evil",
        "javascript:alert(1)",
        "evil.example",
        "/%09/evil\x01",
        "",
    ],
)
def test_next_leads_nowhere_else(app: Flask, person: User, target: str) -> None:
    client = app.test_client()
    answer = client.post(
        "/connexion", query_string={"next": target}, data={"email": person.email, "password": PASSWORD}
    )
    assert answer.location == "/mes-projets"


def test_next_leads_back_to_the_page_asked_for(app: Flask, person: User) -> None:
    asked = app.test_client().get("/compte?a=1")
    assert asked.location == "/connexion?next=/compte?a%3D1"
    _, answer = sign_in_as(app, path=asked.location)
    assert answer.location == "/compte?a=1"


def test_next_is_no_page_that_only_takes_a_form(app: Flask) -> None:
    assert app.test_client().post("/organisation/1/rejoindre").location == "/connexion"


def test_the_session_of_before_is_not_kept(app: Flask, person: User) -> None:
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["planted"] = "x"
        cookie["csrf_token"] = "known"
    post(client, "/connexion", email=person.email, password=PASSWORD)
    with client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie.get("csrf_token") != "known"


def test_everybody_lands_where_they_work(app: Flask) -> None:
    of = contract("lac")
    city = institution(of, "Ville")
    with app.test_request_context():
        assert landing(user()) == "/mes-projets"
        assert landing(grant_role(user(), Role.COMMITTEE, of)) == "/contrats/lac/avis-a-donner"
        instructor = grant_role(user(), Role.INSTRUCTOR, of, city)
        assert landing(instructor) == "/contrats/lac"
        assert landing(grant_role(instructor, Role.COMMITTEE, of)) == "/contrats/lac"
        assert landing(grant_role(instructor, Role.ADMINISTRATOR)) == "/reglages"


def test_looking_at_a_link_does_not_use_it(app: Flask) -> None:
    token = accounts.create_admin("chef@example.org")
    db.session.commit()
    path, client = f"/mot-de-passe/{token}", app.test_client()
    assert "chef@example.org" in client.get(path).text
    assert "trop court" in post(client, path, password="court").text
    answer = post(client, path, password=PASSWORD)
    assert answer.location == "/reglages"
    assert signed_in(client)
    for dead in (client.get(path), post(client, path, password=PASSWORD)):
        assert dead.status_code == 410
        assert "a déjà servi" in dead.text


@pytest.mark.parametrize("token", ["x", "%00", "%ff%fe", "a" * 3000])
def test_a_link_that_never_was(app: Flask, token: str) -> None:
    assert app.test_client().get(f"/mot-de-passe/{token}").status_code == 410


def test_the_forgotten_page_says_what_to_do(app: Flask) -> None:
    page = app.test_client().get("/mot-de-passe-oublie").text
    assert "l'administrateur peut vous remettre un lien" in page


def test_a_changed_password_ends_the_other_sign_ins_but_not_this_one(app: Flask, person: User) -> None:
    (here, _), (elsewhere, _) = sign_in_as(app), sign_in_as(app)
    new = "une autre phrase encore"
    refused = post(here, "/compte/mot-de-passe", current="faux", password=new)
    assert "pas votre mot de passe actuel" in refused.text
    weak = post(here, "/compte/mot-de-passe", current=PASSWORD, password="court")
    assert "trop court" in weak.text
    assert signed_in(elsewhere)
    assert post(here, "/compte/mot-de-passe", current=PASSWORD, password=new).status_code == 302
    assert (signed_in(here), signed_in(elsewhere)) == (True, False)


def test_guesses_of_the_present_password_are_throttled(app: Flask, person: User) -> None:
    client, _ = sign_in_as(app)
    for _ in range(5):
        post(client, "/compte/mot-de-passe", current="faux", password="une autre phrase encore")
    answer = post(client, "/compte/mot-de-passe", current=PASSWORD, password="une autre phrase")
    assert "Trop d&#39;essais" in answer.text


def test_the_account_shows_who_i_am_and_lets_me_change_my_name(app: Flask, person: User) -> None:
    grant_role(person, Role.COMMITTEE, contract("lac"))
    db.session.commit()
    client, _ = sign_in_as(app)
    assert post(client, "/compte/nom", name="Anne <b>Durand</b>").status_code == 302
    page = client.get("/compte").text
    assert "Anne &lt;b&gt;Durand&lt;/b&gt;" in page
    assert "Membre du comité" in page
    assert "Indiquez votre nom" in post(client, "/compte/nom", name="  ").text


def test_a_closed_account_is_out_at_once(app: Flask, person: User) -> None:
    admin = grant_role(user(), Role.ADMINISTRATOR)
    db.session.commit()
    client, _ = sign_in_as(app)
    assert signed_in(client)
    accounts.set_active(db.session.get(User, person.id), False, by=admin)
    db.session.commit()
    assert not signed_in(client)


def test_forms_need_their_token(app: Flask, person: User) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    client = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/connexion").text)
    assert token
    fields = {"email": person.email, "password": PASSWORD}
    assert post(client, "/connexion", **fields).status_code == 400
    assert post(client, "/inscription").status_code == 400
    answer = post(client, "/connexion", **fields, csrf_token=token[1])
    assert answer.status_code == 302
