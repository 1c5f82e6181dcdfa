"""Deciding through the pages: each decision, conflicts, and what forged requests may not do."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from grants.database import db
from grants.french import today
from grants.models import Funder, FundingLine, HistoryEntry, Opinion, Outcome, Project, Role, State
from tests.conftest import both
from tests.factories import World, grant_role, user, world
from tests.web.grid import line_of
from tests.web.reading import plain


def address(p: Project, funder: Funder, page: str = "") -> str:
    return f"/projets/{p.id}/financeurs/{funder.id}{page}"


def send(client, p: Project, funder: Funder, **data):
    version = db.session.scalar(select(FundingLine.version).filter_by(project_id=p.id, funder_id=funder.id))
    return client.post(address(p, funder), data={"version": version, **data})


@both
def test_accepting_returns_to_the_sheet_and_says_what_is_left(app: Flask, sign_in) -> None:
    w = world()
    p = w.project()
    db.session.commit()
    client = sign_in(w.state_instructor)
    assert 'value="5000"' in client.get(address(p, w.cget)).text
    answer = client.post(
        address(p, w.cget) + "?liste=mots%3Da",
        data={
            "version": 1,
            "choice": "ACCEPTED",
            "granted": "4 000",
            "condition": "Bilan",
            "reason": "n'a rien à faire ici",
            "redirected_to": "ni ceci",
        },
    )
    assert answer.location == f"/projets/{p.id}?liste=mots%3Da#financeurs"
    sheet = plain(client.get(answer.location).text)
    assert "Accordé 4 000 € par État – CGET. Reste sur l'enveloppe : 16 000 €." in sheet
    line = line_of(p, w.cget)
    assert (line.granted, line.condition, line.reason, line.redirected_to) == (4000, "Bilan", "", "")
    assert "Condition : Bilan." in sheet
    page = client.get(address(p, w.cget)).text
    assert "sauf si vous l'effacez" in plain(page)
    revised = {"version": line.version, "choice": "ACCEPTED", "granted": "3000", "revision_reason": "Comité"}
    client.post(address(p, w.cget), data=revised | {"condition": "Bilan"})
    assert "17 000 €. Condition : Bilan." in plain(client.get(answer.location).text)
    client.post(address(p, w.cget), data=revised | {"version": line_of(p, w.cget).version, "condition": ""})
    assert line_of(p, w.cget).condition == ""


@pytest.mark.slow
@both
def test_every_decision_and_its_revision(app: Flask, sign_in) -> None:
    w = world()
    p = w.project()
    db.session.commit()
    client = sign_in(w.state_instructor)
    steps = [
        ({"choice": "PROPOSE", "proposed": "3000"}, Outcome.PENDING, None),
        ({"choice": "DEFERRED", "reason": "Attendre la Ville"}, Outcome.DEFERRED, None),
        ({"choice": "ACCEPTED", "granted": "3000"}, Outcome.ACCEPTED, 3000),
        ({"choice": "ACCEPTED", "granted": "2500", "revision_reason": "Comité"}, Outcome.ACCEPTED, 2500),
        ({"choice": "CANCELLED", "reason": "Action abandonnée"}, Outcome.CANCELLED, None),
        (
            {
                "choice": "REJECTED",
                "reason": "Hors critères",
                "redirected_to": "PRE",
                "revision_reason": "Erreur de saisie",
            },
            Outcome.REJECTED,
            None,
        ),
    ]
    for data, outcome, granted in steps:
        assert send(client, p, w.cget, **data).status_code == 302, data
        line = line_of(p, w.cget)
        assert (line.outcome, line.granted) == (outcome, granted)
        client.get(f"/projets/{p.id}")
    assert (line.proposed, line.redirected_to) == (3000, "PRE")
    sheet = plain(client.get(f"/projets/{p.id}").text)
    for words in ("accordé : 3 000 € → 2 500 €", "Erreur de saisie", "Annulation", "Report"):
        assert words in sheet


REFUSED = [
    ({}, "Choisissez une décision"),
    ({"choice": "PENDING"}, "choix"),
    ({"choice": "CANCELLED", "reason": "x"}, "choix"),
    ({"choice": "ACCEPTED"}, "Indiquez le montant"),
    ({"choice": "ACCEPTED", "granted": "12 OOO"}, "pas un montant"),
    ({"choice": "ACCEPTED", "granted": "-1"}, "pas un montant"),
    ({"choice": "ACCEPTED", "granted": "0"}, "plus grand que zéro"),
    ({"choice": "ACCEPTED", "granted": "5000,01"}, "dépasse le montant demandé"),
    ({"choice": "ACCEPTED", "granted": "9000", "raised_reason": "a"}, "dépassée"),
    ({"choice": "ACCEPTED", "granted": "10001", "raised_reason": "a"}, "coût total"),
    ({"choice": "PROPOSE", "proposed": "10000,01", "raised_reason": "a"}, "coût total"),
    ({"choice": "PROPOSE", "proposed": "5000,01"}, "pourquoi il est relevé"),
    ({"choice": "REJECTED", "reason": "  "}, "Indiquez le motif"),
    ({"choice": "REJECTED", "reason": "a\x00b"}, "invisible"),
    ({"choice": "REJECTED", "reason": "x" * 6000}, "5000 caractères au plus"),
    ({"choice": "ACCEPTED", "granted": "9" * 30}, "trop grand"),
    ({"choice": "ACCEPTED", "granted": "1", "version": ""}, "changé entre-temps"),
    ({"choice": "ACCEPTED", "granted": "1", "version": "9" * 30}, "changé entre-temps"),
    ({"choice": "ACCEPTED", "granted": "1", "version": "x"}, "changé entre-temps"),
]


def test_what_is_refused_is_told_and_nothing_changes(app: Flask, sign_in) -> None:
    w = world(envelope=8000)
    p = w.project()
    db.session.commit()
    client, line = sign_in(w.state_instructor), line_of(p, w.cget)
    for data, told in REFUSED:
        answer = send(client, p, w.cget, **data)
        assert (answer.status_code, told in plain(answer.text)) == (422, True), data
        db.session.expire_all()
        assert (line.outcome, line.granted, line.version) == (Outcome.PENDING, None, 1), data


def test_what_another_decided_meanwhile_is_asked_field_by_field(app: Flask, sign_in) -> None:
    w = world()
    p, mate = w.project(), grant_role(user(), Role.INSTRUCTOR, w.contract, w.state)
    db.session.commit()
    first, second = sign_in(w.state_instructor), sign_in(mate)
    here = address(p, w.cget)
    seen = re.search(r'name="version" type="hidden" value="([^"]*)"', first.get(here).text)[1]
    mine = {"version": seen, "choice": "ACCEPTED", "granted": "100"}
    assert second.post(here, data=mine | {"granted": "200"}).status_code == 302
    for _ in range(2):  # pressing again without an answer decides nothing
        page = first.post(here, data=mine)
        assert 'name="garder-granted"' in page.text
        mine["version"] = re.search(r'name="version" type="hidden" value="([^"]*)"', page.text)[1]
    db.session.expire_all()
    assert line_of(p, w.cget).granted == Decimal(200)


def test_a_conflict_shows_both_values_and_the_next_try_is_deliberate(app: Flask, sign_in) -> None:
    w = world()
    p = w.project()
    db.session.commit()
    first, second = sign_in(w.state_instructor), sign_in(w.state_instructor)
    data = {"version": 1, "choice": "PROPOSE"}
    first.post(address(p, w.cget), data=data | {"proposed": "1234"})
    answer = second.post(address(p, w.cget), data=data | {"proposed": "777"})
    page = answer.text.replace("\u202f", " ")
    assert "proposé 1 234" in page
    assert 'value="777"' in page
    assert line_of(p, w.cget).proposed == 1234
    version = line_of(p, w.cget).version
    assert f'name="version" type="hidden" value="{version};' in page
    second.post(address(p, w.cget), data=data | {"proposed": "777", "version": version})
    assert line_of(p, w.cget).proposed == 777


def forged(w: World, p: Project) -> list[tuple[str, dict[str, str]]]:
    cell = address(p, w.cget)
    return [
        (cell, {"version": "1", "choice": "ACCEPTED", "granted": "100"}),
        (cell, {"version": "1", "choice": "PROPOSE", "proposed": "100"}),
        (cell + "/notification", {"version": "1", "act_number": "A", "act_date": "2026-01-01"}),
        (cell + "/confirmation", {}),
        (address(p, w.reg, "/ouverture"), {"raised_reason": "x"}),
        (f"/projets/{p.id}/etapes/withdraw", {"reason": "x", "version": "1"}),
        (f"/projets/{p.id}/etapes/close", {"version": "1"}),
        (f"/projets/{p.id}/classement", {"version": "1", "kind": "RENEWAL"}),
        (f"/projets/{p.id}/filiation", {"version": "1", "reference": ""}),
        (f"/appels/{p.campaign_id}/validation", {}),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("who", ["city_instructor", "committee", "applicant", "stranger"])
def test_forged_requests_change_nothing(app: Flask, sign_in, who: str) -> None:
    w, elsewhere = world(), world()
    p = w.project()
    person = elsewhere.state_instructor if who == "stranger" else getattr(w, who)
    db.session.commit()
    before = db.session.query(HistoryEntry).count()
    for url, data in forged(w, p):
        assert sign_in(person).post(url, data=data).status_code == 403, url
    db.session.rollback()
    assert db.session.query(HistoryEntry).count() == before
    assert db.session.query(Opinion).count() == 0
    assert db.session.get_one(Project, p.id).state is State.ADMISSIBLE


def test_a_coordinator_writes_in_no_column_that_is_not_delegated(app: Flask, sign_in) -> None:
    w = world()
    p = w.project()
    db.session.commit()
    for url, data in forged(w, p)[:4]:
        assert sign_in(w.coordinator).post(url, data=data).status_code == 403


def test_a_funder_of_another_contract_and_a_draft_do_not_exist(app: Flask, sign_in) -> None:
    w, elsewhere = world(), world()
    p, draft = w.project(), w.project(state=State.DRAFT)
    both_sides = grant_role(w.state_instructor, Role.INSTRUCTOR, elsewhere.contract, elsewhere.state)
    db.session.commit()
    client = sign_in(both_sides)
    data = {"version": "1", "choice": "ACCEPTED", "granted": "1"}
    assert client.post(address(p, elsewhere.cget), data=data).status_code == 404
    assert client.post(address(draft, w.cget), data=data).status_code == 404
    assert client.get(f"/projets/{draft.id}").status_code == 403


@pytest.mark.slow
def test_typing_on_behalf_then_confirmation(app: Flask, sign_in) -> None:
    w = world()
    p = w.project(requested={w.reg: 2000})
    officer = grant_role(user("Officier"), Role.INSTRUCTOR, w.contract, w.region)
    db.session.commit()
    data = {"choice": "ACCEPTED", "granted": "1500"}
    coordinator = sign_in(w.coordinator)
    refused = send(coordinator, p, w.reg, **data).text
    assert "Indiquez la source" in refused
    assert re.search(r"Source : courriel, comité, arrêté.*\(obligatoire\)", refused)
    send(coordinator, p, w.reg, **data, typed_from="Courriel du 3 novembre")
    page = sign_in(officer).get(f"/projets/{p.id}").text
    assert "Saisi pour le compte de Région" in page
    url, seen = address(p, w.reg, "/confirmation"), {"version": line_of(p, w.reg).version}
    send(
        coordinator,
        p,
        w.reg,
        **data | {"granted": "1600"},
        typed_from="Courriel corrigé",
        revision_reason="Erreur de saisie",
    )
    stale = sign_in(officer).post(url, data=seen, follow_redirects=True)
    assert "changé entre-temps" in stale.text
    assert line_of(p, w.reg).confirmed_at is None
    seen = {"version": line_of(p, w.reg).version}
    assert sign_in(officer).post(url, data=seen).status_code == 302
    assert line_of(p, w.reg).confirmed_at
    seen = {"version": line_of(p, w.reg).version}
    again = sign_in(officer).post(url, data=seen, follow_redirects=True)
    assert "rien à confirmer" in again.text


def test_notifying_needs_a_decision_a_number_and_a_date(app: Flask, sign_in) -> None:
    w = world()
    p = w.project()
    db.session.commit()
    client, url = sign_in(w.state_instructor), address(p, w.cget, "/notification")
    early = client.post(url, data={"act_number": "A1", "act_date": "2026-11-01"})
    assert early.status_code == 302
    assert line_of(p, w.cget).notified_at is None
    send(client, p, w.cget, choice="REJECTED", reason="Non")
    act = {"version": line_of(p, w.cget).version, "act_number": "2026-77"}
    for wrong in ("2026-02-30", "demain", today() + timedelta(1), date(today().year - 2, 12, 31)):
        told = client.post(url, data=act | {"act_date": str(wrong)})
        assert "Écrivez une date comme 31/12/2026" in told.text, wrong
    assert line_of(p, w.cget).notified_at is None
    assert client.post(url, data=act | {"act_date": f"{today():%d/%m/%Y}"}).status_code == 302
    line = line_of(p, w.cget)
    assert (line.act_number, bool(line.notified_at)) == ("2026-77", True)


def test_opening_a_line_that_nobody_asked(app: Flask, sign_in) -> None:
    w = world()
    p = w.project(requested={w.ville: 100})
    db.session.commit()
    client, url = sign_in(w.state_instructor), address(p, w.cget, "/ouverture")
    assert client.get(address(p, w.cget)).location.endswith("/ouverture")
    assert "indiquez pourquoi" in client.post(url, data={"raised_reason": " "}).text
    assert client.post(url, data={"raised_reason": "Report du PRE"}).status_code == 302
    send(client, p, w.cget, choice="ACCEPTED", granted="500")
    assert line_of(p, w.cget).granted == Decimal(500)
    assert client.get(url).status_code == 302
