"""Databases for tests: migrated once a run, then copied for each test (fast on both kinds)."""

from __future__ import annotations

import os
import sqlite3
import uuid
from collections.abc import Callable
from contextlib import closing
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import LiteralString, TypeVar, cast

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from grants import create_app, schema
from grants.config import Settings
from grants.database import db
from grants.models import Base
from grants.paths import MIGRATIONS

POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "")
ROOT = Path(__file__).parent.parent
CACHE = Path(__file__).parent / "__pycache__"
# Beside the migrations themselves: what they take from the application, and the versions of what runs them.
WRITTEN_WITH = ("grants/models/base.py", "grants/names.py", "requirements.lock")
NO_SKIP = os.environ.get("GRANTS_NO_SKIP") == "1"


def skip(reason: str) -> None:
    """Skip, which `.ci/run` (GRANTS_NO_SKIP=1) takes for a failure."""
    if NO_SKIP:
        pytest.fail(f"skipped where nothing may be: {reason}")
    pytest.skip(reason)


def settings(url: str, folder: Path) -> Settings:
    return Settings.from_environment({"DATABASE_URL": url, "GRANTS_DATA_DIR": str(folder), "SECRET_KEY": "test" * 10})


def _migrate(url: str, folder: Path) -> None:
    app = create_app(settings(url, folder))
    with app.app_context():
        schema.upgrade()
        app.extensions["sqlalchemy"].engine.dispose()


@cache
def _migrated() -> bytes:
    """An empty SQLite file, kept until what makes it changes: each run would take seconds to make it again."""
    made_by = [*sorted(MIGRATIONS.rglob("*.py")), *(ROOT / name for name in WRITTEN_WITH)]
    key = sha256(b"".join(path.read_bytes() for path in made_by)).hexdigest()[:20]
    kept = CACHE / f"empty-{key}.sqlite3"
    if not kept.exists():
        CACHE.mkdir(exist_ok=True)
        with TemporaryDirectory(dir=CACHE) as folder:
            file = Path(folder) / "template.sqlite3"
            _migrate(f"sqlite:///{file}", Path(folder))
            for old in CACHE.glob("empty-*.sqlite3"):
                old.unlink(missing_ok=True)
            file.rename(kept)
    return kept.read_bytes()


class Sqlite:
    """One file a run, a fresh copy of a migrated one before each test."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "grants.sqlite3"
        self.url = f"sqlite:///{self.file}"

    def renew(self) -> None:
        for left in self.file.parent.glob("grants.sqlite3*"):
            left.unlink()
        self.file.write_bytes(_migrated())

    def close(self) -> None:
        """The folder goes with the run."""


class Postgres:
    """One database a run on the server that TEST_POSTGRES_URL names, emptied before each test:
    creating one takes a third of a second."""

    def __init__(self, folder: Path) -> None:
        self.name = f"grants_test_{uuid.uuid4().hex[:12]}"
        self._on_server("CREATE DATABASE {}")
        # Nothing here has to outlive a power cut; a database that is waited for is slow.
        self._on_server("ALTER DATABASE {} SET synchronous_commit = off")
        url = make_url(POSTGRES_URL).set(database=self.name)
        self.url = url.render_as_string(hide_password=False)
        _migrate(self.url, folder)
        self.keeper = psycopg.connect(self.url, autocommit=True)
        self.keeper.execute(_emptying())

    def renew(self) -> None:
        self.keeper.execute("SELECT pg_temp.empty()")

    def close(self) -> None:
        self.keeper.close()
        self._on_server("DROP DATABASE {} WITH (FORCE)")

    def _on_server(self, command: LiteralString) -> None:
        with psycopg.connect(POSTGRES_URL, autocommit=True) as connection:
            connection.execute(sql.SQL(command).format(sql.Identifier(self.name)))


def _emptying() -> sql.Composed:
    """Every row goes, of the tables that have any; replica mode keeps triggers and foreign keys
    out of it."""
    each = sql.SQL("IF EXISTS (SELECT FROM {0}) THEN DELETE FROM {0}; END IF;")
    return sql.SQL(
        "SET session_replication_role = replica; CREATE FUNCTION pg_temp.empty() RETURNS void"
        " LANGUAGE plpgsql AS $$ BEGIN {} END $$"
    ).format(sql.SQL(" ").join(each.format(sql.Identifier(t)) for t in Base.metadata.tables))


Database = Sqlite | Postgres
KINDS = {"sqlite": Sqlite, "postgresql": Postgres}

T = TypeVar("T")
_made: dict[str, tuple[sqlite3.Connection, object]] = {}


def once(name: str, build: Callable[[], T]) -> T:
    """What `build` makes of an empty database, committed; it answers with plain values. On SQLite
    it is built once a process, and copied from then on."""
    if db.engine.dialect.name != "sqlite":
        return _committed(build)
    with closing(sqlite3.connect(str(db.engine.url.database))) as live:
        if name in _made:
            db.session.remove()
            _made[name][0].backup(live)
        else:
            _made[name] = (sqlite3.connect(":memory:"), _committed(build))
            live.backup(_made[name][0])
    return cast(T, _made[name][1])


def _committed(build: Callable[[], T]) -> T:
    answer = build()
    db.session.commit()
    return answer
