"""A person's address of mail, changed: by a link that only the new one gets, or by who vouches for it."""

from __future__ import annotations

from sqlalchemy import select, update

from grants.database import db
from grants.domain.accounts import sealing
from grants.domain.accounts.accounts import DEAD_LINK, LINK_LIFE, TAKEN_BY_ANOTHER, AddressTaken, confirm
from grants.domain.contact import normalise_email
from grants.domain.ledger import history, security
from grants.domain.ledger.security import SecurityKind
from grants.domain.mail import mail
from grants.errors import DomainError
from grants.models import OneTimeLink, User, now
from grants.permissions import require


def mail_change(user: User, email: str) -> None:
    """Queue the link, or tell who has this address that it has an account: who asks learns nothing of it. Raises
    `DomainError` at `email`."""
    new = _another(user, email)
    if holder := _holder(new):
        mail.queue("address_taken", holder, link="/connexion")
        return
    token = sealing.seal("address", user.id, user.email, new)
    mail.queue("change_address", new, link=f"/compte/adresse/{token}")


def offered(user: User, token: str) -> str:
    """The address that the link is for; raises `DomainError` where it is worth nothing, or another's."""
    parts = sealing.opened("address", token, int(LINK_LIFE.total_seconds()))
    if parts is None or parts[:2] != [user.id, user.email]:
        raise DomainError(DEAD_LINK)
    return str(parts[2])


def change(user: User, email: str, *, by: User) -> None:
    """To one that the person has (`offered`), or that an administrator vouches for. The old one is told, and its
    links are void. Raises `DomainError` at `email`."""
    if by.id != user.id:
        require(by, "administer", None, "Seul un administrateur change l'adresse d'un autre.")
    old, new = user.email, _another(user, email)
    if _holder(new):
        raise AddressTaken(TAKEN_BY_ANOTHER, "email")
    mail.queue("address_changed", old, new=new, link="/")
    history.change(user, "change_email", "email", new, by=by)
    confirm(user, by=by)
    live = (OneTimeLink.user_id == user.id, OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > now())
    db.session.execute(update(OneTimeLink).where(*live).values(expires_at=now()))
    security.record(SecurityKind.ACCOUNT, by, detail=f"{old} : devient {new}")
    db.session.flush()


def _another(user: User, email: str) -> str:
    new = normalise_email(email)
    if new == user.email:
        raise DomainError("C'est déjà l'adresse de ce compte.", "email")
    return new


def _holder(email: str) -> User | None:
    return db.session.scalar(select(User).where(User.email == email))
