"""The second factor: codes of an application (TOTP), passkeys, and the codes that stand in for a lost one.

A code or an answer of a passkey is taken once. Who adds or removes one has just proved who they are (`web.access`)."""

from __future__ import annotations

import secrets
from base64 import b32encode
from collections.abc import Callable
from typing import NamedTuple

from pyotp import TOTP, random_base32
from pyotp.exceptions import OTPVerificationError
from sqlalchemy import ColumnElement, delete, exists, func, select

from grants.database import all_of, db
from grants.domain import limits
from grants.domain.accounts import passwords, sealing, sessions
from grants.domain.accounts.tokens import hash_of
from grants.domain.ledger import security
from grants.domain.ledger.security import SecurityKind
from grants.domain.locking import one_at_a_time
from grants.domain.mail import mail
from grants.errors import DomainError
from grants.models import Attempt, FactorKind, RecoveryCode, SecondFactor, User, now
from grants.permissions import require

CODES = 10
LIFE = 600  # seconds that a page may stay open on which one is added or shown
PAGE = "/compte/double-verification"
WRONG_CODE = (
    "Ce code n'est pas le bon, ou il a déjà servi. Attendez le suivant dans votre application, et vérifiez"
    " que votre téléphone est à l'heure."
)
ADDED = (
    "Cette application est déjà ajoutée. Si vous n'avez pas vu ses codes de secours, faites-en de nouveaux à la page"
    " « Double vérification »."
)
TOO_OLD = "Cette page était ouverte depuis trop longtemps : recommencez avec celle-ci."


class Site(NamedTuple):
    """`host`: what a passkey is bound to; `origin`: where its page is."""

    name: str
    host: str
    origin: str


class FactorAnswer(NamedTuple):
    """A `code`, of an application or a recovery code; or what a passkey says (`credential`, JSON) to the
    challenge that is `sealed`."""

    code: str = ""
    credential: str = ""
    sealed: str = ""


def has_factor() -> ColumnElement[bool]:
    """Of the `User` of a statement."""
    return exists().where(SecondFactor.user_id == User.id)


def factors(user: User) -> list[SecondFactor]:
    return all_of(select(SecondFactor).where(SecondFactor.user_id == user.id).order_by(SecondFactor.id))


def codes_left(user: User) -> int:
    left = select(func.count()).where(RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(left) or 0


def new_totp(user: User) -> tuple[str, str]:
    """A secret, and the same sealed, to come back with the first code."""
    secret = random_base32()
    return secret, sealing.seal("totp", user.id, secret)


def offered_totp(user: User, sealed: str) -> str:
    """The secret that was sealed; raises `DomainError` where it is too old, another's, or added."""
    parts = sealing.opened("totp", sealed, LIFE)
    if parts is None or parts[0] != user.id:
        raise DomainError(TOO_OLD)
    if is_spent(user, hash_of(parts[1])):
        raise DomainError(ADDED)
    return str(parts[1])


def is_spent(user: User, key: str) -> bool:
    """Was what went out sealed to this person taken already? Their row stays locked until `spend` is committed."""
    db.session.execute(select(User.id).where(User.id == user.id).with_for_update())
    return db.session.scalar(select(exists().where(Attempt.kind == "challenge", Attempt.key == key))) or False


def spend(key: str) -> None:
    limits.count(("challenge", key))


def totp_address(secret: str, user: User, site: str) -> str:
    """What an application reads in the picture."""
    return TOTP(secret).provisioning_uri(name=user.email, issuer_name=site)


def application(user: User, answer: FactorAnswer) -> SecondFactor:
    """To be added, with its first code, which is then used; raises `DomainError` at `code`."""
    secret = offered_totp(user, answer.sealed)
    if not (period := _period(secret, answer.code)):
        raise DomainError(WRONG_CODE, "code")
    spend(hash_of(secret))
    return SecondFactor(kind=FactorKind.TOTP, secret=sealing.seal("factor", secret), counter=period)


def add(factor: SecondFactor, user: User, label: str, *, token: str) -> list[str]:
    """The first recovery codes, shown once; nothing where there are some. Other sign-ins than that of `token` end."""
    factor.user_id, factor.label = user.id, label
    db.session.add(factor)
    _changed(user, f"ajouté : {label}", user, token)
    return [] if codes_left(user) else _make_codes(user)


def remove(factor: SecondFactor, user: User, *, token: str) -> None:
    """With the last one its recovery codes go."""
    db.session.delete(factor)
    _changed(user, f"retiré : {factor.label}", user, token)
    if not factors(user):
        forget(user)


def renew_codes(user: User, *, token: str) -> list[str]:
    """Those of before are void; raises `DomainError` for who has no factor, to which codes would be worth nothing."""
    if not factors(user):
        raise DomainError("Ajoutez d'abord une application ou une clé d'accès.")
    _changed(user, "nouveaux codes de secours", user, token)
    return _make_codes(user)


def reset(user: User, *, by: User) -> None:
    """For who has lost everything; they come in by their password, and begin anew."""
    require(by, "administer", None, "Seul un administrateur peut remettre à zéro la double vérification.")
    forget(user)
    _changed(user, "remise à zéro par l'administrateur", by)


def forget(user: User) -> None:
    for table in (SecondFactor, RecoveryCode):
        db.session.execute(delete(table).where(table.user_id == user.id))


def prove(user: User, is_right: Callable[[], bool], address: str, device: str) -> bool:
    """Is what they show theirs (`is_right`: a code, or the answer of a passkey)? Counted as guesses of passwords are
    (commit either way); raises `TooMany`."""
    one_at_a_time(f"guesses from {address}")
    db.session.execute(select(User.id).where(User.id == user.id).with_for_update())
    known = device and sessions.is_known(user, device)
    limited = passwords.limits_of(user.email, address, hash_of(device) if known else "", ("factor", "factors"))
    for limit in limited:
        limits.check(*limit)
    if not is_right():
        limits.count(*((limit.kind, limit.key) for limit in limited))
        return False
    db.session.execute(delete(Attempt).where(Attempt.kind == limited[0].kind, Attempt.key == limited[0].key))
    return True


def is_code(user: User, code: str) -> bool:
    """Of an application of theirs, or a recovery code; it is then used."""
    for factor in factors(user):
        secret = sealing.opened("factor", factor.secret) if factor.kind is FactorKind.TOTP else None
        period = _period(secret[0], code) if secret else 0
        if period > factor.counter:
            factor.counter, factor.used_at = period, now()
            return True
    return _is_recovery_code(user, code)


def _period(secret: str, code: str) -> int:
    """In which it is the code, of the present one and its neighbours; 0 for a wrong one."""
    try:
        return TOTP(secret).verify_and_get_timecode("".join(code.split()), for_time=now(), valid_window=1)
    except OTPVerificationError:
        return 0


def _is_recovery_code(user: User, code: str) -> bool:
    of_code = RecoveryCode.code_hash == hash_of("".join(filter(str.isalnum, code)).upper())
    kept = db.session.scalar(
        select(RecoveryCode).where(RecoveryCode.user_id == user.id, of_code, RecoveryCode.used_at.is_(None))
    )
    if kept is None:
        return False
    kept.used_at = now()
    db.session.flush()
    _tell(user, f"un code de secours a servi, il en reste {codes_left(user)}", user)
    return True


def _make_codes(user: User) -> list[str]:
    """Of 80 bits each: their hash tells nothing. Those of before are void."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = [b32encode(secrets.token_bytes(10)).decode() for _ in range(CODES)]
    db.session.add_all(RecoveryCode(user_id=user.id, code_hash=hash_of(code)) for code in codes)
    db.session.flush()
    return ["-".join(code[at : at + 4] for at in range(0, 16, 4)) for code in codes]


def _changed(user: User, what: str, by: User, token: str = "") -> None:
    _tell(user, what, by)
    sessions.forget_all(user, but=token)


def _tell(user: User, what: str, by: User) -> None:
    security.record(SecurityKind.FACTOR, by, detail=f"{user.email} : {what}")
    mail.queue("factor_changed", user, what=what, link=PAGE)
