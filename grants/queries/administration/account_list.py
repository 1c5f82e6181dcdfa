"""Accounts and the roles that they hold, for the settings pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from grants.database import db, select_as
from grants.models import Commune, Contract, Institution, Role, RoleGrant, User
from grants.queries.administration.administration import contracts
from grants.queries.paging import ListPage, paged
from grants.queries.search import has_words
from grants.words import word


@dataclass(frozen=True)
class HeldRole:
    id: int
    text: str


@dataclass(frozen=True)
class AccountRow:
    """`has_password`: has signed in, or can; `confirmed`: the address is the person's."""

    id: int
    name: str
    email: str
    active: bool
    has_password: bool
    confirmed: bool
    roles: list[HeldRole] = field(default_factory=list)


def accounts(search: str = "", page: int = 1) -> ListPage[AccountRow]:
    """Those whose name or address has every word of `search`, whatever their case and accents."""
    has = {"has_password": User.password_hash.is_not(None), "confirmed": User.email_confirmed_at.is_not(None)}
    named = (
        select_as(AccountRow, User, **has).where(*has_words(search, User.search_key)).order_by(User.search_key, User.id)
    )
    found = paged(AccountRow, named, page)
    roles = roles_of([row.id for row in found.rows])
    for row in found.rows:
        row.roles.extend(roles.get(row.id, ()))
    return found


def roles_of(ids: list[int]) -> dict[int, list[HeldRole]]:
    """By account."""
    roles: dict[int, list[HeldRole]] = {}
    for user_id, id_, role, institution, contract in db.session.execute(
        select(
            RoleGrant.user_id,
            RoleGrant.id,
            RoleGrant.role,
            func.coalesce(Institution.label, Commune.label),
            Contract.label,
        )
        .outerjoin(Contract, Contract.id == RoleGrant.contract_id)
        .outerjoin(Institution, Institution.id == RoleGrant.institution_id)
        .outerjoin(Commune, Commune.id == RoleGrant.commune_id)
        .where(RoleGrant.user_id.in_(ids))
        .order_by(RoleGrant.id)
    ):
        held = HeldRole(id_, role_text(role, institution, contract))
        roles.setdefault(user_id, []).append(held)
    return roles


def role_choices() -> list[tuple[str, str]]:
    """Every role with its scope, `INSTRUCTOR:contract:institution` (of a
    coordinator: commune), so that a choice cannot be half
    filled in; by contract. No instructor for an institution that is outside the platform."""
    institutions = db.session.execute(
        select(Institution.contract_id, Institution.id, Institution.label)
        .where(Institution.outside.is_(False))
        .order_by(Institution.position)
    ).all()
    communes = db.session.scalars(select(Commune).order_by(Commune.contract_id, Commune.position)).all()
    choices = [(Role.ADMINISTRATOR.value, role_text(Role.ADMINISTRATOR, None, None))]
    for contract in contracts():
        scopes: list[tuple[Role, Any]] = [(Role.COORDINATOR, None)]
        own = [commune for commune in communes if commune.contract_id == contract.id]
        scopes += ((Role.COORDINATOR, commune) for commune in own if len(own) > 1)
        scopes += ((Role.INSTRUCTOR, i) for i in institutions if i.contract_id == contract.id)
        for role, institution in (*scopes, (Role.COMMITTEE, None)):
            parts = (role, contract.id, institution and institution.id)
            text = role_text(role, institution and institution.label, contract.label)
            choices.append((":".join(str(part) for part in parts if part), text))
    return choices


def role_text(role: Role, institution: str | None, contract: str | None) -> str:
    """`instructeur, Ville – Contrat de ville de ...`"""
    text = word(role)
    if institution:
        text += f", {institution}"
    return f"{text} – {contract}" if contract else text
