"""The year's dossiers of agreements: made once, counted once, and taken back whole."""

from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select

from grants.database import db
from grants.domain import envelope
from grants.domain.agreements import agreement as rules
from grants.domain.agreements.projects import due, make_projects
from grants.domain.decisions.rules import Decision
from grants.domain.undo.operation import undo
from grants.domain.workflow import advance
from grants.errors import Conflict, DomainError, NotAllowed
from grants.models import CampaignFunder, HistoryEntry, Kind, Outcome, Project, State
from grants.queries.home.operations import changed_since
from grants.queries.programming.envelopes import envelopes
from tests import acts
from tests.conftest import both
from tests.factories import World, campaign, world
from tests.factories.agreements import agreement, kept, promised

pytestmark = both


def open_all(w: World, in_campaign=None):
    call = in_campaign or w.campaign
    return make_projects(call, [one.action.id for one in due(call)], by=w.coordinator)


def row_of(w: World, code: str):
    return next(row for row in envelopes(w.contract.id, 2026) if row.code == code)


def test_requested_is_agreed_granted_is_firm_and_what_is_left_stays(app: Flask) -> None:
    w = world()
    made = agreement(w, {w.cget: (4000, 5000), w.ville: (0, 3000)})
    assert (row_of(w, "CGET").reserved, row_of(w, "CGET").left, row_of(w, "CGET").planned) == (4000, 16_000, 4000)
    assert open_all(w)[1] == 1
    [project] = db.session.scalars(select(Project).where(Project.agreement_action_id == made.actions[0].id))
    cget, ville = acts.find(project, w.cget), acts.find(project, w.ville)
    assert (project.state, project.kind, project.year_of, project.years_total) == (
        State.ADMISSIBLE,
        Kind.MULTIYEAR,
        1,
        3,
    )
    assert (cget.requested, cget.granted, cget.outcome) == (5000, 4000, Outcome.ACCEPTED)
    assert cget.typed_from.startswith("Convention Lire en famille (CPO-7), signée le 1")
    assert (ville.requested, ville.granted, ville.outcome) == (3000, None, Outcome.PENDING)
    row = row_of(w, "CGET")
    assert (row.reserved, row.granted, row.left) == (0, 4000, 16_000)


def test_a_second_opening_makes_no_double(app: Flask) -> None:
    w = world()
    made = agreement(w, {w.cget: (4000, 5000)})
    ids = [made.actions[0].id]
    make_projects(w.campaign, ids, by=w.coordinator)
    assert due(w.campaign) == []
    with pytest.raises(DomainError):
        make_projects(w.campaign, ids, by=w.coordinator)
    assert db.session.scalar(select(func.count()).select_from(Project)) == 1


def test_none_beside_what_the_bearer_has_deposited_itself(app: Flask) -> None:
    w = world()
    agreement(w, {w.cget: (4000, 5000)})
    own = w.project(requested={w.cget: 3000}, title="LECTURES  du soir")
    with pytest.raises(DomainError, match=own.reference):
        open_all(w)
    db.session.rollback()


def test_undone_everything_is_as_before(app: Flask) -> None:
    w = world()
    made = agreement(w, {w.cget: (4000, 5000)})
    done, _ = open_all(w)
    assert changed_since({done.id: done.at}) == {}
    undo(done.id, by=w.coordinator)
    [project] = db.session.scalars(select(Project))
    assert (project.state, project.agreement_action_id) == (State.WITHDRAWN, None)
    assert [one.action for one in due(w.campaign)] == made.actions
    assert (row_of(w, "CGET").reserved, row_of(w, "CGET").left) == (4000, 16_000)
    assert open_all(w)[1] == 1


def test_not_undone_over_what_has_changed_since(app: Flask) -> None:
    w = world()
    agreement(w, {w.cget: (4000, 5000)})
    done, _ = open_all(w)
    [project] = db.session.scalars(select(Project))
    less = Decision(Outcome.ACCEPTED, amount=Decimal(3000), revision_reason="Gel")
    acts.decide(project, w.cget, less, by=w.state_instructor)
    with pytest.raises(Conflict):
        undo(done.id, by=w.coordinator)


def test_not_undone_where_an_amendment_has_taken_the_room(app: Flask) -> None:
    w = world(envelope=10_000)
    made = agreement(w, {w.cget: (2000, 8000)})
    done, _ = open_all(w)
    wanted = {(w.cget.id, 2026): promised(7000, 8000)}
    rules.change_action(made.actions[0], wanted, by=w.coordinator, reason="Vote", **kept(made.actions[0]))
    project = w.project(requested={w.cget: 5000})
    acts.decide(project, w.cget, Decision(Outcome.ACCEPTED, amount=Decimal(5000)), by=w.state_instructor)
    with pytest.raises(DomainError, match="manquerait"):
        undo(done.id, by=w.coordinator)
    db.session.rollback()


def test_a_withdrawn_one_frees_its_money_and_is_not_made_again(app: Flask) -> None:
    w = world()
    agreement(w, {w.cget: (4000, 5000)})
    open_all(w)
    [project] = db.session.scalars(select(Project))
    advance(project, "withdraw", by=w.coordinator, reason="L'association renonce")
    assert (row_of(w, "CGET").reserved, row_of(w, "CGET").left) == (0, 20_000)
    assert due(w.campaign) == []


def test_the_next_year_follows_the_first(app: Flask) -> None:
    w = world()
    made = agreement(w, {w.cget: (4000, 5000)})
    open_all(w)
    [first] = db.session.scalars(select(Project))
    first.objectives = "Lire"
    action = made.actions[0]
    wanted = {(w.cget.id, 2027): promised(4500, 5000)}
    rules.change_action(action, wanted, by=w.coordinator, reason="Vote", **kept(action))
    later = campaign(w.contract, [w.cget], year=2027)
    envelope.set_envelope(w.cget, [later], Decimal(9000), by=w.administrator)
    open_all(w, later)
    second = db.session.scalars(select(Project).where(Project.year == 2027)).one()
    assert (second.predecessor_id, second.year_of, second.objectives) == (first.id, 2, "Lire")
    assert acts.find(second, w.cget).granted == 4500


def test_what_the_call_lacks_is_said_before(app: Flask) -> None:
    w = world()
    agreement(w, {w.cget: (4000, 5000)})
    link = db.session.get_one(CampaignFunder, (w.campaign.id, w.cget.id))
    link.envelope_id = None
    db.session.flush()
    assert due(w.campaign)[0].refusal == f"pas encore d'enveloppe : {w.cget.label}"
    with pytest.raises(DomainError, match="pas encore d'enveloppe"):
        open_all(w)
    db.session.rollback()


def test_only_the_coordinator_and_nothing_written_otherwise(app: Flask) -> None:
    w = world()
    made = agreement(w, {w.cget: (4000, 5000)})
    with pytest.raises(NotAllowed):
        make_projects(w.campaign, [made.actions[0].id], by=w.state_instructor)
    assert db.session.scalar(select(func.count()).select_from(Project)) == 0


def test_nobody_grants_what_an_agreement_holds(app: Flask) -> None:
    w = world(envelope=5000)
    agreement(w, {w.cget: (4000, 5000)})
    project = w.project(requested={w.cget: 2000})
    accept = Decision(Outcome.ACCEPTED, amount=Decimal(1001))
    with pytest.raises(DomainError):
        acts.decide(project, w.cget, accept, by=w.state_instructor)
    db.session.expire_all()
    acts.decide(project, w.cget, Decision(Outcome.ACCEPTED, amount=Decimal(1000)), by=w.state_instructor)
    assert row_of(w, "CGET").left == 0


def test_the_opening_is_one_operation(app: Flask) -> None:
    w = world()
    agreement(w, {w.cget: (4000, 5000)})
    done, _ = open_all(w)
    theirs = select(HistoryEntry.operation_id).where(HistoryEntry.project_id.is_not(None)).distinct()
    assert list(db.session.scalars(theirs)) == [done.id]
