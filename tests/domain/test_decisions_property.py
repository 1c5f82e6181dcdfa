"""Whatever is decided in whatever order, the rules hold in the database, and history replays."""

from __future__ import annotations

from decimal import Decimal

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from grants.database import db
from grants.domain import funding
from grants.domain.envelope import set_envelope
from grants.domain.funding import Decision
from grants.domain.workflow import advance
from grants.errors import DomainError
from grants.models import (
    NOT_COUNTING,
    CampaignFunder,
    Envelope,
    FundingLine,
    HistoryEntry,
    Outcome,
    Project,
)
from tests.factories import World, world

AMOUNTS = st.sampled_from([Decimal(n) for n in (0, 1, 900, 3000, 5000, 6000, 9999)]) | st.none()
WORDS = st.sampled_from(["", " ", "Comité"])
DECISIONS = st.builds(
    Decision,
    st.sampled_from(Outcome),
    granted=AMOUNTS,
    reason=WORDS,
    raised_reason=WORDS,
    revision_reason=st.sampled_from(["", "Révision", "Révision"]),
)
STEPS = st.tuples(
    st.integers(0, 1),
    st.sampled_from(["cget", "ville"]),
    DECISIONS | AMOUNTS | st.sampled_from(["withdraw", "close", "shrink"]),
)


def take(w: World, number: int, column: str, what: object) -> None:
    project, funder = w.projects[number], getattr(w, column)
    by = w.state_instructor if column == "cget" else w.city_instructor
    if isinstance(what, Decision):
        funding.decide(project, funder, what, by=by)
    elif what == "shrink":
        set_envelope(funder, [w.campaign], Decimal(4000), by=w.administrator)
    elif isinstance(what, str):
        advance(project, what, by=w.coordinator, reason="Courrier")
    else:
        funding.propose(project, funder, what, by=by)


def check(w: World) -> None:
    ours = [p.id for p in w.projects]
    spent = (
        select(Envelope.amount, func.sum(FundingLine.granted))
        .join(CampaignFunder, CampaignFunder.envelope_id == Envelope.id)
        .join(
            FundingLine,
            (FundingLine.campaign_id == CampaignFunder.campaign_id)
            & (FundingLine.funder_id == CampaignFunder.funder_id),
        )
        .join(Project, Project.id == FundingLine.project_id)
        .where(Project.state.not_in(NOT_COUNTING), Project.id.in_(ours))
        .group_by(Envelope.id)
    )
    assert all((total or 0) <= amount for amount, total in db.session.execute(spent))
    for project_id in ours:
        lines = db.session.scalars(select(FundingLine).filter_by(project_id=project_id)).all()
        assert sum(line.granted or 0 for line in lines) <= 10_000
        for line in lines:
            within = line.granted is None or line.granted <= line.requested
            assert within or line.raised_reason
            assert replayed(line) == line.granted


def replayed(line: FundingLine) -> Decimal | None:
    """What history says is granted: each entry starts from where the one before ended."""
    value = ""
    for entry in db.session.scalars(
        select(HistoryEntry)
        .filter_by(subject="funding_lines", subject_id=line.id, field="granted")
        .order_by(HistoryEntry.id)
    ):
        assert entry.old == value
        value = entry.new
    return Decimal(value) if value else None


WAYS = st.lists(STEPS, min_size=4, max_size=14)


@settings(
    max_examples=20, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(steps=WAYS)
def test_the_rules_hold_whatever_is_decided(app: Flask, steps) -> None:
    check_rules_hold(steps)  # many more of them: `make soak`


def check_rules_hold(steps) -> None:
    w = world(envelope=9000)
    for _ in range(2):
        w.project()
    for step in steps:
        try:
            with db.session.begin_nested():
                take(w, *step)
        except DomainError:  # anything else, a broken constraint for one, is a fault of ours
            pass
        check(w)
    db.session.rollback()
