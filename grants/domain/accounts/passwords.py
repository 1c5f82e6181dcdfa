"""Passwords and the throttling of attempts (CNIL 2022, ANSSI): argon2id, counted in the database.

Hashing takes its time on purpose, so it happens outside of any transaction that writes: first
`prove` (reads only), then, in a short write, `conclude`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import NamedTuple, NewType

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import delete, select

from grants.database import db
from grants.domain import limits
from grants.domain.accounts import sessions
from grants.domain.accounts.tokens import hash_of
from grants.domain.limits import DAY
from grants.domain.locking import one_at_a_time
from grants.errors import DomainError
from grants.models import Attempt, User
from grants.names import fold

PasswordHash = NewType("PasswordHash", str)

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
QUARTER = timedelta(minutes=15)
OR_BY_MAIL = " Ou demandez un lien par courriel : « J'ai oublié mon mot de passe »."
LONG_ENOUGH = 14
LONG_WITH_VARIETY = 12
MAX_LENGTH = 200
# What zxcvbn reads of a password, and its best mark: ten thousand million guesses.
READ = 40
HARD_TO_GUESS = 4
# Its lists are English, its keyboards QWERTY. Signs for letters are put back before, as its own
# search for them takes half a minute for what is full of them.
SIGNS = str.maketrans("@$!|({[<+%", "asiicccctx")
FRENCH = (
    "azertyuiop qsdfghjklm wxcvbn motdepasse bonjour soleil doudou loulou chouchou marseille paris france "
    "mairie ville commune prefecture association subvention subventions contrat grants bienvenue janvier "
    "fevrier mars avril juin juillet aout septembre octobre novembre decembre printemps automne hiver"
)
RULE = (
    "14 caractères au moins (une phrase convient) ; ou 12, avec des minuscules, des majuscules,"
    " des chiffres et un autre signe."
)


_of_passwords = Attempt.kind.in_(("password", "account"))


class Limit(NamedTuple):
    """As `limits.check` takes them."""

    kind: str
    key: str
    most: int
    within: timedelta


@dataclass(frozen=True)
class Proof:
    """What an attempt has shown. `known`: what is kept of the password, where it was the
    account's; `rehashed`: the password under the present parameters, when they have changed."""

    email: str
    limited: list[Limit]
    known: PasswordHash | None
    rehashed: PasswordHash | None = None


def hash_password(password: str, field: str = "password", *, about: Collection[str] = ()) -> PasswordHash:
    """Raises `DomainError` as `check_strength` does."""
    check_strength(password, field, about=about)
    return PasswordHash(HASHER.hash(_composed(password)))


def check_strength(password: str, field: str = "password", *, about: Collection[str] = ()) -> None:
    """Raises `DomainError` at `field` for a password that is too weak (facts: law); `about`: the
    person's own name and address, which others try first."""
    if len(password) > MAX_LENGTH:
        raise DomainError(f"Au plus {MAX_LENGTH} caractères.", field)
    kinds = (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())
    varied = all(any(map(kind, password)) for kind in kinds)
    if len(password) < (LONG_WITH_VARIETY if varied else LONG_ENOUGH):
        raise DomainError(f"Ce mot de passe est trop court. Il faut {RULE}", field)
    if _score(password, about) < HARD_TO_GUESS:
        raise DomainError(
            "Ce mot de passe se devine : il est fait de mots de passe courants, de votre nom ou de"
            " votre adresse, de touches voisines ou de répétitions. Une phrase de quatre mots"
            " sans rapport entre eux convient.",
            field,
        )


def _score(password: str, about: Collection[str]) -> int:
    """From 0 to 4. What is one's own counts for nothing: zxcvbn would take each mark between the
    parts of an address for a find."""
    from zxcvbn import zxcvbn  # 15 MiB of lists: only where a password is chosen

    read = _composed(password)[:READ].translate(SIGNS)
    typed = [_composed(text) for text in about]
    own = {part for text in typed for form in (text.lower(), fold(text)) for part in re.split(r"[\W_]+", form) if part}
    rest = read.lower()
    for part in sorted({part for part in own if len(part) > 2}, key=len, reverse=True):
        rest = rest.replace(part, "")
    left = {read, rest or "0"} if rest != read.lower() else {read}
    scores: list[int] = [zxcvbn(each, user_inputs=[*own, *FRENCH.split()])["score"] for each in left]
    return min(scores)


def prove(email: str, password: str, address: str, device: str = "") -> Proof:
    """Try a password from an internet address, on a device (its token, see `sessions`); takes as
    long for an e-mail address without account.

    Raises `TooMany` before trying anything.
    """
    user = db.session.scalar(select(User).where(User.email == email, User.active))
    known_device = bool(user and device and sessions.is_known(user, device))
    limited = limits_of(email, address, hash_of(device) if known_device else "")
    _check(limited)
    known = PasswordHash(user.password_hash) if user and user.password_hash else None
    right = _matches(known or _nobodys(), password)
    if user is None or known is None or not right:
        return Proof(email, limited, None)
    stale = HASHER.check_needs_rehash(known)
    rehashed = PasswordHash(HASHER.hash(_composed(password))) if stale else None
    return Proof(email, limited, known, rehashed)


def conclude(proof: Proof) -> User | None:
    """The account that was proved, or nobody and the failure is counted (commit either way).

    The limits are asked again behind locks on the place that they come from and on the account, so
    a burst of guesses at once passes them no better; raises `TooMany`.
    """
    one_at_a_time(f"guesses from {proof.limited[-1].key}")
    user = db.session.scalar(select(User).where(User.email == proof.email).with_for_update())
    _check(proof.limited)
    if user is None or proof.known is None or user.password_hash != proof.known:
        limits.count(*((limit.kind, limit.key) for limit in proof.limited))
        return None
    db.session.execute(delete(Attempt).where(_of_passwords, Attempt.key == proof.limited[0].key))
    if proof.rehashed:
        user.password_hash = proof.rehashed
    return user


def forget_failures(email: str) -> None:
    """From anywhere: whoever has chosen a new password begins anew."""
    of_account = (Attempt.key == email) | Attempt.key.startswith(f"{email} ", autoescape=True)
    db.session.execute(delete(Attempt).where(_of_passwords, of_account))


def limits_of(
    email: str, address: str, device_hash: str, kinds: tuple[str, str] = ("password", "account")
) -> list[Limit]:
    """Guesses are limited for one account from one place. Of an account from all places, and from
    one address at all accounts, much more is let pass: a town hall shares an address, and nobody
    shall shut another person out. Who has signed in here before is spared those two."""
    here = Limit(kinds[0], f"{email} {device_hash or address}", 5, DAY)
    anywhere = Limit(kinds[1], email, 50, DAY)
    anybody = Limit("address", address, 100, QUARTER)
    return [here] if device_hash else [here, anywhere, anybody]


def _check(limited: list[Limit]) -> None:
    for limit in limited:
        limits.check(*limit, OR_BY_MAIL)


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
