"""The journal of security: what is in it, who reads it, and that nobody changes it."""

from __future__ import annotations

import fcntl
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DatabaseError
from time_machine import travel

from grants import database
from grants.database import db
from grants.domain import limits
from grants.domain.accounts import accounts
from grants.domain.accounts.passwords import hash_password
from grants.domain.ledger import security
from grants.domain.ledger.security import SecurityKind
from grants.models import SecurityEvent, now
from grants.web.access import MOST_DENIALS
from tests.conftest import SignIn, both
from tests.factories import World, user

PASSWORD = "une phrase qui se retient"


def told() -> list[tuple[str, str, str]]:
    db.session.rollback()
    rows = db.session.execute(
        select(SecurityEvent.kind, SecurityEvent.email, SecurityEvent.detail).order_by(SecurityEvent.id)
    )
    return [(kind, email, detail) for kind, email, detail in rows]


def test_coming_in_and_being_refused(app: Flask) -> None:
    accounts.create("Anne", "anne@example.org", hash_password(PASSWORD))
    db.session.commit()
    client = app.test_client()
    client.environ_base |= {"REMOTE_ADDR": "192.0.2.7", "HTTP_USER_AGENT": "Firefox Windows"}
    for email, password in (
        ("anne@example.org", "faux"),
        ("personne@example.org", PASSWORD),
        (PASSWORD, "oubli"),
        ("anne@example.org", PASSWORD),
    ):
        client.post("/connexion", data={"email": email, "password": password})
    client.post("/deconnexion")
    assert told()[1:] == [
        ("sign_in_refused", "anne@example.org", ""),
        ("sign_in_refused", "personne@example.org", ""),
        ("sign_in_refused", "", ""),  # no address: it may be a password, and is not kept
        ("sign_in", "anne@example.org", "Firefox sur Windows"),
        ("sign_out", "anne@example.org", ""),
    ]
    assert set(db.session.scalars(select(SecurityEvent.address).offset(1))) == {"192.0.2.7"}


def test_roles_accounts_links_and_passwords(app: Flask, w: World, admin: FlaskClient) -> None:
    by, person = w.administrator.email, user("Zoé")
    db.session.commit()
    url, whom = f"/reglages/comptes/{person.id}", person.email
    admin.post(f"{url}/roles", data={"role": f"COMMITTEE:{w.contract.id}"})
    held = person.roles[0].id
    admin.post(f"/reglages/roles/{held}/retirer")
    admin.post(f"{url}/lien")
    admin.post(f"{url}/fermer")
    assert told() == [
        ("role_granted", by, f"{whom} : membre du comité · {w.contract.slug}"),
        ("role_revoked", by, f"{whom} : membre du comité · {w.contract.slug}"),
        ("link", by, whom),
        ("account", by, f"{whom} : fermé"),
    ]
    accounts.set_password(person, hash_password(PASSWORD))
    db.session.commit()
    assert told()[-1] == ("password", whom, "")


@pytest.mark.slow
def test_what_is_taken_out_and_what_is_refused(w: World, sign_in: SignIn) -> None:
    w.project()
    db.session.commit()
    client, base = sign_in(w.city_instructor), f"/contrats/{w.contract.slug}"
    year, email = w.campaign.year, w.city_instructor.email
    for path in (f"{base}/{year}/projets.csv?q=a", f"{base}/{year}/programmation.xlsx"):
        assert client.get(path).status_code == 200
    client.get(f"{base}/{year}/projets")  # a page is no export
    assert client.get("/reglages").status_code == 403
    assert sign_in(None).get("/reglages").status_code == 302
    assert told() == [
        ("export", email, f"{base}/{year}/projets.csv?q=a"),
        ("export", email, f"{base}/{year}/programmation.xlsx"),
        ("denied", email, "GET /reglages"),
    ]
    limits.count(*[("denied", str(w.city_instructor.id))] * (MOST_DENIALS - 3))
    db.session.commit()
    for _ in range(4):
        client.get("/reglages")
    kinds = [kind for kind, *_ in told()]
    assert kinds.count("denied") == 3


def test_while_nobody_can_write_reading_goes_on(
    w: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What cannot be noted in the journal is in the log."""
    client, base = sign_in(w.city_instructor), f"/contrats/{w.contract.slug}/{w.campaign.year}"
    db.session.commit()
    monkeypatch.setattr(database, "BUSY_MILLISECONDS", 1)
    with open(f"{db.engine.url.database}.queue", "w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        assert client.get("/reglages").status_code == 403
        assert client.get(f"{base}/programmation.xlsx").status_code == 200
    for noted in ("denied", "export"):
        assert f"not noted: {noted}" in caplog.text


def test_the_administrator_reads_it_by_pages(w: World, admin: FlaskClient, sign_in: SignIn) -> None:
    for number in range(60):
        security.record(SecurityKind.SIGN_IN_REFUSED, email=f"x{number}@example.org")
    security.record(SecurityKind.EXPORT, w.coordinator, detail="/<b>projets.csv")
    db.session.commit()
    url = "/reglages/securite"
    assert url in admin.get("/reglages").text
    page = admin.get(url).text
    assert "61 lignes" in page
    assert "Page suivante" in page
    assert "&lt;b&gt;projets.csv" in page
    assert "60 lignes" in admin.get(f"{url}?quoi=sign_in_refused").text
    assert "1 ligne," in admin.get(f"{url}?q=X59@EXAMPLE").text
    assert "Rien ne correspond" in admin.get(f"{url}?q=%25_%00").text
    for odd in ("quoi=x", "page=x", "page=-1", "page=99999999999999999999"):
        assert admin.get(f"{url}?{odd}").status_code == 200
    assert sign_in(w.coordinator).get(url).status_code == 403


def test_its_page_asks_as_many_queries_however_long(w: World, admin: FlaskClient) -> None:
    admin.get("/reglages/securite")
    counts = []
    for _ in range(2):
        for number in range(30):
            security.record(SecurityKind.SIGN_IN_REFUSED, email=f"x{number}@example.org")
        db.session.commit()
        said: list[str] = []

        def note(*about: object, said: list[str] = said) -> None:
            said.append(str(about[2]))

        event.listen(db.engine, "before_cursor_execute", note)
        admin.get("/reglages/securite")
        event.remove(db.engine, "before_cursor_execute", note)
        counts.append(len(said))
    assert counts[0] == counts[1] <= 4


@both
@pytest.mark.parametrize("change", ["UPDATE security_events SET email = ''", "DELETE FROM security_events"])
def test_nobody_changes_it(app: Flask, change: str) -> None:
    security.record(SecurityKind.SIGN_IN_REFUSED, email="x@example.org")
    db.session.commit()
    with pytest.raises(DatabaseError, match="append-only"):
        db.session.execute(text(change))
    db.session.rollback()
    assert db.session.scalar(select(func.count(SecurityEvent.id))) == 1


@both
def test_a_year_old_it_is_forgotten(app: Flask) -> None:
    with travel(db.session.scalar(select(func.now()))):  # the database's own clock has a word in it
        for kind, days in ((SecurityKind.SIGN_IN, 365), (SecurityKind.SIGN_OUT, 367)):
            at = now() - timedelta(days=days)
            db.session.add(SecurityEvent(kind=kind.value, email="", address="", detail="", at=at))
        db.session.commit()
        security.forget_old()
        db.session.commit()
    assert [kind for kind, *_ in told()] == [SecurityKind.SIGN_IN]


def test_without_antivirus_the_administrator_is_told(app: Flask, admin: FlaskClient) -> None:
    said = "Aucun antivirus"
    assert said in admin.get("/reglages").text
    settings = app.config["SETTINGS"]
    scanned = replace(settings.uploads, clamd="127.0.0.1:3310")
    app.config["SETTINGS"] = replace(settings, uploads=scanned)
    assert said not in admin.get("/reglages").text
