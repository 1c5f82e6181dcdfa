"""An envelope changes under a decision: whatever comes second works on what the first has left."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Event
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from grants.database import begin_write, db
from grants.domain import envelope as envelopes
from grants.domain.decisions.rules import Decision
from grants.errors import DomainError
from grants.models import Campaign, CampaignFunder, Envelope, Funder, FundingLine, Outcome, Project, User
from tests import acts
from tests.conftest import both
from tests.factories import World, campaign, world

pytestmark = both
ACCEPT = Decision(Outcome.ACCEPTED, amount=Decimal(5000))


def in_transaction(app: Flask, work: Callable[[], Any]) -> Any:
    """`work` in a transaction and context of its own; the refusal, where it is refused."""
    with app.app_context():
        try:
            begin_write()
            done = work()
            db.session.commit()
        except DomainError as refused:
            db.session.rollback()
            return refused
        return done


def both_at_once(app: Flask, first: Callable[[Event], Any], second: Callable[[], Any]) -> list[Any]:
    """`first` sets its event when it has done its work, and commits half a second later."""
    ready = Event()

    def late() -> Any:
        ready.wait(5)
        return in_transaction(app, second)

    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(in_transaction, app, lambda: first(ready)), pool.submit(late)]
        return [each.result() for each in both]


def decide(w: World, project_id: int) -> Callable[[], Any]:
    funder_id, user_id = w.cget.id, w.state_instructor.id

    def work() -> Any:
        found = db.session.get_one(Project, project_id), db.session.get_one(Funder, funder_id)
        return acts.decide(*found, ACCEPT, by=db.session.get_one(User, user_id)).granted

    return work


def test_a_call_released_while_someone_decides(app: Flask) -> None:
    w = world()
    other = campaign(w.contract, [w.cget])
    calls, by = [w.campaign, other], w.administrator
    shared = envelopes.set_envelope(w.cget, calls, Decimal(20_000), by=by)
    ids = shared.id, w.campaign.id, w.administrator.id
    second = decide(w, w.project().id)
    db.session.commit()

    def release(ready: Event) -> None:
        envelope, call, by = (
            db.session.get_one(kind, id) for kind, id in zip((Envelope, Campaign, User), ids, strict=True)
        )
        envelopes.release(envelope, [call], by=by)
        ready.set()
        Event().wait(0.3)

    _, decided = both_at_once(app, release, second)
    assert isinstance(decided, DomainError)
    assert _granted_on_no_envelope() == 0


def test_a_cut_while_someone_decides(app: Flask) -> None:
    """Whoever decides waits for the cut, and is refused by what it has left."""
    w = world()
    ids = w.cget.id, w.campaign.id, w.administrator.id
    second = decide(w, w.project().id)
    db.session.commit()

    def cut(ready: Event) -> None:
        funder, call, by = (
            db.session.get_one(kind, id) for kind, id in zip((Funder, Campaign, User), ids, strict=True)
        )
        envelopes.set_envelope(funder, [call], Decimal(4000), by=by, dated_on=date(2026, 5, 1), source="Gel")
        ready.set()
        Event().wait(0.3)

    _, decided = both_at_once(app, cut, second)
    assert isinstance(decided, DomainError)


def test_two_administrators_create_one_envelope(app: Flask) -> None:
    w = world()
    call = campaign(w.contract, [w.cget])
    ids = w.cget.id, call.id, w.administrator.id
    db.session.commit()

    def create(amount: int) -> None:
        funder, campaign_, by = (
            db.session.get_one(kind, id) for kind, id in zip((Funder, Campaign, User), ids, strict=True)
        )
        envelopes.set_envelope(funder, [campaign_], Decimal(amount), by=by)

    def first(ready: Event) -> None:
        create(10_000)
        ready.set()
        Event().wait(0.3)

    both_at_once(app, first, lambda: create(5000))
    drawn = select(CampaignFunder.envelope_id)
    assert db.session.scalars(select(Envelope.id).where(Envelope.id.not_in(drawn))).all() == []


def _granted_on_no_envelope() -> int:
    return db.session.scalars(
        select(func.count())
        .select_from(FundingLine)
        .join(
            CampaignFunder,
            (CampaignFunder.campaign_id == FundingLine.campaign_id)
            & (CampaignFunder.funder_id == FundingLine.funder_id),
        )
        .where(FundingLine.granted > 0, CampaignFunder.envelope_id.is_(None))
    ).one()
