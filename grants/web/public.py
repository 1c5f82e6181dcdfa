"""Pages that everybody may read: home and accessibility."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from grants.queries.administration.administration import open_campaigns
from grants.web.access import access

bp = Blueprint("public", __name__)


@bp.get("/")
@access("public")
def home() -> ResponseReturnValue:
    return render_template("public/home.html", campaigns=open_campaigns())


@bp.get("/accessibilite")
@access("public")
def accessibility() -> ResponseReturnValue:
    return render_template("public/accessibility.html")
