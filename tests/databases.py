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


class SqliteTemplate:
    def __init__(self, folder: Path) -> None:
        self.file = folder / "template.sqlite3"
        _migrate(f"sqlite:///{self.file}", folder)

    def copy(self, folder: Path) -> str:
        target = folder / "grants.sqlite3"
        shutil.copyfile(self.file, target)
        return f"sqlite:///{target}"

    def drop(self, url: str) -> None:
        """The folder of the test goes with it."""


class PostgresTemplate:
    """`CREATE DATABASE ... TEMPLATE`, on the server that TEST_POSTGRES_URL names."""

    def __init__(self, folder: Path) -> None:
        self.name = self._new_name()
        self._run("CREATE DATABASE {}", self.name)
        _migrate(self.url(self.name), folder)

    def copy(self, _folder: Path) -> str:
        name = self._new_name()
        self._run("CREATE DATABASE {} TEMPLATE {}", name, self.name)
        return self.url(name)

    def drop(self, url: str) -> None:
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", str(make_url(url).database))

    @staticmethod
    def url(name: str) -> str:
        return make_url(POSTGRES_URL).set(database=name).render_as_string(hide_password=False)

    @staticmethod
    def _new_name() -> str:
        return f"grants_test_{uuid.uuid4().hex[:12]}"

    @staticmethod
    def _run(statement: str, *names: str) -> None:
        with psycopg.connect(POSTGRES_URL, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
