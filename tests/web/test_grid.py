"""The grid's page and what its script sends: cells, conflicts, others' changes, the choice kept."""

from __future__ import annotations

import gzip
import json
from typing import Any

from flask import Flask
from sqlalchemy import event, func, select

from grants.database import db
from grants.domain.workflow import advance
from grants.models import Funder, FundingLine, HistoryEntry, Operation, Outcome, Project, now
from tests.conftest import both
from tests.factories import World, campaign, project, world

JSON = {"Accept": "application/json"}


def address(w: World, more: str = "") -> str:
    return f"/contrats/{w.contract.slug}/{w.campaign.year}/grille{more}"


def cell(p: Project, funder: Funder, action: str, amount: str = "", **more: Any) -> dict[str, Any]:
    version = db.session.scalar(
        select(FundingLine.version).filter_by(project_id=p.id, funder_id=funder.id)
    )
    return {
        "project": p.id, "funder": funder.id, "version": version or 0, "action": action,
        "amount": amount, **more,
    }  # fmt: skip


def send(client, w: World, *cells: dict[str, Any], **why: str):
    return client.post(address(w, "/cellules"), json={"cells": cells, **why}, headers=JSON)


def line_of(p: Project, funder: Funder) -> FundingLine:
    db.session.rollback()
    return db.session.scalars(
        select(FundingLine).filter_by(project_id=p.id, funder_id=funder.id)
    ).one()


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\xa0", " ")


@both
def test_a_cell_and_what_its_answer_tells(app: Flask, sign_in) -> None:
    w = world()
    p = w.project()
    db.session.commit()
    client = sign_in(w.state_instructor)
    proposed = send(client, w, cell(p, w.cget, "PROPOSE", "4 000,50"))
    row = proposed.json["rows"][0]
    assert plain(row["cells"][str(w.cget.id)][2]) == "4 000,50"
    assert "proposé 4 000,50 €" in plain(proposed.json["strip"])
    answer = send(client, w, cell(p, w.cget, "ACCEPTED", "4000"))
    row = answer.json["rows"][0]
    assert (row["css"], row["cells"][str(w.cget.id)][0]) == ("r", "3")
    assert "reste 16 000 €" in plain(answer.json["strip"])
    line = line_of(p, w.cget)
    assert (line.outcome, line.granted) == (Outcome.ACCEPTED, 4000)
    operation = db.session.get_one(Operation, answer.json["operation"])
    entries = db.session.scalars(select(HistoryEntry.field).filter_by(operation_id=operation.id))
    assert (operation.kind, {"outcome", "granted"} <= set(entries)) == ("decide", True)
    undone = client.post(
        f"/contrats/{w.contract.slug}/operations/{operation.id}/annuler", headers=JSON
    )
    assert undone.status_code == 200
    assert line_of(p, w.cget).outcome is Outcome.PENDING


def test_nobody_writes_in_anothers_column(app: Flask, sign_in) -> None:
    w, elsewhere = world(), world()
    p, theirs = w.project(), elsewhere.project()
    last_year = campaign(w.contract, [w.cget], year=2025)
    old = project(last_year, w.applicant, requested={w.cget: 100})
    db.session.commit()
    entries = select(func.count()).select_from(HistoryEntry)
    before = db.session.scalar(entries)
    forged = [
        (w.city_instructor, [cell(p, w.cget, "ACCEPTED", "10")]),
        (w.committee, [cell(p, w.cget, "ACCEPTED", "10")]),
        (w.coordinator, [cell(p, w.cget, "ACCEPTED", "10")]),
        (w.applicant, [cell(p, w.cget, "ACCEPTED", "10")]),
        (w.state_instructor, [cell(p, w.cget, "PROPOSE", "1"), cell(p, w.ville, "PROPOSE", "1")]),
        (w.state_instructor, [cell(theirs, elsewhere.cget, "PROPOSE", "1")]),
        (w.state_instructor, [cell(theirs, w.cget, "PROPOSE", "1")]),
        (w.state_instructor, [cell(old, w.cget, "PROPOSE", "1")]),
    ]
    for person, cells in forged:
        answer = send(sign_in(person), w, *cells, typed_from="x", raised_reason="x")
        assert answer.status_code == 403, (person.name, cells)
    db.session.rollback()
    assert db.session.scalar(entries) == before
    assert not db.session.scalars(select(Operation)).all()
    assert db.session.scalars(select(FundingLine.proposed).distinct()).all() == [None]


def test_each_refusal_says_at_which_field(app: Flask, sign_in) -> None:
    w = world(envelope=3000)
    p, q, closed = w.project(), w.project(), w.project(state="SUBMITTED")
    db.session.commit()
    state, city = sign_in(w.state_instructor), sign_in(w.coordinator)
    steps = [
        (state, cell(p, w.cget, "PROPOSE", "12 OOO"), {}, None, "n'est pas un montant"),
        (state, cell(p, w.cget, "ACCEPTED", ""), {}, "granted", "plus grand que zéro"),
        (state, cell(p, w.cget, "ACCEPTED", "5500"), {}, "raised_reason", "montant demandé"),
        (state, cell(p, w.cget, "ACCEPTED", "3001"), {}, "granted", "L'enveloppe serait dépassée"),
        (state, cell(p, w.cget, "REJECTED"), {}, "reason", "motif"),
        (state, cell(closed, w.cget, "PROPOSE", "1"), {}, None, "recevable"),
        (city, cell(p, w.reg, "PROPOSE", "10"), {}, "raised_reason", "sollicité"),
        (city, cell(p, w.reg, "PROPOSE", "10"), {"raised_reason": "Mail"}, "typed_from", "source"),
        (state, cell(p, w.cget, "PROPOSE", "1"), {"reason": "x" * 6000}, "reason", "5000"),
        (state, cell(p, w.cget, "PROPOSE", "1"), {"reason": "a\x00"}, "reason", "invisible"),
    ]
    for client, one, why, field, words in steps:
        answer = send(client, w, one, **why)
        assert (answer.status_code, answer.json["field"]) == (422, field), one
        assert words in answer.json["message"]
    opened = send(city, w, cell(p, w.reg, "ACCEPTED", "10"), raised_reason="M", typed_from="Mail")
    assert opened.status_code == 200
    assert opened.json["rows"][0]["cells"][str(w.reg.id)] == ["2r", "", "", "10 ?"]
    assert send(state, w, cell(q, w.cget, "REJECTED"), reason="Hors sujet").status_code == 200
    again = cell(q, w.cget, "ACCEPTED", "100")
    assert send(state, w, again).json["field"] == "revision_reason"
    assert send(state, w, again, revision_reason="Erreur").status_code == 200


@both
def test_a_conflict_shows_what_the_line_says_now(app: Flask, sign_in) -> None:
    w = world()
    p = w.project()
    db.session.commit()
    client, stale = sign_in(w.state_instructor), cell(p, w.cget, "PROPOSE", "10")
    assert send(client, w, cell(p, w.cget, "PROPOSE", "20")).status_code == 200
    answer = send(client, w, stale)
    assert answer.status_code == 409
    assert answer.json["by"] == w.state_instructor.name
    assert answer.json["rows"][0]["cells"][str(w.cget.id)][2] == "20"
    assert "proposé 20 €" in plain(answer.json["message"])
    assert line_of(p, w.cget).proposed == 20


@both
def test_a_paste_is_all_or_nothing(app: Flask, sign_in) -> None:
    w = world(envelope=9000)
    projects = [w.project() for _ in range(20)]
    db.session.commit()
    client = sign_in(w.state_instructor)
    assert send(client, w, *(cell(p, w.cget, "PROPOSE", "700") for p in projects)).json["operation"]
    too_much = [cell(p, w.cget, "ACCEPTED", "451") for p in projects]
    answer = send(client, w, *too_much)
    assert (answer.status_code, answer.json["field"]) == (422, "granted")
    one_wrong = [*(cell(p, w.cget, "ACCEPTED", "400") for p in projects[:-1]),
                 cell(projects[-1], w.cget, "ACCEPTED", "10001")]  # fmt: skip
    answer = send(client, w, *one_wrong)
    assert (answer.status_code, answer.json["project"]) == (422, projects[-1].id)
    db.session.rollback()
    granted = select(func.count(), func.sum(FundingLine.granted)).where(
        FundingLine.granted.is_not(None)
    )
    assert db.session.execute(granted).one()[0] == 0
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    assert send(client, w, *(cell(p, w.cget, "ACCEPTED", "450") for p in projects)).json["rows"]
    reads = [s for s in statements if s.startswith("SELECT funding_lines") or " FROM " in s]
    assert db.session.execute(granted).one() == (20, 9000)
    assert len(reads) - len(projects) <= 30  # the versions that this test itself asks for
    assert db.session.scalars(select(Operation.kind)).all() == ["paste", "paste"]


def test_what_is_no_cell_is_not_read(app: Flask, sign_in) -> None:
    w = world()
    p = w.project()
    db.session.commit()
    client, good = sign_in(w.state_instructor), cell(p, w.cget, "PROPOSE", "1")
    bad: list[Any] = [
        None, [], {"cells": []}, {"cells": [1]}, {"cells": [good, good]}, {"cells": [good] * 1001},
        {"cells": [good], "reason": 1}, *(
            {"cells": [good | wrong]} for wrong in (
                {"project": "1"}, {"project": -1}, {"project": True}, {"funder": 2**31},
                {"version": None}, {"action": "PENDING"}, {"action": []}, {"amount": 1},
            )
        ),
    ]  # fmt: skip
    for sent in bad:
        answer = client.post(address(w, "/cellules"), json=sent, headers=JSON)
        assert answer.status_code == 400, sent
    for text in ("[" * 100_000, '{"cells": "\xff', b"\xff\x00"):
        answer = client.post(
            address(w, "/cellules"), data=text, content_type="application/json", headers=JSON
        )
        assert answer.status_code == 400
    surrogate = json.dumps({"reason": "\ud800", "cells": [good]})
    answer = client.post(
        address(w, "/cellules"), data=surrogate, content_type="application/json", headers=JSON
    )
    assert answer.status_code == 422


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
    assert plain(rows[p.id]["cells"][str(w.cget.id)][2]) == "1 500"
    assert told["by"][str(p.id)] == {str(w.cget.id): w.state_instructor.name}
    assert list(told["moved"].values()) == [q.id]
    assert "proposé 1 500 €" in plain(told["strip"])
    for strange in ("?depuis=x", "?depuis=-1", "?depuis=" + "9" * 30, "?vu=" + "9" * 30):
        assert reader.get(address(w, "/changements" + strange)).status_code == 200


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
    assert f'data-f="{w.ville.id}"' in page
    assert f'data-f="{w.cget.id}"' not in page
    assert page.count(">accordé N-1</th>") == 1
    assert page.count(">proposé</th>") == 0
    told = send(sign_in(w.state_instructor), w, cell(p, w.cget, "PROPOSE", "1")).json["rows"][0]
    seen = client.get(address(w, "/changements?depuis=0"), headers=JSON).json["rows"]
    assert [row["cells"] for row in seen] == [told["cells"]]  # whatever each of them looks at
    client.post(address(w, "/colonnes"), data={"offert": funders})
    assert client.get(address(w)).text.count("data-f=") == 3
    assert sign_in(w.coordinator).get(address(w)).text.count("data-f=") == 3


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
    assert 'class="u v"' in page.text


def test_a_column_without_script(app: Flask, sign_in) -> None:
    w = world(envelope=6000)
    p, q, r = w.project(), w.project(), w.project()
    closed = w.project(state="SUBMITTED")
    db.session.commit()
    client, page = sign_in(w.state_instructor), address(w, f"/{w.cget.id}?mots=Action")
    assert f'href="{address(w, f"/{w.cget.id}")}"' in client.get(address(w)).text
    text = client.get(page).text
    assert f'name="a-{p.id}"' in text
    assert f'name="a-{closed.id}"' not in text
    seen = {f"v-{one.id}": 1 for one in (p, q, r)}

    def sent(*typed: tuple[str, Project, str], **why: str):
        amounts = {f"{column}-{of.id}": text for column, of, text in typed}
        return client.post(page, data=seen | amounts | why)

    wrong = sent(("p", p, "12 OOO"), ("a", q, "3 000"))
    assert wrong.status_code == 422
    assert 'value="12 OOO"' in wrong.text
    assert 'value="3 000"' in wrong.text
    assert f'href="#p-{p.id}"' in wrong.text
    too_much = sent(*(("a", one, "2500") for one in (p, q, r)))
    assert too_much.status_code == 422
    assert "L&#39;enveloppe serait dépassée" in too_much.text
    assert db.session.scalar(select(func.count()).where(FundingLine.granted.is_not(None))) == 0
    more = sent(("a", p, "5500"))
    assert 'href="#raised_reason"' in more.text
    good = sent(("p", p, "1 000"), ("a", p, "900"), ("a", q, "2500"))
    assert good.location == page
    line = line_of(p, w.cget)
    assert (line.proposed, line.granted) == (1000, 900)
    late = sent(("a", p, "800"))
    assert late.status_code == 422
    assert "a changé entre-temps" in late.text
    seen[f"v-{p.id}"] = line_of(p, w.cget).version
    assert 'href="#revision_reason"' in sent(("a", p, "800")).text
    assert sent(("a", p, "800"), revision_reason="Erreur").status_code == 302
    same = client.get(page).text
    assert "accordé 3 300 €, reste" in plain(same)
    assert 'value="800"' in same
    assert sign_in(w.city_instructor).get(page).status_code == 403
    assert client.get(address(w, "/999999")).status_code == 404


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
