"""Roles given to people and taken back (rules, people). History is kept on the account."""

from __future__ import annotations

from sqlalchemy import select

from grants.database import db
from grants.domain.ledger import history, security
from grants.domain.ledger.security import SecurityKind
from grants.domain.locking import insert_once
from grants.errors import DomainError
from grants.models import Commune, Contract, Institution, Role, RoleGrant, User
from grants.permissions import require
from grants.words import word

LAST_ADMINISTRATOR = (
    "Cette personne est le dernier administrateur qui puisse se connecter :"
    " donnez d'abord ce rôle à quelqu'un d'autre, qui aura choisi son mot de passe."
)


def grant(
    user: User,
    role: Role,
    contract: Contract | None = None,
    institution: Institution | None = None,
    commune: Commune | None = None,
    *,
    by: User,
) -> RoleGrant:
    """`commune`: of a coordinator who has one alone. Raises `DomainError` at the part of the role's
    scope that is not whole, at `role` when the person has it already."""
    require(by, "administer", None, "Seul un administrateur peut donner un rôle.")
    _check_scope(role, contract, institution, commune)
    return _grant(user, role, contract, institution, commune, by)


def grant_first(user: User) -> RoleGrant:
    """Makes an administrator where there may be none yet: for who holds the machine only."""
    return _grant(user, Role.ADMINISTRATOR, None, None, None, user)


def revoke(role_grant: RoleGrant, *, by: User) -> None:
    """Raises `DomainError` for the last administrator who can sign in."""
    require(by, "administer", None, "Seul un administrateur peut retirer un rôle.")
    take(role_grant, by=by)


def take(role_grant: RoleGrant, *, by: User) -> None:
    """As `revoke`, also of who gives it up."""
    user = role_grant.user
    if role_grant.role is Role.ADMINISTRATOR:
        check_an_administrator_remains(without=user)
    history.record(user, "revoke", by=by, field="role", old=_scope_text(role_grant), contract_id=role_grant.contract_id)
    security.record(SecurityKind.ROLE_REVOKED, by, detail=_detail(user, role_grant))
    db.session.delete(role_grant)
    db.session.flush()
    db.session.expire(user, ["roles"])


def check_an_administrator_remains(*, without: User) -> None:
    """Locks all administrators, so that two cannot each count on the other."""
    administrators = db.session.scalars(
        select(User)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(RoleGrant.role == Role.ADMINISTRATOR, User.active)
        .where(User.email_confirmed_at.is_not(None))
        .order_by(User.id)
        .with_for_update()
    ).all()
    others = [a for a in administrators if a.id != without.id and a.password_hash]
    if without in administrators and not others:
        raise DomainError(LAST_ADMINISTRATOR)


def _grant(
    user: User,
    role: Role,
    contract: Contract | None,
    institution: Institution | None,
    commune: Commune | None,
    by: User,
) -> RoleGrant:
    made = RoleGrant(
        user_id=user.id,
        role=role,
        contract_id=contract.id if contract else None,
        institution_id=institution.id if institution else None,
        commune_id=commune.id if commune else None,
    )
    insert_once(made, DomainError("Cette personne a déjà ce rôle.", "role"))
    history.record(user, "grant", by=by, field="role", new=_scope_text(made), contract_id=made.contract_id)
    security.record(SecurityKind.ROLE_GRANTED, by, detail=_detail(user, made))
    db.session.expire(user, ["roles"])
    return made


def _check_scope(
    role: Role, contract: Contract | None, institution: Institution | None, commune: Commune | None
) -> None:
    if (contract is None) != (role is Role.ADMINISTRATOR):
        raise DomainError("Choisissez un contrat, sauf pour un administrateur.", "contract")
    if (institution is None) != (role is not Role.INSTRUCTOR):
        raise DomainError("Un instructeur a une institution, lui seul.", "institution")
    if institution and contract and institution.contract_id != contract.id:
        raise DomainError("Cette institution n'est pas de ce contrat.", "institution")
    if commune and (role is not Role.COORDINATOR or contract is None or commune.contract_id != contract.id):
        raise DomainError("Seul un chef de projet a une commune, de son contrat.", "commune")


def _detail(user: User, role_grant: RoleGrant) -> str:
    """In French, for the journal of security."""
    _, *where = _scope_text(role_grant).split(" · ")
    return " · ".join([f"{user.email} : {word(role_grant.role)}", *where])


def _scope_text(role_grant: RoleGrant) -> str:
    parts = [role_grant.role.value]
    if role_grant.contract:
        parts.append(role_grant.contract.slug)
    if role_grant.institution:
        parts.append(role_grant.institution.label)
    if role_grant.commune:
        parts.append(role_grant.commune.label)
    return " · ".join(parts)
