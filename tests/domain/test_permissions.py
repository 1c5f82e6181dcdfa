"""Who may do what, role by role: of each rule, all those who may, and nobody else."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from grants.models import (
    Campaign,
    Contract,
    Funder,
    Institution,
    MemberRole,
    Membership,
    Operation,
    Organisation,
    Project,
    Role,
    RoleGrant,
    State,
    User,
    now,
)
from grants.permissions import RULES, can

HERE, ELSEWHERE, STATE, CITY, BEARER = 1, 2, 10, 11, 5
METZ, WOIPPY = 21, 22


def person(id: int, *roles: RoleGrant, member: MemberRole | None = None, **more: Any) -> User:
    account = {"email_confirmed_at": now(), "roles": list(roles), "memberships": []} | more
    if member:
        account["memberships"] = [Membership(user_id=id, organisation_id=BEARER, role=member, approved_at=now())]
    return User(id=id, **account)


def role(of: Role, contract_id: int | None = HERE, institution_id: int | None = None, **more: int) -> RoleGrant:
    return RoleGrant(role=of, contract_id=contract_id, institution_id=institution_id, **more)


def instructor(institution_id: int, contract_id: int = HERE) -> RoleGrant:
    return role(Role.INSTRUCTOR, contract_id, institution_id)


PENDING = Membership(user_id=9, organisation_id=BEARER, role=MemberRole.SIGNATORY)
PEOPLE: dict[str, User | None] = {
    "nobody": None,
    "stranger": person(1),
    "administrator": person(2, role(Role.ADMINISTRATOR, None)),
    "coordinator": person(3, role(Role.COORDINATOR)),
    "metz": person(12, role(Role.COORDINATOR, commune_id=METZ)),
    "woippy": person(13, role(Role.COORDINATOR, commune_id=WOIPPY)),
    "state": person(4, instructor(STATE)),
    "city": person(5, instructor(CITY)),
    "committee": person(6, role(Role.COMMITTEE)),
    "editor": person(7, member=MemberRole.EDITOR),
    "signatory": person(8, member=MemberRole.SIGNATORY),
    "pending": person(9, memberships=[PENDING]),
    "elsewhere": person(
        10, role(Role.COORDINATOR, ELSEWHERE), instructor(13, ELSEWHERE), role(Role.COMMITTEE, ELSEWHERE)
    ),
    "unconfirmed": person(
        11,
        role(Role.ADMINISTRATOR, None),
        role(Role.COORDINATOR),
        instructor(STATE),
        role(Role.COMMITTEE),
        member=MemberRole.SIGNATORY,
        email_confirmed_at=None,
    ),
}

CONTRACT, CALL = Contract(id=HERE), Campaign(id=3, contract_id=HERE)
PROJECT, DRAFT, UNNUMBERED = (
    Project(id=4, contract_id=HERE, commune_id=METZ, organisation_id=BEARER, state=state, reference=reference)
    for state, reference in ((State.SUBMITTED, "2026-0001"), (State.DRAFT, "2026-0001"), (State.WITHDRAWN, None))
)
OWN = Funder(contract_id=HERE, institution_id=STATE, institution=Institution(delegates=False))
DELEGATED = Funder(contract_id=HERE, institution_id=12, institution=Institution(delegates=True))


def document(of_project: bool = False, of_organisation: bool = False) -> Any:
    stored = SimpleNamespace(
        project_id=PROJECT.id if of_project else None, organisation_id=BEARER if of_organisation else None
    )
    return SimpleNamespace(organisation_id=BEARER, projects=[PROJECT], document=stored, campaign=None)


MEMBERS, INSTRUCT = "editor signatory", "coordinator state city"
CASES: list[tuple[str, Any, str]] = [
    ("public", None, " ".join(PEOPLE)),
    ("signed_in", None, " ".join(name for name in PEOPLE if name != "nobody")),
    ("administer", None, "administrator"),
    ("contract.instruct", CONTRACT, INSTRUCT),
    ("contract.instruct", CALL, INSTRUCT),
    ("contract.coordinate", CONTRACT, "coordinator"),
    ("contract.read_tables", CONTRACT, f"{INSTRUCT} committee"),
    ("contract.instruct_part", CONTRACT, f"{INSTRUCT} metz woippy"),
    ("contract.read_part", CONTRACT, f"{INSTRUCT} metz woippy committee"),
    ("campaign.open", CALL, "administrator coordinator"),
    ("campaign.validate", CALL, "coordinator"),
    ("organisation.read", Organisation(id=BEARER), MEMBERS),
    ("organisation.edit", Organisation(id=BEARER), MEMBERS),
    ("organisation.edit", Organisation(id=6), ""),
    ("organisation.invite", Organisation(id=BEARER), "signatory"),
    ("membership.approve", PENDING, f"administrator {MEMBERS}"),
    ("membership.manage", PENDING, "administrator signatory"),
    ("membership.remove", PENDING, "administrator signatory pending"),
    ("document.read", document(), f"{MEMBERS} {INSTRUCT} metz"),
    ("document.edit", document(), ""),
    ("document.edit", document(of_project=True), MEMBERS),
    ("document.edit", document(of_organisation=True), MEMBERS),
    ("project.read_own", PROJECT, MEMBERS),
    ("organisation.invite", PROJECT, "signatory"),
    ("project.edit_own", DRAFT, MEMBERS),
    ("project.instruct", PROJECT, f"{INSTRUCT} metz"),
    ("project.coordinate", PROJECT, "coordinator metz"),
    ("project.give_opinion", PROJECT, f"{INSTRUCT} metz committee"),
    *(
        (f"project.{what}", seen_by_its_own, "")
        for what in ("instruct", "coordinate", "give_opinion")
        for seen_by_its_own in (DRAFT, UNNUMBERED)
    ),
    ("operation.undo", Operation(by_id=4, contract_id=HERE), "state coordinator"),
    ("operation.undo", Operation(by_id=1, contract_id=HERE), "coordinator"),
    ("operation.undo", Operation(by_id=12, contract_id=HERE), "metz coordinator"),
    ("funder.decide", OWN, "state"),
    ("funder.decide", DELEGATED, "coordinator"),
    ("funder.confirm", OWN, "state"),
    ("funder.confirm", DELEGATED, ""),
]


@pytest.mark.parametrize(("action", "obj", "those"), CASES)
def test_those_who_may_and_nobody_else(action: str, obj: Any, those: str) -> None:
    assert {name for name, one in PEOPLE.items() if can(one, action, obj)} == set(those.split())


def test_each_rule_has_its_case() -> None:
    assert {action for action, *_ in CASES} == RULES.keys()
