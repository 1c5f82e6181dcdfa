"""What keeps the site from answering: told as it is, on a page that asks the database nothing."""

from __future__ import annotations

import sqlite3
from errno import EDQUOT, ENOSPC
from typing import NamedTuple

from flask import current_app, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError, OperationalError

from grants.web.kept import KeptPost
from grants.web.scripts import for_script


class Failure(NamedTuple):
    title: str
    advice: str


BUSY = Failure(
    "Trop de monde à la fois", "Rien n'a été perdu ni enregistré à moitié. Attendez une minute et recommencez."
)
FULL = Failure(
    "Le serveur n'a plus de place",
    "Rien n'a été enregistré. On peut continuer à lire, mais pas à écrire. Prévenez l'administrateur.",
)
READ_ONLY = Failure(
    "Le serveur ne peut pas écrire", "Rien n'a été enregistré. On peut continuer à lire. Prévenez l'administrateur."
)
SCHEMA = Failure(
    "Mise à jour inachevée",
    "La base de données n'est pas celle de cette version de"
    " grants. Rien n'a été enregistré. Prévenez l'administrateur.",
)
GONE = Failure(
    "La base de données ne répond pas",
    "Rien n'a été enregistré. Attendez quelques minutes et recommencez ; si cela dure, prévenez l'administrateur.",
)

# By SQLite's result code, or PostgreSQL's class or code (its manual, appendix A).
_SQLITE = {"SQLITE_BUSY": BUSY, "SQLITE_LOCKED": BUSY, "SQLITE_FULL": FULL, "SQLITE_READONLY": READ_ONLY}
_POSTGRESQL = {
    "40": BUSY,
    "53300": BUSY,
    "55P03": BUSY,
    "53100": FULL,
    "25006": READ_ONLY,
    "42P01": SCHEMA,
    "42703": SCHEMA,
}
# Two people at once: a row that is there already, or is no more.
_COLLISIONS = {
    "23505",
    "23503",
    "SQLITE_CONSTRAINT_UNIQUE",
    "SQLITE_CONSTRAINT_PRIMARYKEY",
    "SQLITE_CONSTRAINT_FOREIGNKEY",
}
_SQLITE_SCHEMA = ("no such table", "no such column", "has no column named")


def collides(error: DBAPIError) -> bool:
    return bool(_COLLISIONS & {getattr(error.orig, name, "") for name in ("sqlstate", "sqlite_errorname")})


def failure_of(error: Exception) -> Failure | None:
    """`None` for a mistake of ours."""
    if isinstance(error, OSError):
        return FULL if error.errno in (ENOSPC, EDQUOT) else None
    cause = error.orig if isinstance(error, DBAPIError) else None
    if isinstance(cause, sqlite3.Error):
        name = "_".join(getattr(cause, "sqlite_errorname", "").split("_")[:2])
        known = _SQLITE.get(name)
        if name == "SQLITE_ERROR":  # what was asked is wrong, not the database
            return SCHEMA if any(words in str(cause) for words in _SQLITE_SCHEMA) else None
    else:
        state = getattr(cause, "sqlstate", None) or ""
        known = _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:2])
    return known or (GONE if isinstance(error, OperationalError) else None)


def answer(error: Exception, kept: KeptPost | None) -> ResponseReturnValue:
    """Raises `error` again when it is a mistake of ours."""
    failure = failure_of(error)
    if failure is None:
        raise error
    cause = getattr(error, "orig", error)
    # Where it was asked, as the mistake may be ours; without the values, which are people's.
    trace = (type(cause), cause, error.__traceback__) if failure in (GONE, SCHEMA) else None
    current_app.logger.error("%s %r: %s: %r", request.method, request.path, failure.title, cause, exc_info=trace)
    # In seconds, where it is over by itself: static/js/upload.js sends again.
    again = {"Retry-After": "60"} if failure is BUSY else {}
    if for_script():
        return {"message": f"{failure.title}. {failure.advice}"}, 503, again
    return bare_page(failure.title, failure.advice, kept), 503, again


def bare_page(title: str, advice: str, kept: KeptPost | None = None) -> str:
    bare = current_app.jinja_env.get_template("errors/bare.html")
    return bare.render(title=title, advice=advice, kept=kept)
