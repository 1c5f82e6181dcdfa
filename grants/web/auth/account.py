"""My account: who I am here, my roles and organisations, my password, the devices on which I am
signed in; and showing that my address is mine, by the link that came by mail or another."""

from __future__ import annotations

from io import BytesIO

from flask import flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from exports.own_data import write as write_own_data
from grants.database import db
from grants.domain import limits
from grants.domain.accounts import accounts, address, passwords, sessions
from grants.domain.accounts.tokens import hash_of
from grants.domain.organisation import closing
from grants.errors import DomainError
from grants.models import LinkPurpose
from grants.queries.administration import organisations
from grants.web.access import access, check_fresh, idle_hours, me, spend, this_user
from grants.web.auth import bp
from grants.web.auth.entering import begin_proved_write, enter, landing, next_path, prove
from grants.web.auth.forms import ChangePasswordForm, EmailForm, NameForm, typed
from grants.web.buttons import attempt
from grants.web.downloads import send_table
from grants.web.filters import number
from grants.web.forms import Form, refusals_at, saved


@bp.get("/compte")
@access("signed_in")
def account() -> ResponseReturnValue:
    return render_template(
        "auth/account.html", organisations=organisations.of_user(me().id), asked=organisations.asked_of(me().id)
    )


@bp.route("/compte/nom", methods=["GET", "POST"])
@access("signed_in")
def rename() -> ResponseReturnValue:
    form = NameForm(obj=me())
    if saved(form, lambda: accounts.rename(me(), typed(form.name), by=me()), "Votre nom est enregistré."):
        return redirect(url_for("auth.account"))
    return render_template("auth/rename.html", form=form)


@bp.route("/compte/mot-de-passe", methods=["GET", "POST"])
@access("signed_in", writes=False)
def change_password() -> ResponseReturnValue:
    if g.has_factor:
        check_fresh()
    form = ChangePasswordForm()
    if form.validate_on_submit():
        with refusals_at(form):
            return _change_password(typed(form.current), typed(form.password))
    return render_template("auth/change_password.html", form=form)


def _change_password(current: str, new: str) -> ResponseReturnValue:
    """Asks the present one."""
    proof, about = prove(current), (me().name, me().email)
    hashed = passwords.hash_password(new, about=about) if proof.known else None
    user = begin_proved_write(proof, "current")
    assert hashed is not None  # noqa: S101 - for the type
    accounts.set_password(user, hashed)
    flash("Votre mot de passe est changé. Vos autres connexions sont fermées.", "success")
    return enter(user, url_for("auth.account"), g.proved_at if g.has_factor else None)


@bp.route("/compte/adresse", methods=["GET", "POST"])
@access("signed_in", fresh=True)
def ask_new_address() -> ResponseReturnValue:
    def mail() -> None:
        spend(limits.MAILED)
        address.mail_change(me(), typed(form.email))

    form = EmailForm()
    if saved(form, mail, "Un courriel part à cette adresse : ouvrez son lien. Jusque-là, rien ne change."):
        return redirect(url_for("auth.account"))
    return render_template("auth/new_address.html", form=form)


@bp.route("/compte/adresse/<address_token>", methods=["GET", "POST"])
@access("signed_in")
def change_address(address_token: str) -> ResponseReturnValue:
    """A button, as for `confirm_address`."""
    form = Form()
    try:
        email = address.offered(me(), address_token)
    except DomainError as error:
        return render_template("auth/dead_link.html", message=error.message), 410
    if saved(form, lambda: address.change(me(), email, by=me()), "Votre adresse est changée."):
        return redirect(url_for("auth.account"))
    return render_template("auth/confirm_address.html", form=form, email=email, own=True)


@bp.get("/compte/mes-donnees.zip")
@access("signed_in", fresh=True)
def own_data() -> ResponseReturnValue:
    out = BytesIO()
    write_own_data(me(), out)
    return send_table(out, "mes-donnees.zip", "application/zip")


@bp.route("/compte/fermer", methods=["GET", "POST"])
@access("signed_in", fresh=True)
def close_account() -> ResponseReturnValue:
    form = Form()
    if saved(form, lambda: closing.close(me(), by=me())):
        session.clear()
        flash("Votre compte est fermé.", "success")
        return redirect(url_for("public.home"))
    return render_template("auth/close.html", form=form)


@bp.get("/compte/appareils")
@access("signed_in")
def devices() -> ResponseReturnValue:
    return render_template(
        "auth/devices.html",
        rows=sessions.open_ones(me()),
        here=hash_of(session["_user_id"]),
        hours=idle_hours(me()),
        days=sessions.LONGEST.days,
    )


@bp.post("/compte/appareils")
@access("signed_in")
def end_session() -> ResponseReturnValue:
    """The one whose button was pressed, where it still is and is mine."""
    asked = number(request.form.get("session", ""))
    for row in sessions.open_ones(me()):
        if row.id == asked:
            sessions.forget(row)
            flash(f"La connexion sur {row.label} est fermée.", "success")
    db.session.commit()
    return redirect(url_for("auth.devices"))


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
            return redirect(next_path() or landing(me()))
    except DomainError as error:
        db.session.rollback()
        return render_template("auth/dead_link.html", message=error.message), 410
    return render_template(
        "auth/confirm_address.html", form=form, email=owner.email, own=own, here=request.full_path.rstrip("?")
    )


@bp.post("/compte/confirmation")
@access("signed_in")
def ask_confirmation() -> ResponseReturnValue:
    def mail() -> None:
        spend(limits.MAILED)
        accounts.mail_confirmation(me())

    return attempt(
        mail, back=url_for("auth.account"), done=f"Un courriel est prêt pour {me().email} : ouvrez son lien."
    )
