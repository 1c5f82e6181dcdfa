"""What one button changes, without a form to fill in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue

from grants.database import db
from grants.errors import DomainError


def attempt(
    save: Callable[[], Any],
    *,
    back: str,
    done: str | Callable[[Any], str] = "",
    after: Callable[[Any], str] | None = None,
) -> ResponseReturnValue:
    """Done and said, or refused and said; then `after(what it made)`, or `back`. `done`: or what is said of that."""
    try:
        made = save()
    except DomainError as error:
        db.session.rollback()
        flash(error.message, "danger")
        return redirect(back)
    db.session.commit()
    if told := done(made) if callable(done) else done:
        flash(told, "success")
    return redirect(after(made) if after else back)


def step() -> int:
    """Up (-1) or down (1), as the arrow says that was pressed (admin/buttons.html)."""
    towards = {"haut": -1, "bas": 1}.get(request.form.get("vers", ""))
    return towards or abort(400)
