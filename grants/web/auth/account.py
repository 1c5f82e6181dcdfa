"""My account: who I am here, my roles and organisations, my password."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.domain.accounts import accounts, passwords
from grants.queries.administration import organisations
from grants.web.access import access, me
from grants.web.auth import bp
from grants.web.auth.entering import begin_proved_write, enter, prove
from grants.web.auth.forms import ChangePasswordForm, NameForm, typed
from grants.web.forms import refusals_at, saved


@bp.get("/compte")
@access("signed_in")
def account() -> ResponseReturnValue:
    return render_template(
        "auth/account.html", organisations=organisations.of_user(me().id),
        asked=organisations.asked_of(me().id),
    )  # fmt: skip


@bp.route("/compte/nom", methods=["GET", "POST"])
@access("signed_in")
def rename() -> ResponseReturnValue:
    form = NameForm(obj=me())
    if saved(
        form, lambda: accounts.rename(me(), typed(form.name), by=me()), "Votre nom est enregistré."
    ):
        return redirect(url_for("auth.account"))
    return render_template("auth/rename.html", form=form)


@bp.route("/compte/mot-de-passe", methods=["GET", "POST"])
@access("signed_in", writes=False)
def change_password() -> ResponseReturnValue:
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
    return enter(user, url_for("auth.account"))
