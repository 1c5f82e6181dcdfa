"""Eight processes of three institutions decide at random on the same projects: no envelope, request
or total cost is ever exceeded, and the history replays to what is granted."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from grants import create_app
from grants.database import begin_write, db
from grants.domain.decisions.lines import read
from grants.domain.decisions.rules import Decision
from grants.domain.decisions.write import Wish, write
from grants.domain.ledger.operation import operation
from grants.domain.undo.operation import undo
from grants.errors import DomainError
from grants.models import Envelope, Funder, FundingLine, HistoryEntry, Operation, Outcome, Project, User
from tests import acts
from tests.acts import decide_many
from tests.conftest import both
from tests.databases import settings
from tests.factories import world

PROCESSES = 8
PROJECTS = 12


@both
def test_eight_processes_decide_at_random(app: Flask, database_url: str, tmp_path: Path, seconds: float) -> None:
    w = world(envelope=15_000)
    for _ in range(PROJECTS):
        w.project(requested={w.cget: 5000, w.ville: 3000, w.reg: 2000}, total_cost=8000)
    seats = [(w.cget.id, w.state_instructor.id), (w.ville.id, w.city_instructor.id), (w.reg.id, w.coordinator.id)]
    db.session.commit()
    context = multiprocessing.get_context("spawn")
    with context.Pool(PROCESSES) as pool:
        work = [(database_url, str(tmp_path), *seats[n % 3], n, seconds) for n in range(PROCESSES)]
        done = sum(pool.starmap(_decide, work), Counter())
    print(dict(done))
    assert done["accepted"] > 0
    assert done["refused"] > 0
    assert min(done[way] for way in ("many", "undone", "cells")) > 0
    db.session.rollback()
    _check_rules()


def _decide(url: str, folder: str, funder_id: int, user_id: int, seed: int, seconds: float) -> Counter[str]:
    app, chance, done = create_app(settings(url, Path(folder))), random.Random(seed), Counter()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with app.app_context():
            try:
                begin_write()
                done[_one(chance, funder_id, user_id)] += 1
                db.session.commit()
            except DomainError:
                done["refused"] += 1
                db.session.rollback()
    return done


def _one(chance: random.Random, funder_id: int, user_id: int) -> str:
    projects = db.session.scalars(select(Project).order_by(Project.id)).all()
    project = chance.choice(projects)
    user, funder = db.session.get_one(User, user_id), db.session.get_one(Funder, funder_id)
    source = "" if chance.random() < 0.1 else "Courriel"
    match chance.randrange(8):
        case 0:
            with operation(project.contract_id, "propose", by=user):
                acts.propose(project, funder, Decimal(chance.randint(0, 900)), by=user, typed_from=source)
            return "proposed"
        case 5:
            return _cells(chance, projects, funder, user)
        case 6:
            return _many(chance, projects, funder, user, source)
        case 7:
            undo(_latest(chance, user_id), by=user)
            return "undone"
        case 1:
            decision = Decision(Outcome.REJECTED, reason="Non", revision_reason="Oui")
        case 2:
            decision = Decision(Outcome.CANCELLED, reason="Renonce")
        case _:
            decision = Decision(
                Outcome.ACCEPTED,
                amount=Decimal(chance.randint(1, 7000)),
                raised_reason=chance.choice(("", "", "Report")),
                revision_reason="Comité",
            )
    with operation(project.contract_id, "decide", by=user):
        acts.decide(project, funder, Decision(**{**vars(decision), "typed_from": source}), by=user)
    return "accepted" if decision.outcome is Outcome.ACCEPTED else "other"


def _latest(chance: random.Random, user_id: int) -> int:
    """One of the last that this person (in whatever process) has not undone."""
    mine = (
        select(Operation.id)
        .where(Operation.by_id == user_id, Operation.undone_at.is_(None))
        .order_by(Operation.id.desc())
        .limit(4)
    )
    found = db.session.scalars(mine).all()
    return chance.choice(found) if found else 0


def _many(chance: random.Random, projects: Sequence[Project], funder: Funder, user: User, source: str) -> str:
    """Some of the projects at once, as they are seen now; those of others move meanwhile."""
    some = chance.sample(projects, chance.randint(2, 6))
    seen = {line.project_id: line for line in read(some, [funder]).values()}
    said = {
        id: Decision(
            Outcome.ACCEPTED,
            amount=line.proposed or Decimal(chance.randint(1, 900)),
            revision_reason="Comité",
            typed_from=source,
        )
        for id, line in seen.items()
    }
    with operation(funder.contract_id, "accept", by=user):
        decide_many(funder, said, {id: line.version for id, line in seen.items()}, by=user)
    return "many"


def _cells(chance: random.Random, projects: Sequence[Project], funder: Funder, user: User) -> str:
    """As the grid writes: a column pasted, amounts proposed or granted."""
    some = chance.sample(projects, chance.randint(1, 4))
    found = read(some, [funder])
    outcome = chance.choice((None, Outcome.ACCEPTED))
    written = [
        Wish(
            id,
            funder.id,
            line.version,
            Decision(
                outcome,
                Decimal(chance.randint(1, 900)),
                raised_reason="Report",
                revision_reason="Comité",
                typed_from="Courriel",
            ),
        )
        for (id, _), line in found.items()
    ]
    with operation(funder.contract_id, "paste", by=user):
        write(written, by=user)
    return "cells"


def _check_rules() -> None:
    for envelope in db.session.scalars(select(Envelope)):
        granted = db.session.scalar(
            select(func.sum(FundingLine.granted)).where(FundingLine.funder_id == envelope.funder_id)
        )
        assert (granted or 0) <= envelope.amount
    for project in db.session.scalars(select(Project)):
        lines = db.session.scalars(select(FundingLine).filter_by(project_id=project.id)).all()
        assert sum(line.granted or 0 for line in lines) <= project.total_cost
        for line in lines:
            assert line.raised_reason or (line.granted or 0) <= line.requested
            assert _replayed(line) == (f"{line.granted:.2f}" if line.granted else "")


def _replayed(line: FundingLine) -> str:
    """What the history says is granted now, each entry taking up where the last one ended."""
    value = ""
    for entry in db.session.scalars(
        select(HistoryEntry)
        .filter_by(project_id=line.project_id, funder_id=line.funder_id, field="granted")
        .order_by(HistoryEntry.id)
    ):
        assert entry.old == value
        value = entry.new
    return value
