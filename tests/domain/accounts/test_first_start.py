"""The address that a new site is given its first administrator by."""

from __future__ import annotations

import pytest
from flask import Flask

from grants.database import begin_write, db
from grants.domain.accounts import first_start, sessions
from grants.domain.accounts.passwords import hash_password
from grants.errors import DomainError
from grants.models import Setting
from grants.permissions import is_administrator
from tests.conftest import both
from tests.factories import user, world

PASSWORD = "une phrase de passe longue"


def secret() -> str:
    begin_write()
    made = first_start.new_secret()
    db.session.commit()
    return made


@both
def test_it_is_used_once_and_only_its_hash_is_kept(app: Flask) -> None:
    first = secret()
    assert first not in db.session.get_one(Setting, first_start.KEY).value
    made = first_start.create_first(first, "Ada Martin", "Ada@Ville.fr", hash_password(PASSWORD))
    db.session.commit()
    assert is_administrator(made)
    assert (made.name, made.email) == ("Ada Martin", "ada@ville.fr")
    with pytest.raises(DomainError):
        first_start.create_first(first, "Bob", "bob@ville.fr", hash_password(PASSWORD))
    assert secret() == ""


def test_the_last_one_that_was_printed_counts(app: Flask) -> None:
    before, now = secret(), secret()
    first_start.check(now)
    for wrong in (before, "", "x" * 300):
        with pytest.raises(DomainError):
            first_start.check(wrong)


def test_it_is_worth_nothing_once_somebody_administers(app: Flask) -> None:
    first = secret()
    world()
    db.session.commit()
    with pytest.raises(DomainError):
        first_start.check(first)


def test_of_a_stranger_who_had_opened_the_account_nothing_stays(app: Flask) -> None:
    stranger = user("Inconnu")
    stranger.email_confirmed_at, stranger.password_hash = None, "x"
    sessions.begin(stranger, "", "")
    db.session.commit()
    made = first_start.create_first(secret(), "Ada", stranger.email, hash_password(PASSWORD))
    assert made is stranger
    assert made.password_hash != "x"
    assert (made.name, sessions.open_ones(made)) == ("Ada", [])
    assert is_administrator(made)
