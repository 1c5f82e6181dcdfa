"""No input makes a server error: every form of every page, with all its fields hostile at once.

One field at a time, many values and many rounds: `soak/test_hostile.py`.
"""

from __future__ import annotations

from itertools import cycle

import pytest
from flask import Flask

from grants.database import db
from grants.models import Organisation
from tests.conftest import SignIn, both
from tests.databases import once
from tests.hostile import HOSTILE, PEOPLE, forms_of, send, send_as_files_and_as_json, visit_addresses
from tests.place import Keeper, Place

# PostgreSQL minds only what SQLite stores as it comes.
MOST_TELLING = {"sqlite": HOSTILE, "postgresql": ("9223372036854775808", "a\x00b", "9" * 40, "NaN", "x" * 20_000)}


@both
def test_each_form_finds_the_database_as_the_first_did(app: Flask) -> None:
    place = once("place", Place)
    with Keeper(app) as keeper:
        db.session.get_one(Organisation, place.values["organisation_id"]).name = "Autre nom"
        db.session.commit()
        assert keeper.written()
    bearer = db.session.get_one(Organisation, place.values["organisation_id"])
    assert bearer.name != "Autre nom"


@pytest.mark.slow
@both
def test_hostile_values_in_every_form(app: Flask, sign_in: SignIn) -> None:
    place, seen, done = once("place", Place), set(), set()
    values = cycle(MOST_TELLING[db.engine.dialect.name])
    with Keeper(app) as keeper:
        for kind in PEOPLE:
            client = sign_in(place.people[kind])
            for form, fields in forms_of(app, place, kind, client, seen).items():
                if form in done:
                    continue
                done.add(form)
                send(client, form, {name: next(values) for name in fields})
                if form[0] == "post" and db.engine.dialect.name == "sqlite":  # no database is asked for these
                    send_as_files_and_as_json(client, form)
                keeper.restore()
                client = sign_in(place.people[kind])
    assert len(done) > 50


@pytest.mark.slow
@both
def test_hostile_addresses(app: Flask, sign_in: SignIn) -> None:
    place = once("place", Place)
    client = sign_in(place.people["administrator"])
    visit_addresses(app, place, client, ("9" * 20, "%00"))
