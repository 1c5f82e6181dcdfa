"""Prefill by SIRET, against a local server that speaks the format of "Recherche d'entreprises"."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from grants.domain.organisation import prefill
from grants.domain.organisation.prefill import Proposal, Unavailable, lookup
from grants.errors import DomainError
from grants.models import Nature

SIRET = "78467169500087"
UNIT: dict[str, Any] = {
    "siren": "784671695",
    "nom_complet": "ECHO DES TOURS (EDT)",
    "nom_raison_sociale": "ECHO DES TOURS",
    "sigle": "EDT",
    "etat_administratif": "A",
    "nature_juridique": "9220",
    "siege": {
        "siret": "78467169500103",
        "adresse": "9 RUE DU SIEGE 75001 PARIS",
        "code_postal": "75001",
        "libelle_commune": "PARIS",
        "etat_administratif": "A",
    },
    "matching_etablissements": [
        {
            "siret": SIRET,
            "adresse": "3 RUE HAUTE 92390 VILLENEUVE-LA-GARENNE",
            "code_postal": "92390",
            "libelle_commune": "VILLENEUVE-LA-GARENNE",
            "commune": "92078",
            "etat_administratif": "A",
        }
    ],
    "complements": {"est_association": True, "identifiant_association": "W922001234"},
}
Answer = Callable[[BaseHTTPRequestHandler], None]


class Directory:
    """The server: `answer` is what it does next, `asked` the paths that it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer: Answer = says({"results": []})
        directory = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                directory.asked.append(self.path)
                directory.answer(self)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture
def directory() -> Iterator[Directory]:
    made = Directory()
    yield made
    made.server.shutdown()
    made.server.server_close()


def says(content: Any, status: int = 200, **headers: str) -> Answer:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()

    def answer(to: BaseHTTPRequestHandler) -> None:
        to.send_response(status)
        for name, value in headers.items():
            to.send_header(name.replace("_", "-"), value)
        to.send_header("Content-Length", str(len(body)))
        to.end_headers()
        to.wfile.write(body)

    return answer


def unit(**changes: Any) -> Answer:
    return says({"results": [UNIT | changes], "total_results": 1, "page": 1})


def test_an_association_is_proposed_with_the_establishment_asked_for(directory: Directory) -> None:
    directory.answer = unit()
    assert lookup("SIRET\u00a0: 784 671 695 00087", api=directory.address) == Proposal(
        SIRET, "ECHO DES TOURS", "EDT", "W922001234", "3 RUE HAUTE\n92390 VILLENEUVE-LA-GARENNE", Nature.ASSOCIATION
    )
    assert directory.asked == [f"/search?q={SIRET}&page=1&per_page=1"]


def test_an_unknown_number_is_nothing(directory: Directory) -> None:
    assert lookup(SIRET, api=directory.address) is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"nature_juridique": "7210", "complements": None, "nom_raison_sociale": "COMMUNE"},
            {"nature": Nature.MUNICIPAL_SERVICE, "name": ""},
        ),
        ({"nature_juridique": "4110", "complements": {}}, {"nature": Nature.PUBLIC_BODY}),
        ({"nature_juridique": "5710", "complements": {"est_association": None}}, {"nature": Nature.OTHER}),
        ({"sigle": None, "nom_raison_sociale": None}, {"acronym": "", "name": "ECHO DES TOURS (EDT)"}),
        ({"etat_administratif": "C"}, {"closed": True}),
        ({"matching_etablissements": [{"siret": SIRET, "etat_administratif": "C"}]}, {"closed": True, "address": ""}),
        ({"matching_etablissements": None, "siege": None}, {"address": "", "closed": False}),
        ({"nom_raison_sociale": 12, "sigle": ["x"], "nom_complet": {}}, {"name": "", "acronym": ""}),
        ({"nom_raison_sociale": "A\x00B\n" + "é" * 900}, {"name": "AB " + "é" * 900}),
    ],
)
def test_what_is_null_missing_or_odd(directory: Directory, changes: dict[str, Any], expected: dict[str, Any]) -> None:
    directory.answer = unit(**changes)
    found = lookup(SIRET, api=directory.address)
    assert {name: getattr(found, name) for name in expected} == expected


def test_a_unit_without_any_field_is_only_its_number(directory: Directory) -> None:
    directory.answer = says({"results": [{}]})
    assert lookup(SIRET, api=directory.address) == Proposal(SIRET)


def _cut(to: BaseHTTPRequestHandler) -> None:
    to.send_response(200)
    to.send_header("Content-Length", "1000")
    to.end_headers()
    to.wfile.write(b'{"results": [')


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (says({}, 429, Retry_After="7"), "réessayez dans 7 secondes"),
        (says({}, 429, Retry_After="Wed, 21 Oct 2026"), "ne répond pas"),
        (says({}, 500), "ne répond pas"),
        (says({}, 404), "ne répond pas"),
        (says(b"<html>maintenance</html>"), "ne répond pas"),
        (says(b"\xff\xfe\x00"), "ne répond pas"),
        (says(b"[" * 100_000), "ne répond pas"),
        (says([]), "inattendue"),
        (says({"results": 12}), "inattendue"),
        (says({"results": ["x"]}), "inattendue"),
        (says({"results": [{"complements": "x"}]}), "inattendue"),
        (says({"results": [{"matching_etablissements": ["x"]}]}), "inattendue"),
        (says(b"x" * 600_000), "lentement"),
        (says(b"", 302, Location="http://127.0.0.1:1/"), "ne répond pas"),
        (_cut, "ne répond pas"),
    ],
)
def test_no_answer_says_so_and_that_the_form_works(directory: Directory, answer: Answer, message: str) -> None:
    directory.answer = answer
    with pytest.raises(Unavailable, match="remplir la fiche vous-même") as refused:
        lookup(SIRET, api=directory.address)
    assert message in refused.value.message


def test_nobody_listens() -> None:
    with pytest.raises(Unavailable):
        lookup(SIRET, api="http://127.0.0.1:1")


@pytest.mark.parametrize("trickle", [False, True])
def test_it_waits_no_longer_than_it_says(directory: Directory, monkeypatch: pytest.MonkeyPatch, trickle: bool) -> None:
    """Also for a server that gives a byte now and then, each in time."""

    def slowly(to: BaseHTTPRequestHandler) -> None:
        to.send_response(200)
        to.end_headers()
        for _ in range(20):
            time.sleep(0.1)
            if trickle:
                try:
                    to.wfile.write(b" ")
                except OSError:
                    return

    monkeypatch.setattr(prefill, "SECONDS", 0.4)
    directory.answer = slowly
    start = time.monotonic()
    with pytest.raises(Unavailable):
        lookup(SIRET, api=directory.address)
    assert time.monotonic() - start < 1.5


@pytest.mark.parametrize("typed", ["", "1234", "78467169500088", "\x00", "é" * 14, "../etc"])
def test_what_is_no_siret_is_not_asked(directory: Directory, typed: str) -> None:
    with pytest.raises(DomainError) as refused:
        lookup(typed, api=directory.address)
    assert refused.value.field == "siret"
    assert directory.asked == []
