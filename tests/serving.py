"""`grants serve` as a process of its own, and people signed in to it (tests, soak and bench)."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select

from grants.database import db
from grants.domain.accounts import sessions
from grants.domain.accounts.tokens import hash_of
from grants.models import User, UserSession
from grants.web.access import ACTIVE

KEY = "serving!" * 5
# Most tests look at nothing that the worker does, whose start takes as long as the server's.
WITHOUT_WORKER = "from grants import cli, worker; worker.start = lambda: None; cli.main()"


def environment(url: str, folder: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k != "GRANTS_ENV"}
    return kept | {"DATABASE_URL": url, "GRANTS_DATA_DIR": str(folder), "SECRET_KEY": KEY}


def run(*arguments: str, env: dict[str, str]) -> str:
    """The command `grants`, to its end; raises when it fails."""
    done = subprocess.run([sys.executable, "-m", "grants", *arguments], env=env, text=True, capture_output=True)
    if done.returncode:
        raise RuntimeError(f"grants {' '.join(arguments)}\n{done.stderr}")
    return done.stdout


@dataclass
class Served:
    port: int
    process: subprocess.Popen[bytes]
    seconds_to_first_page: float

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def served(
    env: dict[str, str],
    python: Path | str = sys.executable,
    cwd: Path | None = None,
    said: Path = Path(os.devnull),
    *,
    worker: bool = False,
) -> Iterator[Served]:
    """On a free port, from its first answered page on until the end of the block. `said`: where what it prints goes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    start = time.perf_counter()
    program = ("-m", "grants") if worker else ("-c", WITHOUT_WORKER)
    with said.open("w") as out:
        command = [python, "-u", *program, "serve", "--port", str(port)]
        process = subprocess.Popen(command, env=env, cwd=cwd, stdout=out)
    try:
        _wait(port, process)
        yield Served(port, process, time.perf_counter() - start)
    finally:
        process.terminate()
        process.wait(120)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(15_000):
        if process.poll() is not None:
            raise RuntimeError("the server has ended")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as page:
                page.read()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError("the server does not answer")


@dataclass(frozen=True)
class Caller:
    """A person signed in: the cookie, and a CSRF token that goes with it."""

    cookie: str
    token: str


def signed(user: User) -> dict[str, object]:
    """What the session holds of a person who has signed in on a new device; committed, with all
    that was written before."""
    token = sessions.begin(user, uuid.uuid4().hex, "Essai")
    db.session.commit()
    return {"_user_id": token, ACTIVE: int(time.time())}


def lasts(content: dict[str, object] | None) -> bool:
    """Is that sign-in, as `signed` gave it, still open?"""
    if content is None:
        return False
    token_hash = hash_of(str(content["_user_id"]))
    row = select(UserSession.id).where(UserSession.token_hash == token_hash)
    return db.session.scalar(row) is not None


def caller(app: Flask, content: dict[str, object]) -> Caller:
    """For a server whose SECRET_KEY is KEY; `content`: as of `signed`."""
    raw = uuid.uuid4().hex
    content = {**content, "csrf_token": raw}
    key, app.secret_key = app.secret_key, KEY
    cookie = app.session_interface.get_signing_serializer(app).dumps(content)
    app.secret_key = key
    token = URLSafeTimedSerializer(KEY, salt="wtf-csrf-token").dumps(raw)
    return Caller(f"session={cookie}", token)
