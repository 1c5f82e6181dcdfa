"""Several people decide at the same instant: real processes, on both databases (rules 4)."""

from __future__ import annotations

import multiprocessing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from grants import create_app
from grants.database import db
from grants.models import FundingLine, HistoryEntry, Outcome
from tests.conftest import both
from tests.databases import settings
from tests.factories import world
from tests.serving import signed

PROCESSES = 4


def decide(url: str, folder: Path, signed_in: dict[str, object], cells: list[str], together: Any, told: Any) -> None:
    """What one process does: an application of its own, then its requests without a pause."""
    app = create_app(settings(url, folder))
    app.config.update(WTF_CSRF_ENABLED=False, TESTING=True)
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie.update(signed_in)
    data = {"version": "1", "choice": "ACCEPTED", "granted": "1000"}
    together.wait()
    told.put([client.post(cell, data=data).status_code for cell in cells])
    with app.app_context():
        db.engine.dispose()


@pytest.mark.slow
@both
def test_an_envelope_is_not_overrun_by_processes(app: Flask, database_url: str, tmp_path: Path) -> None:
    w = world(envelope=4500)
    shared = [w.project() for _ in range(2)]  # all of them decide these ...
    own = [[w.project() for _ in range(2)] for _ in range(PROCESSES)]  # ... and each its own
    db.session.commit()
    cells = [[f"/projets/{p.id}/financeurs/{w.cget.id}" for p in (*shared, *mine)] for mine in own]
    signed_in = signed(w.state_instructor)
    db.session.remove()
    db.engine.dispose()  # a connection must not be shared with a child
    fork = multiprocessing.get_context("fork")
    together, told = fork.Barrier(PROCESSES, timeout=20), fork.SimpleQueue()
    deciders = [
        fork.Process(target=decide, args=(database_url, tmp_path, signed_in, mine, together, told)) for mine in cells
    ]
    for decider in deciders:
        decider.start()
    for decider in deciders:
        decider.join(30)
    assert [decider.exitcode for decider in deciders] == [0] * PROCESSES
    statuses = [status for _ in deciders for status in told.get()]
    assert set(statuses) == {422, 302}  # told at the form, or saved; nothing else
    assert statuses.count(302) == 4  # four times 1000 € fit into 4500 €
    accepted = db.session.execute(
        select(func.sum(FundingLine.granted), func.count()).where(FundingLine.outcome == Outcome.ACCEPTED)
    ).one()
    assert accepted == (Decimal(4000), 4)
    assert (
        db.session.scalar(select(func.count()).where(HistoryEntry.field == "granted", HistoryEntry.new == "1000.00"))
        == 4
    )
