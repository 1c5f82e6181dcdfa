"""What tests of pages begin with."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from flask import Flask

from grants.domain import passwords
from tests.factories import World
from tests.web.dossiers import applicants_world

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are not where they are proved strong (tests/domain/test_accounts_passwords.py)."""
    monkeypatch.setattr(passwords, "HASHER", QUICK)


@pytest.fixture
def w(app: Flask) -> World:
    return applicants_world()
