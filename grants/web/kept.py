"""What was sent too late, its session or its token gone, is given back on the same page, filled.

The fields go encrypted into the page that signs the person in, and come back with them: nothing is
stored here. Whose they are is signed into the token of every page (`csrf_token`), so that they
open for the same person only. Given back, the request is a GET in which each form finds its fields
(`forms.typed`): no view can take it for a change.
"""

from __future__ import annotations

import json
import secrets
import zlib
from dataclasses import astuple, dataclass
from urllib.parse import urlsplit

from cryptography.fernet import InvalidToken
from flask import Flask, Response, current_app, flash, g, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_login import user_logged_in
from flask_wtf.csrf import CSRFError
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.exceptions import HTTPException

from grants.domain.accounts.sealing import cipher
from grants.extensions import csrf
from grants.models import User
from grants.web.access import SAFE_METHODS, this_user
from grants.web.scripts import for_script

FIELD = "kept"
LIFE = 7 * 24 * 3600  # seconds
NOBODY = 0  # the page was of somebody who had not signed in
# A password is not kept, an oath is made anew.
NEVER = {FIELD, "csrf_token", "password", "current", "sworn", "commitment", "code", "sealed", "credential"}
SHORTEST_TEXT = 20  # what is shorter and has no space is a choice or a number, soon typed again
AGAIN = "Votre connexion avait changé, ou il fallait vérifier que c'est vous : rien n'a été fait. Recommencez."


@dataclass(frozen=True)
class KeptPost:
    """`author`: the id of whose page it was. `back`: the page that it was sent from."""

    path: str
    author: int
    back: str
    fields: list[tuple[str, str]]
    files: list[str]

    def sealed(self) -> str:
        plain = json.dumps(astuple(self)).encode()
        return cipher("kept").encrypt(zlib.compress(plain)).decode()


def opened(sealed: str) -> KeptPost | None:
    """Nothing where it is not ours, or older than `LIFE`."""
    try:
        plain = cipher("kept").decrypt(sealed.encode(), ttl=LIFE)
    except InvalidToken:
        return None
    return KeptPost(*json.loads(zlib.decompress(plain)))


def sent() -> KeptPost | None:
    """What this request carries; nothing where no page of ours says whose it is, by its token or,
    where that is spoilt, by what the browser says of the page (`Origin`)."""
    signer = URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="wtf-csrf-token")
    try:
        mark = str(signer.loads(request.form.get("csrf_token", "")))
    except HTTPException:  # a form that cannot be read
        return None
    except BadData:
        user = this_user()
        if user is None or request.origin != request.host_url.rstrip("/"):
            return None
        mark = f"{user.id}."
    author, dot, _ = mark.partition(".")
    came = urlsplit(request.referrer or "")
    fields = [pair for pair in request.form.items(multi=True) if pair[0] not in NEVER]
    files = [file.filename or "" for file in request.files.values() if file.filename]
    return KeptPost(
        request.full_path.rstrip("?"),
        int(author) if dot else NOBODY,
        came.path if came.netloc == request.host else "/",
        fields,
        files,
    )


def ask_who(kept: KeptPost) -> ResponseReturnValue:
    """The page that signs in, with what was sent."""
    from grants.web.auth.forms import SignInForm

    page = render_template("auth/sign_in.html", form=SignInForm(formdata=None), next=kept.path, kept=kept.sealed())
    return page, 401


def give_back(sealed: str) -> str | None:
    """Once signed in: the page that brings what was sent back to where it was written."""
    kept = opened(sealed)
    return render_template("auth/kept.html", path=kept.path, kept=sealed) if kept else None


def _protect() -> ResponseReturnValue | None:
    """Against forgery (Flask-WTF), of each request that may change something."""
    protects = current_app.config["WTF_CSRF_ENABLED"] and request.endpoint
    if not protects or request.method in SAFE_METHODS:
        return None
    if request.endpoint == "auth.sign_out" and this_user() is None:
        return redirect("/")
    kept = opened(request.form.get(FIELD, ""))
    if kept is None or kept.path != request.full_path.rstrip("?"):
        try:
            csrf.protect()
        except CSRFError:
            kept = None if for_script() else sent()
            if kept is None:
                raise
        else:
            return None
    user = this_user()
    if kept.author == (user.id if user else NOBODY):
        return _read_again(kept)
    return redirect(kept.path) if kept.author == NOBODY else ask_who(kept)


def _read_again(kept: KeptPost) -> ResponseReturnValue | None:
    """The request goes on as a GET of its page."""
    g.kept, g.given_back = kept, False
    request.method = request.environ["REQUEST_METHOD"] = "GET"
    adapter = current_app.create_url_adapter(request)
    try:
        request.url_rule, request.view_args = adapter.match(return_rule=True)  # type: ignore[union-attr, assignment]
    except HTTPException:
        return ""  # a button alone: `_give_back`
    return None


def _give_back(response: Response) -> Response:
    """Where no form took the words (its page is closed, or only a button was pressed) they are
    shown, to be copied; where there were none, the page that was left says to begin again."""
    kept: KeptPost | None = g.get("kept")
    if kept is None or (g.given_back and response.status_code == 200):
        return response
    texts = [
        value
        for name, value in kept.fields
        if name not in ("version", "next") and (len(value) > SHORTEST_TEXT or " " in value.strip())
    ]
    g.given_back = False
    if texts:
        return current_app.make_response(render_template("errors/kept.html", texts=texts))
    if response.status_code < 400:
        flash(AGAIN, "warning")
    return response if response.data else current_app.make_response(redirect(kept.back))


def _mark(_app: Flask, user: User) -> None:
    """Every token of this session says whose it is."""
    session["csrf_token"] = f"{user.id}.{secrets.token_hex(20)}"


def init_app(app: Flask) -> None:
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False  # `_protect` does
    app.before_request(_protect)
    app.after_request(_give_back)
    user_logged_in.connect(_mark, app)
