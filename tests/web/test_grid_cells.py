"""What the grid's script sends: cells, conflicts, pastes, and what is refused."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from grants.database import db
from grants.domain.decisions.rules import Decision
from grants.models import FundingLine, HistoryEntry, Operation, Outcome
from grants.web.instruction.grid_cells import DUE
from tests import acts
from tests.conftest import both
from tests.factories import campaign, project, world
from tests.web.grid import JSON, address, cell, line_of, send
from tests.web.reading import plain


@both
def test_a_cell_and_what_its_answer_tells(app: Flask, sign_in) -> None:
    w = world()
    p = w.project()
    db.session.commit()
    client = sign_in(w.state_instructor)
    proposed = send(client, w, cell(p, w.cget, "PROPOSE", "4 000,50"))
    row = proposed.json["rows"][0]
    assert plain(row["lines"][str(w.cget.id)]["texts"]["propose"]) == "4 000,50"
    assert "proposé à décider 4 000,50 €" in plain(proposed.json["strip"])
    answer = send(client, w, cell(p, w.cget, "ACCEPTED", "4000"))
    row = answer.json["rows"][0]
    assert (row["css"], row["lines"][str(w.cget.id)]["version"]) == ("is-retained", 3)
    assert "reste 16 000 €" in plain(answer.json["strip"])
    line = line_of(p, w.cget)
    assert (line.outcome, line.granted) == (Outcome.ACCEPTED, 4000)
    operation = db.session.get_one(Operation, answer.json["operation"])
    entries = db.session.scalars(select(HistoryEntry.field).filter_by(operation_id=operation.id))
    assert (operation.kind, {"outcome", "granted"} <= set(entries)) == ("decide", True)
    undone = client.post(f"/contrats/{w.contract.slug}/operations/{operation.id}/annuler", headers=JSON)
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


@pytest.mark.slow
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
        (state, cell(p, w.cget, "PROPOSE", "5500"), {}, "raised_reason", "montant demandé"),
        (state, cell(p, w.cget, "PROPOSE", "99999999"), {}, "proposed", "coût total"),
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
    assert opened.json["rows"][0]["lines"][str(w.reg.id)] == {
        "version": 2,
        "outcome": "ACCEPTED",
        "raised": True,
        "texts": {"demande": "", "propose": "", "accorde": "10 ?"},
    }
    stored = "<td data-version=2 data-outcome=ACCEPTED data-raised=true>10 ?"
    assert stored in city.get(address(w)).text
    assert send(state, w, cell(q, w.cget, "REJECTED"), reason="Hors sujet").status_code == 200
    again = cell(q, w.cget, "ACCEPTED", "100")
    assert send(state, w, again).json["field"] == "revision_reason"
    assert send(state, w, again, revision_reason="Erreur").status_code == 200


def test_a_condition_stands_where_the_amount_changes(app: Flask, sign_in) -> None:
    w = world()
    p = w.project()
    said = Decision(Outcome.ACCEPTED, Decimal(900), condition="Un bilan")
    acts.decide(p, w.cget, said, by=w.state_instructor)
    db.session.commit()
    client = sign_in(w.state_instructor)
    answer = send(client, w, cell(p, w.cget, "ACCEPTED", "800"), revision_reason="Erreur")
    assert answer.json["kept"] == "Enregistré. Condition qui reste : Un bilan"
    assert line_of(p, w.cget).condition == "Un bilan"
    refused = send(client, w, cell(p, w.cget, "REJECTED"), reason="Hors sujet", revision_reason="Comité")
    assert (refused.json["kept"], line_of(p, w.cget).condition) == ("", "")


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
    assert answer.json["rows"][0]["lines"][str(w.cget.id)]["texts"]["propose"] == "20"
    assert "proposé 20 €" in plain(answer.json["message"])
    assert line_of(p, w.cget).proposed == 20


@pytest.mark.slow
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
    one_wrong = [
        *(cell(p, w.cget, "ACCEPTED", "400") for p in projects[:-1]),
        cell(projects[-1], w.cget, "ACCEPTED", "10001"),
    ]
    answer = send(client, w, *one_wrong)
    assert (answer.status_code, answer.json["project"]) == (422, projects[-1].id)
    db.session.rollback()
    granted = select(func.count(), func.sum(FundingLine.granted)).where(FundingLine.granted.is_not(None))
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
        None,
        [],
        {"cells": []},
        {"cells": [1]},
        {"cells": [good, good]},
        {"cells": [good] * 1001},
        {"cells": [good], "reason": 1},
        *(
            {"cells": [good | wrong]}
            for wrong in (
                {"project": "1"},
                {"project": -1},
                {"project": True},
                {"funder": 2**31},
                {"version": None},
                {"action": "PENDING"},
                {"action": []},
                {"amount": 1},
            )
        ),
    ]
    for sent in bad:
        answer = client.post(address(w, "/cellules"), json=sent, headers=JSON)
        assert answer.status_code == 400, sent
    for text in ("[" * 100_000, '{"cells": "\xff', b"\xff\x00"):
        answer = client.post(address(w, "/cellules"), data=text, content_type="application/json", headers=JSON)
        assert answer.status_code == 400
    surrogate = json.dumps({"reason": "\ud800", "cells": [good]})
    answer = client.post(address(w, "/cellules"), data=surrogate, content_type="application/json", headers=JSON)
    assert answer.status_code == 422


def test_the_page_says_which_reasons_are_due(app: Flask, sign_in) -> None:
    """Of each kind of line, up to what is asked and beyond, as the rules do."""
    w = world()
    w.project()
    db.session.commit()
    assert "data-due='{" in sign_in(w.state_instructor).get(address(w)).text
    change, raise_ = "revision_reason", "raised_reason"
    for line, action, within, beyond in (
        ("open", "ACCEPTED", [], [raise_]),
        ("open", "PROPOSE", [], [raise_]),
        ("open raised", "ACCEPTED", [], []),
        ("open decided raised", "ACCEPTED", [change], [raise_, change]),
        ("open validated", "PROPOSE", [change], [raise_, change]),
        ("open decided validated", "CANCELLED", ["reason"], ["reason"]),
        ("open decided", "REJECTED", ["reason", change], ["reason", change]),
        ("open", "DEFERRED", [], []),
        ("", "PROPOSE", [raise_], [raise_]),
    ):
        assert DUE[line][action] == {"within": within, "beyond": beyond}
