"""Error pages say what happened, also when nothing else works."""

from __future__ import annotations

import sqlite3
from errno import ENOSPC

import pytest
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from grants.database import db
from grants.web.auth import routes
from grants.web.failures import failure_of
from tests.conftest import both
from tests.factories import world


def state(code: str | None) -> Exception:
    """As psycopg tells it."""
    cause = Exception()
    cause.sqlstate = code
    return cause


def mistaken(message: str) -> OperationalError:
    """As SQLite tells that it does not understand what it was asked."""
    cause = sqlite3.OperationalError(message)
    cause.sqlite_errorname = "SQLITE_ERROR"
    return OperationalError("", None, cause)


def test_a_database_that_does_not_answer(app: Flask, sign_in, caplog: pytest.LogCaptureFixture) -> None:
    w = world()
    db.session.commit()
    client, address = sign_in(w.coordinator), f"/contrats/{w.contract.slug}"
    values = {"name": w.applicant.name}

    def refuse(*_: object) -> None:
        raise OperationalError("SELECT", values, Exception("down"))

    event.listen(db.engine, "before_cursor_execute", refuse)
    try:
        page = client.get(address)
    finally:
        event.remove(db.engine, "before_cursor_execute", refuse)
    assert page.status_code == 503
    assert "La base de données ne répond pas" in page.text
    assert "Traceback" in caplog.text
    assert values["name"] not in caplog.text


def test_a_mistake_of_ours_says_so(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError

    monkeypatch.setattr("grants.web.public.announced_campaigns", fail)
    monkeypatch.setitem(app.config, "TESTING", False)
    page = app.test_client().get("/")
    assert page.status_code == 500
    assert "Une erreur de notre part" in page.text


@both
@pytest.mark.parametrize(
    ("change", "status"),
    [("UPDATE users SET email = 'x@example.org'", 409), ("UPDATE projects SET total_cost = -1", 500)],
)
def test_only_what_is_there_already_is_somebody_elses(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, change: str, status: int
) -> None:
    """What the tables' own checks refuse is a mistake of ours, and logged."""
    world().project()
    db.session.commit()
    monkeypatch.setitem(app.view_functions, "public.home", lambda: db.session.execute(text(change)))
    monkeypatch.setitem(app.config, "TESTING", False)
    page = app.test_client().get("/")
    assert (page.status_code, "vous a devancé" in page.text) == (status, status == 409)
    assert bool(caplog.text) == (status == 500)


def test_an_address_begins_no_line_of_the_log(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    with app.test_request_context("/x%0Aforged"):
        app.log_exception((None, None, None))
    assert [record.getMessage() for record in caplog.records] == [r"GET '/x\nforged'"]


@pytest.fixture
def w(app: Flask):
    made = world()
    db.session.commit()
    return made


@pytest.mark.slow
def test_a_full_disk_says_so_and_reading_goes_on(
    app: Flask, w, sign_in, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "spend", lambda *_: None)  # as many mails as it takes
    client, address = sign_in(w.coordinator), f"/contrats/{w.contract.slug}"
    typed = {"email": w.coordinator.email}

    def full(connection, _record) -> None:
        connection.execute("PRAGMA max_page_count = 1")

    event.listen(db.engine, "connect", full)
    db.session.remove()
    db.engine.dispose()
    try:
        for _ in range(200):  # the pages that are left free are filled first
            refused = client.post("/mot-de-passe-oublie", data=typed)
            if refused.status_code != 302:
                break
        read = client.get(address)
    finally:
        event.remove(db.engine, "connect", full)
        db.session.remove()
        db.engine.dispose()
    assert (refused.status_code, read.status_code) == (503, 200)
    assert "plus de place" in refused.text
    assert "plus de place" in caplog.text


def test_a_table_that_is_missing_says_so(app: Flask, w, sign_in, caplog: pytest.LogCaptureFixture) -> None:
    client, address = sign_in(w.coordinator), f"/contrats/{w.contract.slug}"
    db.session.execute(text("ALTER TABLE campaigns RENAME TO other"))
    db.session.commit()
    page = client.get(address)
    assert page.status_code == 503
    assert "Mise à jour inachevée" in page.text
    assert "no such table" in caplog.text


@pytest.mark.parametrize(
    ("cause", "told"),
    [
        (OSError(ENOSPC, "No space left on device"), "plus de place"),
        (OperationalError("", None, state("53100")), "plus de place"),
        (OperationalError("", None, state("40P01")), "Trop de monde"),
        (OperationalError("", None, state("57P01")), "ne répond pas"),
        (OperationalError("", None, state(None)), "ne répond pas"),
        (ProgrammingError("", None, state("42P01")), "inachevée"),
        (ProgrammingError("", None, state("42601")), None),
        (mistaken('near "FORM": syntax error'), None),
        (mistaken("no such column: nom"), "inachevée"),
        (OSError("other"), None),
    ],
)
def test_each_failure_has_its_words(cause: Exception, told: str | None) -> None:
    found = failure_of(cause)
    assert (found is None) if told is None else (found is not None and told in found.title)
