"""An envelope changed by page: its calls, its version, what is granted."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask

from grants.database import db
from grants.domain import envelope as rules
from grants.domain.decisions.lines import read
from grants.domain.decisions.rules import Decision
from grants.errors import Conflict, DomainError
from grants.french import today
from grants.models import Campaign, Envelope, EnvelopeStatus, HistoryEntry, Outcome, Project
from grants.queries.programming.envelopes import moves
from tests import acts
from tests.acts import decide_many
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


def second_campaign(w: World) -> Campaign:
    return campaign(w.contract, [w.cget], kind="VVV")


def change(w: World, calls: list[Campaign], amount: int, **more) -> Envelope:
    act = {"dated_on": date(2026, 5, 1), "source": f"Arrêté {amount}"}
    return rules.change_envelope(envelope_of(w), calls, Decimal(amount), by=w.administrator, **(act | more))


def accepted(amount: int) -> Decision:
    return Decision(Outcome.ACCEPTED, amount=Decimal(amount), revision_reason="Comité")


def accept(w: World, project: Project, amount: int) -> None:
    acts.decide(project, w.cget, accepted(amount), by=w.state_instructor)


def grant(w: World, amount: int) -> None:
    accept(w, w.project(), amount)


def written(envelope: Envelope) -> list[tuple[str, str, str, str]]:
    entries = db.session.query(HistoryEntry).filter_by(subject="envelopes", subject_id=envelope.id)
    return [(h.action, h.field, h.old, h.new) for h in entries.order_by(HistoryEntry.id)]


def test_one_envelope_spans_several_calls_and_leaves_them(w: World) -> None:
    other = second_campaign(w)
    envelope = change(w, [w.campaign, other], 25_000, status=EnvelopeStatus.NOTIFIED)
    assert (envelope.amount, envelope.status) == (Decimal(25_000), EnvelopeStatus.NOTIFIED)
    assert rules.locked_for(other.id, w.cget.id) is envelope
    grant(w, 4000)  # by a call that stays
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
    other = second_campaign(w)
    with pytest.raises(DomainError) as uncovered:
        change(w, [other], 20_000)
    assert uncovered.value.field == "campaigns"
    with pytest.raises(DomainError):
        rules.release(envelope_of(w), [w.campaign], by=w.administrator)


def test_a_cut_below_what_is_granted_leaves_a_deficit_and_nothing_more_is_granted(w: World) -> None:
    """The State cuts whatever was granted; the real figure can be entered."""
    first, second = w.project(), w.project()
    accept(w, first, 4000)
    change(w, [w.campaign], 3000)
    with pytest.raises(DomainError, match=r"déficit de 1\D000") as refused:
        accept(w, second, 1)
    assert refused.value.field == "granted"
    with pytest.raises(DomainError):
        accept(w, first, 4001)
    accept(w, first, 3500)  # lowered, though it does not fill the gap yet
    change(w, [w.campaign], 9000)  # a second wave
    accept(w, second, 5000)
    with pytest.raises(DomainError, match="dépassée"):
        accept(w, first, 4001)


def test_of_many_none_is_raised_while_the_envelope_lacks_money(w: World) -> None:
    first, second = w.project(), w.project()
    accept(w, first, 4000)
    accept(w, second, 4000)
    change(w, [w.campaign], 6000)

    def both(one: int, other: int) -> None:
        found = read([first, second], [w.cget])
        said = {p.id: accepted(n) for p, n in ((first, one), (second, other))}
        seen = {line.project_id: line.version for line in found.values()}
        decide_many(w.cget, said, seen, by=w.state_instructor)

    with pytest.raises(DomainError):
        both(4500, 3000)  # 500 less in all, but one more on one of them
    both(3500, 3500)
    both(4000, 2000)


def test_a_move_has_a_date_and_a_source_of_its_own(w: World) -> None:
    day = date(2026, 3, 2)
    change(w, [w.campaign], 18_000, dated_on=day, source="Arrêté 12")
    for dated_on, source in ((day, "Arrêté 12"), (None, "Courriel"), (date(2026, 6, 1), " ")):
        with pytest.raises(DomainError, match="date et la source") as refused:
            change(w, [w.campaign], 15_000, dated_on=dated_on, source=source)
        assert refused.value.field == "source"
        db.session.expire_all()
    with pytest.raises(DomainError, match="avenir"):
        change(w, [w.campaign], 15_000, dated_on=today() + timedelta(days=1), source="Gel")
    db.session.expire_all()
    change(w, [w.campaign], 15_000, dated_on=date(2026, 6, 1), source="Gel")
    told = [(m.old, m.new, m.why) for m in moves([envelope_of(w).id])]
    assert told == [(20_000, 18_000, "Arrêté 12, 2 mars 2026"), (18_000, 15_000, "Gel, 1er juin 2026")]


def test_a_call_has_one_envelope_and_an_envelope_at_least_one_call(w: World) -> None:
    other = second_campaign(w)
    rules.set_envelope(w.cget, [other], Decimal(500), by=w.administrator)
    for calls in ([w.campaign, other], []):
        with pytest.raises(DomainError) as refusal:
            change(w, calls, 20_000)
        assert refusal.value.field == "campaigns"


def test_changed_meanwhile_is_a_conflict_that_shows_what_it_is_now(w: World) -> None:
    seen = envelope_of(w).version
    other = second_campaign(w)
    change(w, [w.campaign, other], 20_000, version=seen)  # only its calls change
    with pytest.raises(Conflict, match=r"20\D000"):
        change(w, [w.campaign], 1, version=seen)


def test_an_envelope_without_calls_is_gone(w: World) -> None:
    envelope = envelope_of(w)
    rules.release(envelope, [w.campaign], by=w.administrator)
    assert db.session.get(Envelope, envelope.id) is None
    assert written(envelope)[-3:] == [
        ("release", "campaign", str(w.campaign.id), ""),
        ("release", "status", "PROVISIONAL", ""),
        ("delete", "amount", "20000.00", ""),  # kept for who asks what there was
    ]
    made = rules.set_envelope(w.cget, [w.campaign], Decimal(10), by=w.administrator)
    assert written(made) == [("create", "amount", "", "10.00"), ("attach", "campaign", "", str(w.campaign.id))]


def test_nothing_and_today_are_the_bounds_of_an_envelope(w: World) -> None:
    other, outside = second_campaign(w), campaign(w.contract, [w.ville], kind="FIPD")
    rules.set_envelope(w.cget, [other], Decimal(0), by=w.administrator, dated_on=today(), source="Gel")
    refusals = {"amount": ("-0.01", [other]), "funder": ("1", [outside]), "campaigns": ("1", [w.campaign, other])}
    for field, (amount, calls) in refusals.items():
        with pytest.raises(DomainError) as refused:
            rules.set_envelope(w.cget, calls, Decimal(amount), by=w.administrator)
        assert refused.value.field == field
