"""Passwords and the throttling of attempts (CNIL 2022, ANSSI): argon2id, counted in the database.

Hashing takes its time on purpose, so it happens outside of any transaction that writes: first
`prove` (reads only), then, in a short write, `conclude`.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import NewType

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import ColumnElement, delete, select

from grants.database import db
from grants.errors import DomainError
from grants.models import SignInAttempt, User, now

PasswordHash = NewType("PasswordHash", str)

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
WINDOW = timedelta(minutes=15)
FAILURES_PER_ACCOUNT = 5
FAILURES_PER_ADDRESS = 30
LONG_ENOUGH = 14
LONG_WITH_VARIETY = 12
MAX_LENGTH = 200
FEWEST_DIFFERENT = 5
RULE = (
    "14 caractères au moins (une phrase convient) ; ou 12, avec des minuscules, des majuscules,"
    " des chiffres et un autre signe."
)


class TooManyAttempts(DomainError):
    """Told how long to wait."""


@dataclass(frozen=True)
class Proof:
    """What an attempt has shown. `known`: what is kept of the password, where it was the
    account's; `rehashed`: the password under the present parameters, when they have changed."""

    email: str
    address: str
    known: PasswordHash | None
    rehashed: PasswordHash | None = None


def hash_password(password: str, field: str = "password") -> PasswordHash:
    """Raises `DomainError` as `check_strength` does."""
    check_strength(password, field)
    return PasswordHash(HASHER.hash(_composed(password)))


def check_strength(password: str, field: str = "password") -> None:
    """Raises `DomainError` at `field` for a password that is too weak (facts: law)."""
    if len(password) > MAX_LENGTH:
        raise DomainError(f"Au plus {MAX_LENGTH} caractères.", field)
    kinds = (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())
    varied = all(any(map(kind, password)) for kind in kinds)
    if len(password) < (LONG_WITH_VARIETY if varied else LONG_ENOUGH):
        raise DomainError(f"Ce mot de passe est trop court. Il faut {RULE}", field)
    if len(set(password)) < FEWEST_DIFFERENT:
        raise DomainError("Ce mot de passe répète trop peu de caractères différents.", field)


def prove(email: str, password: str, address: str) -> Proof:
    """Try a password; takes as long for an address without account.

    Raises `TooManyAttempts` before trying anything.
    """
    _check_throttle(email, address)
    user = db.session.scalar(select(User).where(User.email == email, User.active))
    known = PasswordHash(user.password_hash) if user and user.password_hash else None
    right = _matches(known or _nobodys(), password)
    if user is None or known is None or not right:
        return Proof(email, address, None)
    stale = HASHER.check_needs_rehash(known)
    rehashed = PasswordHash(HASHER.hash(_composed(password))) if stale else None
    return Proof(email, address, known, rehashed)


def conclude(proof: Proof) -> User | None:
    """The account that was proved, or nobody and the failure is counted (commit either way).

    The limit is asked again behind a lock, so a burst of guesses at once passes it no better;
    raises `TooManyAttempts`.
    """
    user = db.session.scalar(
        select(User).where(User.email == proof.email).with_for_update()
    )
    _check_throttle(proof.email, proof.address)
    if user is None or proof.known is None or user.password_hash != proof.known:
        count_failure(proof.email, proof.address)
        return None
    forget_failures(user.email)
    if proof.rehashed:
        user.password_hash = proof.rehashed
    return user


def count_failure(email: str, address: str) -> None:
    """`email` empty: against the address alone. What is too old to count is forgotten."""
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.at <= now() - WINDOW))
    db.session.add(SignInAttempt(email=email, address=address))
    db.session.flush()


def forget_failures(email: str) -> None:
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.email == email))


def check_address(address: str) -> None:
    """Raises `TooManyAttempts` when too much has failed from there."""
    _check_limit(SignInAttempt.address == address, FAILURES_PER_ADDRESS)


def _check_throttle(email: str, address: str) -> None:
    _check_limit(SignInAttempt.email == email, FAILURES_PER_ACCOUNT)
    check_address(address)


def _check_limit(those: ColumnElement[bool], limit: int) -> None:
    at = now()
    oldest_that_counts = db.session.scalar(
        select(SignInAttempt.at)
        .where(those, SignInAttempt.at > at - WINDOW)
        .order_by(SignInAttempt.at.desc())
        .offset(limit - 1)
        .limit(1)
    )
    if oldest_that_counts is not None:
        minutes = (oldest_that_counts + WINDOW - at) // timedelta(minutes=1) + 1
        raise TooManyAttempts(
            f"Trop d'essais sans succès. Attendez {minutes} minute{'s' if minutes > 1 else ''},"
            " puis recommencez."
        )


def _matches(known: PasswordHash, password: str) -> bool:
    try:
        return HASHER.verify(known, _composed(password))
    except VerificationError:
        return False


def _composed(password: str) -> str:
    """Keyboards differ in how they write an accent."""
    return unicodedata.normalize("NFC", password)


@cache
def _nobodys() -> PasswordHash:
    return PasswordHash(HASHER.hash("the password of nobody"))
