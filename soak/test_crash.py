"""The server is killed (`kill -9`) again and again while 200 dossiers are written by HTTP: whatever
was acknowledged as saved or deposited is there word for word, no reference twice, nothing by
half. On both databases."""

from __future__ import annotations

import http.client
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from decimal import Decimal
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from grants.database import db
from grants.domain.dossier.frozen import fingerprint
from grants.models import HistoryEntry, Mail, Project, State, Submission
from soak.writing import Writer
from tests.conftest import both
from tests.factories import complete_draft, world
from tests.serving import Served, caller, environment, served, signed

DOSSIERS = 200
CLIENTS = 8
MOST_BETWEEN_KILLS = 150


@both
def test_killed_while_dossiers_are_written(app: Flask, database_url: str, tmp_path: Path, seconds: float) -> None:
    w = world()
    applicant = caller(app, signed(w.applicant))
    writers = [Writer(complete_draft(w), applicant) for _ in range(DOSSIERS)]
    db.session.commit()
    chance, kills, end = random.Random(3), 0, time.monotonic() + seconds
    while time.monotonic() < end and not all(writer.done for writer in writers):
        with served(environment(database_url, tmp_path)) as server:
            after = chance.randint(1, MOST_BETWEEN_KILLS), chance.uniform(0, 0.05)
            killer = threading.Thread(target=_kill_after, args=(server, writers, *after))
            killer.start()
            _write_all(server.port, [writer for writer in writers if not writer.done])
            killer.join()
        kills += 1
    done = _acknowledged(writers)
    print(f"{kills} kills; acknowledged: {dict(done)}")
    assert done["saves"] > 0
    assert done["deposits"] > 0
    db.session.rollback()
    _check_references()
    for writer in writers:
        _check(writer)


def _acknowledged(writers: list[Writer]) -> Counter[str]:
    return sum((writer.acknowledged for writer in writers), Counter())


def _kill_after(server: Served, writers: list[Writer], many: int, seconds: float) -> None:
    """So long after so many answers, or when there is nothing left to write."""
    end = _acknowledged(writers).total() + many
    while _acknowledged(writers).total() < end and not all(writer.done for writer in writers):
        time.sleep(0.005)
    time.sleep(seconds)
    _kill(server)


def _kill(server: Served) -> None:
    """The server and its workers at one instant: none may finish what it is at."""
    pid = server.process.pid
    workers = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for each in (pid, *map(int, workers)):
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)


def _write_all(port: int, writers: list[Writer]) -> None:
    todo, lock, faults = iter(writers), threading.Lock(), []

    def client() -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
            try:
                while writer := _next(todo, lock):
                    writer.write(connection)
            except (OSError, http.client.HTTPException):
                return  # the server is dead
            except AssertionError as fault:
                faults.append(fault)

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults, faults


def _next(todo: Iterator[Writer], lock: threading.Lock) -> Writer | None:
    with lock:
        return next(todo, None)


def _check_references() -> None:
    references = db.session.scalars(select(Project.reference).where(Project.reference.is_not(None))).all()
    assert len(references) == len(set(references))


def _check(writer: Writer) -> None:
    """What the database holds of one dossier, against what its writer was told."""
    project = db.session.get_one(Project, writer.id)
    assert project.description in writer.words
    assert project.objectives == project.description
    amounts = {line.account: line.amount for line in project.budget}
    assert amounts["641"] in writer.costs
    assert amounts["756"] == amounts["641"] - sum(writer.asked)
    assert len(amounts) == len(project.budget) == 4
    assert (project.state is State.SUBMITTED) in writer.deposited
    _check_whole(project)


def _check_whole(project: Project) -> None:
    """All of a deposit, or nothing of it."""
    whole = project.state is State.SUBMITTED
    assert bool(project.reference) == bool(project.submitted_at) == whole
    moves = (
        select(func.count())
        .select_from(HistoryEntry)
        .where(HistoryEntry.project_id == project.id, HistoryEntry.action == "submit")
    )
    mails = select(func.count()).select_from(Mail).where(Mail.project_id == project.id)
    assert db.session.scalar(moves) == db.session.scalar(mails) == whole
    kept = db.session.scalars(select(Submission).filter_by(project_id=project.id)).all()
    assert len(kept) == whole
    for sent in kept:
        answers = {label: text for _, _, pairs in sent.content["chapters"] for label, text in pairs}
        assert answers["Description de l'action"] == project.description
        assert sent.content["reference"] == project.reference
        assert sum(Decimal(line["amount"]) for line in sent.content["budget"]) == sum(
            line.amount for line in project.budget
        )
        assert sent.sha256 == fingerprint(sent.content)
