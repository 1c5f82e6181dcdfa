"""An envelope changed by page: its calls, its version, what is granted."""

from decimal import Decimal

import pytest
from flask import Flask

from grants.database import db
from grants.domain import envelope as rules
from grants.domain import funding
from grants.domain.funding import Decision
from grants.errors import Conflict, DomainError
from grants.models import Campaign, Envelope, EnvelopeStatus, HistoryEntry, Outcome
from tests.conftest import both
from tests.factories import World, campaign, world

pytestmark = both


@pytest.fixture
def w(app: Flask) -> World:
    return world()


def envelope_of(w: World) -> Envelope:
    found = rules.locked_for(w.campaign.id, w.cget.id)
    assert found is not None
    return found


def second_call(w: World) -> Campaign:
    return campaign(w.contract, [w.cget], kind="VVV")


def change(w: World, calls: list[Campaign], amount: int, **more) -> Envelope:
    return rules.change_envelope(
        envelope_of(w), calls, Decimal(amount), by=w.administrator, **more
    )


def grant(w: World, amount: int) -> None:
    decision = Decision(Outcome.ACCEPTED, granted=Decimal(amount))
    funding.decide(w.project(), w.cget, decision, by=w.state_instructor)


def test_one_envelope_spans_several_calls_and_leaves_them(w: World) -> None:
    other = second_call(w)
    envelope = change(w, [w.campaign, other], 25_000, status=EnvelopeStatus.NOTIFIED)
    assert (envelope.amount, envelope.status) == (Decimal(25_000), EnvelopeStatus.NOTIFIED)
    assert rules.locked_for(other.id, w.cget.id) is envelope
    change(w, [w.campaign], 25_000)
    assert rules.locked_for(other.id, w.cget.id) is None
    actions = [
        (h.action, h.field)
        for h in db.session.query(HistoryEntry)
        .filter_by(subject="envelopes", subject_id=envelope.id, contract_id=w.contract.id)
        .order_by(HistoryEntry.id)
    ]
    assert ("attach", "campaign") in actions
    assert actions[-1] == ("release", "campaign")


def test_what_is_granted_stays_covered(w: World) -> None:
    grant(w, 4000)
    other = second_call(w)
    with pytest.raises(DomainError) as below:
        change(w, [w.campaign], 3999)
    assert below.value.field == "amount"
    with pytest.raises(DomainError) as uncovered:
        change(w, [other], 20_000)
    assert uncovered.value.field == "campaigns"
    with pytest.raises(DomainError):
        rules.release(envelope_of(w), [w.campaign], by=w.administrator)
    db.session.refresh(envelope_of(w))
    assert change(w, [w.campaign], 4000).amount == 4000


def test_a_call_has_one_envelope_and_an_envelope_at_least_one_call(w: World) -> None:
    other = second_call(w)
    rules.set_envelope(w.cget, [other], Decimal(500), by=w.administrator)
    for calls in ([w.campaign, other], []):
        with pytest.raises(DomainError) as refusal:
            change(w, calls, 20_000)
        assert refusal.value.field == "campaigns"


def test_changed_meanwhile_is_a_conflict_that_shows_what_it_is_now(w: World) -> None:
    seen = envelope_of(w).version
    other = second_call(w)
    change(w, [w.campaign, other], 20_000, version=seen)  # only its calls change
    with pytest.raises(Conflict, match=r"20\D000"):
        change(w, [w.campaign], 1, version=seen)


def test_an_envelope_without_calls_is_gone(w: World) -> None:
    envelope = envelope_of(w)
    rules.release(envelope, [w.campaign], by=w.administrator)
    assert db.session.get(Envelope, envelope.id) is None
    rules.set_envelope(w.cget, [w.campaign], Decimal(10), by=w.administrator)
