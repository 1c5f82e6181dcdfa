"""The coordinator's steps through the pages: completeness, classification, lineage."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from flask import Flask
from sqlalchemy import select

from grants.database import db
from grants.domain.decisions.rules import Decision
from grants.domain.workflow import advance
from grants.models import FundingLine, Kind, Operation, Outcome, Project, State
from tests import acts
from tests.conftest import both
from tests.factories import campaign, theme, world
from tests.web.many import at


@both
def test_the_coordinators_steps(app: Flask, sign_in) -> None:
    w = world()
    p = w.project(state=State.SUBMITTED)
    db.session.commit()
    client, steps = sign_in(w.coordinator), f"/projets/{p.id}/etapes/"

    def take(action: str, **data: str) -> State:
        db.session.rollback()
        version = db.session.get_one(Project, p.id).version
        client.post(steps + action, data={"version": version, **data})
        db.session.rollback()
        return db.session.get_one(Project, p.id).state

    assert take("ask_pieces", reason="RIB") is State.SUBMITTED  # has its own page
    advance(p, "ask_pieces", by=w.coordinator, reason="RIB", due_on=date(2026, 12, 1))
    db.session.commit()
    assert take("complete") is State.SUBMITTED
    assert take("refuse") is State.SUBMITTED  # no reason
    assert take("refuse", reason="Hors quartier") is State.INADMISSIBLE
    assert take("reopen", reason="Recours") is State.SUBMITTED
    assert 'action="' + steps + "admit" in client.get(f"/projets/{p.id}").text
    assert take("admit") is State.ADMISSIBLE
    made = db.session.scalars(select(Operation)).one()
    undo = f"/contrats/{w.contract.slug}/operations/{made.id}/annuler"
    assert undo in client.get(f"/projets/{p.id}").text
    client.post(undo)
    db.session.rollback()
    assert db.session.get_one(Project, p.id).state is State.SUBMITTED
    assert take("admit") is State.ADMISSIBLE
    assert take("submit") is State.ADMISSIBLE  # not a step of theirs
    stale = client.post(steps + "close", data={"version": "1"})
    assert "modifié entre-temps" in stale.text
    assert take("withdraw", reason="Appel du président") is State.WITHDRAWN


def test_closing_waits_for_every_funder(app: Flask, sign_in) -> None:
    w = world()
    p = w.project()
    db.session.commit()
    client, close = sign_in(w.coordinator), f"/projets/{p.id}/etapes/close"

    def told() -> str:
        db.session.commit()
        return client.post(close, data={"version": p.version}).text

    refused = told()
    assert f"décider (accorder ou refuser) : {w.cget.label}, {w.ville.label}." in refused
    decision = Decision(Outcome.REJECTED, reason="Hors critères")
    acts.decide(p, w.cget, decision, by=w.state_instructor)
    acts.decide(p, w.ville, decision, by=w.city_instructor)
    acts.notify(p, w.ville, "D1", date(2026, 3, 1), by=w.city_instructor)
    refused = told()
    assert f"notifier leur décision : {w.cget.label}." in refused
    assert "encore décider" not in refused
    acts.notify(p, w.cget, "A1", date(2026, 3, 1), by=w.state_instructor)
    told()
    db.session.refresh(p)
    assert p.state is State.CLOSED
    sheet = client.get(f"/projets/{p.id}").text
    assert "Les décisions s'ouvrent" not in sheet.replace("&#39;", "'")


def test_reclassifying_keeps_the_applicants_choice(app: Flask, sign_in) -> None:
    w = world()
    p = w.project()
    first, second = [t for t in w.contract.themes if t.number]
    p.applicant_theme_id = first.id
    twin = campaign(w.contract, [w.cget, w.ville])
    narrow = campaign(w.contract, [w.cget], kind="VVV")
    summer = theme(w.contract, "Vacances", position=9)
    summer.call_kind = "VVV"
    other_year = campaign(w.contract, [w.cget, w.ville], year=2027)
    db.session.commit()
    client, url = sign_in(w.coordinator), f"/projets/{p.id}/classement"

    def move(**data: object):
        db.session.rollback()
        version = db.session.get_one(Project, p.id).version
        kept = {"version": version, "kind": "NEW", "theme_id": second.id, "campaign_id": twin.id}
        return client.post(url, data=kept | data)

    assert "ne participe pas" in move(campaign_id=narrow.id).text
    assert move(campaign_id=other_year.id).status_code == 422
    assert "plus dans la liste" in move(theme_id=w.contract.themes[0].id).text
    assert "ne propose pas" in move(theme_id=summer.id).text
    assert "combien" in move(kind="MULTIYEAR", year_of=2).text
    assert "quelle année" in move(kind="MULTIYEAR", year_of=4, years_total=3).text
    assert move(kind="MULTIYEAR", year_of=2, years_total=3).status_code == 302
    db.session.rollback()
    moved = db.session.get_one(Project, p.id)
    assert (moved.theme_id, moved.applicant_theme_id, moved.kind, moved.campaign_id) == (
        second.id,
        first.id,
        Kind.MULTIYEAR,
        twin.id,
    )
    calls = db.session.scalars(select(FundingLine.campaign_id).filter_by(project_id=p.id))
    assert set(calls) == {twin.id}
    assert "Choix du porteur" in client.get(f"/projets/{p.id}").text


def test_money_granted_holds_a_project_in_its_campaign(app: Flask, sign_in) -> None:
    w = world()
    p = w.project()
    twin = campaign(w.contract, [w.cget, w.ville])
    acts.decide(p, w.cget, Decision(Outcome.ACCEPTED, amount=Decimal(10)), by=w.state_instructor)
    db.session.commit()
    data = {"version": p.version, "kind": "NEW", "theme_id": p.theme_id, "campaign_id": twin.id}
    answer = sign_in(w.coordinator).post(f"/projets/{p.id}/classement", data=data)
    assert "déjà accordé" in answer.text


def test_the_year_s_pages_stay_in_the_header_of_a_page_inside_the_work(app: Flask, sign_in) -> None:
    w = world()
    p, call = w.project(), w.campaign
    db.session.commit()
    client, contract = sign_in(w.coordinator), f"/contrats/{w.contract.slug}"
    list_ = f'href="{contract}/2026/projets"'
    for path, current in (
        (f"{contract}/operations", "Aujourd&#39;hui"),
        (f"/projets/{p.id}/notes", "Projets"),
        (f"/projets/{p.id}/messages", "Projets"),
        (f"/appels/{call.id}/validation", "Enveloppes"),
        (f"/appels/{call.id}/dossier-recu", "Projets"),
        (at(w, f"accorder-{w.reg.id}"), "Projets"),
    ):
        page = client.get(path).text
        assert list_ in page, path
        assert f' aria-current="page">{current}</a>' in page, path
    assert list_ not in sign_in(w.applicant).get(f"/mes-projets/{p.id}/messages").text
