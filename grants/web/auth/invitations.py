"""Invitations to an organisation: sent and cancelled by a signatory, accepted by one person."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.database import db
from grants.domain import limits
from grants.domain.contact import normalise_email
from grants.domain.organisation import invitation as domain
from grants.errors import DomainError, NotAllowed
from grants.models import Invitation, Organisation
from grants.web.access import access, by_id, me, spend, this_user
from grants.web.auth import bp
from grants.web.auth.organisation_forms import InvitationForm
from grants.web.forms import saved


@bp.route("/organisation/<int:organisation_id>/inviter", methods=["GET", "POST"])
@access("organisation.invite", by_id(Organisation))
def invite(organisation: Organisation) -> ResponseReturnValue:
    form = InvitationForm()

    def invited() -> None:
        email = form.email.data or ""
        spend(limits.INVITED)
        spend(limits.INVITED_ONE, f"{organisation.id} {normalise_email(email)}")
        domain.invite(organisation, email, form.role.data, by=me())

    if saved(form, invited, f"Une invitation part à {form.email.data}."):
        return redirect(url_for("auth.members", organisation_id=organisation.id))
    return render_template("auth/invite.html", organisation=organisation, form=form)


@bp.post("/organisation/<int:organisation_id>/invitations/<int:invitation_id>/annuler")
@access("organisation.invite", by_id(Invitation), about=lambda invitation: invitation.organisation)
def revoke_invitation(invitation: Invitation) -> ResponseReturnValue:
    organisation_id = invitation.organisation_id
    domain.revoke(invitation, by=me())
    db.session.commit()
    flash("L'invitation est annulée : son lien ne sert plus.", "success")
    return redirect(url_for("auth.members", organisation_id=organisation_id))


@bp.get("/invitation/<invitation_token>")
@access("public")
def invitation(invitation_token: str) -> ResponseReturnValue:
    try:
        found = domain.live(invitation_token)
    except DomainError as error:
        return _dead(error)
    return render_template("auth/invitation.html", invitation=found, token=invitation_token, who=this_user())


@bp.post("/invitation/<invitation_token>")
@access("signed_in")
def accept_invitation(invitation_token: str) -> ResponseReturnValue:
    try:
        membership = domain.accept(invitation_token, by=me())
        name = membership.organisation.name
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        return _dead(error)
    flash(f"Vous êtes membre de « {name} ».", "success")
    return redirect(url_for("applicant.projects"))


def _dead(error: DomainError) -> ResponseReturnValue:
    page = render_template("auth/dead_invitation.html", message=error.message)
    return page, 403 if isinstance(error, NotAllowed) else 410
