"""What a decision must satisfy, state by state, and what tests once let pass (issue 9, point 7)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from grants.database import db
from grants.domain.decisions import rules
from grants.domain.decisions.refusals import Code, Refusal, Refused
from grants.domain.decisions.rules import Decision, Facts, Notice
from grants.domain.decisions.write import Wish, write
from grants.domain.ledger.operation import operation
from grants.domain.undo.operation import undo
from grants.errors import DomainError, NotAllowed
from grants.models import Outcome, Role, State, now
from tests import acts
from tests.conftest import both
from tests.factories import World, grant_role, world
from tests.web.reading import plain


def facts(**more: Any) -> Facts:
    whole = {"state": State.ADMISSIBLE, "requested": Decimal(5000), "total_cost": Decimal(10_000)}
    return Facts(**(whole | more))


def accept(amount: str, **why: str) -> Decision:
    return Decision(Outcome.ACCEPTED, Decimal(amount), **why)


def codes(found: Iterable[Refusal]) -> list[Code]:
    return [why.code for why in found]


@pytest.mark.parametrize("state", list(State))
def test_only_what_is_admissible_is_decided(state: State) -> None:
    for said in (accept("1"), Decision(None, Decimal(1)), Decision(Outcome.REJECTED, reason="x")):
        expected = [] if state is State.ADMISSIBLE else [Code.CLOSED]
        assert codes(rules.refusals(facts(state=state), said)) == expected


REFUSE, CANCEL = Decision(Outcome.REJECTED), Decision(Outcome.CANCELLED)
WAITING, DECIDED = (Outcome.PENDING, Outcome.DEFERRED), (Outcome.REJECTED, Outcome.CANCELLED)
Case = tuple[dict[str, Any], Decision, list[Code]]
CASES: list[Case] = [
    *(({"outcome": o}, accept("5000"), []) for o in WAITING),
    *(({"outcome": o}, accept("5000"), [Code.REVISION]) for o in (*DECIDED, Outcome.ACCEPTED)),
    *(({"outcome": o}, accept("5000", revision_reason="x"), []) for o in DECIDED),
    *(({"outcome": o}, CANCEL, [Code.NOT_GRANTED, Code.REASON]) for o in (*WAITING, *DECIDED)),
    ({"outcome": Outcome.ACCEPTED}, CANCEL, [Code.REASON]),
    ({"outcome": Outcome.ACCEPTED, "validated": True}, Decision(Outcome.CANCELLED, reason="x"), []),
    ({}, REFUSE, [Code.REASON]),
    ({}, Decision(Outcome.REJECTED, reason=" "), [Code.REASON]),
    ({}, Decision(Outcome.DEFERRED), []),
    ({}, Decision(Outcome.PENDING), [Code.NO_OUTCOME]),
    ({"validated": True}, accept("1"), [Code.REVISION]),
    ({"validated": True}, Decision(None, Decimal(1)), [Code.VALIDATED]),
    ({"validated": True}, Decision(None, Decimal(1), revision_reason="x"), []),
    *(({"outcome": o}, Decision(None, Decimal(1)), [Code.DECIDED]) for o in DECIDED),
    ({}, Decision(Outcome.ACCEPTED), [Code.NO_AMOUNT]),
    ({}, accept("0"), [Code.NO_AMOUNT]),
    ({}, accept("0.01"), []),
    ({}, accept("5000.01"), [Code.BEYOND_REQUEST]),
    ({}, accept("5000.01", raised_reason="x"), []),
    ({"raised": "x"}, accept("5000.01"), []),
    ({"raised": "x", "outcome": Outcome.ACCEPTED}, accept("5000.01", revision_reason="x"), [Code.BEYOND_REQUEST]),
    ({"requested": None}, accept("1"), [Code.BEYOND_REQUEST]),
    ({}, accept("10000", raised_reason="x"), []),  # the total cost itself
    ({}, accept("10000.01", raised_reason="x"), [Code.BEYOND_COST]),
    ({"beside": Decimal(6000)}, accept("4000"), []),
    ({"beside": Decimal(6000)}, accept("4000.01"), [Code.BEYOND_COST]),
    ({"total_cost": None}, accept("5000"), []),
    ({}, Decision(None, Decimal(-1)), [Code.NEGATIVE]),
    ({}, Decision(None, Decimal("5000.01")), [Code.PROPOSED_BEYOND_REQUEST]),
    ({}, Decision(None, Decimal(10_000), raised_reason="x"), []),
    ({}, Decision(None, Decimal("10000.01"), raised_reason="x"), [Code.PROPOSED_BEYOND_COST]),
    ({"outcome": None, "requested": None}, Decision(None), [Code.OPENING]),
    ({"outcome": None, "requested": None}, Decision(None, raised_reason="x"), []),
    ({"outcome": None, "requested": None}, accept("1", raised_reason="x"), []),
    ({"outcome": None, "requested": None}, accept("10001", raised_reason="x"), [Code.BEYOND_COST]),
    ({"outcome": None, "validated": True}, Decision(None, raised_reason="x"), []),
    ({"validated": True}, Decision(None), [Code.VALIDATED]),
    *(
        ({"requested": asked}, Decision(None, nothing), [])
        for asked in (None, Decimal(0))
        for nothing in (None, Decimal(0))
    ),
]


@pytest.mark.parametrize(("of", "said", "refused"), CASES)
def test_what_is_refused_in_which_state(of: dict[str, Any], said: Decision, refused: list[Code]) -> None:
    assert codes(rules.refusals(facts(**of), said)) == refused


NOTICE = Notice("A1", date(2026, 1, 5))
GRANTED = {"outcome": Outcome.ACCEPTED, "granted": Decimal(1)}
SAID: list[tuple[Callable[[], Iterable[Refusal]], Code, str]] = [
    (lambda: rules.refusals(facts(state=State.SUBMITTED), accept("1")), Code.CLOSED, "déposé"),
    (lambda: rules.refusals(facts(), accept("1"), "Région"), Code.SOURCE, "Région"),
    (lambda: rules.decided(facts(**GRANTED)), Code.DECIDED, "accordé"),
    (
        lambda: rules.refusals(facts(), Decision(None, Decimal(10_001), raised_reason="x")),
        Code.PROPOSED_BEYOND_COST,
        "10 000 €",
    ),
    (lambda: rules.refusals(facts(), Decision(None, Decimal(5001))), Code.PROPOSED_BEYOND_REQUEST, "5 000 €"),
    (lambda: rules.refusals(facts(), accept("5001")), Code.BEYOND_REQUEST, "5 000 €, 5 001 €"),
    (lambda: rules.refusals(facts(beside=Decimal(6000)), accept("4001")), Code.BEYOND_COST, "10 000 €, 6 000 €"),
    (lambda: rules.no_room(Decimal(9), Decimal(5), raises=True), Code.BEYOND_ENVELOPE, "5 €, 9 €, 4 €"),
    (lambda: rules.no_room(Decimal(9), Decimal(0), raises=True), Code.BEYOND_ENVELOPE, "0 €, 9 €, 9 €"),
    (lambda: rules.no_room(Decimal(9), Decimal(-5), raises=True), Code.DEFICIT, "−5 €, 9 €, 5 €"),
    (lambda: rules.not_notified(facts(**GRANTED, state=State.WITHDRAWN), NOTICE), Code.NOT_COUNTING, "retiré"),
    (lambda: rules.not_notified(facts(**GRANTED), NOTICE, "Région"), Code.SOURCE, "Région"),
    (lambda: rules.not_confirmed(facts(**GRANTED)), Code.CONFIRMED, ""),
]


@pytest.mark.parametrize(("found", "code", "said"), SAID)
def test_a_refusal_says_its_figures(found: Callable[[], Iterable[Refusal]], code: Code, said: str) -> None:
    [why] = found()
    assert (why.code, plain(", ".join(why.figures.values()))) == (code, said)
    assert "{" not in f"{why.message}{why.brief}{why.undoing}"


def test_what_was_typed_is_notified_with_its_source() -> None:
    typed = facts(**GRANTED, typed_from="Courriel")
    assert codes(rules.not_notified(typed, NOTICE, "Région")) == []
    told = Notice("A1", date(2026, 1, 5), "Arrêté")
    assert codes(rules.not_notified(facts(**GRANTED), told, "Région")) == []
    assert codes(rules.not_confirmed(typed)) == []


@pytest.mark.parametrize(
    ("of", "said", "why"),
    [
        ({}, Decision(None, Decimal(5000), raised_reason="x"), ""),
        ({}, Decision(None, Decimal(5001), raised_reason=" x "), "x"),
        ({"raised": "y"}, Decision(None, Decimal(5001)), "y"),
        ({"raised": "y", "requested": None}, Decision(None), "y"),
        ({"raised": "y"}, accept("1"), "y"),
        ({"raised": "y"}, accept("1", raised_reason="x"), "x"),
        ({"raised": "y", **GRANTED}, accept("6000"), ""),
        ({"raised": None}, accept("6000"), ""),
    ],
)
def test_a_reason_to_raise_holds_for_the_grant_that_follows(of: dict[str, Any], said: Decision, why: str) -> None:
    assert rules.raised(facts(**of), said) == why


def test_whoever_writes_for_an_institution_names_the_source() -> None:
    assert codes(rules.refusals(facts(), accept("1"), "Région")) == [Code.SOURCE]
    assert codes(rules.refusals(facts(), accept("1", typed_from="Courriel"), "Région")) == []


@pytest.mark.parametrize(
    ("needed", "left", "raises", "refused"),
    [
        ("100", "100", True, []),
        ("100.01", "100", True, [Code.BEYOND_ENVELOPE]),
        ("1", "-5", True, [Code.DEFICIT]),
        ("-1", "-5", False, []),
        ("0", "-5", False, []),
        ("1", None, True, [Code.NO_ENVELOPE]),
    ],
)
def test_the_room_of_an_envelope(needed: str, left: str | None, raises: bool, refused: list[Code]) -> None:
    there = None if left is None else Decimal(left)
    assert codes(rules.no_room(Decimal(needed), there, raises=raises)) == refused


@pytest.mark.parametrize("outcome", list(Outcome))
def test_what_is_notified_is_decided_and_confirmed(outcome: Outcome) -> None:
    notice, waits = Notice("A1", date(2026, 1, 5)), outcome in WAITING
    expected = [Code.UNDECIDED] if waits else []
    assert codes(rules.not_notified(facts(outcome=outcome), notice)) == expected
    typed = facts(outcome=outcome, typed_from="Courriel")
    first = codes(rules.not_notified(typed, notice, first=True))
    assert first == [*expected, Code.UNCONFIRMED]
    confirmed = facts(outcome=outcome, typed_from="Courriel", confirmed_at=now())
    assert codes(rules.not_notified(confirmed, notice, first=True)) == expected
    assert codes(rules.not_notified(facts(outcome=outcome), Notice(" ", None))) == [
        *expected,
        Code.ACT_NUMBER,
        Code.ACT_DATE,
    ]


@both
def test_two_own_columns_of_a_paste_exceed_the_cost_together(app: Flask) -> None:
    w = world()
    mate = grant_role(w.state_instructor, Role.INSTRUCTOR, w.contract, w.city)
    p = w.project(total_cost=5999)
    wishes = [Wish(p.id, f.id, 1, accept("3000")) for f in (w.cget, w.ville)]
    with pytest.raises(Refused, match="coût total") as refused:
        write(wishes, by=mate)
    assert refused.value.refusals[0][0] == (p.id, w.ville.id)


@both
def test_a_grant_that_opens_its_line_counts_what_others_grant(app: Flask) -> None:
    """Also when it comes back by an undoing that is undone."""
    w = world()
    p = w.project({w.cget: 8000}, total_cost=10_000)
    late = Wish(p.id, w.ville.id, 0, accept("2000.01", raised_reason="Quartier ajouté"))
    with operation(w.contract.id, "decide", by=w.city_instructor) as opened:
        write([late], by=w.city_instructor)
    undone = undo(opened.id, by=w.city_instructor).operation
    acts.decide(p, w.cget, accept("8000"), by=w.state_instructor)
    with pytest.raises(Refused, match="coût total"):
        write([late], by=w.city_instructor)
    with pytest.raises(DomainError, match="coût total"):
        undo(undone.id, by=w.city_instructor)


def granted(w: World) -> int:
    """Who does it loses the role since; the operation."""
    p = w.project()
    with operation(w.contract.id, "decide", by=w.state_instructor) as made:
        acts.decide(p, w.cget, accept("1"), by=w.state_instructor)
    for role in list(w.state_instructor.roles):
        db.session.delete(role)
    db.session.flush()
    db.session.expire(w.state_instructor, ["roles"])
    return made.id


@both
def test_who_lost_the_role_undoes_nothing(app: Flask) -> None:
    w = world()
    operation_id = granted(w)
    with pytest.raises(NotAllowed, match="Seule la personne"):
        undo(operation_id, by=w.state_instructor)
    grant_role(w.state_instructor, Role.INSTRUCTOR, w.contract, w.city)
    with pytest.raises(NotAllowed, match="votre institution"):
        undo(operation_id, by=w.state_instructor)
