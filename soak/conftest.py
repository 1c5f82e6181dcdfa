"""The databases of the tests, and how long each run lasts (SOAK_SECONDS, default 60)."""

from __future__ import annotations

import os

import pytest

from tests.conftest import app, apps, database_url, databases, sign_in

__all__ = ["app", "apps", "database_url", "databases", "sign_in"]


@pytest.fixture
def seconds() -> float:
    return float(os.environ.get("SOAK_SECONDS", "60"))
