"""`make bench`: prints a Markdown table a database and size; see bench/README.md."""

from __future__ import annotations

import pickle
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from bench.exports import cells_of
from bench.instance import POSTGRES_URL, Instance, memory
from bench.load import Call, measure
from bench.synthetic import YEARS
from bench.tables import Figures, reading, tables, under
from grants.database import db
from grants.domain.dossier.answers import ProjectAnswers
from grants.models import Contract, Project, RoleGrant, State, User
from tests import factories
from tests.serving import Caller, caller, served, signed

SIZES = (62, 1_000, 10_000, 100_000)
SLUG = "synthese-1"
ROUNDS = 200
DEPOSITS = 600
SAVES = 220
JSON = "application/json"


def _figures(made: Instance, _size: int) -> Figures:
    app = made.app()
    with app.app_context():
        staff, applicant, projects, drafts = _prepare()
    people = caller(app, staff), caller(app, applicant)
    year = YEARS[-1]
    pages = {
        "list": f"/contrats/{SLUG}/{year}/projets",
        "list, filtered by words": f"/contrats/{SLUG}/{year}/projets?mots=synth%C3%A8se",
        "sheet": "",
        "grid page": f"/contrats/{SLUG}/{year}/grille",
        "programming page": f"/contrats/{SLUG}/{year}/programmation",
        "comparison page": f"/contrats/{SLUG}/comparaison/{year - 1}/{year}",
    }
    with served(made.environment, worker=True) as server:
        yield "start to first page", f"{server.seconds_to_first_page:.2f} s"
        for name, path in pages.items():
            calls = _campaigns(path, projects, people[0], ROUNDS if "page" not in name else 40)
            yield from reading(app, server.port, name, calls)
        yield from _saves(app, server.port, drafts[:SAVES], people[1])
        yield from _deposits(app, server.port, drafts[SAVES:], people[1])
        yield "memory of the server", f"{memory(server):.0f} MiB"
    yield from _exports(made, year)


def _campaigns(path: str, projects: list[int], by: Caller, count: int) -> list[Call]:
    chance = random.Random(1)
    return [Call("GET", path or f"/projets/{chance.choice(projects)}", by) for _ in range(count)]


def instructing() -> tuple[User, list[int]]:
    """A new coordinator of the synthetic contract, and the dossiers that they instruct."""
    contract = db.session.scalars(select(Contract).where(Contract.slug == SLUG)).one()
    staff = factories.user("Mesure")
    db.session.add(RoleGrant(user_id=staff.id, role="COORDINATOR", contract_id=contract.id))
    admissible = Project.contract_id == contract.id, Project.state == State.ADMISSIBLE
    return staff, list(db.session.scalars(select(Project.id).where(*admissible)))


def _prepare() -> tuple[str, str, list[int], list[int]]:
    """A coordinator of the synthetic contract and their projects, the bearer of complete drafts
    in a call that is open and these."""
    staff, projects = instructing()
    world = factories.world("mesure")
    made = [factories.complete_draft(world) for _ in range(SAVES + DEPOSITS)]
    for draft in made[:SAVES]:  # what is sworn already is not being written any more
        draft.sworn_at = draft.sworn_by_id = None
    db.session.commit()
    drafts = [draft.id for draft in made]
    sign_ins = signed(staff), signed(db.session.get_one(User, world.applicant.id))
    return *sign_ins, projects, drafts


def _saves(app: Flask, port: int, drafts: list[int], by: Caller) -> Figures:
    """The page « L'action »: by itself while it is typed in, and by its button."""
    for name, accept, expect in (("autosave", JSON, 200), ("save by the button", "*/*", 302)):
        for clients in (1, 16):
            words = f"Des ateliers, {name}, {clients}. " * 20
            calls = [
                Call("POST", f"/mes-projets/{id_}/projet", by, expect, fields, accept)
                for id_, fields in _typed(app, drafts, words)
            ]
            yield under(f"{name} of a page", clients, measure(port, calls, clients, warm_up=20))


def _typed(app: Flask, drafts: list[int], words: str) -> Iterator[tuple[int, tuple[tuple[str, object], ...]]]:
    """Each draft, and what its page sends with `words` as its description."""
    with app.app_context():
        for draft in db.session.scalars(select(Project).where(Project.id.in_(drafts))):
            stored = ProjectAnswers.of(draft)
            typed = asdict(replace(stored, description=words)) | {"version": stored.fingerprint()}
            yield draft.id, tuple((k, v) for k, v in typed.items() if v not in (None, ()))


def _deposits(app: Flask, port: int, drafts: list[int], by: Caller) -> Figures:
    with app.app_context():
        versions = db.session.execute(select(Project.id, Project.version).where(Project.id.in_(drafts))).all()
    calls = [Call("POST", f"/mes-projets/{id_}/deposer", by, 302, (("version", version),)) for id_, version in versions]
    yield under("deposit", 1, measure(port, calls[:100], warm_up=5))
    yield under("deposit", 16, measure(port, calls[100:], clients=16))


def _exports(made: Instance, year: int) -> Figures:
    for kind, years in (("programming", [year]), ("comparison", [year - 1, year])):
        out = made.folder / f"{kind}.xlsx"
        seconds, mebibytes = _run(kind, made.url, str(made.folder), SLUG, str(out), *years)
        cells = made.folder / "cells.pickle"
        cells.write_bytes(pickle.dumps(cells_of(str(out))))
        bare, _ = _run("bare", str(cells))
        yield (
            f"export {kind}",
            f"{seconds:.2f} s ({seconds / bare:.2f} × bare openpyxl), +{mebibytes:.0f} MiB,"
            f" {Path(out).stat().st_size / 1000:.0f} kB",
        )


def _run(*arguments: object) -> tuple[float, float]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.exports", *map(str, arguments)], check=True, capture_output=True, text=True
    )
    seconds, mebibytes = done.stdout.split()
    return float(seconds), float(mebibytes)


if __name__ == "__main__":
    tables(_figures, SIZES, ["sqlite", *(["postgresql"] if POSTGRES_URL else [])])
