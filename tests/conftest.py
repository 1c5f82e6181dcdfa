"""What every test builds on: an application on a fresh database, and people signed in.

A test that asks for `app` runs on SQLite; with `@both` (tests.conftest) on PostgreSQL as well.
"""

from __future__ import annotations

import gc
import os
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from argon2 import PasswordHasher
from flask import Flask, g
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as profile
from jinja2 import FileSystemBytecodeCache, StrictUndefined
from sqlalchemy import event

from grants import create_app
from grants.database import db
from grants.domain.accounts import passwords, sealing
from grants.domain.mail import mail
from grants.models import User
from tests.databases import KINDS, POSTGRES_URL, Database, settings, skip
from tests.serving import lasts, signed

# `make test-dates`: as if this run had begun then, in UTC. Clocks that only measure go on as they are.
if "TESTS_BEGIN" in os.environ:
    time_machine.travel(datetime.fromisoformat(os.environ["TESTS_BEGIN"]).replace(tzinfo=UTC)).start()
# The same examples on every machine, however slow; a database of its own is emptied between tests,
# not between examples, and those take care of that.
profile.register_profile(
    "tests",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
profile.load_profile("tests")
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
SignIn = Callable[[User | None], FlaskClient]
both = pytest.mark.parametrize(
    "database_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True
)


def pytest_collection() -> None:
    gc.disable()


def pytest_collection_finish() -> None:
    """What is loaded is never garbage, as in `grants.server`."""
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 50)


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Database]]:
    """`databases(kind)` gives the one database of that kind of this run."""
    made: dict[str, Database] = {}

    def database(kind: str) -> Database:
        if kind == "postgresql" and not POSTGRES_URL:
            skip("needs PostgreSQL: set TEST_POSTGRES_URL")
        if kind not in made:
            made[kind] = KINDS[kind](tmp_path_factory.mktemp(kind))
        return made[kind]

    yield database
    for each in made.values():
        each.close()


@pytest.fixture(scope="session")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Flask]]:
    """One application a database: building one, and its templates, takes longer than most tests.
    Templates are compiled once for all processes of this run."""
    folder = tmp_path_factory.getbasetemp()
    compiled = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "templates"
    compiled.mkdir(exist_ok=True)
    made: dict[str, Flask] = {}

    def app_on(url: str) -> Flask:
        if url not in made:
            made[url] = _app(url, tmp_path_factory.mktemp("data"), compiled)
        return made[url]

    yield app_on
    for app in made.values():
        with app.app_context():
            db.engine.dispose()


def _app(url: str, folder: Path, compiled: Path) -> Flask:
    app = create_app(settings(url, folder))
    app.config["TESTING"] = True
    app.jinja_env.undefined = StrictUndefined  # a name that nobody gives is found here
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(compiled))
    app.teardown_request(_forget_who_asked)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", _without_waiting_for_the_disk)
    return app


@pytest.fixture
def database_url(request: pytest.FixtureRequest, databases: Callable[[str], Database]) -> str:
    """An empty, migrated database: SQLite, or as `@both` says."""
    database = databases(getattr(request, "param", "sqlite"))
    database.renew()
    return database.url


@pytest.fixture
def app(database_url: str, apps: Callable[[str], Flask]) -> Iterator[Flask]:
    """The application; a context is pushed, so that the domain can be called at once."""
    app = apps(database_url)
    kept = dict(app.config)
    app.config["WTF_CSRF_ENABLED"] = False
    app.extensions.pop("grants_band", None)
    mail.configure(app.config["SETTINGS"].base_url)  # a command in this process sets its own
    sealing.configure(app.config["SECRET_KEY"])
    with app.app_context():
        yield app
        db.session.remove()
        if db.engine.dialect.name == "sqlite":
            db.engine.dispose()  # its file is another one in the next test
    app.config.update(kept)


def _without_waiting_for_the_disk(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")


def _forget_who_asked(_error: BaseException | None) -> None:
    """The pushed context outlives each request, and flask-login keeps its user there: without
    this, a second person's request in one test would be taken for the first one's."""
    for name in list(g):
        g.pop(name)


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where they are proved strong (tests/domain/accounts/test_accounts_passwords.py), they are."""
    monkeypatch.setattr(passwords, "HASHER", QUICK)


@pytest.fixture
def sign_in(app: Flask) -> SignIn:
    """`sign_in(user)` gives a client of theirs; `sign_in(None)` an anonymous one. A person's
    clients share a sign-in while it lasts: only the first call writes."""
    kept: dict[int, dict[str, object]] = {}

    def client_of(user: User | None) -> FlaskClient:
        client = app.test_client()
        if user is not None:
            with client.session_transaction() as cookie:
                if not lasts(kept.get(user.id)):
                    kept[user.id] = signed(user)
                cookie.update(kept[user.id])
        return client

    return client_of
