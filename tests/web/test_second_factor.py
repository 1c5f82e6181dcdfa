"""The second factor: added, asked at the door, lost, taken away."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pyotp import TOTP
from sqlalchemy import select, update
from time_machine import travel

from grants.database import db
from grants.domain.accounts import accounts, passwords
from grants.models import Mail, RecoveryCode, SecondFactor, SecurityEvent, User, now
from tests.authenticator import Authenticator
from tests.conftest import SignIn, both
from tests.factories import World
from tests.web.dossiers import fields_in
from tests.web.factors import (
    FACTORS,
    PASSWORD,
    add_application,
    add_passkey,
    codes_in,
    enter,
    grow_old,
    is_in,
    options_in,
)
from tests.web.test_instruction import count_queries

LATER = timedelta(minutes=1)  # another code


@pytest.fixture
def person(w: World) -> User:
    w.coordinator.password_hash = passwords.HASHER.hash(PASSWORD)
    db.session.commit()
    return w.coordinator


@both
def test_a_code_is_asked_at_the_door_and_taken_once(app: Flask, person: User, sign_in: SignIn) -> None:
    totp, page = add_application(sign_in(person))
    assert len(set(codes_in(page))) == 10
    used = totp.generate_otp(db.session.scalar(select(SecondFactor.counter)))
    client, page = enter(app, person)
    assert "Double vérification" in page
    assert not is_in(client)
    for wrong in ("000000", "", "é" * 60, used):
        assert client.post("/verification", data={"code": wrong}).status_code == 422
        assert not is_in(client)
    with travel(now() + LATER):
        code = totp.now()
        answer = client.post("/verification", data={"code": f" {code[:3]} {code[3:]} "})
        assert answer.status_code == 302
        assert is_in(client)
        again, _ = enter(app, person)
        assert again.post("/verification", data={"code": code}).status_code == 422
        assert not is_in(again)


@both
def test_a_recovery_code_serves_once_and_is_told(app: Flask, person: User, sign_in: SignIn) -> None:
    _, page = add_application(sign_in(person))
    code = codes_in(page)[3]
    assert code.replace("-", "") not in {row.code_hash for row in db.session.scalars(select(RecoveryCode))}
    client, _ = enter(app, person)
    assert client.post("/verification", data={"code": code.lower().replace("-", " ")}).status_code == 302
    assert is_in(client)
    assert "Il vous en reste <strong>9</strong>" in client.get(FACTORS).text
    told = db.session.scalars(select(Mail.text).where(Mail.purpose == "factor_changed").order_by(Mail.id)).all()
    assert "il en reste 9" in told[-1]
    other, _ = enter(app, person)
    assert other.post("/verification", data={"code": code}).status_code == 422
    renewed = client.post(f"{FACTORS}/codes").text
    assert len(codes_in(renewed)) == 10
    client, _ = enter(app, person)
    assert client.post("/verification", data={"code": codes_in(page)[5]}).status_code == 422


@both
def test_an_application_is_added_once(person: User, sign_in: SignIn) -> None:
    """However often its form is sent; who has not seen the codes learns where to make others."""
    client = sign_in(person)
    page = client.get(f"{FACTORS}/application").text
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1].replace(" ", "")
    data = fields_in(page) | {"code": TOTP(secret).now()}
    assert len(codes_in(client.post(f"{FACTORS}/application", data=data).text)) == 10
    again = client.post(f"{FACTORS}/application", data=data)
    assert (again.status_code, "faites-en de nouveaux" in again.text) == (422, True)
    assert fields_in(again.text)["sealed"] != data["sealed"]
    assert len(db.session.scalars(select(SecondFactor)).all()) == 1


@both
def test_a_passkey_is_made_asked_for_and_each_answer_taken_once(app: Flask, person: User, sign_in: SignIn) -> None:
    key, stranger = Authenticator(), Authenticator()
    assert len(codes_in(add_passkey(sign_in(person), key))) == 10
    client, page = enter(app, person)
    asked = fields_in(page)
    stranger.id = key.id
    answers = [stranger.get(options_in(page)), "{}", "[", key.get(options_in(page) | {"challenge": "AAAA"})]
    for wrong in answers:
        refused = client.post("/verification", data=asked | {"credential": wrong})
        assert refused.status_code == 422
        asked, page = fields_in(refused.text), refused.text
        assert asked["credential"] == ""  # it is asked for anew
    data = asked | {"credential": key.get(options_in(page))}
    assert client.post("/verification", data=data).status_code == 302
    assert is_in(client)
    replayed, _ = enter(app, person)
    assert replayed.post("/verification", data=data).status_code == 422
    phished = Authenticator("http://localhost.example.org")
    phished.key, phished.id, phished.count = key.key, key.id, 50
    client, page = enter(app, person)
    data = fields_in(page) | {"credential": phished.get(options_in(page))}
    assert client.post("/verification", data=data).status_code == 422


def test_a_passkey_of_another_is_none(app: Flask, w: World, person: User, sign_in: SignIn) -> None:
    key = Authenticator()
    add_passkey(sign_in(w.administrator), key)
    add_application(sign_in(person))
    client, page = enter(app, person)
    other = sign_in(w.administrator)
    grow_old(hours=1)
    asked = other.get("/verification").text
    data = fields_in(asked) | {"credential": key.get(options_in(asked))}
    assert "data-options" not in page
    assert client.post("/verification", data=data).status_code == 422
    assert not is_in(client)


def test_what_is_added_or_taken_away_ends_the_other_sign_ins(app: Flask, person: User, sign_in: SignIn) -> None:
    here = app.test_client()
    here.post("/connexion", data={"email": person.email, "password": PASSWORD})
    elsewhere, _ = enter(app, person)
    add_application(here)
    assert (is_in(here), is_in(elsewhere)) == (True, False)
    elsewhere = sign_in(person)
    [factor] = db.session.scalars(select(SecondFactor)).all()
    assert factor.secret.startswith("gAAAA")  # sealed
    here.post(f"{FACTORS}/{factor.id}/retirer")
    assert (is_in(here), is_in(elsewhere)) == (True, False)
    assert db.session.scalars(select(RecoveryCode)).all() == []
    _client, page = enter(app, person)
    assert "Double vérification" not in page
    details = db.session.scalars(select(SecurityEvent.detail).where(SecurityEvent.kind == "factor")).all()
    assert details == [f"{person.email} : {what} : Application de codes" for what in ("ajouté", "retiré")]


def test_guesses_are_counted_whatever_the_device(app: Flask, person: User, sign_in: SignIn) -> None:
    """Who knows the password gains no new device by it."""
    add_application(sign_in(person))
    for _ in range(2):
        client, _ = enter(app, person)
        for _ in range(3):
            answer = client.post("/verification", data={"code": "000000"})
    assert "essais. Attendez" in answer.text


def test_the_door_does_not_wait_for_ever(app: Flask, person: User, sign_in: SignIn) -> None:
    totp, _ = add_application(sign_in(person))
    client, _ = enter(app, person)
    with travel(now() + timedelta(minutes=11)):
        assert client.post("/verification", data={"code": totp.now()}).location.startswith("/connexion")
    client, _ = enter(app, person)
    db.session.get_one(User, person.id).password_hash = passwords.HASHER.hash("une autre phrase longue")
    db.session.commit()
    with travel(now() + LATER):
        assert client.post("/verification", data={"code": totp.now()}).location.startswith("/connexion")


def test_a_link_by_mail_is_no_way_round(app: Flask, person: User, sign_in: SignIn) -> None:
    add_application(sign_in(person))
    token = accounts.new_link(person, by=person)
    db.session.commit()
    client = app.test_client()
    page = client.post(f"/mot-de-passe/{token}", data={"password": "quatre mots bien choisis ensemble"})
    assert "Double vérification" in page.text
    assert not is_in(client)


@both
def test_an_administrator_resets_what_was_lost(app: Flask, w: World, person: User, admin: FlaskClient, sign_in) -> None:
    client = sign_in(person)
    add_application(client)
    page = admin.get(f"/reglages/comptes/{person.id}").text
    assert "Application de codes" in page
    admin.post(f"/reglages/comptes/{person.id}/double-verification/retirer")
    assert not is_in(client)
    entered, _ = enter(app, person)
    assert is_in(entered)
    event = db.session.scalars(select(SecurityEvent).where(SecurityEvent.kind == "factor")).all()[-1]
    assert (event.user_id, event.detail) == (w.administrator.id, f"{person.email} : remise à zéro par l'administrateur")
    assert (
        db.session.scalars(select(Mail).where(Mail.purpose == "factor_changed").order_by(Mail.id)).all()[-1].to
        == person.email
    )


def test_who_holds_the_machine_resets_the_last_administrator(w: World, admin: FlaskClient) -> None:
    add_application(admin)
    accounts.create_admin(w.administrator.email)
    db.session.commit()
    assert db.session.scalars(select(SecondFactor)).all() == []


def test_nobody_takes_anothers_away(w: World, sign_in: SignIn) -> None:
    add_application(sign_in(w.administrator))
    [factor] = db.session.scalars(select(SecondFactor.id)).all()
    assert sign_in(w.coordinator).post(f"{FACTORS}/{factor}/retirer").status_code == 404


def test_a_page_kept_open_too_long_begins_anew(w: World, admin: FlaskClient, sign_in: SignIn) -> None:
    page = admin.get(f"{FACTORS}/application").text
    for sealed in ("x", fields_in(sign_in(w.coordinator).get(f"{FACTORS}/application").text)["sealed"]):
        data = fields_in(page) | {"sealed": sealed, "code": "123456"}
        answer = admin.post(f"{FACTORS}/application", data=data)
        assert answer.status_code == 422
        assert "trop longtemps" in answer.text
        assert fields_in(answer.text)["sealed"] != sealed
    _, page = add_application(admin, "000000")
    assert "pas le bon" in page


def test_another_key_of_the_server_leaves_the_recovery_codes(app: Flask, person: User, sign_in: SignIn) -> None:
    totp, page = add_application(sign_in(person))
    db.session.execute(update(SecondFactor).values(secret="gAAAA"))
    db.session.commit()
    client, _ = enter(app, person)
    with travel(now() + LATER):
        assert client.post("/verification", data={"code": totp.now()}).status_code == 422
    assert client.post("/verification", data={"code": codes_in(page)[0]}).status_code == 302


def test_its_pages_ask_as_many_queries_however_many(person: User, sign_in: SignIn) -> None:
    client = sign_in(person)
    add_application(client)
    first = count_queries(client, FACTORS)[0]
    add_application(client)
    add_passkey(client, Authenticator())
    assert count_queries(client, FACTORS)[0] == first <= 4
