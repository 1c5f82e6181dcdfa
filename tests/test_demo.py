"""The demonstration: its years, its second open call, and what waits in it to be tried."""

import re
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select

from grants import demo
from grants.database import db
from grants.demo import summer
from grants.demo.dossiers import READY
from grants.domain.campaign.campaign_part import parts_of
from grants.domain.contract.identity import service_of
from grants.french import today
from grants.models import (
    Campaign,
    CampaignPiece,
    Contract,
    FundingLine,
    HistoryEntry,
    Outcome,
    Project,
    Provenance,
    State,
    Submission,
    User,
    now,
)
from grants.queries.applicant.again import renewals
from grants.queries.programming.envelopes import envelopes
from tests.databases import once
from tests.factories import institution, world
from tests.web.dossiers import send


def test_the_summer_call_is_opened_once(app: Flask) -> None:
    w = world()
    institution(w.contract, "Vacances", summer.FUNDER)
    for _ in range(2):
        summer.add_campaign(w.campaign, by=w.administrator)
    made = db.session.query(Campaign).filter_by(kind=summer.KIND).one()
    assert (made.label, made.closes_at) == (f"VVV été {w.campaign.year}", w.campaign.closes_at)
    assert len(made.questions) == 7
    assert len(made.criteria) == 3
    assert len(parts_of(CampaignPiece, made)) == 3
    assert made.funders[0].envelope_id


@pytest.mark.slow
def test_what_was_typed_for_the_department_waits_for_its_instructor(app: Flask, sign_in) -> None:
    once("demonstration", demo.load)
    demo.load()  # once more: nothing is doubled
    person = db.session.scalars(select(User).filter_by(email="departement@demo.example")).one()
    [role] = person.roles
    typed = db.session.scalars(
        select(FundingLine).where(
            FundingLine.typed_from.startswith("Courriel du "),
            FundingLine.funder.has(institution_id=role.institution_id),
        )
    ).all()
    assert [line.confirmed_at for line in typed] == [None] * 2
    client = sign_in(person)
    home = client.get(f"/contrats/{role.contract.slug}").text
    assert "montants à confirmer – Département 92</p>" in home
    [listed] = re.findall(r'href="([^"]*decision=a-confirmer[^"]*)"', home)
    page = client.get(unescape(listed)).text
    assert "Confirmer 2 montants saisis pour nous" in page


@pytest.mark.slow
def test_each_instructor_can_grant_and_meets_the_end_of_the_envelope(app: Flask) -> None:
    once("demonstration", demo.load)
    call = db.session.scalars(
        select(Campaign).where(Campaign.year == demo.campaign_year()).order_by(Campaign.id)
    ).first()
    rows = {row.code: row for row in envelopes(call.contract_id, call.year)}
    for email in ("ville", "etat", "departement"):
        [role] = db.session.scalars(select(User).filter_by(email=f"{email}@demo.example")).one().roles
        [own] = [k.funder for k in call.funders if k.funder.institution_id == role.institution_id]
        waiting = db.session.scalars(
            select(FundingLine.requested)
            .join(FundingLine.project)
            .where(
                FundingLine.campaign_id == call.id,
                FundingLine.funder_id == own.id,
                FundingLine.outcome == Outcome.PENDING,
                Project.state == State.ADMISSIBLE,
            )
        ).all()
        left = rows[own.code].left
        assert sum(sorted(waiting)[:2]) <= left < sum(waiting), own.code


@pytest.mark.slow
def test_its_open_calls_and_actions_are_to_come(app: Flask) -> None:
    once("demonstration", demo.load)
    contract = db.session.scalars(select(Contract)).one()
    assert re.search(r"\nHôtel de ville\n92390 .*\n\d\d(\xa0\d\d){4}, .*@", service_of(contract))
    years = dict.fromkeys(db.session.scalars(select(Campaign.year).order_by(Campaign.year)))
    year = today().year
    assert [*years] == [2021, 2022, year, year + 1] == [2021, 2022, year, demo.campaign_year()]
    for call in db.session.scalars(select(Campaign).where(Campaign.year > 2022)):
        assert (call.opens_at < now() < call.closes_at) is (call.year > year)
    starts = select(Project.starts_on).where(Project.year > year, Project.starts_on.is_not(None))
    assert all(day.year == year + 1 for day in db.session.scalars(starts))
    # History tells in the order in which it was: what programmings of the past are read by.
    told = list(db.session.scalars(select(HistoryEntry.at).order_by(HistoryEntry.id)))
    assert told == sorted(told)
    assert told[-1] <= now()


@pytest.mark.slow
def test_a_dossier_of_last_year_is_ready_to_be_renewed(app: Flask, sign_in) -> None:
    """An unchanged renewal takes three answers, here too."""
    once("demonstration", demo.load)
    person = db.session.scalars(select(User).filter_by(email="adabe@demo.example")).one()
    offered = {key: calls for key, calls in renewals(person.id).items() if not calls[0].draft_id}
    [before] = db.session.scalars(
        select(Project).where(Project.id.in_(offered), Project.provenance == Provenance.TYPED)
    )
    assert before.title == READY.title
    assert (before.year, before.state) == (today().year, State.CLOSED)
    sent = db.session.scalars(select(Submission).filter_by(project_id=before.id)).one()
    assert before.campaign.opens_at < sent.at == before.submitted_at < before.campaign.closes_at
    lines = db.session.scalars(select(FundingLine).filter_by(project_id=before.id)).all()
    assert {line.funder.code for line in lines} == set(READY.asked)
    assert all(line.outcome is Outcome.ACCEPTED and line.notified_at for line in lines)
    client = sign_in(person)
    [call] = offered[before.id]
    url = f"/mes-projets/{before.id}/reconduire"
    assert f'action="{url}"' in client.get("/mes-projets").text
    draft = client.post(url, data={"campaign_id": call.campaign_id}).location
    answers = {"organisation": {"confirmed": "y"}, "attestations": {"sworn": "y", "commitment": "y"}}
    for section, typed in answers.items():
        assert send(client, f"{draft}/{section}", **typed).status_code == 302
    assert send(client, f"{draft}/deposer").location == f"{draft}/accuse"
    db.session.rollback()
    made = db.session.scalars(select(Project).filter_by(predecessor_id=before.id)).one()
    assert (made.year, made.starts_on.year) == (demo.campaign_year(), demo.campaign_year())
