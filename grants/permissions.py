"""Who may do what: small predicates, one table, one question `can(user, action, obj)`.

Routes, buttons and domain ask the same. A user's roles and memberships are loaded with them.
They have effect once the address is confirmed: before, the account may be anybody's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grants.errors import NotAllowed
from grants.models import (
    Campaign,
    Contract,
    Funder,
    MemberRole,
    Membership,
    Operation,
    Organisation,
    Project,
    Role,
    RoleGrant,
    State,
    User,
)

Rule = Callable[[User | None, Any], bool]


def _contract_id(obj: Any) -> int:
    return obj.id if isinstance(obj, Contract) else obj.contract_id


def roles_of(user: User | None) -> list[RoleGrant]:
    """Those that have effect."""
    return user.roles if user is not None and user.email_confirmed_at else []


def has_role(user: User | None, role: Role, contract_id: int | None = None) -> bool:
    """Over the whole contract, where one is named."""
    held = (g for g in roles_of(user) if g.role is role and g.commune_id is None)
    return any(contract_id is None or g.contract_id == contract_id for g in held)


def own_communes(user: User | None, obj: Any) -> frozenset[int]:
    """Those of a contract that the person coordinates, each by itself."""
    held = (g for g in roles_of(user) if g.contract_id == _contract_id(obj))
    return frozenset(g.commune_id for g in held if g.commune_id)


def membership_in(user: User | None, organisation_id: int) -> Membership | None:
    """The approved membership, if there is one."""
    if user is None or not user.email_confirmed_at:
        return None
    for membership in user.memberships:
        if membership.organisation_id == organisation_id and membership.approved_at:
            return membership
    return None


def is_administrator(user: User | None, _obj: Any = None) -> bool:
    return has_role(user, Role.ADMINISTRATOR)


def is_coordinator(user: User | None, obj: Any) -> bool:
    """Of the whole contract; or of the main commune of this project."""
    if isinstance(obj, Project) and obj.commune_id in own_communes(user, obj):
        return True
    return has_role(user, Role.COORDINATOR, _contract_id(obj))


def instructs(user: User | None, obj: Any) -> bool:
    """Coordinator or instructor of this contract: sees every column (rules 6)."""
    return is_coordinator(user, obj) or has_role(user, Role.INSTRUCTOR, _contract_id(obj))


def _of_a_part(rule: Rule) -> Rule:
    """Or coordinates some of its communes: the page shows no more than these (`confined_to`)."""
    return lambda user, obj: rule(user, obj) or bool(own_communes(user, obj))


def confined_to(user: User | None, contract: Contract, rule: Rule) -> frozenset[int]:
    """The communes whose projects alone the person reads there; empty where all are."""
    return frozenset() if rule(user, contract) else own_communes(user, contract)


def reads_of(user: User | None, contract: Contract) -> Callable[[int | None], bool]:
    """Says by its main commune of any deposited project of the contract whether the person reads it whole."""
    confined = confined_to(user, contract, instructs)
    return lambda commune_id: not confined or commune_id in confined


def reads_tables(user: User | None, obj: Any) -> bool:
    return instructs(user, obj) or has_role(user, Role.COMMITTEE, _contract_id(obj))


def instructs_for(user: User | None, funder: Funder) -> bool:
    """Is an instructor of the institution of this funder."""
    return any(g.role is Role.INSTRUCTOR and g.institution_id == funder.institution_id for g in roles_of(user))


def types_for(user: User | None, funder: Funder) -> bool:
    """Is the coordinator, to whom this funder's institution delegates its columns."""
    return funder.institution.delegates and is_coordinator(user, funder)


def decides_for(user: User | None, funder: Funder) -> bool:
    """Writes in this funder's column: its own instructors, or the coordinator by delegation."""
    return instructs_for(user, funder) or types_for(user, funder)


def is_member(user: User | None, obj: Organisation | Project) -> bool:
    organisation_id = obj.id if isinstance(obj, Organisation) else obj.organisation_id
    return membership_in(user, organisation_id) is not None


def refuse_strangers(user: User, obj: Organisation | Project) -> None:
    """Raises `NotAllowed` for who is no member of the organisation."""
    if not is_member(user, obj):
        raise NotAllowed("Vous n'êtes pas membre de cette organisation.")


def is_signatory(user: User | None, obj: Organisation | Project) -> bool:
    organisation_id = obj.id if isinstance(obj, Organisation) else obj.organisation_id
    membership = membership_in(user, organisation_id)
    return membership is not None and membership.role is MemberRole.SIGNATORY


def was_deposited(project: Project) -> bool:
    return project.state is not State.DRAFT and project.reference is not None


def _once_deposited(rule: Rule) -> Rule:
    return lambda user, project: was_deposited(project) and rule(user, project)


def _membership_approve(user: User | None, membership: Membership) -> bool:
    return is_administrator(user) or (membership_in(user, membership.organisation_id) is not None)


def _membership_manage(user: User | None, membership: Membership) -> bool:
    mine = membership_in(user, membership.organisation_id)
    return is_administrator(user) or (mine is not None and mine.role is MemberRole.SIGNATORY)


def _membership_remove(user: User | None, membership: Membership) -> bool:
    """A signatory puts others out; everybody may leave, or take their request back."""
    own = user is not None and membership.user_id == user.id
    return own or _membership_manage(user, membership)


def _campaign_open(user: User | None, campaign: Campaign) -> bool:
    return is_administrator(user) or is_coordinator(user, campaign)


def _undo(user: User | None, operation: Operation) -> bool:
    """Who did it, or the coordinator; the columns that it wrote in are asked about besides."""
    own = user is not None and operation.by_id == user.id and _of_a_part(instructs)(user, operation)
    return own or is_coordinator(user, operation)


def _document_read(user: User | None, readable: Any) -> bool:
    """`readable`: a `queries.documents.Readable`."""
    if readable.campaign:
        return readable.campaign.opened_at is not None or _campaign_open(user, readable.campaign)
    return membership_in(user, readable.organisation_id) is not None or any(
        instructs(user, project) for project in readable.projects
    )


def _document_edit(user: User | None, readable: Any) -> bool:
    """What was said stays said: nobody changes the files of a message."""
    document = readable.document
    if document.organisation_id is None and document.project_id is None:
        return False
    return membership_in(user, readable.organisation_id) is not None


RULES: dict[str, Rule] = {
    "public": lambda user, obj: True,
    "signed_in": lambda user, obj: user is not None,
    "administer": is_administrator,
    "contract.instruct": instructs,
    "contract.coordinate": is_coordinator,
    "contract.read_tables": reads_tables,
    "contract.instruct_part": _of_a_part(instructs),
    "contract.read_part": _of_a_part(reads_tables),
    "campaign.open": _campaign_open,
    "campaign.validate": is_coordinator,
    "organisation.read": is_member,
    "organisation.edit": is_member,
    "organisation.invite": is_signatory,
    "membership.approve": _membership_approve,
    "membership.manage": _membership_manage,
    "membership.remove": _membership_remove,
    "document.read": _document_read,
    "document.edit": _document_edit,
    "project.read_own": is_member,
    "project.edit_own": is_member,
    "project.instruct": _once_deposited(instructs),
    "project.coordinate": _once_deposited(is_coordinator),
    "project.give_opinion": _once_deposited(reads_tables),
    "operation.undo": _undo,
    "funder.decide": decides_for,
    "funder.confirm": instructs_for,
}


def can(user: User | None, action: str, obj: Any = None) -> bool:
    """Raises `KeyError` for an action that no rule names: a mistake of ours, never a person's."""
    return RULES[action](user, obj)


def require(user: User, action: str, obj: Any, refusal: str) -> None:
    """Raises `NotAllowed`, in the words of the refusal, unless `can`."""
    if not can(user, action, obj):
        raise NotAllowed(refusal)
