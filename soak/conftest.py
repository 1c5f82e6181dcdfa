"""The databases of the tests, and how long each run lasts (SOAK_SECONDS, default 60)."""

from __future__ import annotations

import os

import pytest

from tests.conftest import app, database_url, postgres_template, sign_in, sqlite_template

__all__ = ["app", "database_url", "postgres_template", "sign_in", "sqlite_template"]


@pytest.fixture
def seconds() -> float:
    return float(os.environ.get("SOAK_SECONDS", "60"))
