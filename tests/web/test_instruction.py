"""The pages of those who instruct: what they show, what they refuse, and how many queries."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import event

from grants.database import db
from grants.domain.campaign.campaign import copy_campaign
from grants.domain.decisions.rules import Decision
from grants.domain.envelope import set_envelope
from grants.domain.ledger import history
from grants.domain.ledger.history import record_all
from grants.models import Outcome, Role, State
from tests import acts
from tests.acts import notify
from tests.conftest import both
from tests.factories import World, campaign, grant_role, project, world


def accept(w: World, p, amount: int) -> None:
    decision = Decision(Outcome.ACCEPTED, amount=Decimal(amount))
    acts.decide(p, w.cget, decision, by=w.state_instructor)


def base(w: World) -> str:
    return f"/contrats/{w.contract.slug}"


def count_queries(client, url: str) -> tuple[int, str]:
    client.get(url)  # the band of the demonstration is read once a process
    asked: list[str] = []

    def remember(*args) -> None:
        asked.append(args[2])

    event.listen(db.engine, "before_cursor_execute", remember)
    page = client.get(url)
    event.remove(db.engine, "before_cursor_execute", remember)
    assert page.status_code == 200
    return len(asked), page.text


@both
def test_the_sheet_is_ten_queries_at_most(app: Flask, sign_in) -> None:
    w = world()
    last_year = campaign(w.contract, [w.cget], year=2025)
    before = project(last_year, w.applicant, bearer=w.bearer, requested={w.cget: 700}, title="Avant")
    set_envelope(w.cget, [last_year], Decimal(700), by=w.administrator)
    accept(w, before, 700)
    p = w.project(title="Maintenant")
    p.predecessor = before
    for _ in range(4):
        w.project()
    accept(w, p, 4000)
    db.session.commit()
    queries, html = count_queries(sign_in(w.coordinator), f"/projets/{p.id}?liste={quote('mots=action')}")
    assert queries <= 10
    for words in ("Maintenant", "Avant", "4 000", "700", "Accord – CGET", "Autres dossiers"):
        assert words in html.replace("\u202f", " "), words


def test_a_history_cut_short_says_so(app: Flask, sign_in) -> None:
    w = world()
    p = w.project()
    entry = {"by_id": w.coordinator.id, "project_id": p.id, "subject": "projects", "subject_id": p.id, "action": "save"}
    for entries, said in ((400, False), (1, True)):
        record_all([entry] * entries)
        db.session.commit()
        page = sign_in(w.coordinator).get(f"/projets/{p.id}").text
        assert ("les 400 derniers changements" in page) is said


def test_home_counts_what_waits_for_me(app: Flask, sign_in) -> None:
    w = world()
    w.project(state=State.SUBMITTED)
    w.project(state=State.INCOMPLETE)
    p = w.project()
    accept(w, p, 4000)
    w.project()
    db.session.commit()
    page = sign_in(w.state_instructor).get(base(w)).text.replace("\u202f", " ")
    assert "<p>dossier à vérifier par le chef de projet</p>" in page
    assert f"financeur={w.cget.id}&amp;decision=a-decider" in page
    assert f"financeur={w.ville.id}" not in page
    assert "<strong>16 000" in page
    assert "jusqu'au" in page.replace("&#39;", "'")
    coordinator = sign_in(w.coordinator).get(base(w)).text
    assert "à décider" not in coordinator  # the Région delegates, but nobody asked it
    assert f"decision=a-decider&amp;financeur={w.ville.id}" not in coordinator


@pytest.mark.slow
@both
def test_only_an_institution_on_the_platform_has_something_to_confirm(app: Flask, sign_in) -> None:
    w = world()
    p = w.project({w.reg: 500})
    decision = Decision(Outcome.ACCEPTED, amount=Decimal(100), typed_from="Courriel")
    acts.decide(p, w.reg, decision, by=w.coordinator)
    client, home = sign_in(w.coordinator), base(w)
    for outside in (False, True):
        w.region.outside = outside
        db.session.commit()
        confirms = not outside
        assert ("J'attends" in client.get(home).text) is confirms
        assert ("decision=a-confirmer" in client.get(home).text) is confirms
        assert ("à confirmer" in client.get(f"/projets/{p.id}").text) is confirms
        found = client.get(f"{home}/2026/projets?decision=a-confirmer").text
        assert (f"/projets/{p.id}" in found) is confirms


@both
def test_a_call_that_is_prepared_empties_no_desk(app: Flask, sign_in) -> None:
    w = world()
    w.project(state=State.SUBMITTED)
    copy_campaign(w.campaign, 2027, by=w.administrator)
    db.session.commit()
    client = sign_in(w.coordinator)
    page = client.get(base(w)).text
    assert "<p>dossier à vérifier</p>" in page
    assert f"{base(w)}?annee=2027" in page
    assert "2027\xa0: 0 dossier" in client.get(f"{base(w)}?annee=2027").text
    assert "2026\xa0: 1 dossier" in client.get(f"{base(w)}?annee=1").text
    assert client.get(f"{base(w)}/programmation").location == f"{base(w)}/2026/programmation"
    campaign(w.contract, [w.cget], year=2027)  # open
    db.session.commit()
    assert "2027\xa0: 0 dossier" in client.get(base(w)).text


def test_a_first_call_without_dates_is_the_year_at_work(app: Flask, sign_in) -> None:
    w = world()
    w.campaign.opens_at = w.campaign.closes_at = None
    db.session.commit()
    assert "2026\xa0: 0 dossier" in sign_in(w.coordinator).get(base(w)).text


def test_envelopes_say_what_is_left_and_over_programming(app: Flask, sign_in) -> None:
    w = world(envelope=6000)
    for _ in range(2):
        p = w.project()
        acts.propose(p, w.cget, Decimal(4500), by=w.state_instructor)
    db.session.commit()
    page = sign_in(w.city_instructor).get(f"{base(w)}/2026/enveloppes").text
    assert "sur-programmation de 3 000" in page.replace("\u202f", " ")


@pytest.mark.slow
def test_a_cut_below_the_grants_is_told_everywhere(app: Flask, sign_in) -> None:
    """On home, grid, envelopes, decision, sheet and programming; with what can still be reduced,
    and what is proposed beyond it."""
    w = world(envelope=9000)
    told, open_ = w.project(title="Notifiée"), w.project(title="Réductible")
    acts.propose(w.project(), w.cget, Decimal(1000), by=w.state_instructor)
    for p in (told, open_):
        accepted = Decision(Outcome.ACCEPTED, amount=Decimal(4000))
        acts.decide(p, w.cget, accepted, by=w.state_instructor)
    notify(told, w.cget, "A1", date(2026, 3, 1), by=w.state_instructor)
    set_envelope(
        w.cget, [w.campaign], Decimal(5000), by=w.administrator, dated_on=date(2026, 6, 1), source="Gel de juin"
    )
    db.session.commit()
    client = sign_in(w.state_instructor)
    decision = f"/projets/{open_.id}/financeurs/{w.cget.id}"
    pages = [
        client.get(url).text.replace("\u202f", " ").replace("\xa0", " ")
        for url in (
            base(w),
            f"{base(w)}/2026/grille",
            f"{base(w)}/2026/enveloppes",
            decision,
            f"/projets/{open_.id}",
            f"{base(w)}/2026/programmation",
        )
    ]
    assert ["déficit de 3 000 €" in page for page in pages[:5]] == [True] * 5
    assert ["sur-programmation de 4 000 €" in page for page in pages[:3]] == [True] * 3
    assert "dont déficit" in pages[5]
    section = pages[2].split('id="deficit"')[1]
    assert f'href="{decision}"' in section
    assert "Notifiée" not in section
    assert "Gel de juin, 1er juin 2026" in section
    refused = client.post(
        decision, data={"choice": "ACCEPTED", "granted": "4001", "version": "2", "revision_reason": "Plus"}
    )
    assert "déficit de" in refused.text
    admin = sign_in(w.administrator).get(f"/reglages{base(w)}/enveloppes").text
    assert "déficit de 3" in admin


def test_validating_tells_what_is_undecided_and_is_done_once(app: Flask, sign_in) -> None:
    w = world()
    p = w.project()
    db.session.commit()
    client, url = sign_in(w.coordinator), f"/appels/{w.campaign.id}/validation"
    page = client.get(url).text
    assert "n'est pas encore clos" in page
    assert "devient public" in page
    assert "2 lignes" in page
    [those] = re.findall(r'<a href="(/contrats/[^"]*decision=a-decider[^"]*)">', page)
    assert p.reference in client.get(those.replace("&amp;", "&")).text
    assert client.post(url).status_code == 302
    db.session.refresh(w.campaign)
    assert w.campaign.validated_by_id == w.coordinator.id
    assert "déjà validée" in client.post(url).text
    decide = f"/projets/{p.id}/financeurs/{w.cget.id}"
    first = sign_in(w.state_instructor).post(decide, data={"choice": "ACCEPTED", "granted": "10", "version": "1"})
    assert "indiquez pourquoi elle change" in first.text


def test_the_history_leaves_out_the_saves_of_a_draft(app: Flask, sign_in) -> None:
    w = world()
    p = w.project()
    for action in ("save", "submit"):
        history.record(p, action, by=w.applicant, field="public")
    db.session.commit()
    sheet = sign_in(w.coordinator).get(f"/projets/{p.id}").text
    assert "<td>Déposé</td>" in sheet
    assert "Dossier modifié" not in sheet


def test_the_navigation_says_which_contract_when_there_are_several(app: Flask, sign_in) -> None:
    w, other = world(), world()
    db.session.commit()
    assert ">Instruction</a>" in sign_in(w.coordinator).get("/").text
    grant_role(w.coordinator, Role.COMMITTEE, other.contract)
    db.session.commit()
    page = sign_in(w.coordinator).get("/").text
    assert f">Instruction · {w.contract.label}</a>" in page
    assert f">Programmation · {other.contract.label}</a>" in page
