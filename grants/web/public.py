"""What everybody may read: home, accessibility, and how the site looks."""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template, request, send_file
from flask.typing import ResponseReturnValue

from grants.domain.contract.colours import style_sheet, version
from grants.queries.administration.administration import open_campaigns
from grants.web import uploads
from grants.web.access import access
from grants.web.filters import identity

bp = Blueprint("public", __name__)


@bp.get("/")
@access("public")
def home() -> ResponseReturnValue:
    return render_template("public/home.html", campaigns=open_campaigns())


@bp.get("/accessibilite")
@access("public")
def accessibility() -> ResponseReturnValue:
    return render_template("public/accessibility.html")


@bp.get("/theme.css")
@access("public")
def theme() -> ResponseReturnValue:
    """The colours that are made of the accent."""
    accent = identity().accent
    return _kept(Response(style_sheet(accent), mimetype="text/css"), version(accent))


@bp.get("/logo.png")
@access("public")
def logo() -> ResponseReturnValue:
    document = identity().logo
    if document is None:
        abort(404)
    try:
        content = uploads.storage().open(document.storage_key)
    except FileNotFoundError:
        abort(404)
    return _kept(send_file(content, document.media_type, conditional=False, etag=False), str(document.id))


def _kept(response: Response, version: str) -> Response:
    """By browsers for a year under the address that pages name, which changes with it."""
    long = request.args.get("v") == version
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if long else "no-cache"
    return response
