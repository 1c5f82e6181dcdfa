"""Signing up, in and out, and the one-time link.

Passwords are hashed before the transaction that writes begins (`writes=False`): nobody waits
for somebody else's hash.
"""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from grants.database import begin_write, db
from grants.domain import limits
from grants.domain.accounts import accounts, first_start, passwords, sessions
from grants.domain.accounts.passwords import QUARTER
from grants.domain.ledger.security import SecurityKind
from grants.domain.organisation import invitation
from grants.errors import DomainError
from grants.web.access import access, journal, spend, this_user, visitor_address
from grants.web.auth import bp
from grants.web.auth.entering import enter, landing, next_path, visitor_device
from grants.web.auth.forms import ChoosePasswordForm, EmailForm, SignInForm, SignUpForm, typed
from grants.web.auth.proving import enter_or_prove
from grants.web.forms import refusals_at, what_was_sent
from grants.web.kept import FIELD, opened

WRONG = "Cette adresse et ce mot de passe ne vont pas ensemble. Vérifiez-les tous les deux."

ANOTHERS = "Ce qui vous attend ici a été écrit avec un autre compte : connectez-vous avec celui-là."
# Whether an e-mail address has an account, asked from one internet address.
ASKED, MOST_ASKED = "asked", 100

CONFIRM = " Un courriel vous est envoyé : ouvrez son lien pour confirmer votre adresse."
LINK_SENT = (
    "Si cette adresse a un compte, un courriel lui est destiné, avec un lien pour choisir un"
    " nouveau mot de passe. Regardez aussi dans les courriers indésirables."
)


@bp.context_processor
def _shared_words() -> dict[str, Any]:
    return {"password_rule": passwords.RULE, "sends_mail": _sends_mail()}


def _sends_mail() -> bool:
    return current_app.config["SETTINGS"].mail_server is not None


@bp.route("/connexion", methods=["GET", "POST"])
@access("public", writes=False)
def sign_in() -> ResponseReturnValue:
    form, kept = SignInForm(), request.form.get(FIELD, "")
    if form.validate_on_submit():
        with refusals_at(form):
            return _sign_in(accounts.known_email(typed(form.email)), typed(form.password), kept)
    elif user := this_user():
        return redirect(next_path() or landing(user))
    return render_template("auth/sign_in.html", form=form, next=next_path(), kept=kept)


def _sign_in(email: str, password: str, sealed: str) -> ResponseReturnValue:
    proof = passwords.prove(email, password, visitor_address(), visitor_device())
    begin_write()
    user = passwords.conclude(proof)
    if user is None:
        # What has no @ is no address, and may be a password typed in the wrong place.
        journal(SecurityKind.SIGN_IN_REFUSED, email=email if "@" in email else "")
        db.session.commit()
        raise DomainError(WRONG)
    if (kept := opened(sealed)) and kept.author != user.id:
        raise DomainError(ANOTHERS)
    return enter_or_prove(user)


@bp.post("/deconnexion")
@access("public")
def sign_out() -> ResponseReturnValue:
    if user := this_user():
        journal(SecurityKind.SIGN_OUT, user)
    sessions.end(session.get("_user_id", ""))
    db.session.commit()
    session.clear()
    flash("Vous êtes déconnecté.", "success")
    return redirect(url_for("public.home"))


@bp.route("/inscription", methods=["GET", "POST"])
@access("public", writes=False)
def sign_up() -> ResponseReturnValue:
    form = SignUpForm()
    if form.validate_on_submit():
        with refusals_at(form):
            return _sign_up(typed(form.name), typed(form.email), typed(form.password))
    elif email := _invited():
        form.email.data = email
    return render_template("auth/sign_up.html", form=form, next=next_path())


def _invited() -> str:
    """The address of the invitation that one comes from (and goes back to)."""
    _, found, token = (next_path() or "").partition("/invitation/")
    try:
        return invitation.live(token).email if found and what_was_sent() is None else ""
    except DomainError:
        return ""


def _sign_up(name: str, email: str, password: str) -> ResponseReturnValue:
    """An address that has an account is told so plainly: signing up enters at once, so the
    answer cannot be hidden, and people need to know that they have an account. Asking about many
    addresses is throttled like guessing passwords."""
    limits.check(ASKED, visitor_address(), MOST_ASKED, QUARTER)
    hashed = passwords.hash_password(password, about=(name, email))
    begin_write()
    try:
        spend(limits.SIGNED_UP, email.casefold())
        user = accounts.create(name, email, hashed)
        to = next_path() or ""
        accounts.mail_confirmation(user, "" if to.startswith("/invitation/") else to)  # which serves once
    except accounts.AddressTaken:
        begin_write()
        limits.count((ASKED, visitor_address()))
        db.session.commit()
        raise
    flash("Votre compte est créé." + (CONFIRM if _sends_mail() else ""), "success")
    return enter(user)


@bp.route("/mot-de-passe-oublie", methods=["GET", "POST"])
@access("public")
def forgotten() -> ResponseReturnValue:
    """Says the same whether the address has an account or not."""
    form = EmailForm()
    if form.validate_on_submit():
        with refusals_at(form):
            limits.check(ASKED, visitor_address(), MOST_ASKED, QUARTER)
            limits.count((ASKED, visitor_address()))
            email = typed(form.email)
            spend(limits.MAILED, f"{email} {visitor_address()}")  # nobody shuts another out
            accounts.mail_password_link(email)
            db.session.commit()
            flash(LINK_SENT, "success")
            return redirect(url_for("auth.forgotten"))
    return render_template("auth/forgotten.html", form=form)


@bp.route("/mot-de-passe/<token>", methods=["GET", "POST"])
@access("public", writes=False)
def choose_password(token: str) -> ResponseReturnValue:
    try:
        owner = accounts.link_owner(token)
    except DomainError as error:
        return render_template("auth/dead_link.html", message=error.message), 410
    form = ChoosePasswordForm()
    if form.validate_on_submit():
        with refusals_at(form):
            about = owner.name, owner.email
            hashed = passwords.hash_password(typed(form.password), about=about)
            begin_write()
            user = accounts.choose_password(token, hashed)
            flash("Votre mot de passe est enregistré.", "success")
            return enter_or_prove(user)
    return render_template("auth/choose_password.html", form=form, email=owner.email)


@bp.route("/premiere-ouverture/<token>", methods=["GET", "POST"])
@access("public", writes=False)
def open_site(token: str) -> ResponseReturnValue:
    """The first administrator, by the address that the server printed."""
    form = SignUpForm()
    try:
        first_start.check(token)
    except DomainError as error:
        return render_template("auth/dead_link.html", message=error.message), 410
    if form.validate_on_submit():
        with refusals_at(form):
            name, email = typed(form.name), typed(form.email)
            hashed = passwords.hash_password(typed(form.password), about=(name, email))
            begin_write()
            user = first_start.create_first(token, name, email, hashed)
            flash("Votre compte est créé. Voici ce qui reste à faire avant d'ouvrir le premier appel.", "success")
            return enter(user, url_for("admin.home"))
    return render_template("auth/first_start.html", form=form)
