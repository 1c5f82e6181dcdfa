"""Error pages: what happened, and what to do, in French."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, generate_csrf
from gunicorn.http.errors import ParseException
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from grants.database import db
from grants.errors import DomainError, NotAllowed
from grants.web import failures
from grants.web.access import ProofNeeded, note_denial, this_user
from grants.web.kept import NOBODY, KeptPost, ask_who, sent
from grants.web.scripts import for_script
from grants.web.uploads import too_large

PAGES = {
    400: (
        "Demande illisible",
        "La page a envoyé quelque chose que nous n'avons pas compris."
        " Revenez en arrière, rechargez la page et recommencez.",
    ),
    403: (
        "Page réservée",
        "Votre compte n'ouvre pas cette page. Si vous en avez besoin, demandez le droit à l'administrateur.",
    ),
    404: ("Page introuvable", "Cette adresse ne mène à rien. Vérifiez-la, ou repartez de l'accueil."),
    405: ("Action impossible ici", "Repartez de l'accueil."),
    409: (
        "Quelqu'un vous a devancé",
        "La même chose a été modifiée ou créée à l'instant par une autre personne. Rouvrez la page et vérifiez.",
    ),
    410: (
        "Ce n'est plus ici",
        "Ce que cette adresse montrait a été retiré, ou n'est plus ouvert."
        " Repartez de l'accueil, ou demandez au service.",
    ),
    413: ("Envoi trop lourd", "Ce que vous envoyez dépasse 2 Mo. Raccourcissez vos textes."),
    414: (
        "Adresse trop longue",
        "Souvent, c'est un texte collé dans une recherche, trop long pour"
        " elle. Revenez en arrière et raccourcissez-le, ou repartez de l'accueil.",
    ),
    431: (
        "Demande trop lourde",
        "Effacez les cookies de ce site dans les réglages de votre navigateur, puis recommencez.",
    ),
    500: (
        "Une erreur de notre part",
        "Ce n'est pas de votre faute, et rien n'a été enregistré à"
        " moitié. Recommencez ; si cela dure, prévenez l'administrateur"
        " en disant à quelle heure et sur quelle page.",
    ),
    503: failures.BUSY,
}


def _words_of(status: int) -> tuple[str, str]:
    return PAGES.get(status, PAGES[500 if status > 500 else 400])


def _page(status: int, detail: str | None = None, back: str = "") -> ResponseReturnValue:
    title, advice = _words_of(status)
    if for_script():
        return jsonify(message=detail or advice), status
    text = render_template("errors/error.html", title=title, advice=detail or advice, back=back, kept=_kept())
    return text, status


def refused(status: int) -> str:
    """The page of what the server refuses before the application is asked."""
    return failures.bare_page(*_words_of(status))


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error
    db.session.rollback()
    if error.code == 401:
        if for_script():
            return _signed_out()
        if request.method == "POST" and (kept := sent()) and kept.author != NOBODY:
            return ask_who(kept)
        asked = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("auth.sign_in", next=asked))
    if error.code == 413:
        detail = too_large()
        return _page(413, detail, back=request.path if detail else "")
    if error.code == 403:
        note_denial()
    if error.code == 404 and _kept():  # it was there when its page was opened
        return _page(410)
    return _page(error.code)


def _proof_needed(error: ProofNeeded) -> ResponseReturnValue:
    """What was sent comes back once the person has shown that it is them, or added their second factor."""
    from grants.web.auth import factors, proving

    db.session.rollback()
    if for_script():
        return jsonify(message="Vérifiez d'abord que c'est vous : rechargez la page."), 403
    if kept := _kept():
        page = factors.page if error.endpoint == "auth.factors" else proving.page
        return page(kept), 403
    return redirect(url_for(error.endpoint, next=request.full_path.rstrip("?")))


def _signed_out() -> ResponseReturnValue:
    return jsonify(message="Vous êtes déconnecté : reconnectez-vous, rien n'est perdu."), 401


def _csrf_error(_error: CSRFError) -> ResponseReturnValue:
    if for_script():
        return _new_token()
    return _page(
        400,
        "Cette page n'a pas pu être enregistrée : elle est ouverte depuis trop longtemps,"
        " votre session est finie, ou votre navigateur refuse les cookies de ce site. Revenez en"
        " arrière : ce que vous aviez écrit y est encore. Copiez-le avant de recharger la page.",
    )


def _new_token() -> ResponseReturnValue:
    """A page left open while its person signed out and in again still saves: its script gets a
    token of the new session, and tells by `user` whether it is still the same person's."""
    user = this_user()
    if user is None:
        return _signed_out()
    return jsonify(message=PAGES[400][1], token=generate_csrf(), user=user.id), 400


def _refusal(error: DomainError) -> ResponseReturnValue:
    """A refusal that no form took."""
    db.session.rollback()
    if isinstance(error, NotAllowed):
        note_denial()
        return _page(403, error.message)
    return _page(409, error.message)


def _conflict(_error: Exception) -> ResponseReturnValue:
    db.session.rollback()
    return _page(409)


def _unreadable(_error: ParseException) -> ResponseReturnValue:
    """A body in chunks that are none, found when it is read."""
    return refused(400), 400


def _failure(error: Exception) -> ResponseReturnValue:
    if isinstance(error, DBAPIError) and failures.collides(error):
        return _conflict(error)
    return failures.answer(error, _kept())


def _kept() -> KeptPost | None:
    """What was sent to be changed, and was not: it can be taken up again."""
    return sent() if request.method == "POST" else None


def _log(exc_info: Any) -> None:
    """An address cannot begin a line of the log."""
    current_app.logger.error("%s %r", request.method, request.path, exc_info=exc_info)


def init_app(app: Flask) -> None:
    app.log_exception = _log  # type: ignore[method-assign]
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(ProofNeeded, _proof_needed)
    app.register_error_handler(ParseException, _unreadable)
    app.register_error_handler(DomainError, _refusal)
    app.register_error_handler(StaleDataError, _conflict)
    app.register_error_handler(DBAPIError, _failure)
    app.register_error_handler(OSError, _failure)
