"""What happens once we know who somebody is: their session begins, and they go where they were."""

from __future__ import annotations

from flask import redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user

from grants.models import Role, User
from grants.permissions import roles_of
from grants.web.kept import FIELD, give_back


def enter(user: User) -> ResponseReturnValue:
    """Begin a session that keeps nothing of the one before but its messages."""
    messages = session.get("_flashes")
    session.clear()
    if messages:
        session["_flashes"] = messages
    login_user(user)
    return give_back(request.form.get(FIELD, "")) or redirect(next_path() or landing(user))


def next_path() -> str | None:
    """`?next=`, when it is a path of ours and of nobody else's (no open redirect)."""
    path = request.args.get("next", "")
    # Browsers take a backslash for a slash, and drop tabs and line ends.
    if not path.startswith("/") or path.startswith("//") or "\\" in path:
        return None
    return path if all(c > " " and c != "\x7f" for c in path) else None


def landing(user: User) -> str:
    """Where somebody works: settings, what waits for them in their first contract, or their
    projects."""
    by_role = {grant.role: grant for grant in reversed(roles_of(user))}
    if Role.ADMINISTRATOR in by_role:
        return url_for("admin.home")
    for role in (Role.COORDINATOR, Role.INSTRUCTOR, Role.COMMITTEE):
        contract = by_role[role].contract if role in by_role else None
        if contract is not None:
            endpoint = "instruction.opinions_due" if role is Role.COMMITTEE else "instruction.home"
            return url_for(endpoint, slug=contract.slug)
    return url_for("applicant.projects")


def visitor_address() -> str:
    return request.remote_addr or ""
