"""Dossiers that are older than what is kept: which would go, and their going."""

from __future__ import annotations

from hashlib import sha256

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.database import db
from grants.domain.ledger import retention as rules
from grants.queries.administration.retention import past_purges
from grants.web.access import access, me
from grants.web.admin import bp
from grants.web.uploads import storage


def _years() -> int:
    years: int = current_app.config["SETTINGS"].retention_years
    return years


def _mark() -> str:
    """Of which dossiers would go: as many others have another."""
    return sha256(repr(rules.old_ids(_years())).encode()).hexdigest()[:16]


@bp.get("/conservation")
@access("administer")
def retention() -> ResponseReturnValue:
    rows = rules.old_years(_years())
    return render_template("admin/retention.html", rows=rows, mark=_mark(), years=_years(), past_purges=past_purges())


@bp.post("/conservation")
@access("administer", fresh=True)
def purge() -> ResponseReturnValue:
    if request.form.get("vu") != _mark():
        flash("La liste a changé entre-temps : relisez-la, puis recommencez. Rien n'est effacé.", "warning")
        return redirect(url_for("admin.retention"))
    files = rules.purge(_years(), by=me())
    db.session.commit()
    storage().remove_all(files)
    flash("Ces dossiers sont effacés.", "success")
    return redirect(url_for("admin.retention"))
