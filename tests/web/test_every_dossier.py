"""Each page of each dossier of the demonstration, and every page that these lead to, for everybody
who may: no error, wherever its parts are missing. That nobody else may is proved by
`tests/test_every_route_is_guarded.py`: pages behind a door that is closed are passed by."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from html import unescape
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from grants import demo
from grants.database import db
from grants.demo.people import ACCOUNTS
from grants.models import CampaignFunder, Project, User
from grants.permissions import can
from grants.web import errors
from grants.web.instruction.steps import STEPS
from tests.conftest import SignIn
from tests.databases import once
from tests.place import routes

LINKS = re.compile(r'<a [^>]*href="([^"]*)"')
Door = tuple[str, object]  # an action, and what it is asked about
# PDF, Excel and CSV, which are the same whoever reads them: this process opened them already.
files: set[str] = set()


@pytest.mark.slow
@pytest.mark.parametrize("email", [None, *ACCOUNTS])
def test_every_page_of_every_dossier(
    app: Flask, sign_in: SignIn, email: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errors, "render_template", lambda *_, **__: "")  # the status says it all
    once("demonstration", demo.load)
    person = db.session.scalars(select(User).filter_by(email=email)).one() if email else None
    dossiers = list(db.session.execute(select(Project.id, Project.campaign_id)))
    funders: dict[int, list[int]] = {}
    for call, funder in db.session.execute(select(CampaignFunder.campaign_id, CampaignFunder.funder_id)):
        funders.setdefault(call, []).append(funder)
    with Session(db.engine) as kept:
        asked = kept.get(User, person.id) if person else None
        walk = _Walk(app, sign_in(person), asked, {p.id: p for p in kept.scalars(select(Project))})
        for project_id, call in dossiers:
            walk.visit(_pages(app, project_id, funders[call]))
        walk.visit(["/"])
    assert walk.wrong == []
    # Who instructs reads each deposited dossier; others at least what these pages say in common.
    assert email is None or walk.read > 10


def _pages(app: Flask, project_id: int, funders: list[int]) -> Iterator[str]:
    """The addresses that name this dossier, those of its sheet and opinions first."""
    choices: dict[str, Iterable[object]] = {"funder_id": funders, "action": STEPS}
    adapter = app.url_map.bind("localhost")
    for rule in sorted(routes(app), key=lambda rule: len(rule.arguments)):
        others = rule.arguments - {"project_id"}
        if "GET" not in rule.methods or rule.arguments == others or others - choices.keys():
            continue
        for part in choices[others.pop()] if others else [None]:
            values = dict.fromkeys(rule.arguments, part) | {"project_id": project_id}
            yield adapter.build(rule.endpoint, values)


class _Walk:
    """One person's way. `read`: pages that were theirs to read."""

    def __init__(self, app: Flask, client: FlaskClient, person: User | None, dossiers: dict[int, Project]) -> None:
        self.app, self.client, self.person, self.dossiers = app, client, person, dossiers
        self.adapter = app.url_map.bind("localhost")
        self.seen: set[str] = set()
        self.open: dict[Door, bool] = {}
        self.read = 0
        self.wrong: list[str] = []

    def visit(self, addresses: Iterable[str]) -> None:
        """These, and what they link to; of addresses that differ in their query, one."""
        waiting = deque(addresses)
        while waiting:
            address = waiting.popleft()
            path = urlsplit(address).path
            if path in self.seen or urlsplit(address).netloc or not path.startswith("/"):
                continue
            self.seen.add(path)
            rule, values = self.adapter.match(path, return_rule=True)
            door = self._door(rule, values)
            if door not in self.open:
                self.open[door] = self._may(*door)
            if self.open[door] and path not in files:
                waiting += self._look(address, door)

    def _door(self, rule: Rule, values: dict[str, object]) -> Door:
        action = getattr(self.app.view_functions[rule.endpoint], "access", "")
        return action, values.get(action.partition(".")[0] + "_id", rule.endpoint)

    def _may(self, action: str, of: object) -> bool:
        """Whatever else it is about, the page itself says."""
        if self.person is None:
            return action in ("", "public")
        return not action.startswith("project.") or can(self.person, action, self.dossiers[of])

    def _look(self, address: str, door: Door) -> list[str]:
        try:
            response = self.client.get(address)
        except Exception as error:  # whatever it is
            self.wrong.append(f"{address}: {error!r}")
            return []
        if response.status_code >= 500:
            self.wrong.append(f"{address}: {response.status}")
        if response.status_code == 403 or response.location == "/connexion":
            self.open[door] = False
        if response.status_code != 200 or response.mimetype != "text/html":
            if response.status_code == 200:
                files.add(urlsplit(address).path)
            return [response.location] if response.location else []
        self.read += 1
        if "maxlength" in response.text.lower():  # a browser cuts what is pasted without a word
            self.wrong.append(f"{address}: maxlength")
        return [unescape(link) for link in LINKS.findall(response.text)]
