"""Error pages say what happened, also when nothing else works."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from grants.database import db
from tests.factories import world


def test_a_database_that_does_not_answer(app: Flask, sign_in) -> None:
    w = world()
    db.session.commit()
    client, address = sign_in(w.coordinator), f"/contrats/{w.contract.slug}"

    def refuse(*_: object) -> None:
        raise OperationalError("SELECT", None, Exception("down"))

    event.listen(db.engine, "before_cursor_execute", refuse)
    try:
        page = client.get(address)
    finally:
        event.remove(db.engine, "before_cursor_execute", refuse)
    assert page.status_code == 503
    assert "Trop de monde à la fois" in page.text


def test_a_mistake_of_ours_says_so(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError

    monkeypatch.setattr("grants.web.public.open_campaigns", fail)
    monkeypatch.setitem(app.config, "TESTING", False)
    page = app.test_client().get("/")
    assert page.status_code == 500
    assert "Une erreur de notre part" in page.text
