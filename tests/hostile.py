"""Values that nobody means well with, and the ways into the application that take any."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from io import BytesIO

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests.place import Place, address, routes
from tests.test_every_route_is_guarded import ALLOWED

Fields = dict[str, str]
Form = tuple[str, str, tuple[str, ...]]  # method, action, names

HOSTILE = (
    "",
    " ",
    "0",
    "-1",
    "1e9",
    "NaN",
    "12 OOO",
    "9" * 40,
    "2147483648",
    "9223372036854775808",
    "\x00",
    "a\x00b",
    "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    "é" * 300,
    "x" * 20_000,
    "2026-02-30",
    "0000-00-00",
    "99999-01-01",
    "=1+1",
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "%",
    "_",
    "../../etc/passwd",
    "//evil.example",
    "🙂",
    "\u202e",
    "{{ 7*7 }}",
)
# Parts of addresses. PostgreSQL is asked those only that it minds otherwise than SQLite.
ADDRESSES = {"sqlite": ("0", "9" * 20, "%00", "%ff", "é", "a" * 3000, "-1"), "postgresql": ("9" * 20, "%00")}
PEOPLE = ("administrator", "coordinator", "instructor", "applicant", "committee", "anonymous")


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


def forms_of(
    app: Flask, place: Place, kind: str, client: FlaskClient, seen: set[str] | None = None
) -> dict[Form, Fields]:
    """Each form that this kind of person meets on any page, as it stands there; on pages not yet
    `seen`, where this is given."""
    met = {}
    for rule in routes(app):
        may = kind in ALLOWED[app.view_functions[rule.endpoint].access]
        page = address(app, place, rule)
        if not may or "GET" not in rule.methods or page.endswith((".xlsx", ".csv", ".pdf")):
            continue
        if seen is not None:
            if page in seen:
                continue
            seen.add(page)
        response = client.get(page)
        assert response.status_code < 500, page
        if response.mimetype == "text/html":
            for method, action, fields in Forms(response.text).found:
                met[method, action or page, tuple(fields)] = fields
    return met


def send(client: FlaskClient, form: Form, values: Fields) -> None:
    method, action, _ = form
    if method == "get":
        response = client.get(action.partition("?")[0], query_string=values)
    else:
        response = client.post(action, data=values)
    assert response.status_code < 500, (method, action, values)


def send_as_files_and_as_json(client: FlaskClient, form: Form) -> None:
    _, action, names = form
    files = {name: (BytesIO(b"\xff\x00"), "a.bin") for name in names}
    for sent in ({"data": files, "content_type": "multipart/form-data"}, {"json": [[*names]]}):
        assert client.post(action, **sent).status_code < 500, (action, sent)


def visit_addresses(app: Flask, place: Place, client: FlaskClient, values: tuple[str, ...]) -> None:
    """Each part of each address replaced by each of these values."""
    for rule in routes(app):
        method = "GET" if "GET" in rule.methods else "POST"
        for url in _addresses(app, place, rule, values):
            response = client.open(url, method=method)
            assert response.status_code < 500, (rule, url)


def _addresses(app: Flask, place: Place, rule: Rule, values: tuple[str, ...]) -> Iterator[str]:
    parts = place.parts(rule)
    for name, part in parts.items():
        if isinstance(part, int):
            url, kept = address(app, place, rule), str(part)
        else:
            url = app.url_map.bind("localhost").build(rule.endpoint, parts | {name: "PART"})
            kept = "PART"
        yield from (url.replace(kept, value, 1) for value in values)
