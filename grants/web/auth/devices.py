"""The devices on which I am signed in, and ending that there."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from grants.database import db
from grants.domain.accounts import sessions
from grants.domain.accounts.tokens import hash_of
from grants.web.access import access, idle_hours, me
from grants.web.auth import bp
from grants.web.filters import number


@bp.get("/compte/appareils")
@access("signed_in")
def devices() -> ResponseReturnValue:
    return render_template(
        "auth/devices.html", rows=sessions.open_ones(me()), here=hash_of(session["_user_id"]),
        hours=idle_hours(me()), days=sessions.LONGEST.days,
    )  # fmt: skip


@bp.post("/compte/appareils")
@access("signed_in")
def end_session() -> ResponseReturnValue:
    """The one whose button was pressed, where it still is and is mine."""
    asked = number(request.form.get("session", ""))
    for row in sessions.open_ones(me()):
        if row.id == asked:
            sessions.forget(row)
            flash(f"La connexion sur {row.label} est fermée.", "success")
    db.session.commit()
    return redirect(url_for("auth.devices"))
