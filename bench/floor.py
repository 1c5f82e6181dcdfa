"""`python -m bench.floor`: list and sheet beside a floor, the smallest pages of the same kind.

The floor is Flask, SQLAlchemy, Flask-Login, WTForms and Jinja with nothing else: a page of fifty
rows with filters and a count, and one of a dossier, on the SQLite data base of the same projects, by
as many processes and threads. Rounds alternate, so that only the ratios are to be read.
"""

from __future__ import annotations

import argparse
import os
import random
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import product
from statistics import median
from typing import Any

from flask import Flask, render_template_string, request
from flask_login import LoginManager, UserMixin, login_required, login_user
from sqlalchemy import RowMapping, Select, create_engine, func, select
from sqlalchemy.orm import Session
from wtforms import Form, SelectField, StringField

from bench.__main__ import SLUG, instructing
from bench.instance import POSTGRES_URL, Instance, instance
from bench.load import Call, Measure, measure
from bench.synthetic import YEARS
from grants.models import Campaign, Contract, FundingLine, Organisation, Project, State, Theme, User
from tests.serving import Caller, caller, served, signed

PAGE = 50
KINDS = ["sqlite", *(["postgresql"] if POSTGRES_URL else [])]
LAYOUT = """<!doctype html><html lang="fr"><title>{% block title %}{% endblock %}</title>
<link rel="stylesheet" href="/static/grants.css">
<nav><a href="/liste/2026">Projets</a></nav><main>{% block main %}{% endblock %}</main>"""
LIST = """{% extends layout %}{% block title %}Projets{% endblock %}{% block main %}<h1>Projets</h1>
<form>{% for field in form %}<p>{{ field.label }} {{ field }}</p>{% endfor %}<button>Filtrer</button></form>
<p>{{ count }} dossiers</p><table>{% for row in rows %}<tr><td><input type="checkbox" name="id" value="{{ row.id }}">
<td>{{ row.reference }}<td><a href="{{ url_for('sheet', id=row.id) }}">{{ row.title }}</a><td>{{ row.bearer }}
<td>{{ row.theme }}<td>{{ row.kind }}<td>{{ row.state.value }}
<td>{{ row.total_cost }}<td>{{ row.requested }}<td>{{ row.granted }}</tr>
{% endfor %}</table>{% endblock %}"""
SHEET = """{% extends layout %}{% block title %}{{ row.title }}{% endblock %}{% block main %}<h1>{{ row.title }}</h1>
<dl>{% for name, value in row.items() %}<dt>{{ name }}<dd>{{ value }}{% endfor %}</dl>
<table>{% for line in lines %}
<tr><td>{{ line.funder_id }}<td>{{ line.requested }}<td>{{ line.granted }}</tr>{% endfor %}</table>
{% endblock %}"""


class Filters(Form):
    words = StringField("Mots")
    state = SelectField("État", choices=[("", "Tous"), *((state.name, state.value) for state in State)])


class Person(UserMixin):
    """Who is signed in."""

    def __init__(self, key: str) -> None:
        self.id = key


def app() -> Flask:
    """The floor, on the data base that FLOOR_DB names; its first page signs in."""
    made = Flask(__name__, static_folder=None)
    made.secret_key = "floor"
    engine = create_engine(os.environ["FLOOR_DB"])
    layout = made.jinja_env.from_string(LAYOUT)
    people = LoginManager(made)

    @people.user_loader  # type: ignore[untyped-decorator,unused-ignore]
    def known(key: str) -> Person | None:
        with Session(engine) as session:
            return Person(key) if session.scalar(select(User.id).where(User.id == int(key))) else None

    @made.get("/")
    def enter() -> str:
        login_user(Person("1"))
        return "entré"

    @made.get("/liste/<int:year>")
    @login_required
    def listed(year: int) -> str:
        form = Filters(request.args)
        with Session(engine) as session:
            count, rows = _listed(session, form, year)
        return render_template_string(LIST, layout=layout, form=form, count=count, rows=rows)

    @made.get("/projets/<int:id>")
    @login_required
    def sheet(id: int) -> str:
        with Session(engine) as session:
            row = session.execute(_project().where(Project.id == id)).mappings().one()
            lines = session.execute(select(FundingLine.__table__).where(FundingLine.project_id == id)).all()
        return render_template_string(SHEET, layout=layout, row=row, lines=lines)

    return made


def _project() -> Select[Any]:
    """Columns of a dossier with its bearer and theme."""
    columns = [*Project.__table__.c, Organisation.name.label("bearer"), Theme.label.label("theme")]
    joined = select(*columns).join(Organisation, Organisation.id == Project.organisation_id)
    return joined.outerjoin(Theme, Theme.id == Project.theme_id)


def _listed(session: Session, form: Filters, year: int) -> tuple[int, Sequence[RowMapping]]:
    """How many dossiers of the year the filters leave, and the first fifty with their sums."""
    of_year = select(Campaign.id).join(Contract).where(Contract.slug == SLUG, Campaign.year == year)
    chosen = [Project.reference.is_not(None), Project.campaign_id.in_(of_year)]
    if form.words.data:
        chosen.append(Project.title.ilike(f"%{form.words.data}%"))
    if form.state.data:
        chosen.append(Project.state == State[form.state.data])
    count = session.scalar(select(func.count()).select_from(Project).where(*chosen)) or 0
    sums = [
        select(func.sum(amount)).where(FundingLine.project_id == Project.id).scalar_subquery().label(amount.key)
        for amount in (FundingLine.requested, FundingLine.granted)
    ]
    rows = session.execute(_project().add_columns(*sums).where(*chosen).order_by(Project.reference).limit(PAGE))
    return count, rows.mappings().all()


@contextmanager
def floor(data: Instance) -> Iterator[int]:
    """The floor's port, while it is served as `grants serve` is: two processes of three threads."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--workers=2", "--threads=3", f"--bind=127.0.0.1:{port}"]
    environment = {**os.environ, "FLOOR_DB": data.url}
    process = subprocess.Popen([*command, "--log-level=error", "--keep-alive=60", "bench.floor:app()"], env=environment)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(20)


def entered(port: int) -> Caller:
    """Who is signed in on the floor, once it answers."""
    for _ in range(500):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as page:
                return Caller(page.headers["Set-Cookie"].split(";")[0], "")
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("the floor does not answer")


@dataclass(frozen=True)
class Side:
    """The floor, or the application on one data base: where it is asked for its list and sheets."""

    port: int
    by: Caller
    listed: str
    projects: list[int]

    def measured(self, page: str, clients: int) -> Measure:
        """Of fifty calls by one client, or of two hundred by many."""
        chance = random.Random(1)
        count = 50 if clients == 1 else 200
        paths = [self.listed if page == "list" else f"/projets/{chance.choice(self.projects)}" for _ in range(count)]
        return measure(self.port, [Call("GET", path, self.by) for path in paths], clients, warm_up=5)


def _ours(made: Instance, open_: ExitStack) -> Side:
    with made.app().app_context() as context:
        staff, projects = instructing()
        by = caller(context.app, signed(staff))
    server = open_.enter_context(served(made.environment, worker=True))
    return Side(server.port, by, f"/contrats/{SLUG}/{YEARS[-1]}/projets", projects)


def main() -> None:
    """Print a table of ratios to the floor: the median of the rounds, the least and the most."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    with ExitStack() as open_:
        made = [open_.enter_context(instance(kind, options.size)) for kind in KINDS]
        sides = [_ours(each, open_) for each in made]
        port = open_.enter_context(floor(made[0]))
        sides.append(Side(port, entered(port), f"/liste/{YEARS[-1]}", sides[0].projects))
        figures: dict[tuple[str, int, str], list[float]] = {}
        for _ in range(options.rounds):
            for page, clients in product(("list", "sheet"), (1, 16)):
                *ours, least = [side.measured(page, clients) for side in sides]
                for kind, one in zip(KINDS, ours, strict=True):
                    ratio = one.p50 / least.p50 if clients == 1 else one.rate / least.rate
                    figures.setdefault((page, clients, kind), []).append(ratio)
    print(f"{options.size} projects, {options.rounds} rounds\n")
    print("| beside the floor | median | least, most |\n| --- | --- | --- |")
    for (page, clients, kind), ratios in sorted(figures.items()):
        what = "time of one client" if clients == 1 else "rate of 16 clients"
        print(f"| {page}, {kind}, {what} | {median(ratios):.2f} | {min(ratios):.2f}, {max(ratios):.2f} |")


if __name__ == "__main__":
    main()
