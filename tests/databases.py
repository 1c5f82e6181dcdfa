"""Databases for tests: migrated once a run, then copied for each test (fast on both kinds)."""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path

import psycopg
import pytest
from flask_migrate import upgrade
from psycopg import sql
from sqlalchemy import make_url

from grants import create_app
from grants.config import Settings
from grants.models import Base

POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "")
NO_SKIP = os.environ.get("GRANTS_NO_SKIP") == "1"


def skip(reason: str) -> None:
    """Skip, which `.ci/run` (GRANTS_NO_SKIP=1) takes for a failure."""
    if NO_SKIP:
        pytest.fail(f"skipped where nothing may be: {reason}")
    pytest.skip(reason)


def settings(url: str, folder: Path) -> Settings:
    return Settings.from_environment(
        {"DATABASE_URL": url, "GRANTS_DATA_DIR": str(folder), "SECRET_KEY": "test" * 10}
    )


def _migrate(url: str, folder: Path) -> None:
    app = create_app(settings(url, folder))
    with app.app_context():
        upgrade()
        app.extensions["sqlalchemy"].engine.dispose()


class Sqlite:
    """One file a run, a fresh copy of a migrated one before each test."""

    def __init__(self, folder: Path) -> None:
        self.template, self.file = folder / "template.sqlite3", folder / "grants.sqlite3"
        self.url = f"sqlite:///{self.file}"
        _migrate(f"sqlite:///{self.template}", folder)

    def renew(self) -> None:
        for left in self.file.parent.glob("grants.sqlite3*"):
            left.unlink()
        shutil.copyfile(self.template, self.file)

    def close(self) -> None:
        """The folder goes with the run."""


class Postgres:
    """One database a run on the server that TEST_POSTGRES_URL names, emptied before each test:
    creating one takes a third of a second."""

    def __init__(self, folder: Path) -> None:
        name = f"grants_test_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(POSTGRES_URL, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        url = make_url(POSTGRES_URL).set(database=name)
        self.url = url.render_as_string(hide_password=False)
        _migrate(self.url, folder)

    def renew(self) -> None:
        """Every row goes; replica mode keeps triggers and foreign keys out of it."""
        tables = sql.SQL("; ").join(
            sql.SQL("DELETE FROM {}").format(sql.Identifier(name)) for name in Base.metadata.tables
        )
        with psycopg.connect(self.url) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(tables)

    def close(self) -> None:
        name = sql.Identifier(str(make_url(self.url).database))
        with psycopg.connect(POSTGRES_URL, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


Database = Sqlite | Postgres
KINDS = {"sqlite": Sqlite, "postgresql": Postgres}
