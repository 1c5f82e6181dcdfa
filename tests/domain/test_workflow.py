"""The one door of states, state by state and role by role."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask import Flask

from grants.database import db
from grants.domain.decisions.rules import Decision
from grants.domain.workflow import advance, lock_unchanged, possible, put_back
from grants.errors import Conflict, DomainError, NotAllowed
from grants.models import HistoryEntry, MemberRole, Outcome, PieceRequest, State
from tests import acts
from tests.factories import World, member, world

SOON, LONG_AGO = date(2027, 1, 5), datetime(2020, 1, 1, tzinfo=UTC)
# State → action → where it leads to, and who may: C, the coordinator; S, a signatory.
STEPS: dict[State, dict[str, tuple[State, str]]] = {
    State.DRAFT: {
        "submit": (State.SUBMITTED, "S"),
        "merge": (State.WITHDRAWN, "S"),
        "receive": (State.SUBMITTED, "C"),
        "withdraw": (State.WITHDRAWN, "S"),
    },
    State.SUBMITTED: {
        "ask_pieces": (State.INCOMPLETE, "C"),
        "admit": (State.ADMISSIBLE, "C"),
        "refuse": (State.INADMISSIBLE, "C"),
        "withdraw": (State.WITHDRAWN, "CS"),
    },
    State.INCOMPLETE: {"complete": (State.SUBMITTED, "C"), "withdraw": (State.WITHDRAWN, "CS")},
    State.ADMISSIBLE: {"close": (State.CLOSED, "C"), "withdraw": (State.WITHDRAWN, "CS")},
    State.INADMISSIBLE: {"reopen": (State.SUBMITTED, "C"), "withdraw": (State.WITHDRAWN, "CS")},
    State.WITHDRAWN: {},
    State.CLOSED: {},
}
MOVES = [(state, action, *to) for state, found in STEPS.items() for action, to in found.items()]
REASONED = {"receive", "ask_pieces", "refuse", "reopen"}


def people(w: World):
    others = (w.administrator, w.state_instructor, w.committee, member(w.bearer, MemberRole.EDITOR))
    return w.coordinator, w.applicant, others


@pytest.mark.parametrize("state", list(State))
def test_what_each_may_do(app: Flask, state: State) -> None:
    w = world()
    p = w.project({}, state=state)
    coordinator, signatory, others = people(w)

    def those(letter: str) -> set[str]:
        return {action for action, (_to, who) in STEPS[state].items() if letter in who}

    typed_only = {"receive"}
    assert set(possible(p, coordinator)) == those("C") - typed_only
    assert set(possible(p, signatory)) == those("S")
    assert not any(possible(p, other) for other in others)
    p.received_on = SOON
    assert set(possible(p, coordinator)) == those("C")
    assert set(possible(p, signatory)) == those("S")


@pytest.mark.parametrize(("state", "action", "to", "who"), MOVES)
def test_each_step(app: Flask, state: State, action: str, to: State, who: str) -> None:
    w = world()
    p = w.project({}, state=state)
    p.received_on, p.saved_at = SOON, LONG_AGO
    p.reference = p.reference or "2026-9999"
    p.submitted_at = p.submitted_at or LONG_AGO
    by = w.coordinator if "C" in who else w.applicant
    due_on = SOON if action == "ask_pieces" else None
    needs = action in REASONED or (action == "withdraw" and state is not State.DRAFT)
    if needs:
        with pytest.raises(DomainError) as refused:
            advance(p, action, by=by, reason=" ", due_on=due_on)
        assert (refused.value.field, p.state) == ("reason", state)
    if due_on:
        with pytest.raises(DomainError) as refused:
            advance(p, action, by=by, reason="Motif")
        assert refused.value.field == "due_on"
    with pytest.raises(NotAllowed):
        advance(p, action, by=w.administrator, reason="Motif", due_on=due_on)
    advance(p, action, by=by, reason=" Motif ", due_on=due_on)
    assert (p.state, p.pieces_due_on) == (to, due_on)
    assert p.state_reason == ("" if action == "receive" else "Motif")
    assert p.saved_at > LONG_AGO
    entry = db.session.query(HistoryEntry).filter_by(project_id=p.id, field="state").one()
    assert (entry.action, entry.old, entry.new, entry.reason, entry.by_id) == (
        action,
        state.value,
        to.value,
        "Motif",
        by.id,
    )
    with pytest.raises(DomainError, match="ne permet pas"):
        advance(p, "admit" if to is not State.SUBMITTED else "complete", by=by)


def test_what_changed_since_it_was_read_does_not_move(app: Flask) -> None:
    w = world()
    p = w.project({}, state=State.SUBMITTED)
    with pytest.raises(Conflict, match="modifié entre-temps"):
        advance(p, "admit", by=w.coordinator, version=p.version - 1)
    with pytest.raises(Conflict, match="modifié entre-temps"):
        lock_unchanged(p, p.version + 1)
    lock_unchanged(p, p.version)
    assert advance(p, "admit", by=w.coordinator, version=p.version).state_reason == ""


def test_what_ends_the_wait_ends_its_own_requests(app: Flask) -> None:
    w = world()
    asked, other = (w.project(state=State.INCOMPLETE) for _ in range(2))
    for p, closed in ((asked, None), (asked, LONG_AGO), (other, None)):
        db.session.add(PieceRequest(project_id=p.id, asked_by_id=w.coordinator.id, due_on=SOON, closed_at=closed))
    db.session.flush()
    advance(asked, "complete", by=w.coordinator)
    found = db.session.query(PieceRequest).order_by(PieceRequest.id).all()
    for request in found:
        db.session.refresh(request)
    first, before, others = found
    assert first.closed_at is not None
    assert (before.closed_at, others.closed_at) == (LONG_AGO, None)


def test_it_closes_once_each_funder_has_decided_and_told(app: Flask) -> None:
    w = world()
    p = w.project({w.cget: 5000, w.ville: 3000})
    accept = Decision(Outcome.ACCEPTED, Decimal(1))

    def said() -> str:
        with pytest.raises(DomainError) as refused:
            advance(p, "close", by=w.coordinator)
        return refused.value.message

    deciding = f"doivent encore décider (accorder ou refuser) : {w.cget.label}, {w.ville.label}."
    assert deciding in said()
    assert "notifier" not in said()
    acts.decide(p, w.cget, accept, by=w.state_instructor)
    telling = f"décider (accorder ou refuser) : {w.ville.label} ; doivent encore notifier leur"
    assert f"{telling} décision : {w.cget.label}." in said()
    acts.notify(p, w.cget, "A1", SOON, by=w.state_instructor)
    assert "notifier" not in said()
    acts.decide(p, w.ville, Decision(Outcome.REJECTED, reason="x"), by=w.city_instructor)
    assert "décider" not in said()
    acts.notify(p, w.ville, "A2", SOON, by=w.city_instructor)
    assert advance(p, "close", by=w.coordinator).state is State.CLOSED


BACK = [(State.ADMISSIBLE, State.SUBMITTED), (State.INCOMPLETE, State.SUBMITTED)]
BACK += [(to, state) for state, to in BACK]


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("to", list(State))
def test_only_a_coordinator_s_step_is_put_back(app: Flask, state: State, to: State) -> None:
    w = world()
    p = w.project({}, state=state)
    p.saved_at = LONG_AGO
    before = {"state": to, "state_reason": "Avant", "pieces_due_on": SOON}
    if (state, to) not in BACK:
        with pytest.raises(DomainError, match="en bloc"):
            put_back(p, before, by=w.coordinator, reason="Erreur")
        return
    with pytest.raises(NotAllowed):
        put_back(p, before, by=w.state_instructor, reason="Erreur")
    put_back(p, before, by=w.coordinator, reason="Erreur")
    assert (p.state, p.state_reason, p.pieces_due_on) == (to, "Avant", SOON)
    assert p.saved_at > LONG_AGO
    db.session.flush()
    entry = db.session.query(HistoryEntry).filter_by(project_id=p.id, field="state").one()
    assert (entry.action, entry.reason, entry.by_id) == ("undo", "Erreur", w.coordinator.id)
