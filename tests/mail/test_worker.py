"""`grants worker`, alone and beside `grants serve` (killed, told to end: soak/test_worker.py)."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from grants import worker
from grants.cli import cli
from grants.database import db
from grants.domain.mail import mail
from grants.models import Mail, now
from grants.storage import Storage
from tests import factories
from tests.mail.server import Post, post_office
from tests.serving import environment, served


@pytest.fixture
def post() -> Iterator[Post]:
    with post_office() as office:
        yield office


def with_mail(app: Flask, folder: Path, post: Post) -> dict[str, str]:
    return environment(app.config["SQLALCHEMY_DATABASE_URI"], folder) | {
        "GRANTS_SMTP_URL": f"smtp://127.0.0.1:{post.port}?tls=none",
        "GRANTS_MAIL_FROM": "grants@ville.example",
        "GRANTS_BASE_URL": "https://grants.ville.example",
    }


def until(true: Callable[[], object]) -> None:
    for _ in range(3000):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("it never came to that")


def children(pid: int) -> list[int]:
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def mail_workers(pid: int) -> list[int]:
    return [p for p in children(pid) if b"--parent" in Path(f"/proc/{p}/cmdline").read_bytes()]


def alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def queue_one() -> None:
    mail.queue("confirm_email", factories.user(), link="/x")
    db.session.commit()


@pytest.fixture
def in_this_process() -> Iterator[None]:
    """The signals that a command answers are answered as before."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.slow
@pytest.mark.usefixtures("in_this_process")
def test_the_worker_sends_and_ends_when_told(
    app: Flask, tmp_path: Path, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "POLL_SECONDS", 0.05)
    queue_one()

    def outside() -> None:
        with app.app_context():
            until(lambda: post.box)
            queue_one()
            until(lambda: len(post.box) == 2)
            db.session.remove()
        os.kill(os.getpid(), signal.SIGTERM)

    other = threading.Thread(target=outside)
    other.start()
    done = CliRunner().invoke(cli, ["worker"], env=with_mail(app, tmp_path, post))
    other.join()
    assert done.exit_code == 0
    assert db.session.scalars(select(Mail).where(Mail.sent_at.is_(None))).all() == []


def test_old_mails_are_forgotten_once_they_were_sent(app: Flask) -> None:
    old = now() - timedelta(days=91)
    for sent_at in (old, now(), None):
        queue_one()
        made = db.session.scalars(select(Mail).order_by(Mail.id.desc())).first()
        made.created_at, made.sent_at = old, sent_at
    db.session.commit()
    worker._hourly(app.config["SETTINGS"])
    left = db.session.scalars(select(Mail).order_by(Mail.id)).all()
    assert [mail.sent_at is None for mail in left] == [False, True]


def test_a_storage_that_does_not_answer_stops_nothing_else(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def removes(_storage: Storage, key: str) -> None:
        tried.append(key)
        raise OSError("no answer")

    monkeypatch.setattr(Storage, "remove", removes)
    monkeypatch.setattr(worker.document, "forget_removed", lambda: ["a", "b"])
    assert worker._hourly(app.config["SETTINGS"])
    assert tried == ["a", "b"]


def test_hourly_work_that_fails_waits_before_it_is_tried_again(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    stop, tries, rounds = threading.Event(), [], []

    def fails(_settings: object) -> bool:
        tries.append(1)
        raise OSError("no answer")

    def after(pause: float) -> bool:
        rounds.append(pause)
        return len(rounds) > 3

    monkeypatch.setattr(worker, "_hourly", fails)
    monkeypatch.setattr(stop, "wait", after)
    worker.run(replace(app.config["SETTINGS"], mail_server=None), stop)
    assert (len(rounds), len(tries)) == (4, 1)


@pytest.mark.usefixtures("in_this_process")
def test_the_worker_of_a_process_that_is_gone_ends(app: Flask, tmp_path: Path, post: Post) -> None:
    queue_one()
    gone = ["worker", "--parent", str(os.getpid())]  # which is nobody's parent here
    done = CliRunner().invoke(cli, gone, env=with_mail(app, tmp_path, post))
    assert (done.exit_code, post.box) == (0, [])


def test_without_a_mail_server_the_worker_does_the_rest(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        queue_one()
    sent = db.session.scalars(select(Mail)).first()
    sent.created_at = sent.sent_at = now() - timedelta(days=91)
    db.session.commit()
    stop, rounds = threading.Event(), iter([False, False, True])
    monkeypatch.setattr(stop, "wait", lambda _pause: next(rounds))
    worker.run(replace(app.config["SETTINGS"], mail_server=None), stop)
    assert [mail.sent_at for mail in db.session.scalars(select(Mail))] == [None]


@pytest.mark.slow
def test_the_server_brings_its_worker_and_takes_it_along(app: Flask, tmp_path: Path, post: Post) -> None:
    queue_one()
    with served(with_mail(app, tmp_path, post), worker=True) as server:
        until(lambda: post.box)
        (beside,) = mail_workers(server.process.pid)
    until(lambda: not alive(beside))
