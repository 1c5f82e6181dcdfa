"""An account closed for good: what is the person's own is emptied, what they did stays, under a number."""

from __future__ import annotations

from sqlalchemy import delete, or_, update

from grants.database import db
from grants.domain.accounts import second_factor
from grants.domain.accounts.accounts import OF_NOBODY
from grants.domain.accounts.roles import check_an_administrator_remains, take
from grants.domain.ledger import history, security
from grants.domain.ledger.security import SecurityKind
from grants.domain.organisation import members
from grants.errors import DomainError
from grants.models import (
    NOBODYS,
    Invitation,
    Layout,
    Mail,
    Membership,
    OneTimeLink,
    Presence,
    User,
    UserSession,
    project_followers,
)
from grants.permissions import require

# Of the person alone; and the places that are left, in organisations that were merged into another.
OWN = (Layout, Mail, Membership, OneTimeLink, Presence, UserSession)


def close(user: User, *, by: User) -> None:
    """Raises `DomainError` for the last administrator, and the last signatory of an organisation."""
    if by.id != user.id:
        require(by, "administer", None, "Seul un administrateur ferme le compte d'un autre.")
    if user.is_nobodys:
        raise DomainError(OF_NOBODY)
    check_an_administrator_remains(without=user)
    for membership in list(user.memberships):
        try:
            members.remove(membership, by=by)
        except DomainError as error:
            raise DomainError(f"« {membership.organisation.name} » : {error.message}") from None
    for held in list(user.roles):
        take(held, by=by)
    history.record(user, "close", by=by)
    _empty(user)
    security.record(SecurityKind.ACCOUNT, by, detail=f"{user.name}, par {'la personne' if by is user else 'un autre'}")
    db.session.flush()


def _empty(user: User) -> None:
    second_factor.forget(user)
    for table in OWN:
        db.session.execute(delete(table).where(table.user_id == user.id))
    db.session.execute(delete(Mail).where(Mail.to == user.email))
    db.session.execute(delete(project_followers).where(project_followers.c.user_id == user.id))
    name = f"compte-ferme-{user.id}{NOBODYS}"
    to_them = or_(Invitation.email == user.email, Invitation.accepted_by_id == user.id)
    db.session.execute(update(Invitation).where(to_them).values(email=name))
    user.email, user.name, user.active = name, f"compte fermé n° {user.id}", False
    user.password_hash = user.email_confirmed_at = None
