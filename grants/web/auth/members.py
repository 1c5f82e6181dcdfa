"""The members of an organisation: who asks to join, who may do what, who leaves."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.domain.organisation import members as domain
from grants.models import MemberRole, Membership, Organisation
from grants.permissions import is_member, is_signatory
from grants.queries.administration import organisations as queries
from grants.web.access import access, by_id, me
from grants.web.auth import bp
from grants.web.auth.forms import MemberRoleForm
from grants.web.buttons import attempt

ONE = "/organisation/<int:organisation_id>/membres/<int:membership_id>"


@bp.get("/organisation/<int:organisation_id>/membres")
@access("organisation.read", by_id(Organisation))
def members(organisation: Organisation) -> ResponseReturnValue:
    return render_template(
        "auth/members.html",
        organisation=organisation,
        members=queries.members(organisation.id),
        invited=queries.invitations(organisation.id),
        roles=MemberRole,
        signs=is_signatory(me(), organisation),
    )


@bp.post(f"{ONE}/approuver")
@access("membership.approve", by_id(Membership))
def approve_member(membership: Membership) -> ResponseReturnValue:
    return _answer(membership, domain.approve, "{0} est membre.", _role())


@bp.post(f"{ONE}/refuser")
@access("membership.approve", by_id(Membership))
def decline_member(membership: Membership) -> ResponseReturnValue:
    return _answer(membership, domain.decline, "La demande de {0} est refusée.")


@bp.post(f"{ONE}/role")
@access("membership.manage", by_id(Membership))
def change_member_role(membership: Membership) -> ResponseReturnValue:
    return _answer(membership, domain.change_role, "Le rôle de {0} est changé.", _role())


@bp.post(f"{ONE}/retirer")
@access("membership.remove", by_id(Membership))
def remove_member(membership: Membership) -> ResponseReturnValue:
    return _answer(membership, domain.remove, "{0} n'a plus accès à « {1} ».")


def _role() -> MemberRole:
    """From the button that was pressed (400: a forged one)."""
    form = MemberRoleForm()
    if not form.validate():
        abort(400)
    role: MemberRole = form.role.data
    return role


def _answer(membership: Membership, work: Callable[..., None], done: str, *role: MemberRole) -> ResponseReturnValue:
    """Do it, say so, and show the members, or the account to who is no member (any more)."""
    organisation, name = membership.organisation, membership.user.name

    def where(_: object = None) -> str:
        if is_member(me(), organisation):
            return url_for("auth.members", organisation_id=organisation.id)
        return url_for("auth.account")

    return attempt(
        lambda: work(membership, *role, by=me()), back=where(), after=where, done=done.format(name, organisation.name)
    )
