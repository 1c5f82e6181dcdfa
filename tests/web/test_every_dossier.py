"""Each page of the demonstration's dossiers, and every page that these lead to, for each kind of
person who may: no error, wherever their parts are missing. Of dossiers that have and miss the same parts
one is opened, and one for each state of a funder's line (`make soak` opens all of them); addresses that
nothing leads to (a step that is not to be taken) are asked of one of each call and state. That nobody else
may is proved by `tests/test_every_route_is_guarded.py`: pages behind a door that is closed are passed by."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from html import unescape
from itertools import chain
from types import NoneType
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from grants import demo
from grants.database import db
from grants.demo.people import ACCOUNTS, INSTITUTIONS, SIGNATORIES
from grants.models import Base, CampaignFunder, Membership, Organisation, Project, User
from grants.permissions import can
from grants.web import errors
from grants.web.instruction.steps import STEPS
from tests.conftest import SignIn
from tests.databases import once
from tests.place import routes

LINKS = re.compile(r'<a [^>]*href="([^"]*)"')
Door = tuple[str, object]  # an action, and what it is asked about
# What one of a kind has read of a dossier behind its sheet, the others of that kind pass by.
KINDS = {
    "anybody": [None],
    "administrator": ["admin@demo.example"],
    "coordinator": ["chefdeprojet@demo.example"],
    "instructors": list(INSTITUTIONS),
    "committee": ["comite@demo.example"],
    "bearers": list(SIGNATORIES.values()),
}


def test_everybody_of_the_demonstration_is_of_a_kind() -> None:
    assert sorted(filter(None, chain(*KINDS.values()))) == sorted(ACCOUNTS)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_page_of_every_dossier(app: Flask, sign_in: SignIn, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "render_template", lambda *_, **__: "")  # the status says it all
    once("demonstration", demo.load)
    walk(app, sign_in, kind, _chosen())


def walk(app: Flask, sign_in: SignIn, kind: str, chosen: Sequence[int]) -> None:
    """Through these dossiers, by everybody of that kind."""
    people = {email: db.session.scalars(select(User).filter_by(email=email)).one() for email in KINDS[kind] if email}
    funders: dict[int, list[int]] = {}
    for call, funder in db.session.execute(select(CampaignFunder.campaign_id, CampaignFunder.funder_id)):
        funders.setdefault(call, []).append(funder)
    read: set[str] = set()
    with Session(db.engine) as kept:
        shown = {project.id: project for project in kept.scalars(select(Project).where(Project.id.in_(chosen)))}
        of_each_state = {(shown[id].campaign_id, shown[id].state): id for id in chosen}.values()
        for email in KINDS[kind]:
            person = people.get(email)
            asked = kept.get(User, person.id) if person else None
            way = _Walk(app, sign_in(person), asked, shown, read, all_files=kind not in ("instructors", "committee"))
            for id in chosen:
                pages = _pages(app, id, funders[shown[id].campaign_id])
                way.visit(pages if id in of_each_state else [page for page in pages if page.count("/") == 2])
            way.visit(["/"])
            assert way.wrong == []
            # Who instructs reads each of these dossiers; others at least what these pages say in common.
            assert email is None or way.read > 10


def _chosen() -> list[int]:
    """One of the dossiers that have the same answers and rows, this year and the year before; one of those where
    some funder's are the same (each has a line of its own wherever it is shown); and of each call one for each
    kind of bearer, one that is asked again and one that is not. The bearers who walk each have theirs."""
    own: defaultdict[int | None, defaultdict[int | None, set[object]]] = defaultdict(lambda: defaultdict(set))
    for table in Base.metadata.tables.values():
        owner = table.c.get("id" if table is Project.__table__ else "project_id")
        for row in db.session.execute(select(table).where(owner.is_not(None))).mappings() if owner is not None else ():
            own[row[owner]][row.get("funder_id")].add((table, *_has(row)))
    bearers = {row["id"]: _has(row) for row in db.session.execute(select(Organisation.__table__)).mappings()}
    again = set(db.session.scalars(select(Project.predecessor_id)))
    signing = select(User.id).where(User.email.in_(SIGNATORIES.values()))
    known = set(db.session.scalars(select(Membership.organisation_id).where(Membership.user_id.in_(signing))))
    of_each: dict[object, int] = {}
    for project in db.session.scalars(select(Project).order_by(Project.id)):
        now, before = own[project.id], own[project.predecessor_id]
        walking = project.organisation_id if project.organisation_id in known else None
        for funder in {*now, *before}:
            parts = frozenset(now[funder]), frozenset(before[funder])
            of_each[parts, walking if funder is None else None] = project.id
        of_each[project.campaign_id, bearers[project.organisation_id]] = project.id
        of_each[project.campaign_id, project.id in again] = project.id
    return sorted(set(of_each.values()))


def _has(row: Mapping[str, object]) -> tuple[object, ...]:
    """Its choices and call as they are, other answers as far as there are any."""
    return tuple(
        value if isinstance(value, StrEnum | bool | NoneType) or name == "campaign_id" else bool(value)
        for name, value in row.items()
    )


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
    """One person's way, past all but these dossiers. `read`: pages that were theirs to read. `known`: what
    others of their kind have read behind a sheet. `all_files`: else one of each kind of file, as the
    coordinator reads every one."""

    def __init__(
        self,
        app: Flask,
        client: FlaskClient,
        person: User | None,
        dossiers: dict[int, Project],
        known: set[str],
        *,
        all_files: bool,
    ) -> None:
        self.app, self.client, self.person, self.dossiers = app, client, person, dossiers
        self.adapter = app.url_map.bind("localhost")
        self.known, self.all_files = known, all_files
        self.files: set[str] = set()
        self.seen = set(known)
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
            if "project_id" in values and values["project_id"] not in self.dossiers:
                continue
            door = self._door(rule, values)
            if door not in self.open:
                self.open[door] = self._may(*door)
            if self.open[door] and rule.endpoint not in self.files:
                waiting += self._look(address, door, rule)

    def _door(self, rule: Rule, values: dict[str, object]) -> Door:
        action = getattr(self.app.view_functions[rule.endpoint], "access", "")
        return action, values.get(action.partition(".")[0] + "_id", rule.endpoint)

    def _may(self, action: str, of: object) -> bool:
        """Whatever else it is about, the page itself says."""
        if self.person is None:
            return action in ("", "public")
        return not action.startswith("project.") or can(self.person, action, self.dossiers[of])

    def _look(self, address: str, door: Door, rule: Rule) -> list[str]:
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
            if response.status_code == 200 and not self.all_files:
                self.files.add(rule.endpoint)
            return [response.location] if response.location else []
        self.read += 1
        if "project_id" in rule.arguments and not rule.rule.endswith(">"):
            self.known.add(urlsplit(address).path)
        if "maxlength" in response.text.lower():  # a browser cuts what is pasted without a word
            self.wrong.append(f"{address}: maxlength")
        return [unescape(link) for link in LINKS.findall(response.text)]
