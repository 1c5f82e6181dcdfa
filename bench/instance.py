"""An instance to measure: a database of a given size, and what its server takes of memory."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from flask import Flask
from psycopg import sql
from sqlalchemy import make_url

from bench import synthetic
from grants import create_app
from grants.config import Settings
from grants.database import db
from tests.serving import Served, environment, run

POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "")


@dataclass
class Instance:
    folder: Path
    url: str

    @property
    def environment(self) -> dict[str, str]:
        return environment(self.url, self.folder)

    def app(self) -> Flask:
        """The application in this process, on the same database."""
        return create_app(Settings.from_environment(self.environment))


@contextmanager
def instance(kind: str, projects: int) -> Iterator[Instance]:
    """A database of `kind` (sqlite, postgresql) with the demonstration and `projects` more."""
    folder = Path(tempfile.mkdtemp(prefix="grants-bench-"))
    name = f"grants_bench_{uuid.uuid4().hex[:8]}"
    url = f"sqlite:///{folder / 'grants.sqlite3'}"
    if kind == "postgresql":
        _postgres("CREATE DATABASE {}", name)
        url = make_url(POSTGRES_URL).set(database=name).render_as_string(hide_password=False)
    made = Instance(folder, url)
    try:
        run("demo", env=made.environment)
        with made.app().app_context():
            synthetic.add(projects)
            db.engine.dispose()
        if kind == "postgresql":
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("VACUUM ANALYZE")
        yield made
    finally:
        if kind == "postgresql":
            _postgres("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        shutil.rmtree(folder)


def _postgres(statement: str, name: str) -> None:
    with psycopg.connect(POSTGRES_URL, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))


def memory(of: Served) -> float:
    """MiB of the server and its workers: proportional set size, shared pages counted once."""
    pid = of.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return sum(_pss(each) for each in [pid, *map(int, children)])


def _pss(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0
