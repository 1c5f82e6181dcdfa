"""What is asked, proposed, granted and left of each envelope."""

from decimal import Decimal

from flask import Flask
from sqlalchemy import event

from grants.database import db
from grants.domain.decisions.rules import Decision
from grants.domain.workflow import advance
from grants.models import Campaign, CampaignFunder, Outcome, State
from grants.queries.programming.envelopes import EnvelopeRow, envelopes
from grants.queries.programming.grid import grid
from grants.queries.project_filters import Filters
from grants.queries.projects.projects import totals
from tests import acts
from tests.conftest import both
from tests.factories import World, campaign, project, world

pytestmark = both


def row_of(w: World, code: str) -> EnvelopeRow:
    return next(r for r in envelopes(w.contract.id, w.campaign.year) if r.code == code)


def test_only_lines_that_count(app: Flask) -> None:
    w = world()
    first, second = w.project(), w.project()
    for state in (State.INADMISSIBLE, State.DRAFT, State.WITHDRAWN):
        w.project(state=state)
    acts.propose(first, w.cget, Decimal(4500), by=w.state_instructor)
    acts.decide(first, w.cget, Decision(Outcome.ACCEPTED, amount=Decimal(4000)), by=w.state_instructor)
    acts.propose(second, w.cget, Decimal(5000), by=w.state_instructor)
    row = row_of(w, "CGET")
    assert (row.asked, row.granted, row.left) == (10_000, 4000, 16_000)
    assert (row.waiting, row.left_after, row.planned) == (5000, 11_000, 9000)
    advance(first, "withdraw", by=w.applicant, reason="Dissoute")
    assert (row_of(w, "CGET").asked, row_of(w, "CGET").granted) == (5000, 0)


def test_home_grid_and_list_say_the_same_of_a_cancelled_line(app: Flask) -> None:
    """The home page and the grid say the same of what is asked."""
    w = world()
    p = w.project(requested={w.cget: 4000, w.ville: 3000})
    for funder, by in ((w.cget, w.state_instructor), (w.ville, w.city_instructor)):
        acts.decide(p, funder, Decision(Outcome.ACCEPTED, amount=Decimal(3000)), by=by)
    cancelled = Decision(Outcome.CANCELLED, reason="Renonce")
    acts.decide(p, w.cget, cancelled, by=w.state_instructor)
    found = grid(w.contract, 2026, Filters())
    listed = totals(w.contract.id, 2026, Filters(), {w.cget.id: "CGET", w.ville.id: "VILLE"})
    assert row_of(w, "CGET").asked == found.sums.requested[w.cget.id] == 4000
    assert listed.requested - listed.not_counting == sum(found.sums.requested.values()) == 7000


def test_over_programming_counts_what_is_decided_once(app: Flask) -> None:
    w = world(envelope=6000)
    first, second = w.project(), w.project()
    for p in (first, second):
        acts.propose(p, w.cget, Decimal(4500), by=w.state_instructor)
    assert row_of(w, "CGET").over == 3000
    acts.decide(second, w.cget, Decision(Outcome.REJECTED, reason="Hors critères"), by=w.state_instructor)
    assert row_of(w, "CGET").over == 0


def test_an_envelope_over_two_campaigns_is_one_row_and_none_is_said(app: Flask) -> None:
    w = world()
    other = campaign(w.contract, [w.cget, w.ville], kind="VVV")
    link = db.session.get_one(CampaignFunder, (w.campaign.id, w.cget.id))
    db.session.get_one(CampaignFunder, (other.id, w.cget.id)).envelope_id = link.envelope_id
    w.project()
    project(other, w.applicant, requested={w.cget: 100, w.ville: 50})
    rows = {(r.code, r.amount): r for r in envelopes(w.contract.id, 2026)}
    assert rows["CGET", Decimal(20_000)].asked == 5100
    assert len(rows["CGET", Decimal(20_000)].campaigns) == 2
    without = rows["VILLE", None]
    assert (without.asked, without.left, without.campaigns) == (50, None, [other.label])


def test_one_query_and_nothing_of_another_contract(app: Flask) -> None:
    w, stranger = world(), world()
    stranger.project()
    db.session.flush()
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    rows = envelopes(w.contract.id, w.campaign.year)
    assert len(asked) == 1
    assert [r.asked for r in rows] == [0, 0, 0]
    assert envelopes(w.contract.id, 2019) == []
    assert db.session.get(Campaign, w.campaign.id)
