"""What every test builds on: an application on a fresh database, and people signed in.

A test that asks for `app` runs on SQLite; with `@both` (tests.conftest) on PostgreSQL as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask, g
from flask.testing import FlaskClient

from grants import create_app
from grants.database import db
from grants.models import User
from tests.databases import POSTGRES_URL, PostgresTemplate, SqliteTemplate, settings, skip

both = pytest.mark.parametrize(
    "database_url",
    ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)],
    indirect=True,
)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplate:
    return SqliteTemplate(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresTemplate]:
    if not POSTGRES_URL:
        skip("needs PostgreSQL: set TEST_POSTGRES_URL")
    template = PostgresTemplate(tmp_path_factory.mktemp("postgresql"))
    yield template
    template.drop(template.url(template.name))


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    kind = getattr(request, "param", "sqlite")
    template = request.getfixturevalue(
        "postgres_template" if kind == "postgresql" else "sqlite_template"
    )
    url = template.copy(tmp_path)
    yield url
    template.drop(url)


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application; a context is pushed, so that the domain can be called at once."""
    app = create_app(settings(database_url, tmp_path))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    app.teardown_request(_forget_who_asked)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def _forget_who_asked(_error: BaseException | None) -> None:
    """The pushed context outlives each request, and flask-login keeps its user there: without
    this, a second person's request in one test would be taken for the first one's."""
    for name in list(g):
        g.pop(name)


@pytest.fixture
def sign_in(app: Flask) -> Callable[[User | None], FlaskClient]:
    """`sign_in(user)` gives a client of theirs; `sign_in(None)` an anonymous one."""

    def client_of(user: User | None) -> FlaskClient:
        client = app.test_client()
        if user is not None:
            with client.session_transaction() as cookie:
                cookie["_user_id"] = user.get_id()
                cookie["_fresh"] = True
        return client

    return client_of
