"""The first administrator of a new site, by an address that `grants serve` prints: of nobody yet, used once,
and worth nothing once somebody administers."""

from __future__ import annotations

from sqlalchemy import select

from grants.database import db
from grants.domain.accounts import accounts
from grants.domain.accounts.passwords import PasswordHash
from grants.domain.accounts.tokens import hash_of, new_token
from grants.errors import DomainError
from grants.models import Role, RoleGrant, Setting, User

KEY = "first_start"
DEAD = (
    "Cette adresse sert une seule fois, tant que personne n'administre ce site. Si vous l'administrez, connectez-vous ;"
    " sinon, relancez « grants serve », qui en affiche une nouvelle."
)


def new_secret() -> str:
    """In the place of the one before, of which only the hash was kept; empty where somebody administers."""
    if _administered():
        return ""
    secret = new_token()
    db.session.merge(Setting(key=KEY, value=hash_of(secret)))
    return secret


def check(secret: str) -> None:
    """Locks it to the end of the transaction. Raises `DomainError` where it is worth nothing."""
    kept = select(Setting.value).where(Setting.key == KEY).with_for_update()
    if db.session.scalar(kept) != hash_of(secret) or _administered():
        raise DomainError(DEAD)


def create_first(secret: str, name: str, email: str, password: PasswordHash) -> User:
    """Who reads what the server prints is the administrator, and vouches for their own address."""
    check(secret)
    user = accounts.administrator(email, name)
    accounts.rename(user, name, by=user)  # a stranger may have chosen another
    accounts.set_password(user, password)
    accounts.confirm(user, by=user)
    db.session.delete(db.session.get_one(Setting, KEY))
    return user


def _administered() -> bool:
    held = select(RoleGrant.id).join(User, User.id == RoleGrant.user_id)
    return db.session.scalar(held.where(RoleGrant.role == Role.ADMINISTRATOR, User.active).limit(1)) is not None
