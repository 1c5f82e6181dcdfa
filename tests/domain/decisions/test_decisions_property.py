"""Whatever is decided in whatever order, the rules hold in the database, and history replays."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from grants.database import db
from grants.domain.decisions.lines import read
from grants.domain.decisions.rules import Decision
from grants.domain.envelope import set_envelope
from grants.domain.ledger.history import text_of
from grants.domain.ledger.operation import operation
from grants.domain.undo.operation import undo
from grants.domain.workflow import advance
from grants.errors import DomainError
from grants.models import (
    IN_ITS_CALL,
    NOT_COUNTING,
    CampaignFunder,
    Envelope,
    Funder,
    FundingLine,
    HistoryEntry,
    Outcome,
    Project,
    User,
)
from tests import acts
from tests.acts import decide_many
from tests.factories import World, world

AMOUNTS = st.sampled_from([Decimal(n) for n in (0, 1, 900, 3000, 5000, 6000, 9999)]) | st.none()
WORDS = st.sampled_from(["", " ", "Comité"])
DECISIONS = st.builds(
    Decision,
    st.sampled_from(Outcome),
    amount=AMOUNTS,
    reason=WORDS,
    raised_reason=WORDS,
    revision_reason=st.sampled_from(["", "Révision", "Révision"]),
)
STEPS = st.tuples(
    st.integers(0, 1),
    st.sampled_from(["cget", "ville"]),
    DECISIONS | AMOUNTS | st.sampled_from(["withdraw", "close", "shrink", "notify", "undo", "undo", "many", "many"]),
)
# What history keeps of a line beside its amount asked, each from what a line begins with.
KEPT = {"outcome": "PENDING"} | dict.fromkeys(
    (
        "proposed",
        "granted",
        "condition",
        "reason",
        "redirected_to",
        "raised_reason",
        "decided_by_id",
        "decided_at",
        "typed_from",
        "notified_at",
        "act_number",
        "act_date",
    ),
    "",
)


def take(w: World, done: list[int], number: int, column: str, what: object) -> None:
    """One step, in an operation of its own but for those that are none."""
    by = w.state_instructor if column == "cget" else w.city_instructor
    if what == "undo":
        if done:
            done.append(undo(done[-1 - number % len(done)], by=by).operation.id)
    elif what in ("shrink", "withdraw", "close"):
        one(w, number, column, what, by)
    else:
        with operation(w.contract.id, "test", by=by) as made:
            one(w, number, column, what, by)
        done.append(made.id)


def one(w: World, number: int, column: str, what: object, by: User) -> None:
    project, funder = w.projects[number], getattr(w, column)
    if what == "many":
        accept_as_proposed(w, funder, by)
    elif what == "notify":
        acts.notify(project, funder, "A1", date(2026, 3, 1), by=by)
    elif isinstance(what, Decision):
        acts.decide(project, funder, what, by=by)
    elif what == "shrink":
        amount, act = Decimal(9000 if number else 4000), "Arrêté "
        act += str(db.session.scalar(select(func.max(HistoryEntry.id))))  # each has its own
        set_envelope(funder, [w.campaign], amount, by=w.administrator, dated_on=date(2026, 1, 1), source=act)
    elif isinstance(what, str):
        advance(project, what, by=w.coordinator, reason="Courrier")
    else:
        acts.propose(project, funder, what, by=by)


def accept_as_proposed(w: World, funder: Funder, by: User) -> None:
    lines = read(w.projects, [funder])
    seen = {line.project_id: line.version for line in lines.values()}
    said = {
        line.project_id: Decision(Outcome.ACCEPTED, amount=line.proposed or line.requested, revision_reason="Comité")
        for line in lines.values()
    }
    decide_many(funder, said, seen, by=by)


def grants(w: World) -> dict[int, dict[int, Decimal]]:
    """By envelope, what each line that counts grants from it."""
    found: dict[int, dict[int, Decimal]] = defaultdict(dict)
    for envelope_id, line_id, amount in db.session.execute(
        select(CampaignFunder.envelope_id, FundingLine.id, FundingLine.granted)
        .join(FundingLine, IN_ITS_CALL)
        .join(Project, Project.id == FundingLine.project_id)
        .where(Project.state.not_in(NOT_COUNTING), Project.id.in_([p.id for p in w.projects]))
    ):
        found[envelope_id][line_id] = amount or Decimal(0)
    return found


def check(w: World, before: dict[int, dict[int, Decimal]]) -> None:
    """An envelope may be cut below what is granted; nothing is added or raised beyond it."""
    for envelope_id, lines in grants(w).items():
        if sum(lines.values()) > db.session.get_one(Envelope, envelope_id).amount:
            assert all(n <= before[envelope_id].get(id, 0) for id, n in lines.items())
    for project_id in [p.id for p in w.projects]:
        lines = db.session.scalars(select(FundingLine).filter_by(project_id=project_id)).all()
        assert sum(line.granted or 0 for line in lines) <= 10_000
        for line in lines:
            within = line.granted is None or line.granted <= line.requested
            assert within or line.raised_reason
            assert {field: text_of(getattr(line, field)) for field in KEPT} == replayed(line)


def replayed(line: FundingLine) -> dict[str, str]:
    """What history says it is now: each entry starts from where the one before ended."""
    values = dict(KEPT)
    for field, old, new in db.session.execute(
        select(HistoryEntry.field, HistoryEntry.old, HistoryEntry.new)
        .filter_by(subject="funding_lines", subject_id=line.id)
        .order_by(HistoryEntry.id)
    ):
        assert old == values[field]
        values[field] = new
    return values


WAYS = st.lists(STEPS, min_size=4, max_size=14)


@pytest.mark.slow
@settings(max_examples=20)
@given(steps=WAYS)
def test_the_rules_hold_whatever_is_decided(app: Flask, steps) -> None:
    check_rules_hold(steps)  # many more of them: `make soak`


def check_rules_hold(steps) -> None:
    w = world(envelope=9000)
    for _ in range(2):
        w.project()
    done: list[int] = []
    for step in steps:
        before = grants(w)
        try:
            with db.session.begin_nested():
                take(w, done, *step)
        except DomainError:  # anything else, a broken constraint for one, is a fault of ours
            pass
        check(w, before)
    db.session.rollback()
