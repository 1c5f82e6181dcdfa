"""The first settings page: what is missing, contracts, who waits to join an organisation."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.domain.organisation.members import approve, decline
from grants.models import MemberRole, Membership
from grants.queries.administration.administration import contracts
from grants.queries.administration.opening import by_step
from grants.queries.administration.organisations import alike, pending_memberships
from grants.web.access import access, by_id, me
from grants.web.admin import bp
from grants.web.admin.pages import address_of, button, missing


@bp.get("")
@access("administer")
def home() -> ResponseReturnValue:
    return render_template(
        "admin/home.html",
        contracts=contracts(),
        pending=pending_memberships(),
        alike=alike(),
        lacks=(found := missing()),
        steps=by_step(found),
        address_of=address_of,
    )


def _home(_membership: Membership) -> str:
    return url_for("admin.home")


@button("/adhesions/<int:membership_id>/approuver", by_id(Membership), back=_home)
def approve_membership(membership: Membership) -> str:
    """A signatory when that button was pressed, an editor otherwise."""
    signs = request.form.get("role") == MemberRole.SIGNATORY.value
    approve(membership, MemberRole.SIGNATORY if signs else MemberRole.EDITOR, by=me())
    return f"{membership.user.name} est membre de « {membership.organisation.name} »."


@button("/adhesions/<int:membership_id>/refuser", by_id(Membership), back=_home)
def decline_membership(membership: Membership) -> str:
    name = membership.user.name
    decline(membership, by=me())
    return f"La demande de {name} est refusée."
