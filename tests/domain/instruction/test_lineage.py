"""What a project follows: one, several brought together, part of one; all in the history."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask

from grants.database import db
from grants.domain.decisions.rules import Decision
from grants.domain.envelope import set_envelope
from grants.domain.instruction.lineage import merged, set_predecessors
from grants.errors import Conflict, DomainError, NotAllowed
from grants.models import Campaign, HistoryEntry, Outcome, Project, now
from grants.queries.comparison.comparison import comparison
from grants.queries.comparison.lineage import Fate, fate_sums
from grants.queries.comparison.slots import By
from grants.queries.figures import Gap
from grants.queries.programming.past import since
from grants.queries.programming.programming import programming
from grants.queries.sheet.likely import around
from tests import acts
from tests.conftest import both
from tests.factories import World, campaign, organisation, project, world


def accept(w: World, p: Project, amount: int) -> None:
    decision = Decision(Outcome.ACCEPTED, amount=Decimal(amount))
    acts.decide(p, w.cget, decision, by=w.state_instructor)


def last_year(w: World, year: int = 2025) -> Campaign:
    made = campaign(w.contract, [w.cget], year=year)
    set_envelope(w.cget, [made], Decimal(90_000), by=w.administrator)
    return made


def before(w: World, call: Campaign, title: str, amount: int, **more) -> Project:
    more.setdefault("bearer", w.bearer)
    made = project(call, w.applicant, requested={w.cget: amount}, **more)
    made.title = title
    accept(w, made, amount)
    return made


def test_who_says_what_follows_what(app: Flask) -> None:
    w = world()
    call = last_year(w)
    one, two = (before(w, call, title, 100) for title in ("Un", "Deux"))
    p = w.project()
    with pytest.raises(NotAllowed):
        set_predecessors(p, [one.reference], by=w.state_instructor)
    elsewhere = project(last_year(world("ailleurs")), w.applicant)
    elsewhere.reference = "2025-0777"
    for wrong in ("2025-9999", p.reference, elsewhere.reference):
        with pytest.raises(DomainError):
            set_predecessors(p, [one.reference, wrong], by=w.coordinator)
    seen = p.version
    set_predecessors(p, [one.reference], by=w.coordinator, version=seen)
    set_predecessors(p, [two.reference, one.reference], by=w.coordinator, version=p.version)
    # What the sheet shows beside it stays; the links alone make another version too.
    assert (p.predecessor_id, merged(p)) == (one.id, [two.id])
    with pytest.raises(Conflict):
        set_predecessors(p, [], by=w.coordinator, version=seen + 1)
    set_predecessors(p, [two.reference], by=w.coordinator)
    assert (p.predecessor_id, merged(p)) == (two.id, [])
    set_predecessors(p, [], by=w.coordinator)
    assert p.predecessor_id is None
    told = db.session.query(HistoryEntry).filter_by(project_id=p.id, action="predecessor").all()
    assert [(e.field, e.old, e.new) for e in told if e.field == "merged"] == [
        ("merged", "", str(two.id)),
        ("merged", str(two.id), ""),
    ]


@pytest.mark.slow
def test_merged_and_split_actions_are_counted_once(app: Flask) -> None:
    w = world()
    call = last_year(w)
    one, two, whole, _gone = (
        before(w, call, title, amount) for title, amount in (("Un", 100), ("Deux", 200), ("Grand", 1000), ("Fini", 7))
    )
    both, left, right, new = (
        w.project(title=t, bearer=b)
        for t, b in (("Un", w.bearer), ("Gauche", w.bearer), ("Droite", organisation("Autre")), ("Neuf", w.bearer))
    )
    set_predecessors(both, [one.reference, two.reference], by=w.coordinator)
    for part in (left, right):
        set_predecessors(part, [whole.reference], by=w.coordinator)
    entry = db.session.query(HistoryEntry.id).order_by(HistoryEntry.id.desc()).first()[0]
    acts.decide(left, w.cget, Decision(Outcome.REJECTED, reason="Non"), by=w.state_instructor)
    acts.decide(left, w.ville, Decision(Outcome.REJECTED, reason="Non"), by=w.city_instructor)
    for p, amount in ((both, 350), (right, 600), (new, 50)):
        accept(w, p, amount)
    w.campaign.closes_at = now() - timedelta(days=1)
    db.session.flush()
    found = comparison(w.contract, 2025, 2026, By.NATURE)
    lines = {line.title_b or line.title_a: line for line in found.lineages}
    assert lines["Un"].ties == ("regroupe 2 actions",)
    assert (lines["Un"].granted_a, lines["Un"].difference) == (300, 50)
    assert lines["Droite"].ties == (
        "issue de la même action que « Gauche »",
        "renommée",
        f"autre porteur (avant : {w.bearer.name})",
    )
    # The refused part is first in order, but the retained one bears the money of the whole.
    assert (lines["Droite"].granted_a, lines["Droite"].difference) == (1000, -400)
    assert (lines["Gauche"].fate, lines["Gauche"].granted_a) == (Fate.REFUSED, Gap.NOTHING)
    sums = {each.fate: each for each in fate_sums(found.lineages)}
    assert (sums[None].granted_a, sums[None].granted_b) == (1307, 1000)
    assert (sums[Fate.NOT_ASKED_AGAIN].granted_a, sums[Fate.NEW].granted_b) == (7, 50)
    # New, renewed, stopped: each year's retained projects, each once.
    natures = {line.label: line for line in found.kinds[0].lines}
    assert natures["Reconduites"].actions.a == 3
    assert natures["Reconduites"].actions.b == 2
    assert natures["Non redemandées"].total.a == 7
    assert (found.kinds[0].total.total.a, found.kinds[0].total.total.b) == (1307, 1000)
    # What was granted the year before is that of all it brings together, also in the past.
    row = next(r for r in programming(w.contract, 2026).sections[0].rows if r.id == both.id)
    assert row.lines[w.cget.id].before == 300
    set_predecessors(both, [], by=w.coordinator)
    then = programming(w.contract, 2026, since(w.contract.id, entry)).sections[0].rows
    assert next(r for r in then if r.id == both.id).lines[w.cget.id].before == 300


@both
def test_a_lineage_goes_through_the_years_between(app: Flask) -> None:
    w = world()
    first, second = last_year(w, 2024), last_year(w, 2025)
    old, other = before(w, first, "Un", 10), before(w, first, "Deux", 20)
    middle, now = before(w, second, "Un", 30), w.project(title="Un")
    set_predecessors(middle, [old.reference, other.reference], by=w.coordinator)
    set_predecessors(now, [middle.reference], by=w.coordinator)
    for years in ((2024, 2026), (2026, 2024)):
        [line] = comparison(w.contract, *years).lineages
        assert (line.fate, line.granted_a) == (Fate.UNDECIDED, 30)


@both
def test_likely_predecessors(app: Flask) -> None:
    w = world()
    call = last_year(w)
    stranger = organisation("Autre")
    alike = before(w, call, "Atelier d'écriture et de théâtre", 5, bearer=stranger)
    before(w, call, "Tournoi de boxe", 5, bearer=stranger)
    same = before(w, call, "Sortie à la mer", 5)
    p = w.project(title="ATELIERS d'écriture, de théâtre")
    assert [c.id for c in around(p, w.coordinator).before] == [same.id, alike.id]
    set_predecessors(p, [alike.reference], by=w.coordinator)
    assert [(c.id, c.linked) for c in around(p, w.coordinator).before] == [(alike.id, True), (same.id, False)]
    assert [(c.id, c.linked) for c in around(alike, w.coordinator).after] == [(p.id, True)]
    other = w.project(title="Autre chose")
    assert [(c.id, c.tied_to) for c in around(other, w.coordinator).before] == [(same.id, "")]
    set_predecessors(other, [alike.reference, same.reference], by=w.coordinator)
    assert {c.tied_to for c in around(p, w.coordinator).before} == {other.reference}
