"""The rules of a programming's figures (rules 9 and 10)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import event

from grants.database import db
from grants.domain.decisions.rules import Decision
from grants.domain.workflow import advance
from grants.french import euros
from grants.models import (
    BudgetLine,
    FundingLine,
    Judgement,
    Kind,
    Nature,
    Opinion,
    OtherFunding,
    Outcome,
    Side,
    State,
    now,
)
from grants.queries.comparison.comparison import comparison
from grants.queries.figures import Gap
from grants.queries.programming.overview import Bearer
from grants.queries.programming.programming import programming
from grants.queries.programming.standing import Standing, standing
from grants.queries.sheet.sheet import columns_of
from tests import acts
from tests.conftest import both
from tests.factories import World, campaign, project, world

REFUSED = Decision(Outcome.REJECTED, reason="Hors critères")


def accept(w: World, p, amount: int, **more) -> None:
    decision = Decision(Outcome.ACCEPTED, amount=Decimal(amount), **more)
    acts.decide(p, w.cget, decision, by=w.state_instructor)


def section(w: World):
    return programming(w.contract, 2026).sections[0]


@pytest.mark.parametrize(
    ("state", "outcomes", "expected"),
    [
        (State.SUBMITTED, [], Standing.UNDECIDED),
        (State.ADMISSIBLE, ["PENDING", "REJECTED"], Standing.UNDECIDED),
        (State.ADMISSIBLE, ["PENDING", "ACCEPTED"], Standing.RETAINED),
        (State.CLOSED, ["DEFERRED"], Standing.UNDECIDED),
        (State.ADMISSIBLE, ["REJECTED", "CANCELLED"], Standing.NOT_RETAINED),
        (State.INADMISSIBLE, ["PENDING"], Standing.NOT_RETAINED),
        (State.WITHDRAWN, ["ACCEPTED"], Standing.WITHDRAWN),
    ],
)
def test_what_became_of_a_project(state, outcomes, expected) -> None:
    assert standing(state, map(Outcome, outcomes)) is expected


@pytest.mark.parametrize(
    ("granted", "nature", "signs"),
    [
        ("23000", Nature.ASSOCIATION, False),
        ("23000.01", Nature.ASSOCIATION, True),
        ("23000.01", Nature.PUBLIC_BODY, False),
        ("90000", Nature.MUNICIPAL_SERVICE, False),
    ],
)
def test_an_agreement_is_due_above_23_000_euros(granted: str, nature: Nature, signs: bool) -> None:
    of = {"État": Decimal(granted), "Ville": Decimal(0)}
    bearer = Bearer("A", nature, 1, {}, of, of["État"])
    assert (bearer.must_agree("État"), bearer.must_agree("Ville")) == (signs, False)


@both
def test_before_validation_sums_are_over_what_is_presented_or_retained(app: Flask) -> None:
    w = world()
    retained, waiting, refused = w.project(), w.project(), w.project()
    w.project(state=State.DRAFT)
    withdrawn = w.project()
    accept(w, retained, 4000)
    accept(w, withdrawn, 900)
    advance(withdrawn, "withdraw", by=w.applicant, reason="Abandon")
    acts.propose(waiting, w.cget, Decimal(2500), by=w.state_instructor)
    acts.propose(refused, w.cget, Decimal(100), by=w.state_instructor)
    acts.decide(refused, w.cget, REFUSED, by=w.state_instructor)
    acts.decide(refused, w.ville, REFUSED, by=w.city_instructor)
    s = section(w)
    assert [r.id for r in s.listed] == [retained.id, waiting.id, refused.id]
    assert [r.id for r in s.rejected] == [refused.id]
    assert s.proposals
    [pillar] = s.pillars
    for sums in (s.total, pillar.sums, pillar.axes[0].sums):
        assert (sums.actions, sums.requested[w.cget.id], sums.total_cost) == (1, 5000, 10_000)
        assert (sums.granted[w.cget.id], sums.proposed[w.cget.id]) == (4000, 0)
    for sums in (s.presented, pillar.presented, pillar.axes[0].presented):
        assert (sums.actions, sum(sums.requested.values()), sums.total_cost) == (3, 24_000, 30_000)
        assert (sums.granted[w.cget.id], sums.proposed[w.cget.id]) == (4000, 2600)
    assert (s.counts.deposited, s.counts.withdrawn, s.counts.undecided) == (4, 1, 1)
    assert s.envelopes[w.cget.id].left == 16_000
    for funder, by in ((w.cget, w.state_instructor), (w.ville, w.city_instructor)):
        acts.decide(waiting, funder, REFUSED, by=by)
    assert [r.id for r in section(w).listed] == [retained.id]
    w.campaign.validated_at = now()
    db.session.flush()
    assert not section(w).proposals
    assert section(w).validated_at


def test_zero_only_where_it_was_decided(app: Flask) -> None:
    w = world()
    p = w.project()
    accept(w, p, 1000)
    lines = section(w).rows[0].lines
    assert lines[w.ville.id].granted is Gap.NOTHING
    acts.decide(p, w.ville, REFUSED, by=w.city_instructor)
    lines = section(w).rows[0].lines
    assert lines[w.ville.id].granted == 0
    assert lines[w.reg.id].granted is lines[w.reg.id].requested is Gap.NOTHING


def test_granted_the_year_before(app: Flask) -> None:
    w = world()
    before = campaign(w.contract, [w.cget], year=2025)
    old = project(before, w.applicant, requested={w.cget: 3000})
    line = db.session.query(FundingLine).filter_by(project_id=old.id).one()
    line.outcome, line.granted = Outcome.ACCEPTED, Decimal(2000)
    line.decided_by_id, line.decided_at = w.state_instructor.id, now()
    new = w.project()
    alone = w.project()
    new.predecessor_id = old.id
    db.session.flush()
    first, second = section(w).rows
    assert first.lines[w.cget.id].before == 2000
    assert first.lines[w.ville.id].before is Gap.UNKNOWN
    assert second.id == alone.id
    assert second.lines[w.cget.id].before is Gap.NOTHING


@pytest.mark.slow
def test_the_year_before_is_shown_alike_on_every_page(app: Flask, sign_in) -> None:
    w = world()
    call = campaign(w.contract, [w.cget, w.reg], year=2025)
    old = project(call, w.applicant, requested={w.cget: 3000, w.reg: 100})
    for line in db.session.query(FundingLine).filter_by(project_id=old.id):
        if line.funder_id == w.cget.id:
            line.outcome, line.reason = Outcome.REJECTED, "Hors critères"
            line.decided_by_id, line.decided_at = w.state_instructor.id, now()
    new = w.project()
    new.predecessor_id = old.id
    db.session.commit()
    said = {w.cget.id: 0, w.ville.id: Gap.UNKNOWN, w.reg.id: Gap.NOTHING}
    [row] = section(w).rows
    assert {id: row.lines[id].before for id in said} == said
    assert {c.funder.id: c.granted_before for c in columns_of(new, new.predecessor)} == said
    table = sign_in(w.committee).get(f"/contrats/{w.contract.slug}/2026/programmation").text
    sheet = sign_in(w.coordinator).get(f"/projets/{new.id}").text
    opinions = sign_in(w.committee).get(f"/projets/{new.id}/avis").text
    for page in (table, sheet, opinions):
        assert ">n. c.</td>" in page
        assert f">{euros(Decimal(0))}" in page
    new.predecessor_id = None
    db.session.commit()
    assert {c.granted_before for c in columns_of(new, new.predecessor)} == {Gap.NOTHING}


def test_what_stands_beside_the_amounts(app: Flask) -> None:
    w = world()
    p = w.project()
    p.kind, p.year_of, p.years_total = Kind.MULTIYEAR, 2, 3
    p.zones = w.contract.zones[:1]
    for status, amount, ordinary in (
        (OtherFunding.ASKED, 700, False),
        (OtherFunding.OBTAINED, 300, True),
        (OtherFunding.REFUSED, 5000, True),
        (None, 9, False),
    ):
        p.budget.append(
            BudgetLine(
                side=Side.INCOME, account="74", amount=Decimal(amount), other_funding=status, ordinary_law=ordinary
            )
        )
    for judgement in (Judgement.RESERVED, Judgement.FAVOURABLE):
        db.session.add(
            Opinion(
                project_id=p.id,
                by_id=w.committee.id,
                body="Comité technique",
                judgement=judgement,
                remark=f"Dit {judgement}",
            )
        )
        db.session.flush()
    accept(w, p, 4000, condition="Sous réserve du local")
    row = section(w).rows[0]
    assert (row.mark, row.zones, row.other_funding) == ("CPO 2/3", "Caravelle", 1000)
    assert row.ordinary_law == 300
    assert row.opinions == "Comité technique : favorable"
    assert row.remarks == ("Comité technique : Dit RESERVED ; Comité technique : Dit FAVOURABLE")
    assert (row.granted, row.share_of_cost) == (4000, Decimal("40.00"))
    assert row.lines[w.cget.id].condition == "Sous réserve du local"


def test_an_envelope_shared_with_another_call_says_so(app: Flask) -> None:
    from grants.domain.envelope import set_envelope

    w = world()
    other = campaign(w.contract, [w.reg], kind="VVV")
    set_envelope(w.reg, [w.campaign, other], Decimal(20_000), by=w.administrator)
    figures = programming(w.contract, 2026)
    assert [s.kind for s in figures.sections] == ["Contrat de ville", "VVV"]
    assert figures.sections[1].envelopes[w.reg.id].shared_with == (w.campaign.label,)
    assert figures.overview.by_funder[w.reg.id].envelope.amount == 20_000
    assert figures.overview.total.envelope.amount == 60_000


def test_no_envelope_is_not_communicated(app: Flask) -> None:
    w = world()
    campaign(w.contract, [w.cget], kind="FIPD")
    assert programming(w.contract, 2026).sections[1].envelopes[w.cget.id].amount is Gap.UNKNOWN


@both
def test_the_number_of_queries_is_constant(app: Flask) -> None:
    w = world()
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))

    def queries() -> int:
        db.session.flush()
        slug, level_names = w.contract.slug, w.contract.level_names
        assert slug
        assert level_names
        assert w.contract.communes == []
        asked.clear()
        comparison(w.contract, 2025, 2026)
        return len(asked)

    accept(w, w.project(), 100)
    few = queries()
    for _ in range(4):
        p = w.project(theme_id=w.contract.themes[4].id)
        p.predecessor_id = w.projects[0].id
        accept(w, p, 100)
    assert queries() == few <= 26


def test_what_was_decided_since_is_no_more_proposed_at_the_head(app: Flask) -> None:
    w = world()
    decided, waiting = (w.project(requested={w.cget: 5000}, state=State.ADMISSIBLE) for _ in range(2))
    for one, amount in ((decided, 3000), (waiting, 2000)):
        acts.propose(one, w.cget, Decimal(amount), by=w.state_instructor)
    accept(w, decided, 2500)
    head = programming(w.contract, 2026).overview
    assert (head.listed.actions, head.listed.proposed, head.total.granted) == (2, 2000, 2500)
