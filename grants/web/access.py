"""Who may use each route, said at the route: `@access(action, load)`.

The decorator opens the transaction (one that writes, unless the method is safe), loads the
object once (404), asks `permissions.can` (sign-in page, or 403), and hands the object to the
view. A test walks all routes and fails on one without this mark.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from functools import cache, wraps
from typing import Any, TypeVar

from flask import Flask, Response, abort, current_app, g, request, session
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import Executable, bindparam, select, true
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import joinedload

from grants.config import Settings
from grants.database import begin_write, db
from grants.domain import limits
from grants.domain.accounts.second_factor import has_factor
from grants.domain.accounts.sessions import LONGEST
from grants.domain.accounts.tokens import hash_of
from grants.domain.contract.identity import blank
from grants.domain.ledger import security
from grants.domain.ledger.security import SecurityKind
from grants.extensions import login
from grants.models import Entity, Role, RoleGrant, SiteIdentity, User, UserSession, now
from grants.permissions import RULES, can, roles_of

T = TypeVar("T", bound=Entity)
View = Callable[..., ResponseReturnValue]
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
# In the session: the instant of the last activity, to within so many seconds.
ACTIVE = "active"
ACTIVE_SECONDS = 60
MOST_DENIALS = 100
# Tables, by their type.
EXPORTS = ("text/csv", "application/zip", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")


class ProofNeeded(Exception):
    """Before this is done, or this page read: on the page `endpoint` the person shows anew that it is them, or adds
    the second factor that their role needs."""

    def __init__(self, endpoint: str) -> None:
        super().__init__(endpoint)
        self.endpoint = endpoint


def this_user() -> User | None:
    """The person signed in, or nobody."""
    return current_user._get_current_object() if current_user.is_authenticated else None


def me() -> User:
    """The person signed in, on a route that only they reach."""
    user = this_user()
    if user is None:
        abort(401)
    return user


def access(
    action: str,
    load: Callable[..., Any] | None = None,
    *,
    about: Callable[[Any], Any] | None = None,
    writes: bool = True,
    passive: bool = False,
    fresh: bool = False,
) -> Callable[[View], View]:
    """`load(**url_parts)` gives the object that `action` is asked about and that the view gets
    (`None`: 404); `about(loaded)`, where the rule is about a part of it. `writes=False`: an unsafe
    method that opens its own transaction (signing in must not hold the lock while it hashes).
    `passive`: asked by an open page of its own accord, so no sign that somebody is there.
    `fresh`: only for who has lately shown that it is them (`check_fresh`)."""
    if action not in RULES:
        raise KeyError(action)

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(**url_parts: Any) -> ResponseReturnValue:
            if writes and request.method not in SAFE_METHODS:
                begin_write()
            if not passive and this_user():
                note_activity()
            if load is None:
                _check(action, None, fresh)
                return _journaled(view(**url_parts))
            loaded = load(**url_parts)
            if loaded is None:
                _check("signed_in" if action != "public" else "public")
                abort(404)
            _check(action, about(loaded) if about else loaded, fresh)
            return _journaled(view(loaded))

        guarded.access = action  # type: ignore[attr-defined]
        return guarded

    return decorate


def by_id(model: type[T]) -> Callable[..., T | None]:
    """For `access`: loads the row whose id the address names; other parts of the address, named
    after columns, must agree with it."""

    def load(**parts: int) -> T | None:
        [id_] = [value for name, value in parts.items() if not hasattr(model, name)]
        row = db.session.get(model, id_)
        agrees = all(getattr(row, n, value) == value for n, value in parts.items())
        return row if agrees else None

    return load


def _check(action: str, obj: Any = None, fresh: bool = False) -> None:
    user = this_user()
    if not can(user, action, obj):
        abort(403 if user else 401)
    if action not in ("public", "signed_in") and lacks_factor():
        raise ProofNeeded("auth.factors")
    if fresh:
        check_fresh()


def lacks_factor() -> bool:
    """Has the person signed in a role that needs a second factor here, and none?"""
    if (user := this_user()) is None or g.has_factor or not current_app.config["SETTINGS"].second_factor:
        return False
    return any(held.role in (Role.ADMINISTRATOR, Role.COORDINATOR) for held in roles_of(user))


def check_fresh() -> None:
    """Raises `ProofNeeded` for who has not shown of late that it is them, by their second factor or, who has none,
    their password: what follows is told to others, or gives rights."""
    minutes = current_app.config["SETTINGS"].proof_minutes
    if g.proved_at is None or g.proved_at <= now() - timedelta(minutes=minutes):
        raise ProofNeeded("auth.prove")


def journal(kind: SecurityKind, user: User | None = None, detail: str = "", email: str = "") -> None:
    """With the visitor's address; the caller commits."""
    security.record(kind, user, email=email, address=request.remote_addr or "", detail=detail)


def _journaled(answer: ResponseReturnValue) -> ResponseReturnValue:
    """Tables that are taken out are told in the journal."""
    if this_user() and isinstance(answer, Response) and answer.mimetype in EXPORTS:
        _note(SecurityKind.EXPORT, request.full_path.rstrip("?"))
    return answer


def _note(kind: SecurityKind, detail: str, *counted: tuple[str, str]) -> None:
    """Of the person signed in, in a short write of its own; while nobody can write, reading goes
    on, and the log tells it."""
    user_id = me().id
    try:
        begin_write()
        if counted:
            limits.count(*counted)
        journal(kind, db.session.get_one(User, user_id), detail)
        db.session.commit()
    except DBAPIError as error:
        db.session.rollback()
        current_app.logger.error("not noted: %s, user %s, %r: %r", kind.value, user_id, detail, error.orig)


def note_denial() -> None:
    """A hundred a day and person: they tell enough."""
    user = this_user()
    if user and not limits.waits("denied", str(user.id), MOST_DENIALS):
        _note(SecurityKind.DENIED, f"{request.method} {request.path}", ("denied", str(user.id)))


def load_user(token: str) -> User | None:
    """The person of a sign-in, by one statement, which reads the site's identity too; nobody once
    it has ended, was idle for too long or is too old."""
    asked = {"token": hash_of(token), "since": now() - LONGEST}
    found = db.session.execute(_with_roles(), asked).unique().one_or_none()
    if found is None:
        return None
    g.identity = found.SiteIdentity or blank()
    g.proved_at, g.has_factor = found.proved_at, found.has_factor
    user: User = found.User
    idle = time.time() - session.get(ACTIVE, 0)
    return None if idle > idle_hours(user) * 3600 else user


@cache  # building it takes longer than running it
def _with_roles() -> Executable:
    """Of the sign-in `token` (hashed), opened after `since`."""
    return (
        select(User, SiteIdentity, UserSession.proved_at, has_factor().label("has_factor"))
        .join(UserSession, UserSession.user_id == User.id)
        .outerjoin(SiteIdentity, true())
        .where(UserSession.token_hash == bindparam("token"), UserSession.opened_at > bindparam("since"), User.active)
        .options(
            joinedload(User.roles).joinedload(RoleGrant.contract),
            joinedload(User.roles).joinedload(RoleGrant.institution),
            joinedload(User.memberships),
        )
    )


def idle_hours(user: User) -> int:
    """Without activity for so long, one is signed out."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings.staff_idle_hours if user.roles else settings.applicant_idle_hours


def note_activity() -> None:
    """In the signed cookie, now and then: nothing is written for who reads."""
    if time.time() - session.get(ACTIVE, 0) > ACTIVE_SECONDS:
        session[ACTIVE] = int(time.time())


def init_app(app: Flask) -> None:
    login.init_app(app)
    login.user_loader(load_user)
    login.session_protection = None  # it would write the cookie anew with each page
    app.after_request(_keep_from_caches)


def _keep_from_caches(response: Response) -> Response:
    """What a person sees must not stay behind on a shared computer once they have left."""
    kept = (request.endpoint or "").endswith(("static", "public.theme", "public.logo"))
    if not kept and "_user_id" in session:
        response.headers["Cache-Control"] = "no-store"
    return response


def visitor_address() -> str:
    return request.remote_addr or ""


def spend(limit: limits.Daily, whose: str = "") -> None:
    """One more of this person (or of `whose` it is), from where they are."""
    limits.spend(limit, whose or str(me().id), visitor_address())
