"""My second factor: added, removed, and its recovery codes."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from segno import make_qr
from wtforms import HiddenField
from wtforms.validators import InputRequired

from grants.database import db
from grants.domain.accounts import second_factor
from grants.domain.accounts.second_factor import FactorAnswer
from grants.errors import DomainError
from grants.models import SecondFactor
from grants.web.access import access, by_id, lacks_factor, me, this_user
from grants.web.auth import bp
from grants.web.auth.entering import next_path
from grants.web.auth.forms import typed
from grants.web.auth.proving import site
from grants.web.buttons import attempt
from grants.web.fields import line
from grants.web.forms import Form, made_by, what_was_sent
from grants.web.kept import KeptPost

ADDRESS = second_factor.PAGE
DONE = "C'est fait. Vos autres connexions sont fermées."


class TotpForm(Form):
    code = line(
        "Code à six chiffres",
        20,
        needed="Écrivez le code que montre l'application.",
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )
    label = line("Nom", 60, needed="Donnez-lui un nom.", default="Application de codes")
    sealed = HiddenField()


class PasskeyForm(Form):
    label = line("Nom", 60, needed="Donnez-lui un nom.", default="Clé d'accès")
    sealed = HiddenField()
    credential = HiddenField(validators=[InputRequired("Appuyez sur « Créer la clé d'accès ».")])


@bp.get(ADDRESS)
@access("signed_in")
def factors() -> ResponseReturnValue:
    return page()


def page(kept: KeptPost | None = None) -> str:
    """`kept`: what was sent by somebody who has to add one first."""
    return render_template(
        "auth/factors.html",
        factors=second_factor.factors(me()),
        left=second_factor.codes_left(me()),
        lacks=lacks_factor(),
        kept=kept,
        next=next_path(),
    )


@bp.route(f"{ADDRESS}/application", methods=["GET", "POST"])
@access("signed_in", fresh=True)
def add_totp() -> ResponseReturnValue:
    form, secret = TotpForm(), ""
    if what_was_sent() is not None:
        try:
            secret = second_factor.offered_totp(me(), typed(form.sealed))
        except DomainError as error:
            form.refuse(error)
    if secret and (codes := _added(form, lambda answer: second_factor.application(me(), answer))) is not None:
        return _codes_page(codes)
    if not secret:
        secret, form.sealed.data = second_factor.new_totp(me())
    picture = make_qr(second_factor.totp_address(secret, me(), site().name)).svg_data_uri(scale=5, light="#fff")
    parts = [secret[at : at + 4] for at in range(0, len(secret), 4)]
    return render_template("auth/totp.html", form=form, picture=picture, key=" ".join(parts), next=next_path())


@bp.route(f"{ADDRESS}/cle", methods=["GET", "POST"])
@access("signed_in", fresh=True)
def add_passkey() -> ResponseReturnValue:
    from grants.domain.accounts import passkeys

    form = PasskeyForm()
    if (codes := _added(form, lambda answer: passkeys.registered(me(), answer, site()))) is not None:
        return _codes_page(codes)
    options, form.sealed.data = passkeys.registration(me(), site())
    form.credential.data = ""  # what was refused is made anew
    return render_template("auth/passkey.html", form=form, options=options, next=next_path())


def _added(form: TotpForm | PasskeyForm, make: Callable[[FactorAnswer], SecondFactor]) -> list[str] | None:
    """The recovery codes that came of it; nothing where it was not."""

    def save() -> list[str]:
        factor = make(FactorAnswer(*(typed(form[name]) if name in form else "" for name in FactorAnswer._fields)))
        return second_factor.add(factor, me(), typed(form.label), token=session["_user_id"])

    made = made_by(form, lambda: (save(),))
    return made and made[0]


def _codes_page(codes: list[str]) -> ResponseReturnValue:
    """They are shown this once."""
    flash(DONE, "success")
    if not codes:
        return redirect(next_path() or ADDRESS)
    return render_template("auth/recovery_codes.html", codes=codes, next=next_path())


@bp.post(f"{ADDRESS}/codes")
@access("signed_in", fresh=True)
def renew_codes() -> ResponseReturnValue:
    codes = second_factor.renew_codes(me(), token=session["_user_id"])
    db.session.commit()
    return _codes_page(codes)


def _own(factor_id: int) -> SecondFactor | None:
    factor = by_id(SecondFactor)(factor_id=factor_id)
    return factor if factor and (user := this_user()) and factor.user_id == user.id else None


@bp.post(f"{ADDRESS}/<int:factor_id>/retirer")
@access("signed_in", _own, fresh=True)
def remove_factor(factor: SecondFactor) -> ResponseReturnValue:
    return attempt(
        lambda: second_factor.remove(factor, me(), token=session["_user_id"]), back=url_for("auth.factors"), done=DONE
    )
