"""Passwords: what is strong enough, and what many attempts meet."""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import func, select, update

from grants.database import db
from grants.domain import accounts, passwords
from grants.domain.passwords import TooManyAttempts, conclude, count_failure, hash_password, prove
from grants.errors import DomainError
from grants.models import SignInAttempt, User, now
from tests.conftest import both

PASSWORD = "Mot2passe!Long"


@pytest.fixture
def person(app: Flask) -> User:
    return accounts.create("Anne", "anne@example.org", hash_password(PASSWORD))


def attempt(password: str = "faux", email: str = "anne@example.org", address: str = "192.0.2.1"):
    return conclude(prove(email, password, address))


@pytest.mark.parametrize(
    "password", ["Aa1!aa2?aaZ9", "quatorzelettre", "le chat dort sur le toit", "éàüöïÉÀ12!?ç"]
)
def test_strong_passwords(password: str) -> None:
    assert hash_password(password).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize(
    "password", ["", "Aa1!aa2?aaZ", "treizelettres", "aaaaaaaaaaaaaaaa", "Aa1!" * 51]
)
def test_weak_passwords(password: str) -> None:
    with pytest.raises(DomainError) as refused:
        hash_password(password, "new_password")
    assert refused.value.field == "new_password"


@both
def test_five_failures_close_the_account_for_a_while(person: User) -> None:
    for _ in range(5):
        assert attempt() is None
    with pytest.raises(TooManyAttempts, match="Attendez 15 minutes"):
        attempt(PASSWORD, address="192.0.2.9")
    db.session.execute(update(SignInAttempt).values(at=now() - timedelta(minutes=14, seconds=30)))
    with pytest.raises(TooManyAttempts, match="Attendez 1 minute,"):
        attempt(PASSWORD)
    db.session.execute(update(SignInAttempt).values(at=now() - timedelta(minutes=15)))
    assert attempt(PASSWORD) == person


@both
def test_a_success_clears_the_accounts_failures(person: User) -> None:
    for _ in range(4):
        attempt()
    assert attempt(PASSWORD) == person
    assert db.session.scalar(select(func.count(SignInAttempt.id))) == 0


@both
def test_thirty_failures_close_an_address_whatever_the_account(person: User) -> None:
    for number in range(30):
        count_failure(f"nobody{number}@example.org", "192.0.2.1")
    with pytest.raises(TooManyAttempts):
        attempt(PASSWORD)
    assert attempt(PASSWORD, address="192.0.2.2") == person


@both
def test_a_burst_that_was_tried_before_any_failure_counted_does_not_pass(person: User) -> None:
    proofs = [prove(person.email, word, "192.0.2.1") for word in ["a", "b", "c", "d", "e"]]
    right = prove(person.email, PASSWORD, "192.0.2.1")
    for proof in proofs:
        assert conclude(proof) is None
    with pytest.raises(TooManyAttempts):
        conclude(right)


def test_an_unknown_address_takes_as_much_work(
    person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    passwords._nobodys()
    tried: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash, password):
            tried.append(hash)
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "HASHER", Counting(time_cost=2, memory_cost=19 * 1024,
                                                      parallelism=1))  # fmt: skip
    assert attempt(email="nobody@example.org") is None
    person.password_hash = None
    db.session.flush()
    assert attempt() is None
    assert len(tried) == 2


def test_old_parameters_are_rehashed_at_sign_in(person: User) -> None:
    person.password_hash = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    db.session.flush()
    assert attempt(PASSWORD) == person
    assert "m=19456,t=2,p=1" in (person.password_hash or "")
    assert attempt(PASSWORD) == person


def test_what_is_too_old_to_count_is_forgotten(person: User) -> None:
    attempt()
    db.session.execute(update(SignInAttempt).values(at=now() - timedelta(minutes=16)))
    attempt(email="other@example.org")
    assert db.session.scalars(select(SignInAttempt.email)).all() == ["other@example.org"]


def test_a_password_changed_meanwhile_is_not_proved_any_more(person: User) -> None:
    proof = prove(person.email, PASSWORD, "192.0.2.1")
    accounts.set_password(person, hash_password("une autre phrase secrète"))
    assert conclude(proof) is None


def test_an_accent_typed_in_two_ways_is_one_password(app: Flask) -> None:
    person = accounts.create("É", "e@example.org", hash_password("e\u0301te\u0301 au bord du lac"))
    assert attempt("été au bord du lac", email=person.email) == person


def test_a_closed_account_does_not_sign_in(person: User) -> None:
    person.active = False
    db.session.flush()
    assert attempt(PASSWORD) is None
