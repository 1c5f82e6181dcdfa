"""The members of an organisation: who asks to join, who may do what, who leaves."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from grants.database import db
from grants.domain.organisation import members as domain
from grants.errors import DomainError
from grants.models import MemberRole, Membership, Organisation
from grants.permissions import is_signatory
from grants.queries import organisations as queries
from grants.web.access import access, me
from grants.web.auth import bp
from grants.web.auth.forms import MemberRoleForm
from grants.web.auth.organisations import load_organisation

ONE = "/organisation/<int:organisation_id>/membres/<int:membership_id>"


def _load(organisation_id: int, membership_id: int) -> Membership | None:
    return db.session.scalar(
        select(Membership).where(
            Membership.id == membership_id, Membership.organisation_id == organisation_id
        )
    )


@bp.get("/organisation/<int:organisation_id>/membres")
@access("organisation.read", load_organisation)
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
@access("membership.approve", _load)
def approve_member(membership: Membership) -> ResponseReturnValue:
    role = _role()
    return _answer(
        membership,
        f"{membership.user.name} est membre.",
        lambda: domain.approve(membership, role, by=me()),
    )


@bp.post(f"{ONE}/refuser")
@access("membership.approve", _load)
def decline_member(membership: Membership) -> ResponseReturnValue:
    return _answer(
        membership,
        f"La demande de {membership.user.name} est refusée.",
        lambda: domain.decline(membership, by=me()),
    )


@bp.post(f"{ONE}/role")
@access("membership.manage", _load)
def change_member_role(membership: Membership) -> ResponseReturnValue:
    role = _role()
    return _answer(
        membership,
        f"Le rôle de {membership.user.name} est changé.",
        lambda: domain.change_role(membership, role, by=me()),
    )


@bp.post(f"{ONE}/retirer")
@access("membership.remove", _load)
def remove_member(membership: Membership) -> ResponseReturnValue:
    return _answer(
        membership,
        f"{membership.user.name} n'a plus accès à « {membership.organisation.name} ».",
        lambda: domain.remove(membership, by=me()),
    )


def _role() -> MemberRole:
    """From the button that was pressed (400: a forged one)."""
    form = MemberRoleForm()
    if not form.validate():
        abort(400)
    role: MemberRole = form.role.data
    return role


def _answer(
    membership: Membership, done: str, work: Callable[[], None]
) -> ResponseReturnValue:
    """Do it, say so, and show the members, or the account to who is no member (any more)."""
    organisation_id = membership.organisation_id
    try:
        work()
    except DomainError as refused:
        db.session.rollback()
        flash(refused.message, "danger")
    else:
        db.session.commit()
        flash(done, "success")
    still = any(m.organisation_id == organisation_id and m.approved_at for m in me().memberships)
    if still:
        return redirect(url_for("auth.members", organisation_id=organisation_id))
    return redirect(url_for("auth.account"))
