"""The server is killed (`kill -9`) while dossiers are deposited: what was acknowledged is there,
no reference twice, nothing half-written."""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import select

from grants.database import db
from grants.models import FundingLine, HistoryEntry, Project, State
from tests.conftest import both
from tests.factories import complete_draft, world
from tests.serving import Caller, caller, environment, served

DOSSIERS = 200
CLIENTS = 8


@both
def test_killed_while_dossiers_are_deposited(
    app: Flask, database_url: str, tmp_path: Path, seconds: float
) -> None:
    w = world()
    made = [complete_draft(w) for _ in range(DOSSIERS)]
    applicant = caller(app, w.applicant.get_id())
    db.session.commit()
    drafts = {draft.id: draft.version for draft in made}
    waiting, acknowledged, chance = list(drafts), [], random.Random(3)
    end = time.monotonic() + seconds
    while waiting and time.monotonic() < end:
        with served(environment(database_url, tmp_path)) as server:
            killer = threading.Timer(chance.uniform(0.05, 0.5), server.process.kill)
            killer.start()
            todo = {each: drafts[each] for each in waiting}
            _deposit_all(server.port, todo, acknowledged, applicant)
            killer.join()
        waiting = [each for each in waiting if each not in acknowledged]
    assert acknowledged
    db.session.rollback()
    _check(drafts, acknowledged)


def _deposit_all(
    port: int, drafts: dict[int, int], acknowledged: list[int], by: Caller
) -> None:
    todo, lock = iter(drafts.items()), threading.Lock()

    def client() -> None:
        while True:
            with lock:
                draft = next(todo, None)
            if draft is None:
                return
            try:
                if _deposit(port, *draft, by):
                    acknowledged.append(draft[0])
            except (OSError, http.client.HTTPException):
                return  # the server is dead

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _deposit(port: int, project_id: int, version: int, by: Caller) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    body = urlencode({"csrf_token": by.token, "version": version})
    headers = {"Cookie": by.cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", f"/mes-projets/{project_id}/deposer", body, headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status == 302:
        # To the dossier itself: deposited by a call whose answer the crash swallowed.
        return str(answer.headers["Location"]).endswith("/accuse")
    assert answer.status in (409, 422), answer.status
    return False


def _check(drafts: Iterable[int], acknowledged: list[int]) -> None:
    projects = db.session.scalars(select(Project).where(Project.id.in_(drafts))).all()
    deposited = [p for p in projects if p.state is State.SUBMITTED]
    assert set(acknowledged) <= {p.id for p in deposited}
    assert max(Counter(p.reference for p in deposited).values()) == 1
    for project in projects:
        moves = db.session.scalars(
            select(HistoryEntry).filter_by(project_id=project.id, action="submit")
        ).all()
        whole = project.reference and project.submitted_at and project.sworn_at
        assert bool(moves) == bool(whole and project.state is State.SUBMITTED)
        lines = db.session.scalars(select(FundingLine).filter_by(project_id=project.id)).all()
        assert any(line.requested for line in lines)
