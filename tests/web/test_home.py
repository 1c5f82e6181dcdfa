"""Aujourd'hui: each number is the length of the list that it opens; what others say and do; and
the page of a committee's member."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient

from grants.database import db
from grants.domain.decisions.rules import Decision
from grants.domain.instruction import exchange, follower, note, opinion
from grants.domain.ledger.operation import operation
from grants.french import today
from grants.models import Check, Checked, CheckItem, HistoryEntry, Judgement, Outcome, Role, State, User, now
from grants.queries.home.waiting import pieces_due
from tests import acts
from tests.acts import decide_many
from tests.conftest import both
from tests.factories import World, grant_role, world
from tests.web.test_instruction import count_queries
from tests.web.test_sheet import plain

SignIn = Callable[[User | None], FlaskClient]


def busy(w: World) -> None:
    """Something of each kind that waits."""
    admissible = [w.project(title=f"Action {n}") for n in range(3)]
    first = admissible[0]
    follower.follow([first], w.state_instructor, by=w.state_instructor)
    acts.propose(first, w.cget, Decimal(4000), by=w.state_instructor)
    accepted = Decision(Outcome.ACCEPTED, amount=Decimal(100))
    acts.decide(admissible[1], w.cget, accepted, by=w.state_instructor)
    w.project(state=State.INCOMPLETE).pieces_due_on = today() + timedelta(days=9)
    w.project(state=State.INCOMPLETE).pieces_due_on = today() - timedelta(days=9)
    item = CheckItem(campaign_id=w.campaign.id, label="Signé", position=1)
    db.session.add(item)
    checked, missing, _unseen = (w.project(state=State.SUBMITTED) for _ in range(3))
    db.session.flush()
    for of, found in ((checked, Checked.OK), (missing, Checked.MISSING)):
        db.session.add(Check(project_id=of.id, item_id=item.id, found=found, by_id=w.coordinator.id))
    exchange.send(first, "Où en est-on ?", by=w.applicant, as_applicant=True)
    exchange.send(admissible[1], "Merci", by=w.applicant, as_applicant=True)
    exchange.send(admissible[1], "De rien", by=w.coordinator, as_applicant=False)
    db.session.commit()


@pytest.mark.slow
@both
def test_each_number_opens_a_list_of_that_many(app: Flask, sign_in: SignIn) -> None:
    w = world()
    busy(w)
    numbers = {}
    for person in (w.coordinator, w.state_instructor):
        client = sign_in(person)
        page = client.get(f"/contrats/{w.contract.slug}").text
        row = r'<li[^>]*><strong>(\d+)</strong>(?:(?!</li>).)*? class="btn btn-sm" href="(/contrats/[^"]*\?[^"]*)"'
        mine = r'dont <a href="()(/contrats/[^"]*suivi=moi)">(\d+)'
        links = re.findall(row, page, re.DOTALL) + [(number, to) for _, to, number in re.findall(mine, page)]
        assert len(links) >= 5
        for number, address in links:
            listed = client.get(address.replace("&amp;", "&")).text
            assert f"<dt>Dossiers</dt><dd>{number}</dd>" in listed, address
            numbers[address.partition("?")[2]] = int(number)
    ours = f"financeur={w.cget.id}&amp;decision=a-"
    assert numbers == {
        "etat=SUBMITTED": 3,
        "etat=controle": 1,
        "etat=message": 1,
        "etat=retard": 1,
        "etat=INCOMPLETE": 2,
        "suivi=moi": 1,
        f"{ours}proposer": 1,
        f"{ours}decider": 2,
        f"{ours}decider&amp;suivi=moi": 1,
        f"{ours}notifier": 1,
    }


@pytest.mark.slow
def test_what_others_say_and_do_is_told(app: Flask, sign_in: SignIn) -> None:
    w, elsewhere = world(), world()
    busy(w)
    stranger = elsewhere.project(title="Ailleurs")
    note.write(stranger, "Rien", by=elsewhere.coordinator)
    accepted = Decision(Outcome.ACCEPTED, amount=Decimal(10))
    two = {p.id: accepted for p in w.projects[1:3]}
    versions = {p.id: next(x.version for x in _lines(p.id) if x.funder_id == w.ville.id) for p in w.projects[1:3]}
    with operation(w.contract.id, "accept", by=w.city_instructor):
        decide_many(w.ville, two, versions, by=w.city_instructor)
    note.write(w.projects[0], "Vu", by=w.city_instructor)
    db.session.commit()
    page = plain(sign_in(w.coordinator).get(f"/contrats/{w.contract.slug}").text)
    assert "Où en est-on ?" in page
    assert page.count("<strong>sans réponse</strong>") == 1
    deeds = re.findall(r"<li><span[^>]*>[^<]*</span> (.*?)</li>", page)
    assert deeds[0].startswith(f"{w.city_instructor.name} : Note interne, <a href=")
    whole = f"{w.city_instructor.name} : Accord des montants proposés – Ville – VILLE, 2 dossiers"
    assert deeds[1] == whole
    assert "Ailleurs" not in page
    own = plain(sign_in(w.city_instructor).get(f"/contrats/{w.contract.slug}").text)
    assert "Note interne" not in own
    assert f"{w.state_instructor.name} : Proposition – État – CGET, <a" in own


@pytest.mark.slow
@both
def test_like_deeds_of_a_day_are_told_together(app: Flask, sign_in: SignIn) -> None:
    """A column filled in cell by cell is an operation a cell."""
    w = world()
    for _ in range(12):
        project = w.project()
        with operation(w.contract.id, "propose", by=w.state_instructor):
            acts.propose(project, w.cget, Decimal(100), by=w.state_instructor)
        note.write(project, "Vu", by=w.city_instructor)
    db.session.commit()
    page = plain(sign_in(w.coordinator).get(f"/contrats/{w.contract.slug}").text)
    deeds = re.findall(r"<li><span[^>]*>[^<]*</span> (.*?)</li>", page)
    assert deeds == [
        f"{w.city_instructor.name} : Note interne, 12 dossiers",
        f"{w.state_instructor.name} : Proposition – État – CGET, 12 dossiers",
    ]


@both
def test_a_day_of_deeds_is_that_of_paris(app: Flask, sign_in: SignIn) -> None:
    """Two hours apart at each end: 21:30 UTC is before midnight in Paris in summer, 22:30 after."""
    w = world()
    for hour in (21, 22, 23, 24):
        project, at = w.project(), datetime(2026, 7, 14, 0, 30, tzinfo=UTC) + timedelta(hours=hour)
        db.session.add(
            HistoryEntry(
                at=at,
                by_id=w.city_instructor.id,
                contract_id=w.contract.id,
                project_id=project.id,
                subject="notes",
                subject_id=1,
                action="note",
            )
        )
    db.session.commit()
    page = plain(sign_in(w.coordinator).get(f"/contrats/{w.contract.slug}").text)
    deeds = re.findall(r"</span> .*? : Note interne, (?:<a|(.*?)</li>)", page)
    assert deeds == ["3 dossiers", ""]


def _lines(project_id: int):
    from grants.models import FundingLine

    return db.session.query(FundingLine).filter_by(project_id=project_id)


@pytest.mark.slow
@both
def test_the_page_takes_as_many_queries_for_many_projects(app: Flask, sign_in: SignIn) -> None:
    w = world()
    w.project()
    grant_role(w.coordinator, Role.COMMITTEE, w.contract)
    db.session.commit()
    client, url = sign_in(w.coordinator), f"/contrats/{w.contract.slug}"
    few, _ = count_queries(client, url)
    for _ in range(3):
        busy(w)
    many, page = count_queries(client, url)
    assert few == many <= 13
    assert "sans votre avis" in page
    assert "sur-programmation" not in page


@both
def test_a_committee_is_asked_its_opinions_once(app: Flask, sign_in: SignIn) -> None:
    w = world()
    p, other = w.project(title="Chorale"), w.project(title="Jardin")
    w.project(title="Attend", state=State.SUBMITTED)
    opinion.give(other, "Comité technique", Judgement.FAVOURABLE, "", by=w.committee)
    note.write(p, "Secret", by=w.coordinator)
    w.campaign.closes_at, w.campaign.committee_dates = now() - timedelta(days=1), "Le 3 mars, salle des mariages"
    axis = next(theme for theme in w.contract.themes if theme.label == "Éducation")
    p.theme_id = next(theme.id for theme in w.contract.themes if theme.parent_id == axis.id)
    db.session.commit()
    client, url = sign_in(w.committee), f"/contrats/{w.contract.slug}/avis-a-donner"
    page = client.get(url).text
    assert f'href="/projets/{p.id}/avis"' in page
    assert "Jardin" not in page
    assert "Attend" not in page
    assert "Combattre les inégalités" not in page
    assert f'colspan="4">{axis.label}\xa0: 1</th>' in page
    assert "<strong>1 dossier</strong>" in page
    assert "Le 3 mars, salle des mariages" in page, "its call is closed, its committee still to come"
    for link in (f"/contrats/{w.contract.slug}/2026/programmation", f"/projets/{p.id}/avis"):
        assert f'href="{link}"' in page
    assert "Secret" not in client.get(f"/projets/{p.id}/avis").text
    w.campaign.validated_at = now()
    db.session.commit()
    page = plain(client.get(url).text)
    assert f"est validée et n'attend plus d'avis : {w.campaign.label}." in page
    assert "Vous avez donné votre avis" not in page
    assert sign_in(w.applicant).get(url).status_code == 403


def test_a_bearer_is_named_once_a_day(app: Flask) -> None:
    w = world()
    for title in ("Un", "Deux"):
        w.project(title=title, state=State.INCOMPLETE).pieces_due_on = today() + timedelta(days=6)
    db.session.commit()
    [due] = pieces_due(w.contract.id, w.campaign.year)
    assert (due.projects, due.bearers) == (2, w.bearer.name)
