"""Accounts and the roles that they hold, for the settings pages."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from grants.database import db
from grants.models import Contract, Institution, Role, RoleGrant, User
from grants.queries.administration.administration import contracts
from grants.queries.search import has_words
from grants.words import word

PAGE_SIZE = 50


@dataclass(frozen=True)
class HeldRole:
    id: int
    text: str


@dataclass(frozen=True)
class AccountRow:
    """`has_password`: has signed in, or can."""

    id: int
    name: str
    email: str
    active: bool
    has_password: bool
    roles: list[HeldRole]


@dataclass(frozen=True)
class AccountPage:
    rows: list[AccountRow]
    total: int
    page: int
    pages: int


def accounts(search: str = "", page: int = 1) -> AccountPage:
    """One page of the accounts whose name or address has every word of `search`, whatever their
    case and accents."""
    named = has_words(search, User.search_key)
    total = db.session.scalar(select(func.count(User.id)).where(*named)) or 0
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(page, 1), pages)
    rows = db.session.execute(
        select(User.id, User.name, User.email, User.active, User.password_hash.is_not(None))
        .where(*named)
        .order_by(User.search_key, User.id)
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    ).all()
    roles = roles_of([row.id for row in rows])
    shown = [AccountRow(*row, roles.get(row.id, [])) for row in rows]
    return AccountPage(shown, total, page, pages)


def roles_of(ids: list[int]) -> dict[int, list[HeldRole]]:
    """By account."""
    roles: dict[int, list[HeldRole]] = {}
    for user_id, id_, role, institution, contract in db.session.execute(
        select(RoleGrant.user_id, RoleGrant.id, RoleGrant.role, Institution.label, Contract.label)
        .outerjoin(Contract, Contract.id == RoleGrant.contract_id)
        .outerjoin(Institution, Institution.id == RoleGrant.institution_id)
        .where(RoleGrant.user_id.in_(ids))
        .order_by(RoleGrant.id)
    ):
        held = HeldRole(id_, role_text(role, institution, contract))
        roles.setdefault(user_id, []).append(held)
    return roles


@dataclass(frozen=True)
class RoleScope:
    """A role that may be given within a contract."""

    role: Role
    contract_id: int
    institution_id: int | None
    text: str


def role_scopes() -> list[RoleScope]:
    """By contract; no instructor for an institution that is outside the platform."""
    institutions = db.session.execute(
        select(Institution.contract_id, Institution.id, Institution.label)
        .where(Institution.outside.is_(False))
        .order_by(Institution.position)
    ).all()
    scopes = []
    for contract in contracts():
        places: list[tuple[Role, int | None, str | None]] = [(Role.COORDINATOR, None, None)]
        places += [
            (Role.INSTRUCTOR, i.id, i.label) for i in institutions if i.contract_id == contract.id
        ]
        places.append((Role.COMMITTEE, None, None))
        scopes += [
            RoleScope(role, contract.id, id_, role_text(role, label, contract.label))
            for role, id_, label in places
        ]
    return scopes


def role_text(role: Role, institution: str | None, contract: str | None) -> str:
    """`instructeur, Ville – Contrat de ville de ...`"""
    text = word(role)
    if institution:
        text += f", {institution}"
    return f"{text} – {contract}" if contract else text
