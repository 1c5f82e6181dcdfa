"""Whatever is done in whatever order, the history gives each past day back exactly."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from grants.database import db
from grants.domain.dossier.shown import COLUMNS
from grants.domain.ledger.operation import operation
from grants.domain.undo.operation import undo
from grants.errors import DomainError
from grants.models import Campaign, CampaignFunder, Envelope, FundingLine, HistoryEntry, Project, State
from grants.queries.programming.past import CAMPAIGNS, ENVELOPES, LINES, LINKS, PROJECTS, Past, last_entry, since
from grants.queries.programming.programming import programming
from tests import acts
from tests.conftest import both
from tests.factories import World, world
from tests.queries.deeds import DEEDS, WHERE, pick, scene

OF_PROJECTS = [
    Project.state,
    Project.state_reason,
    Project.campaign_id,
    Project.theme_id,
    Project.organisation_id,
    *(getattr(Project, name) for name in COLUMNS),
]
OF_LINES = [
    FundingLine.project_id,
    FundingLine.funder_id,
    *(
        column
        for column in FundingLine.__table__.columns
        if column.name not in ("id", "project_id", "campaign_id", "funder_id", "version")
    ),
]
Shown = dict[str, dict[Any, Any]]
STEPS = st.tuples(st.sampled_from(DEEDS), st.integers(0, 3), st.integers(0, 11))


def read(w: World) -> Shown:
    """The state by plain SELECTs."""
    here = Project.contract_id == w.contract.id
    statements = {
        PROJECTS: select(Project.id, *OF_PROJECTS).where(here, Project.reference.is_not(None)),
        LINES: select(*OF_LINES).join(Project).where(here),
        CAMPAIGNS: select(Campaign.id, Campaign.kind, Campaign.validated_at, Campaign.closes_at),
        ENVELOPES: select(Envelope.id, Envelope.amount, Envelope.status),
        LINKS: select(CampaignFunder.campaign_id, CampaignFunder.funder_id, CampaignFunder.envelope_id),
    }
    keys = {LINES: 2, LINKS: 2}  # ids that tell a row from another
    return {
        table: {row[: keys.get(table, 1)]: row for row in db.session.execute(statement)}
        for table, statement in statements.items()
    }


def shown(now: Shown, past: Past) -> Shown:
    """What `past` makes of the state; drafts are shown to nobody."""
    found: Shown = {}
    for table, rows in now.items():
        names = next(iter(rows.values()))._fields if rows else ()
        stored = namedtuple("stored", names)
        then = {key: past.then(table, key, rows.get(key), stored) for key in {*rows, *past.brought_back(table)}}
        found[table] = {
            key: tuple(getattr(row, name) for name in names if name != "id") for key, row in then.items() if row
        }
    deposited = {key: row for key, row in found[PROJECTS].items() if row[0] is not State.DRAFT}
    own = {key: row for key, row in found[LINES].items() if key[:1] in deposited}
    return found | {PROJECTS: deposited, LINES: own}


def figures(w: World, past: Past | None = None) -> Any:
    """All that page and workbook are made of; a line's version is of no past."""
    made = programming(w.contract, 2026, past or Past())
    return (
        made.overview,
        made.bearers,
        made.validated_at,
        made.funders,
        [
            (
                s.kind,
                s.total,
                s.envelopes,
                s.counts,
                s.validated_at,
                s.proposals,
                [replace(row, lines={f: replace(x, version=0) for f, x in row.lines.items()}) for row in s.rows],
            )
            for s in made.sections
        ],
    )


def replayed(app: Flask, steps: list[Any], at: int) -> int:
    """Do them, and rebuild each step from the last; how many were not refused."""
    w = scene()
    copies, done, then, entry_then = [], 0, None, 0
    for index, (deed, which, n) in enumerate(steps):
        try:
            with db.session.begin_nested():
                deed(w, pick(w, which, *WHERE.get(deed, (State.ADMISSIBLE,))), n)
            done += 1
        except DomainError:
            pass
        db.session.flush()
        entry = _last()
        copies.append((entry, shown(read(w), Past())))
        if index == at:
            then, entry_then = figures(w), entry
    present = read(w)
    for entry, copy in copies:
        assert shown(present, since(w.contract.id, entry)) == copy
    if then is not None:
        assert figures(w, since(w.contract.id, entry_then)) == then
    return done


WAYS = st.tuples(st.lists(STEPS, min_size=14, max_size=18), st.integers(0, 9))


@pytest.mark.slow
@both
@settings(max_examples=4)
@given(WAYS)
def test_each_past_step_is_rebuilt_from_the_history(app: Flask, way) -> None:
    check_rebuilt(app, way)  # many more of them: `make soak`


def check_rebuilt(app: Flask, way: tuple[list[Any], int]) -> None:
    try:
        assert replayed(app, *way) >= 0
    finally:
        db.session.rollback()


def test_a_line_opened_by_mistake_had_its_source(app: Flask) -> None:
    """Undone, it is gone with all that was in it; the history still has it."""
    w = world()
    p, by = w.project({w.cget: 3000}), w.coordinator
    with operation(w.contract.id, "open", by=by) as opened:
        acts.open_line(p, w.reg, "Réorienté", by=by)
    for amount in (Decimal(500), None):
        acts.propose(p, w.reg, amount, by=by, typed_from="Courriel du 3")
    entry, copy = _last(), shown(read(w), Past())
    undo(opened.id, by=by)
    assert (p.id, w.reg.id) not in read(w)[LINES]
    assert shown(read(w), since(w.contract.id, entry)) == copy


def test_what_was_written_at_the_very_instant_came_after_it(app: Flask) -> None:
    w = world()
    p = w.project({w.cget: 3000})
    acts.propose(p, w.cget, Decimal(1), by=w.state_instructor)
    db.session.flush()
    entry = db.session.scalars(select(HistoryEntry).order_by(HistoryEntry.id.desc())).first()
    assert entry
    assert last_entry(w.contract.id, entry.at) < entry.id
    assert last_entry(w.contract.id, entry.at + timedelta(microseconds=1)) == entry.id
    assert last_entry(world().contract.id, entry.at + timedelta(days=1)) == 0
    assert since(w.contract.id, entry.id).values(LINES, "proposed") == {}
    before = since(w.contract.id, entry.id - 1).values(LINES, "proposed")
    assert before == {(p.id, w.cget.id): None}


def _last() -> int:
    return db.session.scalar(select(func.max(HistoryEntry.id))) or 0
