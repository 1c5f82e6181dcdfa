"""Pages are not where passwords are proved strong (tests/domain/test_accounts_passwords.py)."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from grants.domain import passwords

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "HASHER", QUICK)
