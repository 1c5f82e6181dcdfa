"""« Ce qui est financé »: the programming's figures, and nothing of what is not notified."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select, update

from grants import demo
from grants.database import db
from grants.domain.programming.version import lift, validate
from grants.models import NOT_COUNTING, FundingLine, Project, State, now
from grants.queries.programming.financed import financed
from grants.queries.programming.programming import programming
from grants.queries.unchanged import unchanged
from grants.web import public
from tests import acts
from tests.conftest import SignIn, both
from tests.databases import once
from tests.factories import World, world
from tests.queries.test_programming import accept
from tests.villeneuve import villeneuve
from tests.web.reading import plain
from tests.web.test_instruction import count_queries
from tests.web.test_notices import write

HERE = "/ce-qui-est-finance"
FILES = ("", ".csv", ".xlsx")


def told(w: World, amount: int = 4000, **more) -> Project:
    """A dossier that the State has granted and notified."""
    project = w.project(**more)
    accept(w, project, amount)
    acts.notify(project, w.cget, "A-1", now().date(), by=w.state_instructor)
    return project


def validated(w: World) -> str:
    """Its page, once the committee has voted."""
    if not w.campaign.validated_at:
        validate(w.campaign, by=w.coordinator)
    db.session.commit()
    return f"{HERE}/{w.contract.slug}/{w.campaign.year}"


def lines_of(client: FlaskClient, page: str) -> list[dict[str, str]]:
    text = client.get(f"{page}.csv").data.decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text), delimiter=";"))


@pytest.mark.slow
@pytest.mark.parametrize("year", [2021, 2022])
def test_its_figures_are_the_programmings(app: Flask, sign_in: SignIn, year: int) -> None:
    contract = villeneuve()
    whole, found = programming(contract, year), financed(contract, year)
    given = {id: sums.granted for id, sums in whole.overview.by_funder.items()}
    assert found.total.granted == {id: amount for id, amount in given.items() if amount}
    assert found.total.given == whole.overview.total.granted
    assert found.total.actions == whole.overview.counts.retained
    assert [(b.name, b.total) for b in found.bearers] == [(b.name, b.total) for b in whole.bearers]
    axes: Counter[int] = Counter()
    for pillar in (pillar for section in whole.sections for pillar in section.pillars):
        for axis in pillar.axes:
            axes[axis.node.id] += axis.sums.given
    assert {axis.node.id: axis.sums.given for p in found.pillars for axis in p.axes} == +axes
    rows = lines_of(sign_in(None), f"{HERE}/{contract.slug}/{year}")
    assert sum(Decimal(row["Total"].replace(",", ".")) for row in rows) == found.total.given
    assert len(rows) == found.total.actions


@pytest.mark.slow
def test_amounts_stand_beside_their_heads_and_no_total_alone_on_a_page(app: Flask, sign_in: SignIn) -> None:
    page = f"{HERE}/{villeneuve().slug}/2022"
    text = sign_in(None).get(page).text
    assert text.count('<caption class="visually-hidden">') == text.count("<table") == 3
    assert re.findall('<td class="number" data-head="Total">(.*?)</td>', text)
    assert not re.findall('data-head="[^"]*">–<', text)
    book = load_workbook(BytesIO(sign_in(None).get(f"{page}.xlsx").data))
    for sheet in (book["Par porteur"], book["Action par action"]):
        ends = [one.id for one in sheet.row_breaks.brk]
        assert ends
        assert max(ends) <= sheet.max_row - 2


@pytest.mark.slow
def test_of_the_demonstration_only_what_is_notified_is_shown(app: Flask, sign_in: SignIn) -> None:
    """Whatever of it is taken back, withdrawn or not told any more."""
    once("demonstration", demo.load)
    db.session.execute(update(FundingLine).where(FundingLine.id % 3 == 0).values(notified_at=None))
    db.session.execute(update(Project).where(Project.id % 7 == 0).values(state=State.WITHDRAWN))
    db.session.commit()
    expected: dict[int, Counter[tuple[str, str, Decimal]]] = defaultdict(Counter)
    secret: dict[int, set[str]] = defaultdict(set)
    for project in db.session.scalars(select(Project).where(Project.reference.is_not(None))):
        published = project.campaign.validated_at or not project.campaign.closes_at
        lines = select(FundingLine).where(FundingLine.project_id == project.id, FundingLine.granted.is_not(None))
        known = [each.granted for each in db.session.scalars(lines) if each.notified_at]
        if published and known and project.state not in NOT_COUNTING:
            expected[project.year][project.title, project.organisation.name, sum(known)] += 1
        else:
            secret[project.year].add(project.title)
    anybody = sign_in(None)
    assert list(expected) == [2021, 2022, 2026]
    assert secret.keys() > expected.keys()
    for year, actions in expected.items():
        page = f"{HERE}/villeneuve-la-garenne/{year}"
        rows = lines_of(anybody, page)
        found = Counter((r["Action"], r["Porteur"], Decimal(r["Total"].replace(",", "."))) for r in rows)
        assert found == actions
        book = load_workbook(BytesIO(anybody.get(f"{page}.xlsx").data))
        cells = {cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
        titles = {title for title, *_ in actions}
        assert cells >= titles
        assert not cells & (secret[year] - titles)
    for year in secret.keys() - expected.keys():
        assert anybody.get(f"{HERE}/villeneuve-la-garenne/{year}").status_code == 404


@pytest.mark.slow
@both
def test_only_once_the_committee_has_voted_and_the_funder_has_told(app: Flask, sign_in: SignIn) -> None:
    w = world()
    kept, waiting = told(w, title="Chorale"), w.project(title="Jardin")
    accept(w, waiting, 300)
    acts.propose(kept, w.ville, Decimal(1234), by=w.city_instructor)
    db.session.commit()
    anybody, page = sign_in(None), f"{HERE}/{w.contract.slug}/{w.campaign.year}"
    assert anybody.get(page).status_code == 404
    assert "Rien n'est encore publié" in plain(anybody.get(HERE).text)
    assert "financée" not in anybody.get("/").text
    assert validated(w) == page
    assert anybody.get(HERE).location == page
    shown = plain(anybody.get(page).text)
    assert "Chorale" in shown
    assert "Jardin" not in shown
    assert "1 234" not in shown
    assert "En 2026, 1 action financée" in " ".join(plain(anybody.get("/").text).split())
    lift(w.campaign, "Erreur", by=w.coordinator)
    db.session.commit()
    assert anybody.get(page).status_code == 404


@pytest.mark.slow
def test_an_administrator_switches_it_off(w: World, admin, sign_in: SignIn) -> None:
    told(w)
    page, anybody = validated(w), sign_in(None)
    assert f'href="{HERE}"' in anybody.get("/aide").text
    assert f'href="{page}"' in anybody.get("/").text
    assert write(admin, financed="hidden").status_code == 302
    for client in (anybody, admin):
        assert [client.get(page + kind).status_code for kind in FILES] == [404, 404, 404]
        assert client.get(HERE).status_code == 404
        assert HERE not in client.get("/").text
        assert HERE not in client.get("/aide").text


@pytest.mark.slow
@both
def test_the_pages_take_the_same_queries_for_many_actions(app: Flask, sign_in: SignIn) -> None:
    w = world()
    told(w, 100)
    page, anybody = validated(w), sign_in(None)
    few = [count_queries(anybody, path)[0] for path in (page, "/")]
    w.campaign.validated_at = None
    for number in range(4):
        told(w, 100, title=f"Action {number}")
    w.campaign.validated_at = now()
    db.session.commit()
    assert [count_queries(anybody, path)[0] for path in (page, "/")] == few
    assert max(few) <= 24


def test_what_people_wrote_stays_text_and_no_formula(w: World, sign_in: SignIn) -> None:
    project = told(w, title="=HYPERLINK(1)")
    project.organisation.name = w.contract.label = "<script>alert(1)</script>"
    page, anybody = validated(w), sign_in(None)
    for path in (page, "/"):
        assert "<script>alert" not in anybody.get(path).text
    assert lines_of(anybody, page)[0]["Action"] == "'=HYPERLINK(1)"
    book = load_workbook(BytesIO(anybody.get(f"{page}.xlsx").data))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value == "=HYPERLINK(1)"]
    assert [cell.data_type for cell in cells] == ["s"]


@pytest.mark.slow
def test_two_contracts_are_told_apart(w: World, sign_in: SignIn) -> None:
    other = world("ailleurs")
    for each in (w, other):
        told(each)
        validated(each)
    page = sign_in(None).get("/").text
    assert page.count("1 action financée") == 2
    listed = sign_in(None).get(f"{HERE}/ici/2026").text
    assert f'href="{HERE}/ailleurs/2026"' in listed


@pytest.mark.slow
def test_what_is_kept_for_one_is_nobodys_own(w: World, admin, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures alone are kept: a change shows at once, and whoever has signed in stays unnamed."""
    monkeypatch.setattr(unchanged, "most", 8)
    project = told(w, title="Chorale")
    page, anybody = validated(w), sign_in(None)
    assert w.administrator.name in admin.get(page).text
    for path in (page, "/"):
        assert "Se connecter" in anybody.get(path).text
        assert w.administrator.name not in anybody.get(path).text
    project.title = "Fanfare"
    db.session.commit()
    assert "Fanfare" in anybody.get(page).text
    unchanged.clear()


def test_search_engines_find_what_is_for_all(w: World, sign_in: SignIn, app: Flask) -> None:
    text = sign_in(None).get("/robots.txt").text
    assert text.startswith("User-agent: *\nAllow: /$\n")
    assert text.endswith("Disallow: /\n")
    app.extensions["grants_band"] = "Fictif"
    assert sign_in(None).get("/robots.txt").text == "User-agent: *\nDisallow: /\n"


def test_guessed_years_take_no_room_among_the_figures_kept(
    app: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    w = world()
    told(w)
    page, anybody, read = validated(w), sign_in(None), list[int]()
    monkeypatch.setattr(public, "financed_of", lambda _contract, year: read.append(year))
    for year in (1, w.campaign.year + 1, 9999):
        assert anybody.get(f"{HERE}/{w.contract.slug}/{year}").status_code == 404
    assert read == []
    anybody.get(page)
    assert read == [w.campaign.year]
