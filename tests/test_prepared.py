"""PostgreSQL reuses what it has prepared from page to page, and a page that reads keeps nothing."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update

from grants.database import db
from grants.models import Organisation
from tests.conftest import SignIn
from tests.factories import world

pytestmark = [pytest.mark.postgresql, pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)]


def test_statements_are_prepared_once_for_all_pages(app: Flask, sign_in: SignIn) -> None:
    client = sign_in(world().coordinator)
    db.session.remove()
    db.engine.dispose()  # one connection, however many a test before has left
    for _ in range(8):
        assert client.get("/").status_code == 200
        db.session.remove()
    assert db.session.scalar(text("SELECT count(*) FROM pg_prepared_statements")) > 3


@pytest.mark.parametrize("ends", ["rollback", "remove"])
def test_what_was_not_committed_is_undone(app: Flask, ends: str) -> None:
    world()
    db.session.commit()
    db.session.scalar(select(func.count(Organisation.id)))
    db.session.execute(update(Organisation).values(name="Autre"))
    getattr(db.session, ends)()
    assert "Autre" not in db.session.scalars(select(Organisation.name)).all()
