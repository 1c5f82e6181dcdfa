"""The grid's figures are the programming's (rules 9), and what others change is told once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from flask import Flask
from sqlalchemy import event

from grants.database import db
from grants.domain.decisions.rules import Decision
from grants.domain.envelope import set_envelope
from grants.domain.workflow import advance
from grants.models import Outcome, State, now
from grants.queries.programming.grid import OVERLAP, Grid, GridGroup, changes, figures, grid
from grants.queries.programming.programming import programming
from grants.queries.project_filters import DecisionFilter, Filters
from tests import acts
from tests.conftest import both
from tests.factories import World, campaign, project, world
from tests.villeneuve import villeneuve

REFUSED = Decision(Outcome.REJECTED, reason="Hors critères")


def accept(w: World, p, amount: int, **more) -> None:
    decision = Decision(Outcome.ACCEPTED, amount=Decimal(amount), **more)
    acts.decide(p, w.cget, decision, by=w.state_instructor)


def all_groups(found: tuple[GridGroup, ...]) -> Iterator[GridGroup]:
    for group in found:
        yield group
        yield from all_groups(group.groups)


def rows_of(found: Grid) -> dict:
    return {row.id: row for group in all_groups(found.groups) for row in group.rows}


def test_the_figures_of_the_published_year(app: Flask) -> None:
    contract = villeneuve()
    for year in (2021, 2022):
        there = programming(contract, year)
        here = grid(contract, year, Filters())
        shown = rows_of(here)
        every = [row for section in there.sections for row in section.rows if row.counts]
        assert shown == {row.id: row for row in every}
        assert here.count == len(every)
        assert [group.label for group in here.groups] == [s.kind for s in there.sections]
        for group, section in zip(here.groups, there.sections, strict=True):
            ids = [funder.id for funder in section.funders]
            for name in ("requested", "proposed", "granted"):
                mine, theirs = getattr(group.sums, name), getattr(section.presented, name)
                assert {f: mine[f] for f in ids} == theirs
                assert sum(mine.values()) == sum(theirs.values())
            pillars = {p.node.title: p.sums.granted for p in section.pillars}
            for pillar in group.groups:
                assert {f: pillar.sums.granted[f] for f in ids} == pillars[pillar.label]
        told = {row.id: row for row in figures(shown)}
        for row in every:
            assert told[row.id].standing is row.standing
            for f, line in row.lines.items():
                assert (told[row.id].lines[f].granted, told[row.id].lines[f].version) == (line.granted, line.version)


@both
def test_what_is_presented_is_summed_and_what_is_withdrawn_is_not(app: Flask) -> None:
    w = world()
    retained, waiting, refused, gone = (w.project() for _ in range(4))
    draft = w.project(state=State.DRAFT)
    accept(w, retained, 4000)
    acts.propose(waiting, w.cget, Decimal(2500), by=w.state_instructor)
    acts.decide(refused, w.cget, REFUSED, by=w.state_instructor)
    acts.decide(refused, w.ville, REFUSED, by=w.city_instructor)
    advance(gone, "withdraw", by=w.applicant, reason="Abandon")
    found = grid(w.contract, 2026, Filters())
    assert list(rows_of(found)) == [retained.id, waiting.id, refused.id]
    section = programming(w.contract, 2026).sections[0]
    assert found.sums == section.presented
    asked = {e.funder_id: e.asked for e in found.envelopes if e.asked}
    assert {f: amount for f, amount in found.sums.requested.items() if amount} == asked
    assert found.sums.actions == 3
    assert [(g.level, g.label, g.count) for g in all_groups(found.groups)] == [
        (1, "Cohésion sociale", 3),
        (2, "Éducation", 3),
        (3, "1. Combattre les inégalités", 3),
    ]
    assert all(g.sums == found.sums for g in all_groups(found.groups))
    assert [e.granted for e in found.envelopes if e.funder_id == w.cget.id] == [4000]
    decided = Filters(wanted=DecisionFilter.RETAINED)
    assert list(rows_of(grid(w.contract, 2026, decided))) == [retained.id]
    freed = grid(w.contract, 2026, Filters(state=State.WITHDRAWN))
    assert (list(rows_of(freed)), sum(freed.sums.requested.values())) == ([gone.id], 0)
    assert draft.id not in rows_of(found)


def test_the_number_of_queries_does_not_depend_on_the_rows(app: Flask) -> None:
    w = world()
    counts = []
    for more in (1, 30):
        for _ in range(more):
            w.project()
        db.session.commit()
        ids = [p.id for p in w.projects]
        db.session.refresh(w.contract)
        assert w.contract.communes == []  # pages load them with it
        statements: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *a, s=statements: s.append(a[2]))
        grid(w.contract, 2026, Filters(words="action"))
        counts.append(len(statements))
        before = len(statements)
        figures(ids)
        counts.append(len(statements) - before)
    assert counts[:2] == counts[2:]
    assert counts[0] <= 15


@both
def test_what_was_changed_since(app: Flask) -> None:
    w = world()
    elsewhere = campaign(w.contract, [w.cget], year=2025)
    last_year = project(elsewhere, w.applicant, requested={w.cget: 100})
    p, q = w.project(), w.project()
    start = grid(w.contract, 2026, Filters())
    later = now() + OVERLAP + timedelta(minutes=1)
    assert not changes(w.contract.id, 2026, later, start.seen).any
    accept(w, p, 1000)
    acts.propose(last_year, w.cget, Decimal(50), by=w.state_instructor)
    advance(q, "withdraw", by=w.applicant, reason="Abandon")
    found = changes(w.contract.id, 2026, start.read_at, start.seen)
    assert found.by == {p.id: {w.cget.id: w.state_instructor.name}, q.id: {}}
    assert list(found.moved.values()) == [q.id]
    again = changes(w.contract.id, 2026, start.read_at, max(found.moved))
    assert again.by.keys() == {p.id}
    assert not again.moved
    assert not changes(w.contract.id, 2026, later, start.seen).any
    db.session.flush()
    set_envelope(w.ville, [w.campaign], Decimal(9), by=w.administrator, dated_on=now().date(), source="Gel")
    assert changes(w.contract.id, 2026, now(), start.seen).any
