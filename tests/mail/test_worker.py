"""`grants worker` as a process, alone and beside `grants serve`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from grants.database import db
from grants.domain import mail
from grants.models import Mail
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
    for _ in range(300):
        if true():
            return
        time.sleep(0.1)
    raise AssertionError("it never came to that")


def children(pid: int) -> list[int]:
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def mail_workers(pid: int) -> list[int]:
    return [
        p for p in children(pid) if b"\0worker\0" in Path(f"/proc/{p}/cmdline").read_bytes()
    ]


def alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def queue_one() -> None:
    mail.queue("confirm_email", factories.user(), link="/x")
    db.session.commit()


def test_the_worker_sends_and_ends_when_told(app: Flask, tmp_path: Path, post: Post) -> None:
    queue_one()
    command = [sys.executable, "-m", "grants", "worker"]
    process = subprocess.Popen(command, env=with_mail(app, tmp_path, post))
    try:
        until(lambda: post.box)
        queue_one()
        until(lambda: len(post.box) == 2)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
    assert db.session.scalars(select(Mail).where(Mail.sent_at.is_(None))).all() == []


def test_without_a_mail_server_the_worker_says_so(app: Flask, tmp_path: Path) -> None:
    env = environment(app.config["SQLALCHEMY_DATABASE_URI"], tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "grants", "worker"], env=env, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "GRANTS_SMTP_URL" in done.stderr


def test_the_server_brings_its_worker_and_takes_it_along(
    app: Flask, tmp_path: Path, post: Post
) -> None:
    queue_one()
    with served(with_mail(app, tmp_path, post)) as server:
        until(lambda: post.box)
        (worker,) = mail_workers(server.process.pid)
    until(lambda: not alive(worker))


def test_a_server_that_is_killed_leaves_no_worker(
    app: Flask, tmp_path: Path, post: Post
) -> None:
    with served(with_mail(app, tmp_path, post)) as server:
        until(lambda: mail_workers(server.process.pid))
        (worker,) = mail_workers(server.process.pid)
        os.kill(server.process.pid, signal.SIGKILL)
        until(lambda: not alive(worker))


def test_a_server_without_mail_has_no_worker(app: Flask, tmp_path: Path) -> None:
    env = environment(app.config["SQLALCHEMY_DATABASE_URI"], tmp_path)
    with served(env) as server:
        assert mail_workers(server.process.pid) == []
