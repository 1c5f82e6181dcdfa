"""What was done in one go is undone in one go, or not at all."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from grants.database import db
from grants.domain.decisions.rules import Decision
from grants.domain.ledger.operation import operation
from grants.domain.programming.version import validate
from grants.domain.undo.operation import UNDO_DAYS, undo
from grants.errors import Conflict, DomainError, NotAllowed
from grants.models import CampaignFunder, FundingLine, HistoryEntry, Operation, Outcome, Role, User
from tests import acts
from tests.conftest import both
from tests.factories import World, grant_role, user, world

pytestmark = both


def accept(amount: int, **more) -> Decision:
    return Decision(Outcome.ACCEPTED, amount=Decimal(amount), **more)


def done(w: World, by: User, *steps) -> Operation:
    with operation(w.contract.id, "test", by=by) as made:
        for step in steps:
            step()
    return made


def decided(w: World, p, what: Decision, by: User | None = None, funder=None) -> Operation:
    by = by or w.state_instructor
    return done(w, by, lambda: acts.decide(p, funder or w.cget, what, by=by))


def values(line: FundingLine) -> dict[str, object]:
    return {c.key: getattr(line, c.key) for c in FundingLine.__table__.columns if c.key not in ("id", "version")}


def test_all_of_a_line_comes_back_and_goes_again(app: Flask) -> None:
    w = world()
    p, by = w.project(), w.state_instructor
    line = acts.propose(p, w.cget, Decimal(900), by=by)
    before = values(line)
    deed = decided(w, p, accept(5500, raised_reason="Report", condition="Bilan"))
    after = values(line)
    back = undo(deed.id, by=by)
    assert values(line) == before
    assert back.cells == [(p.id, w.cget.id)]
    again = undo(back.operation.id, by=by)
    assert values(line) == after
    undo(again.operation.id, by=by)
    assert values(line) == before
    entries = db.session.scalars(select(HistoryEntry).filter_by(field="granted").order_by(HistoryEntry.id)).all()
    assert [e.new for e in entries] == ["5500.00", "", "5500.00", ""]
    assert entries[-1].action == "undo"


def test_once_by_who_did_it_in_time(app: Flask) -> None:
    w = world()
    p = w.project(requested={w.cget: 5000, w.reg: 2000})
    deed = decided(w, p, accept(1))
    for other in (w.city_instructor, w.coordinator, w.committee, w.applicant):
        with pytest.raises(NotAllowed):
            undo(deed.id, by=other)
    deed.at -= timedelta(days=UNDO_DAYS, seconds=1)
    db.session.flush()
    with pytest.raises(DomainError, match="plus de 7 jours"):
        undo(deed.id, by=w.state_instructor)
    deed.at += timedelta(seconds=10)
    db.session.flush()
    undo(deed.id, by=w.state_instructor)
    with pytest.raises(DomainError, match="déjà annulée"):
        undo(deed.id, by=w.state_instructor)
    typed = decided(w, p, accept(1, typed_from="Courriel"), w.coordinator, w.reg)
    undo(typed.id, by=grant_role(user("Autre"), Role.COORDINATOR, w.contract))


def test_what_changed_since_is_named_and_nothing_undone(app: Flask) -> None:
    w = world()
    first, second, by = w.project(), w.project(), w.state_instructor
    deed = done(
        w,
        by,
        lambda: acts.propose(first, w.cget, Decimal(1), by=by),
        lambda: acts.propose(second, w.cget, Decimal(2), by=by),
    )
    acts.decide(second, w.cget, accept(2), by=by)
    with pytest.raises(Conflict, match=second.reference) as refused:
        undo(deed.id, by=by)
    assert first.reference not in refused.value.message
    assert acts.propose(first, w.cget, Decimal(1), by=by).proposed == 1


def test_what_was_notified_since_stays(app: Flask) -> None:
    w = world()
    p, by = w.project(), w.state_instructor
    deed = decided(w, p, accept(100))
    told = done(w, by, lambda: acts.notify(p, w.cget, "A", date(2026, 1, 5), by=by))
    with pytest.raises(Conflict, match="notifié"):
        undo(deed.id, by=by)
    with pytest.raises(DomainError, match="ne s'annule pas"):
        undo(told.id, by=by)
    revised = decided(w, p, Decision(Outcome.REJECTED, reason="Non", revision_reason="Comité"))
    undo(revised.id, by=by)
    line = acts.find(p, w.cget)
    assert (line.granted, line.act_number, bool(line.notified_at)) == (100, "A", True)


def test_money_that_comes_back_needs_room(app: Flask) -> None:
    w = world(envelope=5000)
    p, other, by = w.project(), w.project(), w.state_instructor
    decided(w, p, accept(4000))
    freed = decided(w, p, Decision(Outcome.CANCELLED, reason="Renonce"))
    taken = decided(w, other, accept(1500))
    with pytest.raises(DomainError, match="de trop"):
        undo(freed.id, by=by)
    undo(taken.id, by=by)
    undo(freed.id, by=by)
    assert acts.find(p, w.cget).granted == 4000


def test_the_total_cost_holds_when_others_granted_since(app: Flask) -> None:
    w = world()
    p = w.project(total_cost=5000)
    decided(w, p, accept(3000))
    freed = decided(w, p, Decision(Outcome.CANCELLED, reason="Renonce"))
    decided(w, p, accept(2500), w.city_instructor, w.ville)
    with pytest.raises(DomainError, match="coût total"):
        undo(freed.id, by=w.state_instructor)


def test_a_validated_programming_asks_why(app: Flask) -> None:
    w = world()
    p, by = w.project(), w.state_instructor
    deed = decided(w, p, accept(100))
    validate(w.campaign, by=w.coordinator)
    with pytest.raises(DomainError) as missing:
        undo(deed.id, by=by)
    assert missing.value.field == "reason"
    undo(deed.id, by=by, reason="Erreur de saisie")


def test_a_line_that_was_opened_goes_and_comes_back(app: Flask) -> None:
    w = world()
    p, by = w.project(requested={w.ville: 10}), w.state_instructor
    deed = done(
        w,
        by,
        lambda: acts.open_line(p, w.cget, "Report du PRE", by=by),
        lambda: acts.propose(p, w.cget, Decimal(700), by=by),
    )
    back = undo(deed.id, by=by)
    assert acts.find(p, w.cget) is None
    undo(back.operation.id, by=by)
    line = acts.find(p, w.cget)
    assert (line.proposed, line.raised_reason) == (700, "Report du PRE")


def test_a_line_does_not_come_back_once_its_funder_has_left_the_call(app: Flask) -> None:
    w = world()
    p, by = w.project(requested={w.ville: 10}), w.state_instructor
    deed = done(w, by, lambda: acts.open_line(p, w.cget, "Report du PRE", by=by))
    back = undo(deed.id, by=by)
    db.session.delete(db.session.get_one(CampaignFunder, (p.campaign_id, w.cget.id)))
    db.session.flush()
    with pytest.raises(Conflict, match="ne participe plus"):
        undo(back.operation.id, by=by)


def test_a_confirmation_comes_back(app: Flask) -> None:
    w = world()
    p = w.project(requested={w.reg: 2000})
    acts.decide(p, w.reg, accept(2000, typed_from="Courriel"), by=w.coordinator)
    officer = grant_role(user(), Role.INSTRUCTOR, w.contract, w.region)
    deed = done(w, officer, lambda: acts.confirm(p, w.reg, by=officer))
    with pytest.raises(NotAllowed):
        undo(deed.id, by=w.coordinator)
    undo(deed.id, by=officer)
    line = acts.find(p, w.reg)
    assert (line.confirmed_at, line.confirmed_by_id) == (None, None)


def test_an_amount_that_was_revised_comes_back(app: Flask) -> None:
    w = world()
    p, by = w.project(), w.state_instructor
    first = decided(w, p, accept(500))
    revised = decided(w, p, accept(300, revision_reason="Relu"))
    undo(revised.id, by=by)
    line = db.session.scalars(select(FundingLine).filter_by(project_id=p.id, funder_id=w.cget.id)).one()
    assert (line.outcome, line.granted) == (Outcome.ACCEPTED, 500)
    undo(first.id, by=by)
    assert line.outcome is Outcome.PENDING
