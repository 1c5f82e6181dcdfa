"""Showing that an address is one's own: the link that came by mail, and asking for another."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.database import db
from grants.domain import limits
from grants.domain.accounts import accounts
from grants.errors import DomainError
from grants.models import LinkPurpose
from grants.web.access import access, me, spend, this_user
from grants.web.auth import bp
from grants.web.auth.entering import landing
from grants.web.buttons import attempt
from grants.web.forms import Form


@bp.route("/confirmer/<confirmation>", methods=["GET", "POST"])
@access("public")
def confirm_address(confirmation: str) -> ResponseReturnValue:
    """A button and not the link alone: mail programs open links to look at them. Only for who
    has signed in: others learn how."""
    form = Form()
    try:
        owner = accounts.link_owner(confirmation, LinkPurpose.CONFIRM_EMAIL)
        own = owner == this_user()
        if own and form.validate_on_submit():
            accounts.confirm_address(confirmation, by=me())
            db.session.commit()
            flash("Votre adresse est confirmée.", "success")
            return redirect(landing(me()))
    except DomainError as error:
        db.session.rollback()
        return render_template("auth/dead_link.html", message=error.message), 410
    return render_template(
        "auth/confirm_address.html", form=form, email=owner.email, own=own, here=request.path
    )


@bp.post("/compte/confirmation")
@access("signed_in")
def ask_confirmation() -> ResponseReturnValue:
    def mail() -> None:
        spend(limits.MAILED)
        accounts.mail_confirmation(me())

    return attempt(
        mail,
        back=url_for("auth.account"),
        done=f"Un courriel est prêt pour {me().email} : ouvrez son lien.",
    )
