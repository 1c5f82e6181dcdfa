"""Showing that it is oneself: the second factor at the door, and again before what is told to others or gives
rights; who has no second factor writes their password then."""

from __future__ import annotations

import time
from functools import partial

from flask import g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField

from grants.database import begin_write, db
from grants.domain.accounts import second_factor, sessions
from grants.domain.accounts.second_factor import FactorAnswer, Site, is_code
from grants.domain.accounts.tokens import hash_of
from grants.domain.ledger.security import SecurityKind
from grants.errors import DomainError
from grants.models import User
from grants.web.access import access, journal, this_user, visitor_address
from grants.web.auth import bp
from grants.web.auth.entering import begin_proved_write, enter, landing, next_path, visitor_device
from grants.web.auth.entering import prove as try_password
from grants.web.auth.forms import known_password, typed
from grants.web.fields import line
from grants.web.filters import identity
from grants.web.forms import Form, refusals_at
from grants.web.kept import FIELD, KeptPost, give_back

# In the signed cookie, of who has given their password and not yet the second factor: person, instant, mark of
# the password; it is worth something for so many seconds.
ENTERING, ENTERING_SECONDS = "entering", 600
WRONG_KEY = "Cette clé d'accès n'est pas l'une des vôtres : recommencez, ou écrivez un code."


class ProofForm(Form):
    """Of a code, or of the answer of a passkey."""

    code = line("Code", 60, render_kw={"autocomplete": "one-time-code", "spellcheck": "false", "autocapitalize": "off"})
    sealed = HiddenField()
    credential = HiddenField()


class PasswordForm(Form):
    password = known_password("Mot de passe")


def site() -> Site:
    """As the browser names it: in production no other name than its own comes this far (`KnownHosts`)."""
    origin = request.host_url.rstrip("/")
    return Site(identity().name or "grants", request.host.rpartition(":")[0] or request.host, origin)


def enter_or_prove(user: User) -> ResponseReturnValue:
    """After the password: enters, or asks for the second factor of who has one."""
    if not second_factor.factors(user):
        return enter(user)
    db.session.commit()
    for name in session.keys() - {"_flashes", "csrf_token"}:  # the page that answers was given this token
        session.pop(name)
    session[ENTERING] = [user.id, int(time.time()), hash_of(user.password_hash or "")]
    return _shown(user, ProofForm(formdata=None), request.form.get(FIELD, ""))


def _entering() -> User | None:
    person, at, mark = session.get(ENTERING, (0, 0, ""))
    user = db.session.get(User, person) if time.time() - at < ENTERING_SECONDS else None
    return user if user and user.active and mark == hash_of(user.password_hash or "") else None


@bp.route("/verification", methods=["GET", "POST"])
@access("public", writes=False)
def prove() -> ResponseReturnValue:
    user = this_user() or _entering()
    if user is None:
        return redirect(url_for("auth.sign_in", next=next_path()))
    form = PasswordForm() if this_user() and not g.has_factor else ProofForm()
    if form.validate_on_submit():
        with refusals_at(form):
            return _proved(user, form)
    return _shown(user, form, request.form.get(FIELD, ""))


def page(kept: KeptPost) -> str:
    """In the place of what was sent, which comes back afterwards."""
    user = this_user()
    assert user is not None  # noqa: S101 - only who is in is asked again
    form = ProofForm(formdata=None) if g.has_factor else PasswordForm(formdata=None)
    return _shown(user, form, kept.sealed(), kept.path)


def _shown(user: User, form: ProofForm | PasswordForm, kept: str, to: str = "") -> str:
    options = ""
    if isinstance(form, ProofForm) and any(factor.credential for factor in second_factor.factors(user)):
        from grants.domain.accounts import passkeys

        options, form.sealed.data = passkeys.request(user, site())
        form.credential.data = ""  # what was refused is asked for anew
    return render_template("auth/prove.html", form=form, options=options, kept=kept, next=to or next_path())


def _proved(user: User, form: ProofForm | PasswordForm) -> ResponseReturnValue:
    if isinstance(form, PasswordForm):
        begin_proved_write(try_password(typed(form.password)), "password")
    else:
        _check_factor(user, FactorAnswer(*map(typed, (form.code, form.credential, form.sealed))))
    if this_user() is None:
        return enter(user)
    sessions.prove(session["_user_id"])
    db.session.commit()
    return give_back(request.form.get(FIELD, "")) or redirect(next_path() or landing(user))


def _check_factor(user: User, answer: FactorAnswer) -> None:
    """Raises `DomainError`, the guess counted."""
    begin_write()
    is_right = partial(_is_signed, user, answer) if answer.credential else partial(is_code, user, answer.code)
    if not second_factor.prove(user, is_right, visitor_address(), visitor_device()):
        journal(SecurityKind.SIGN_IN_REFUSED, user, "double vérification")
        db.session.commit()
        raise DomainError(*((WRONG_KEY,) if answer.credential else (second_factor.WRONG_CODE, "code")))


def _is_signed(user: User, answer: FactorAnswer) -> bool:
    from grants.domain.accounts import passkeys

    return passkeys.is_answer(user, answer, site())
