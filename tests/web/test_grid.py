"""The grid's page: others' changes, the choice kept, ways to the sheet, its weight."""

from __future__ import annotations

import gzip
import re
from decimal import Decimal
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import event

from grants.database import db
from grants.domain.decisions.rules import Decision
from grants.domain.decisions.write import Wish, write
from grants.domain.workflow import advance
from grants.models import Layout, Outcome, Project, now
from tests import acts
from tests.conftest import both
from tests.factories import world
from tests.web.grid import JSON, address, cell, send
from tests.web.reading import plain


@pytest.mark.slow
@both
def test_others_changes_are_told(app: Flask, sign_in) -> None:
    w = world()
    p, q = w.project(), w.project()
    db.session.commit()
    reader = sign_in(w.committee)
    page = reader.get(address(w)).text
    seen = page.split('data-seen="')[1].split('"')[0]
    at = page.split('data-at="')[1].split('"')[0]
    send(sign_in(w.state_instructor), w, cell(p, w.cget, "PROPOSE", "1500"))
    advance(db.session.get_one(Project, q.id), "withdraw", by=w.applicant, reason="Abandon")
    db.session.commit()
    told = reader.get(address(w, f"/changements?depuis={at}&vu={seen}"), headers=JSON).json
    rows = {row["id"]: row for row in told["rows"]}
    assert plain(rows[p.id]["lines"][str(w.cget.id)]["texts"]["propose"]) == "1 500"
    assert told["by"][str(p.id)] == {str(w.cget.id): w.state_instructor.name}
    assert list(told["moved"].values()) == [q.id]
    assert "proposé à décider 1 500 €" in plain(told["strip"])
    for strange in ("?depuis=x", "?depuis=-1", "?depuis=" + "9" * 30, "?vu=" + "9" * 30):
        assert reader.get(address(w, "/changements" + strange)).status_code == 200


@pytest.mark.slow
def test_the_choice_of_columns_is_kept_and_the_filters_stay(app: Flask, sign_in) -> None:
    w = world()
    p, other = w.project(), w.project()
    db.session.commit()
    client = sign_in(w.committee)
    page = client.get(address(w, f"?mots={p.title}")).text
    assert p.title in page
    assert f"{other.title}<" not in page
    assert f"/projets/{p.id}/avis?liste=" in page
    funders = [w.cget.id, w.ville.id, w.reg.id]
    answer = client.post(
        address(w, "/colonnes?mots=Action"),
        data={"offert": funders, "financeur": [w.ville.id, "x"], "colonne": ["avant", "y"]},
    )
    assert answer.location == address(w, "?mots=Action")
    page = client.get(answer.location).text
    assert f'data-funder="{w.ville.id}"' in page
    assert f'data-funder="{w.cget.id}"' not in page
    assert page.count(">accordé N-1</th>") == 1
    assert page.count(">proposé</th>") == 0
    told = send(sign_in(w.state_instructor), w, cell(p, w.cget, "PROPOSE", "1")).json["rows"][0]
    seen = client.get(address(w, "/changements?depuis=0"), headers=JSON).json["rows"]
    assert [row["lines"] for row in seen] == [told["lines"]]  # whatever each of them looks at
    none = client.post(address(w, "/colonnes"), data={"offert": funders}, follow_redirects=True).text
    assert "Cochez au moins un financeur" in none  # nor is all shown to who wants less
    assert none.count("data-funder=") == 1
    assert sign_in(w.coordinator).get(address(w)).text.count("data-funder=") == 3


@pytest.mark.postgresql
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_windows_choose_columns_for_the_first_time_at_once(app: Flask, sign_in) -> None:
    w = world()
    db.session.commit()
    client, page, codes = sign_in(w.committee), address(w, "/colonnes"), []
    db.session.add(
        Layout(user_id=w.committee.id, contract_id=w.contract.id, page="grid", name="", columns=[], filters={})
    )
    db.session.flush()  # the other window, which has not committed yet
    second = Thread(target=lambda: codes.append(client.post(page).status_code))
    second.start()
    second.join(0.3)
    assert second.is_alive()
    db.session.commit()
    second.join(10)
    assert codes == [302]


def test_sheet_and_grid_lead_to_each_other(app: Flask, sign_in) -> None:
    w = world()
    projects = [w.project() for _ in range(3)]
    w.campaign.validated_at = now()
    db.session.commit()
    client = sign_in(w.state_instructor)
    page = client.get(address(w, "?mots=Action"))
    link = page.text.split(f'href="/projets/{projects[1].id}')[1].split('"')[0]
    sheet = client.get(f"/projets/{projects[1].id}{link}").text
    assert f"{address(w)}?mots=Action&amp;vue=grille#p{projects[1].id}" in sheet
    assert "2 sur 3" in sheet
    assert '<tr id="p' in page.text
    assert 'class="is-undecided is-validated"' in page.text


@pytest.mark.slow
def test_the_page_is_light_and_its_queries_constant(app: Flask, sign_in) -> None:
    w = world()
    client = sign_in(w.state_instructor)
    said = "chaque changement demande un motif"
    assert said not in client.get(address(w)).text
    w.campaign.validated_at = now()
    db.session.commit()
    assert said in client.get(address(w)).text
    sizes, counts = [], []
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    for more in (2, 30):
        for _ in range(more):
            w.project()
        db.session.commit()
        client.get(address(w))
        statements.clear()
        page = client.get(address(w), headers={"Accept-Encoding": "gzip"})
        counts.append(len(statements))
        sizes.append(len(gzip.decompress(page.data)))
        assert len(page.data) < sizes[-1] / 3
    assert counts[0] == counts[1] <= 22
    assert (sizes[1] - sizes[0]) / 30 < 300  # bytes a project, of three funders
    filtered = client.get(address(w, "?mots=Action"), headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in filtered.headers


def test_a_funder_that_gives_unasked_is_not_folded(app: Flask, sign_in) -> None:
    w = world()
    p = w.project(requested={w.cget: 5000}, total_cost=Decimal(10_000))
    unasked = Decision(None, raised_reason="Intérêt local")
    write([Wish(p.id, w.ville.id, 0, unasked)], by=w.city_instructor)
    given = Decision(Outcome.ACCEPTED, amount=Decimal(700), raised_reason="Intérêt local")
    acts.decide(p, w.ville, given, by=w.city_instructor)
    db.session.commit()
    page = sign_in(w.state_instructor).get(f"/contrats/{w.contract.slug}/{w.campaign.year}/grille").text
    assert re.search(rf'name="financeur" value="{w.ville.id}" checked', " ".join(page.split()))
