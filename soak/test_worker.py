"""`grants worker` as a process of its own: told to end, and beside a server that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from flask import Flask

from tests.mail.server import Post
from tests.mail.test_worker import alive, mail_workers, post, queue_one, until, with_mail
from tests.serving import served

__all__ = ["post"]  # a fixture


def test_told_to_end(app: Flask, tmp_path: Path, post: Post) -> None:
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


def test_a_server_that_is_killed_leaves_no_worker(app: Flask, tmp_path: Path, post: Post) -> None:
    with served(with_mail(app, tmp_path, post), worker=True) as server:
        until(lambda: mail_workers(server.process.pid))
        (worker,) = mail_workers(server.process.pid)
        os.kill(server.process.pid, signal.SIGKILL)
        until(lambda: not alive(worker))
