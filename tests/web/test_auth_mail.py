"""Confirming one's address and choosing a forgotten password, by links that come by mail."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from grants.database import db
from grants.domain import limits
from grants.models import Mail, User, now
from tests import factories
from tests.conftest import SignIn

GOOD = "une phrase assez longue"


@pytest.fixture
def client(app: Flask, sign_in: SignIn) -> FlaskClient:
    return sign_in(None)


def mails(purpose: str) -> list[Mail]:
    db.session.rollback()
    return list(db.session.scalars(select(Mail).where(Mail.purpose == purpose).order_by(Mail.id)))


def link(mail: Mail) -> str:
    found = re.search(r"http://127\.0\.0\.1:8000(/\S+)", mail.text)
    assert found
    return found[1]


def sign_up(client: FlaskClient) -> User:
    client.post("/inscription", data={"name": "Awa", "email": "awa@example.org", "password": GOOD})
    return db.session.scalars(select(User).where(User.email == "awa@example.org")).one()


def again(user_id: int) -> User:
    db.session.rollback()
    return db.session.get_one(User, user_id, populate_existing=True)


def test_signing_up_asks_to_confirm_the_address(client: FlaskClient) -> None:
    awa = sign_up(client)
    (mail,) = mails("confirm_email")
    assert mail.to == "awa@example.org"
    assert "pas encore confirmée" in client.get("/compte").text
    page = client.get(link(mail))
    assert "awa@example.org" in page.text
    assert again(awa.id).email_confirmed_at is None  # looking is not confirming
    done = client.post(link(mail), follow_redirects=True)
    assert "Votre adresse est confirmée." in done.text
    assert again(awa.id).email_confirmed_at
    assert "pas encore confirmée" not in client.get("/compte").text
    assert client.get(link(mail)).status_code == 410
    assert client.post(link(mail)).status_code == 410


def test_the_call_that_one_came_for_is_kept_by_the_mail(client: FlaskClient) -> None:
    for number, (to, after) in enumerate({"/deposer/7": "/deposer/7", "/invitation/abc": "/mes-projets"}.items()):
        typed = {"name": "Awa", "email": f"awa{number}@example.org", "password": GOOD}
        assert client.post(f"/inscription?next={to}", data=typed).location == to
        there = link(mails("confirm_email")[-1])
        client.post("/deconnexion")
        sign_in = html.unescape(re.findall(r'btn-primary" href="(/connexion[^"]*)"', client.get(there).text)[0])
        assert client.post(sign_in, data=typed).location == there
        assert client.post(there).location == after
        client.post("/deconnexion")


def test_a_sign_up_that_is_refused_mails_nothing(client: FlaskClient) -> None:
    sign_up(client)
    client.post("/inscription", data={"name": "Eve", "email": "awa@example.org", "password": GOOD})
    assert len(mails("confirm_email")) == 1


def test_another_confirmation_voids_the_first_and_is_not_sent_at_once(client: FlaskClient) -> None:
    sign_up(client)
    page = client.post("/compte/confirmation", follow_redirects=True)
    assert "il y a moins de dix minutes" in page.text
    db.session.execute(update(Mail).values(created_at=now() - timedelta(days=1)))
    db.session.commit()
    client.post("/compte/confirmation")
    first, second = mails("confirm_email")
    assert client.get(link(first)).status_code == 410
    client.post(link(second))
    page = client.post("/compte/confirmation", follow_redirects=True)
    assert "déjà confirmée" in page.text


def test_a_link_opens_only_what_it_is_for(client: FlaskClient) -> None:
    sign_up(client)
    client.post("/mot-de-passe-oublie", data={"email": "awa@example.org"})
    confirm = link(mails("confirm_email")[0]).rpartition("/")[2]
    password = link(mails("forgotten_password")[0]).rpartition("/")[2]
    assert client.get(f"/mot-de-passe/{confirm}").status_code == 410
    assert client.get(f"/confirmer/{password}").status_code == 410
    assert client.get(f"/confirmer/{confirm}").status_code == 200  # asking for one keeps the other


def test_a_forgotten_password_is_chosen_by_mail(client: FlaskClient) -> None:
    person = factories.user()
    db.session.commit()
    client.post("/mot-de-passe-oublie", data={"email": f" {person.email.upper()} "})
    (mail,) = mails("forgotten_password")
    assert mail.to == person.email
    client.post(link(mail), data={"password": GOOD})
    assert again(person.id).password_hash
    assert again(person.id).email_confirmed_at  # the link came by mail
    assert client.get("/compte").status_code == 200


def test_the_answer_is_the_same_whoever_asks(client: FlaskClient) -> None:
    person, closed = factories.user(), factories.user()
    closed.active = False
    db.session.commit()
    pages = [
        client.post("/mot-de-passe-oublie", data={"email": email}, follow_redirects=True).text
        for email in (person.email, "nobody@example.org", closed.email, person.email)
    ]
    # A token tells its second.
    assert len({re.sub(r'name="csrf_token" value="\S+"', "", page) for page in pages}) == 1
    assert "Si cette adresse a un compte" in pages[0]
    assert [m.to for m in mails("forgotten_password")] == [person.email]


def test_what_is_no_address_is_told(client: FlaskClient) -> None:
    for typed in ("", "x" * 300, "a\x00b@example.org"):
        page = client.post("/mot-de-passe-oublie", data={"email": typed})
        assert "Il y a un problème" in page.text


def test_asking_is_throttled_like_guessing(client: FlaskClient) -> None:
    limits.count(*[("asked", "127.0.0.1")] * 100)
    db.session.commit()
    page = client.post("/mot-de-passe-oublie", data={"email": "a@example.org"})
    assert "Trop d&#39;essais" in page.text


def test_the_link_is_of_this_site_whatever_the_request_says(client: FlaskClient) -> None:
    person = factories.user()
    db.session.commit()
    client.post("/mot-de-passe-oublie", data={"email": person.email}, headers={"Host": "evil.example"})
    assert "evil" not in mails("forgotten_password")[0].text
