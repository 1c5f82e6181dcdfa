"""No input makes a server error: every form of every page, filled with hostile values."""

from __future__ import annotations

import random
from collections.abc import Callable
from html.parser import HTMLParser
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from grants.database import db
from grants.models import Organisation, User
from tests.conftest import both
from tests.place import Place, address, routes, untouched

HOSTILE = (
    "", " ", "0", "-1", "1e9", "NaN", "12 OOO", "9" * 40, "2147483648", "9223372036854775808",
    "\x00", "a\x00b", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "é" * 300,
    "x" * 20_000, "2026-02-30", "0000-00-00", "99999-01-01", "=1+1", "<script>alert(1)</script>",
    "' OR 1=1 --", "%", "_", "../../etc/passwd", "//evil.example", "🙂", "\u202e", "{{ 7*7 }}",
)  # fmt: skip
# Parts of addresses. PostgreSQL is asked those only that it minds otherwise than SQLite.
ADDRESSES = {
    "sqlite": ("0", "9" * 20, "%00", "%ff", "é", "a" * 3000, "-1"),
    "postgresql": ("9" * 20, "%00"),
}
EACH = {"sqlite": 4, "postgresql": 1}  # hostile values tried in each field
PEOPLE = ("anonymous", "applicant", "coordinator", "instructor", "committee", "administrator")


class Forms(HTMLParser):
    """The forms of a page: (method, action, {name: value})."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((given.get("method", "get").lower(), given.get("action", ""), {}))
        elif tag in ("input", "select", "textarea", "button") and self.found and "name" in given:
            self.found[-1][2].setdefault(given["name"], given.get("value", ""))


@both
def test_each_form_finds_the_database_as_the_first_did(app: Flask) -> None:
    place = Place()
    with untouched(app):
        db.session.get_one(Organisation, place.values["organisation_id"]).name = "Autre nom"
        db.session.commit()
    bearer = db.session.get_one(Organisation, place.values["organisation_id"])
    assert bearer.name != "Autre nom"


@both
@pytest.mark.parametrize("kind", PEOPLE)
def test_hostile_values_in_every_form(
    app: Flask, sign_in: Callable[[User | None], FlaskClient], kind: str
) -> None:
    place, chance = Place(), random.Random(1)
    pages = [address(app, place, r) for r in routes(app) if "GET" in r.methods]
    forms = {}
    for page in pages:
        response = sign_in(place.people[kind]).get(page)
        assert response.status_code < 500, page
        if response.mimetype == "text/html":
            for method, action, fields in Forms(response.text).found:
                forms[method, action or page, tuple(fields)] = fields
    assert forms
    for (method, action, _), fields in forms.items():
        with untouched(app):
            client = sign_in(place.people[kind])
            for values in _fillings(fields, chance, EACH[db.engine.dialect.name]):
                response = _send(client, method, action, values)
                assert response.status_code < 500, (method, action, values)
            if method == "post":
                _as_files_and_as_json(client, action, fields)


def _fillings(
    fields: dict[str, str], chance: random.Random, each: int
) -> list[dict[str, str]]:
    """So many hostile values in each field, the others as they are; and all mixed."""
    one_each = [
        fields | {name: value} for name in fields for value in chance.sample(HOSTILE, each)
    ]
    mixed = [{name: chance.choice(HOSTILE) for name in fields} for _ in range(4)]
    return [*one_each, *mixed, {}]


def _as_files_and_as_json(client: FlaskClient, action: str, fields: dict[str, str]) -> None:
    files = {name: (BytesIO(b"\xff\x00"), "a.bin") for name in fields}
    for sent in ({"data": files, "content_type": "multipart/form-data"}, {"json": [fields]}):
        assert client.post(action, **sent).status_code < 500, (action, sent)


def _send(client: FlaskClient, method: str, action: str, values: dict[str, str]):
    if method == "get":
        return client.get(action.partition("?")[0], query_string=values)
    return client.post(action, data=values)


@both
@pytest.mark.parametrize("kind", PEOPLE)
def test_hostile_addresses(
    app: Flask, sign_in: Callable[[User | None], FlaskClient], kind: str
) -> None:
    place = Place()
    client = sign_in(place.people[kind])
    for rule in routes(app):
        parts = place.parts(rule)
        for name in parts:
            for value in ADDRESSES[db.engine.dialect.name]:
                with app.test_request_context():
                    url = app.url_map.bind("localhost").build(
                        rule.endpoint, parts | {name: "PART"}
                    ) if not isinstance(parts[name], int) else None
                if url is None:
                    url = address(app, place, rule).replace(str(parts[name]), value, 1)
                method = "POST" if "GET" not in rule.methods else "GET"
                response = client.open(url.replace("PART", value), method=method)
                assert response.status_code < 500, (rule, value)
