"""Every form of every page, for every kind of person, filled with hostile values, one field at a
time and all at once; and every address. Round after round, with other values in each."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from itertools import count

from flask import Flask

from grants.database import db
from soak.conftest import LONG
from tests.conftest import SignIn, both
from tests.hostile import ADDRESSES, HOSTILE, PEOPLE, Fields, forms_of, send, send_as_files_and_as_json, visit_addresses
from tests.place import Keeper, Place

EACH = {"sqlite": 4 if LONG else 1, "postgresql": 1}  # hostile values tried in each field, in a round


@both
def test_hostile_values_in_every_form(app: Flask, sign_in: SignIn, seconds: float) -> None:
    place, each = Place(), EACH[db.engine.dialect.name]
    end, sent = time.monotonic() + seconds, 0
    with Keeper(app) as keeper:
        for turn in count(1):
            chance = random.Random(turn)
            for kind in PEOPLE:
                client = sign_in(place.people[kind])
                for form, fields in forms_of(app, place, kind, client).items():
                    client = sign_in(place.people[kind])
                    for values in _fillings(fields, chance, each):
                        send(client, form, values)
                        sent += 1
                    if form[0] == "post":
                        send_as_files_and_as_json(client, form)
                    keeper.restore()
            if time.monotonic() > end:  # the first round is always whole
                print(f"{turn} rounds, {sent} forms sent")
                return


@both
def test_hostile_addresses(app: Flask, sign_in: SignIn) -> None:
    place = Place()
    for kind in PEOPLE:
        client = sign_in(place.people[kind])
        visit_addresses(app, place, client, ADDRESSES[db.engine.dialect.name])


def _fillings(fields: Fields, chance: random.Random, each: int) -> Iterator[Fields]:
    """So many hostile values in each field, the others as they are; and all mixed."""
    for name in fields:
        for value in chance.sample(HOSTILE, each):
            yield fields | {name: value}
    for _ in range(4):
        yield {name: chance.choice(HOSTILE) for name in fields}
    yield {}
