"""The programming grid, of 8 funders: `python -m bench.grid` prints a Markdown table a size.

The page, the asking for changes and a decision over HTTP; then, in Chromium and (where it is there)
in Firefox ESR, from a key to the frame that shows what it did.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import sync_playwright
from sqlalchemy import insert

from bench.instance import Instance
from bench.load import Call, measure
from bench.tables import Figures, queries, reading, tables, under
from grants.database import db
from grants.domain.envelope import set_envelope
from grants.models import FundingLine, Kind, Outcome, Project, Role, State, now
from grants.queries.programming.grid import OVERLAP
from tests import factories
from tests.e2e.conftest import ARGUMENTS, CHROMIUM, WIDE
from tests.e2e.firefox import FIREFOX, RESIZE, firefox
from tests.serving import Caller, caller, served, signed

CODES = [f"FIN{n}" for n in range(1, 9)]
JSON = "application/json"
ROUNDS = 60

# From the key to the frame that shows it: its time stamp, then the task after the next frame.
PAINTED = """(() => { window.painted = []; addEventListener("keydown", event => {
  const start = event.timeStamp;
  requestAnimationFrame(() => { const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => painted.push(performance.now() - start); port2.postMessage(0); });
}, true); })()"""


def _figures(made: Instance, size: int) -> Figures:
    app = made.app()
    with app.app_context():
        grid, staff, lines = _fill(size)
    by = caller(app, staff)
    with served(made.environment, worker=True) as server:
        look = f"{grid}/changements?depuis=&vu=0"
        yield from reading(app, server.port, "page", [Call("GET", grid, by)] * 40)
        time.sleep(OVERLAP.total_seconds())  # what was built is no change any more
        yield from reading(app, server.port, "changes, none", [Call("GET", look, by)] * 200)
        calls = [_decision(grid, by, *line) for line in lines[1 : min(size, 220)]]
        half = len(calls) // 2
        yield under("decision", 1, measure(server.port, calls[:half], warm_up=5))
        yield under("decision", 16, measure(server.port, calls[half:], clients=16))
        yield "decision, SQL queries", str(queries(app, _decision(grid, by, *lines[0])))
        yield from _in_chromium(f"{server.address}{grid}", by)
        if FIREFOX:
            yield from _in_firefox(f"{server.address}{grid}", by)


def _fill(size: int) -> tuple[str, str, list[tuple[int, int]]]:
    """The address of the grid, who signs in, and the lines (project, funder) that they decide."""
    contract = factories.contract("grille")
    positions = iter(range(10, 999))
    orientations = [
        factories.theme(contract, f"Orientation {p}.{a}.{o}", number=o, position=next(positions), parent=axis)
        for p in range(1, 4)
        for pillar in [factories.theme(contract, f"Pilier {p}", position=next(positions))]
        for a in range(1, 4)
        for axis in [factories.theme(contract, f"Axe {p}.{a}", parent=pillar, position=next(positions))]
        for o in range(1, 4)
    ]
    institution = factories.institution(contract, "État", *CODES)
    call = factories.campaign(contract, institution.funders)
    by = factories.grant_role(factories.user("Mesure"), Role.INSTRUCTOR, contract, institution)
    for funder in institution.funders:
        set_envelope(funder, [call], Decimal(50_000_000), by=by)
    chance = random.Random(7)
    bearers = [factories.organisation(f"Association n° {n} du quartier") for n in range(40)]
    projects = [
        {
            "campaign_id": call.id,
            "contract_id": contract.id,
            "year": call.year,
            "organisation_id": chance.choice(bearers).id,
            "reference": f"{call.year}-{n:04}",
            "state": State.ADMISSIBLE,
            "title": f"Atelier d'écriture et de théâtre n° {n}",
            "kind": Kind.NEW,
            "theme_id": chance.choice(orientations).id,
            "total_cost": Decimal(chance.randint(60, 800) * 100),
            "created_by_id": by.id,
            "submitted_at": now(),
        }
        for n in range(1, size + 1)
    ]
    ids = db.session.scalars(insert(Project).returning(Project.id, sort_by_parameter_order=True), projects).all()
    lines = [
        {
            "project_id": id,
            "campaign_id": call.id,
            "funder_id": funder.id,
            "requested": Decimal(chance.randint(8, 80) * 100),
            "proposed": Decimal(500),
            "outcome": Outcome.PENDING,
        }
        for id in ids
        for funder in institution.funders
        if funder.code == CODES[0] or chance.random() < 0.6
    ]
    db.session.execute(insert(FundingLine), lines)
    first = institution.funders[0].id
    page = f"/contrats/{contract.slug}/{call.year}/grille"
    staff = signed(by)
    return page, staff, [(id, first) for id in ids]


def _decision(page: str, by: Caller, project_id: int, funder_id: int) -> Call:
    cell = {"project": project_id, "funder": funder_id, "version": 1, "action": "ACCEPTED", "amount": "500"}
    return Call("POST", f"{page}/cellules", by, accept=JSON, json=json.dumps({"cells": [cell]}))


def _in_chromium(address: str, by: Caller) -> Figures:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = browser.new_context(viewport=WIDE, locale="fr-FR")
        host = address.split("/")[2].split(":")[0]
        name, value = by.cookie.split("=", 1)
        context.add_cookies([{"name": name, "value": value, "domain": host, "path": "/"}])
        page = context.new_page()
        renders = []
        for _ in range(6):
            page.goto(address)
            page.wait_for_selector(".tools:not([hidden])")
            renders.append(
                page.evaluate(
                    "() => [performance.getEntriesByName('first-contentful-paint')[0].startTime,"
                    " performance.getEntriesByType('navigation')[0].loadEventEnd]"
                )
            )
        for index, what in enumerate(("first paint", "page loaded, script at work")):
            yield what, f"p50 {median(r[index] for r in renders[1:]):.0f} ms"
        yield from _keys("Chromium", page.keyboard.press, page.evaluate)
        browser.close()


def _in_firefox(address: str, by: Caller) -> Figures:
    with tempfile.TemporaryDirectory() as profile, firefox(Path(profile)) as browser:
        browser.privileged(RESIZE, WIDE["width"], WIDE["height"])
        name, value = by.cookie.split("=", 1)
        browser.go(address)  # a cookie needs a page of its site
        browser.call("WebDriver:AddCookie", cookie={"name": name, "value": value, "path": "/"})
        browser.go(address)
        browser.until("document.querySelector('.tools:not([hidden])')")
        yield from _keys("Firefox", browser.press, lambda what: browser.waits_for(f"return {what}"))


def _keys(name: str, press: Callable[..., object], run: Callable[[str], list[float]]) -> Figures:
    """Of every `step`th key, from `start` on: half of them are painted within p50."""

    def painted(keys: list[str], step: int = 1, start: int = 0) -> str:
        run("window.painted.length = 0")
        for key in keys:
            press(key)
            time.sleep(0.04)
        times = run("window.painted")[start::step]
        return f"p50 {median(times):.0f} ms, p95 {quantiles(times, n=20)[-1]:.0f} ms"

    run(PAINTED)
    run("document.querySelector('.grid td[tabindex]').focus()")
    yield f"{name}, key: arrow down", painted(["ArrowDown"] * ROUNDS)
    sideways = painted(["ArrowRight", "ArrowLeft"] * (ROUNDS // 2))
    yield f"{name}, key: arrow right and left", sideways
    for key in ("Control+Home", "ArrowDown", "Control+ArrowDown"):
        press(key)
    yield f"{name}, key: a digit that begins an amount", painted(["5", "Escape"] * ROUNDS, 2)
    saved = painted(["4", "Enter"] * ROUNDS, 2, 1)
    yield f"{name}, key: Enter that saves it and goes down", saved
    yield f"{name}, key: a (accept, go down)", painted(["a"] * ROUNDS)


if __name__ == "__main__":
    tables(_figures, (300, 1000), ["sqlite"], what=", grid of 8 funders", filled=False)
