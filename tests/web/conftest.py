"""What tests of pages begin with."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient

from grants.domain.accounts import passwords
from tests.conftest import SignIn
from tests.factories import World
from tests.web.dossiers import applicants_world

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are not where they are proved strong (tests/domain/test_accounts_passwords.py)."""
    monkeypatch.setattr(passwords, "HASHER", QUICK)


@pytest.fixture
def w(app: Flask) -> World:
    return applicants_world("ici")


@pytest.fixture
def admin(w: World, sign_in: SignIn) -> FlaskClient:
    return sign_in(w.administrator)
