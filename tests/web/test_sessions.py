"""A sign-in ends when one says so, when nobody is there any more, and after thirty days."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select, update

from grants.database import db
from grants.domain.accounts import accounts
from grants.domain.accounts.passwords import hash_password
from grants.models import UserSession, now
from grants.web.access import ACTIVE
from tests.conftest import SignIn, both
from tests.factories import World, complete_draft

PASSWORD = "une phrase qui se retient"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0"
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"


def enter(app: Flask, agent: str = FIREFOX, email: str = "anne@example.org") -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_USER_AGENT"] = agent
    client.post("/connexion", data={"email": email, "password": PASSWORD})
    return client


def is_in(client: FlaskClient) -> bool:
    return client.get("/compte").status_code == 200


def idle_for(client: FlaskClient, **time_: int) -> FlaskClient:
    with client.session_transaction() as cookie:
        cookie[ACTIVE] = int(time.time() - timedelta(**time_).total_seconds())
    return client


@pytest.fixture
def person(app: Flask) -> int:
    made = accounts.create("Anne", "anne@example.org", hash_password(PASSWORD))
    db.session.commit()
    return made.id


@both
def test_a_copied_cookie_is_worth_nothing_after_signing_out(app: Flask, person: int) -> None:
    here = enter(app)
    stolen = app.test_client()
    cookie = here.get_cookie("session")
    assert cookie
    stolen.set_cookie("session", cookie.value)
    assert is_in(stolen)
    here.post("/deconnexion")
    assert not is_in(stolen)


def test_a_cookie_of_before_an_upgrade_signs_out(app: Flask, person: int) -> None:
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = f"{person}.0"
    assert client.get("/compte").location == "/connexion?next=/compte"


def test_who_is_away_is_signed_out(w: World, sign_in: SignIn) -> None:
    """Eight hours with a role, twelve without."""
    instructor, applicant = sign_in(w.city_instructor), sign_in(w.applicant)
    assert is_in(idle_for(instructor, hours=7, minutes=59))
    assert not is_in(idle_for(instructor, hours=8, minutes=1))
    assert is_in(idle_for(applicant, hours=11, minutes=59))
    assert not is_in(idle_for(applicant, hours=12, minutes=1))


def test_an_open_page_is_nobody_but_typing_is(w: World, sign_in: SignIn) -> None:
    draft = complete_draft(w)
    db.session.commit()
    client = idle_for(sign_in(w.applicant), hours=3)

    def active() -> float:
        with client.session_transaction() as cookie:
            return time.time() - cookie[ACTIVE]

    asked = {"Accept": "application/json"}
    page = f"/mes-projets/{draft.id}"
    assert client.post(f"{page}/presence", data={"page": ""}, headers=asked).status_code == 200
    assert active() > 3 * 3600 - 5
    client.post(f"{page}/projet", data={"title": "Lire"}, headers=asked)  # saves by itself
    assert active() < 60


def test_polling_the_grid_is_no_activity(w: World, sign_in: SignIn) -> None:
    client = idle_for(sign_in(w.city_instructor), hours=3)
    grid = f"/contrats/{w.contract.slug}/{w.campaign.year}/grille"
    client.get(f"{grid}/changements?depuis=0&vu=0", headers={"Accept": "application/json"})
    assert not is_in(idle_for(client, hours=9))
    answer = client.get(f"{grid}/changements", headers={"Accept": "application/json"})
    assert answer.status_code == 401


@both
def test_thirty_days_are_the_longest(app: Flask, person: int) -> None:
    client = enter(app)
    for days, inside in ((29, True), (31, False)):
        db.session.execute(update(UserSession).values(opened_at=now() - timedelta(days=days)))
        db.session.commit()
        assert is_in(idle_for(client)) is inside


@both
def test_my_devices_are_shown_and_ended(app: Flask, person: int) -> None:
    here, phone = enter(app), enter(app, PHONE)
    page = here.get("/compte/appareils").text
    assert "Firefox sur Windows (cet appareil)" in page
    assert "Chrome sur Android" in page
    [other] = db.session.scalars(select(UserSession.id).where(UserSession.label == "Chrome sur Android"))
    db.session.rollback()
    here.post("/compte/appareils", data={"session": "x"})
    assert is_in(phone)
    done = here.post("/compte/appareils", data={"session": other}, follow_redirects=True)
    assert "La connexion sur Chrome sur Android est fermée" in done.text
    assert (is_in(here), is_in(phone)) == (True, False)


def test_nobody_ends_anothers(w: World, sign_in: SignIn, app: Flask, person: int) -> None:
    client = enter(app)
    row = db.session.scalars(select(UserSession.id).where(UserSession.user_id == person)).one()
    db.session.rollback()
    sign_in(w.administrator).post("/compte/appareils", data={"session": row})
    assert sign_in(None).post("/compte/appareils").location == "/connexion"
    assert is_in(client)


def test_a_device_has_one_row_however_often_one_signs_in(app: Flask, person: int) -> None:
    client = enter(app)
    for _ in range(3):
        client.post("/connexion", data={"email": "anne@example.org", "password": PASSWORD})
    assert db.session.scalar(select(func.count(UserSession.id))) == 1


def test_old_devices_are_forgotten(app: Flask, person: int) -> None:
    enter(app)
    db.session.execute(update(UserSession).values(opened_at=now() - timedelta(days=366)))
    db.session.commit()
    enter(app, PHONE)
    assert db.session.scalars(select(UserSession.label)).all() == ["Chrome sur Android"]


def test_reading_writes_neither_the_database_nor_the_cookie(app: Flask, person: int) -> None:
    client = enter(app)
    client.get("/compte")
    said: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: said.append(a[2]))
    answer = client.get("/compte/appareils")
    assert "Set-Cookie" not in answer.headers
    assert [s for s in said if not s.startswith(("SELECT", "PRAGMA"))] == []
    # The person, with roles and organisations, comes with the sign-in by one statement.
    assert len([s for s in said if "FROM users" in s]) == 1
    assert sum("sessions" in s for s in said) == 2


def test_tokens_are_not_kept(app: Flask, person: int) -> None:
    client = enter(app)
    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    device = client.get_cookie("device")
    assert device
    assert device.http_only
    row = db.session.scalars(select(UserSession)).one()
    assert {row.token_hash, row.device_hash}.isdisjoint({token, device.value})
