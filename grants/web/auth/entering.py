"""What happens once we know who somebody is: their sign-in begins, and they go where they were."""

from __future__ import annotations

from datetime import datetime

from flask import current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user

from grants.database import begin_write, db
from grants.domain.accounts import passwords, sessions
from grants.domain.accounts.passwords import Proof
from grants.domain.accounts.tokens import new_token
from grants.domain.ledger.security import SecurityKind
from grants.errors import DomainError
from grants.models import Role, User
from grants.permissions import roles_of
from grants.web.access import journal, me, note_activity, visitor_address
from grants.web.kept import FIELD, give_back

DEVICE = "device"
# As user agents name themselves; the first that is found.
BROWSERS = {"Edg": "Edge", "OPR/": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "Mac",
    "Linux": "Linux",
}


def enter(user: User, to: str = "", proved_at: datetime | None = None) -> ResponseReturnValue:
    """Commits, and begins a session that keeps nothing of the one before but its messages. `proved_at`: as
    `sessions.begin`."""
    messages = session.get("_flashes")
    session.clear()
    if messages:
        session["_flashes"] = messages
    login_user(user)
    device = request.cookies.get(DEVICE) or new_token()
    session["_user_id"] = sessions.begin(user, device, _device_in_words(), proved_at)
    note_activity()
    journal(SecurityKind.SIGN_IN, user, _device_in_words())
    db.session.commit()
    response = current_app.make_response(
        give_back(request.form.get(FIELD, "")) or redirect(to or next_path() or landing(user))
    )
    response.set_cookie(
        DEVICE,
        device,
        max_age=sessions.REMEMBERED,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SETTINGS"].production,
    )
    return response


def prove(password: str) -> Proof:
    """Of who has signed in already; with the same limit on guesses as at the door. Before
    anything is written."""
    return passwords.prove(me().email, password, visitor_address(), visitor_device())


def begin_proved_write(proof: Proof, field: str) -> User:
    """Raises `DomainError` at `field`, the guess counted, for a wrong password."""
    begin_write()
    user = passwords.conclude(proof)
    if user is None:
        journal(SecurityKind.SIGN_IN_REFUSED, me(), "mot de passe actuel")
        db.session.commit()
        raise DomainError("Ce n'est pas votre mot de passe actuel.", field)
    return user


def _device_in_words() -> str:
    """`Firefox sur Windows`, as far as the browser says so."""
    said = request.user_agent.string
    browser = next((name for sign, name in BROWSERS.items() if sign in said), "Navigateur")
    system = next((name for sign, name in SYSTEMS.items() if sign in said), "")
    return f"{browser} sur {system}" if system else browser


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


def visitor_device() -> str:
    return request.cookies.get(DEVICE, "")
