"""The journal of security: read, sought in, never changed."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from grants.domain.ledger.security import SecurityKind
from grants.queries.administration import security as queries
from grants.web.access import access
from grants.web.admin import bp


@bp.get("/securite")
@access("administer")
def security() -> ResponseReturnValue:
    kind = request.args.get("quoi", None, type=SecurityKind)
    search = request.args.get("q", "")
    page = queries.events(kind, search, request.args.get("page", 1, type=int))
    return render_template("admin/security.html", page=page, kind=kind, search=search, events=queries.EVENTS)
