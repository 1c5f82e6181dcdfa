"""One dossier, written and deposited by HTTP over servers that die: what its writer knows of it."""

from __future__ import annotations

import http.client
import re
import time
from collections import Counter
from decimal import Decimal
from html import unescape
from urllib.parse import urlencode

from grants.models import Project
from tests.serving import Caller

SAVES = 3
JSON = "application/json"


class Writer:
    """`words`, `costs`, `deposited`: what may be stored. Several values only while an answer is
    awaited, or was swallowed by a crash; the next page read says which one it is."""

    def __init__(self, draft: Project, by: Caller) -> None:
        self.id, self.by = draft.id, by
        self.title, self.theme_id = draft.title, draft.applicant_theme_id
        self.asked = [Decimal(3000), Decimal(2000)]
        self.words = {draft.description}
        self.costs = {Decimal(10_000)}
        self.deposited = {False}
        self.number = 0
        self.acknowledged: Counter[str] = Counter()

    @property
    def done(self) -> bool:
        return self.deposited == {True}

    def write(self, http: http.client.HTTPConnection) -> None:
        """As far as the server lives; raises `OSError` or `HTTPException` where it dies."""
        while self.number < SAVES and self.deposited == {False}:
            self.number += 1
            if self.number % 3:
                self._save_words(http, accept=JSON if self.number % 2 else "*/*")
            else:
                self._save_budget(http)
        self._deposit(http)

    def _save_words(self, http: http.client.HTTPConnection, accept: str) -> None:
        page = self._page(http, "projet")
        stored = re.search(r'(?s)<textarea[^>]*name="description"[^>]*>(.*?)</textarea>', page)
        assert stored, page
        found = {unescape(stored[1]).strip()}
        assert found <= self.words, (found, self.words)
        typed = f"Mots n° {self.number} du dossier {self.id} : « été & <b> »\n" + "à lire. " * 100
        self.words = found | {typed.strip()}
        self._send(
            http,
            "projet",
            accept,
            {
                "title": self.title,
                "kind": "NEW",
                "applicant_theme_id": self.theme_id,
                "objectives": typed,
                "description": typed,
                "version": _version(page),
            },
        )
        self.words = {typed.strip()}

    def _save_budget(self, http: http.client.HTTPConnection) -> None:
        """Several rows written anew, which are there together or not at all."""
        page = self._page(http, "budget")
        cost, own = (_amount(page, account) for account in ("641", "756"))
        assert cost in self.costs, (cost, self.costs)
        assert own == cost - sum(self.asked)
        typed = Decimal(10_000 + self.number)
        self.costs = {cost, typed}
        self._send(
            http,
            "budget",
            "*/*",
            {"a641": typed, "a864": 500, "a756": typed - sum(self.asked), "a870": 500, "version": _version(page)},
        )
        self.costs = {typed}

    def _deposit(self, http: http.client.HTTPConnection) -> None:
        page = self._page(http, "deposer", or_gone=True)
        if not page:  # deposited by a call whose answer the crash swallowed
            assert True in self.deposited
            self.deposited = {True}
            return
        assert False in self.deposited, "acknowledged, and not deposited"
        if 'name="version"' not in page:  # the statement fell with the first change
            self._swear(http)
            page = self._page(http, "deposer")
        self.deposited = {False, True}
        signed = {"sworn": "y", "commitment": "y"} if 'name="sworn"' in page else {}
        typed = {"version": _version(page), **signed}
        status, where = self._post(http, "deposer", "*/*", typed)
        assert (status, where.endswith("/accuse")) == (302, True), (status, where)
        self.deposited = {True}
        self.acknowledged["deposits"] += 1

    def _swear(self, http: http.client.HTTPConnection) -> None:
        page = self._page(http, "attestations")
        sworn = {"sworn": "y", "commitment": "y", "version": _version(page)}
        self._send(http, "attestations", "*/*", sworn)

    def _send(self, http: http.client.HTTPConnection, page: str, accept: str, typed: dict[str, object]) -> None:
        status, where = self._post(http, page, accept, typed)
        assert status == (200 if accept == JSON else 302), (page, status, where)
        self.acknowledged["saves"] += 1

    def _page(self, http: http.client.HTTPConnection, page: str, or_gone: bool = False) -> str:
        status, text = self._ask(http, "GET", page, None, {})
        assert status == 200 or (or_gone and status == 302), (page, status)
        return text if status == 200 else ""

    def _post(
        self, http: http.client.HTTPConnection, page: str, accept: str, typed: dict[str, object]
    ) -> tuple[int, str]:
        body = urlencode({"csrf_token": self.by.token, **typed})
        form = {"Accept": accept, "Content-Type": "application/x-www-form-urlencoded"}
        answer = self._ask(http, "POST", page, body, form)
        while answer[0] == 503:  # too many write at once: pressed again, as the page says
            time.sleep(0.2)
            answer = self._ask(http, "POST", page, body, form)
        return answer

    def _ask(
        self, http: http.client.HTTPConnection, method: str, page: str, body: str | None, headers: dict[str, str]
    ) -> tuple[int, str]:
        """Status, and the address that it leads to or the text."""
        path = f"/mes-projets/{self.id}/{page}"
        http.request(method, path, body, {"Cookie": self.by.cookie, **headers})
        answer = http.getresponse()
        text = answer.read().decode()
        return answer.status, answer.headers["Location"] or text


def _input(page: str, name: str) -> str:
    tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
    value = tag and re.search(r'value="([^"]*)"', tag[0])
    assert value, (name, page)
    return unescape(value[1])


def _version(page: str) -> str:
    return _input(page, "version")


def _amount(page: str, account: str) -> Decimal:
    return Decimal("".join(_input(page, f"a{account}").split()).replace(",", "."))
