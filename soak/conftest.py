"""The databases of the tests, and how long each run lasts (SOAK_SECONDS, default 60)."""

from __future__ import annotations

import os

import pytest

from tests.conftest import app, apps, database_url, databases, sign_in
from tests.e2e.conftest import browser, cookies, demonstration, routes, server, visit

__all__ = [
    "app",
    "apps",
    "browser",
    "cookies",
    "database_url",
    "databases",
    "demonstration",
    "routes",
    "server",
    "sign_in",
    "visit",
]
SECONDS = float(os.environ.get("SOAK_SECONDS", "60"))
# A short run takes in a browser only what `make test` leaves out.
LONG = SECONDS >= 60
collect_ignore = [] if LONG else ["test_every_dossier.py"]


@pytest.fixture
def seconds() -> float:
    return SECONDS
