"""Whatever is done, in whatever order and by however many: nothing is promised and granted beyond an envelope."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from grants.database import begin_write, db
from grants.domain import envelope
from grants.domain.agreements import agreement as rules
from grants.domain.agreements.projects import due, make_projects
from grants.domain.decisions.rules import Decision
from grants.domain.undo.operation import undo
from grants.errors import DomainError
from grants.models import Agreement, Campaign, Funder, Operation, Outcome, Project, User
from grants.queries.programming.envelopes import envelopes
from tests import acts
from tests.conftest import both
from tests.factories import world
from tests.factories.agreements import SIGNED, agreement, kept, promised, sign

pytestmark = both
WHOLE = 10_000
AMOUNTS = st.integers(1, 8).map(lambda thousands: thousands * 1000)


class Deeds:
    """What may happen to one envelope, each refused or done."""

    def __init__(self) -> None:
        self.w = w = world(envelope=WHOLE)
        self.project = w.project(requested={w.cget: WHOLE}, total_cost=WHOLE)
        self.made = agreement(w, {w.cget: (2000, 8000)})
        self.own = envelope.locked_for(w.campaign.id, w.cget.id).id

    def grant(self, amount: int) -> None:
        said = Decision(Outcome.ACCEPTED, Decimal(amount), revision_reason="Révision")
        acts.decide(self.project, self.w.cget, said, by=self.w.state_instructor)

    def amend(self, amount: int) -> None:
        [action] = self.made.actions
        wanted = {(self.w.cget.id, 2026): promised(amount, 8000)}
        rules.change_action(action, wanted, by=self.w.coordinator, reason="Avenant", **kept(action))

    def archive(self, amount: int) -> None:
        sign(self.w, self.made, archived=amount > 4000)

    def make(self, _amount: int) -> None:
        make_projects(self.w.campaign, [one.action.id for one in due(self.w.campaign)], by=self.w.coordinator)

    def undo(self, _amount: int) -> None:
        last = db.session.scalar(select(func.max(Operation.id)).where(Operation.kind == "agree"))
        undo(last or 0, by=self.w.coordinator)


@pytest.mark.slow
@settings(max_examples=6)
@given(
    st.lists(st.tuples(st.sampled_from(["grant", "amend", "archive", "make", "undo"]), AMOUNTS), min_size=3, max_size=6)
)
def test_an_envelope_holds_with_slices(app: Flask, deeds: list[tuple[str, int]]) -> None:
    place = Deeds()
    for deed, amount in deeds:
        before = envelope.granted(place.own) + envelope.reserved(place.own)
        try:
            with db.session.begin_nested():
                getattr(place, deed)(amount)
        except DomainError:
            db.session.expire_all()
            assert envelope.granted(place.own) + envelope.reserved(place.own) == before
        taken = envelope.granted(place.own) + envelope.reserved(place.own)
        assert taken <= WHOLE
        if deed == "make":
            assert taken == before
        [row] = [r for r in envelopes(place.w.contract.id, 2026) if r.envelope_id == place.own]
        assert (row.left, row.deficit) == (WHOLE - taken, 0)
    db.session.rollback()


def at_once(app: Flask, *works: Any) -> list[Any]:
    """Each in a transaction and context of its own; the refusal, where it is refused."""
    start = Barrier(len(works))

    def one(work: Any) -> Any:
        with app.app_context():
            start.wait(10)
            begin_write()
            try:
                done = work()
                db.session.commit()
            except DomainError as refused:
                db.session.rollback()
                return refused
            return done

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


def test_a_grant_and_a_signature_at_the_same_instant(app: Flask) -> None:
    """Each fits alone, not both."""
    w = world(envelope=WHOLE)
    project, made = w.project(requested={w.cget: 7000}), agreement(w, {w.cget: (6000, 6000)}, signed=False)
    ids = project.id, made.id, w.state_instructor.id, w.cget.id, w.coordinator.id
    own = envelope.locked_for(w.campaign.id, w.cget.id).id
    db.session.commit()

    def grant() -> None:
        said = Decision(Outcome.ACCEPTED, Decimal(7000))
        by = db.session.get_one(User, ids[2])
        acts.decide(db.session.get_one(Project, ids[0]), db.session.get_one(Funder, ids[3]), said, by=by)

    def signs() -> None:
        found = db.session.get_one(Agreement, ids[1])
        terms = {name: getattr(found, name) for name in ("title", "number", "first_year", "last_year", "archived")}
        rules.change_agreement(found, by=db.session.get_one(User, ids[4]), signed_on=SIGNED, **terms)

    told = at_once(app, grant, signs)
    assert sum(isinstance(one, DomainError) for one in told) == 1
    assert envelope.granted(own) + envelope.reserved(own) in (6000, 7000)


@pytest.mark.slow
def test_two_openings_at_the_same_instant(app: Flask) -> None:
    w = world()
    made = agreement(w, {w.cget: (4000, 5000)})
    ids = w.campaign.id, made.actions[0].id, w.coordinator.id
    db.session.commit()

    def opens() -> int:
        by = db.session.get_one(User, ids[2])
        return make_projects(db.session.get_one(Campaign, ids[0]), [ids[1]], by=by)[1]

    told = at_once(app, opens, opens)
    assert sorted(str(one) for one in told)[0] == "1"
    assert sum(isinstance(one, DomainError) for one in told) == 1
    assert db.session.scalar(select(func.count()).select_from(Project)) == 1
