"""Accounts: opening, one-time links, names, closing. See also `passwords` and `roles`.

An account is born active; without a password until its owner has chosen one through a link.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from sqlalchemy import select, update

from grants.database import db
from grants.domain.accounts import second_factor, sessions
from grants.domain.accounts.passwords import PasswordHash, forget_failures
from grants.domain.accounts.roles import check_an_administrator_remains, grant_first
from grants.domain.accounts.roles import grant as grant
from grants.domain.accounts.roles import revoke as revoke
from grants.domain.accounts.tokens import hash_of, new_token
from grants.domain.contact import normalise_email
from grants.domain.ledger import history, security
from grants.domain.ledger.security import SecurityKind
from grants.domain.locking import insert_once
from grants.domain.mail import mail
from grants.errors import DomainError, NotAllowed
from grants.models import LinkPurpose, Mail, OneTimeLink, Role, User, now
from grants.permissions import is_administrator, require

LINK_LIFE = timedelta(hours=72)
# Between two mails with a link to one person: nobody's letter box is flooded through us.
MAIL_PAUSE = timedelta(minutes=10)
MAX_NAME = 250
TAKEN = (
    "Cette adresse a déjà un compte : connectez-vous. Si vous avez oublié le mot de passe, demandez un nouveau lien."
)
TAKEN_BY_ANOTHER = (
    "Cette adresse a déjà un compte : cherchez-le parmi les comptes, pour lui donner un rôle ou un nouveau lien."
)
OF_NOBODY = "Ce compte n'est à personne : il reste fermé."
DEAD_LINK = "Ce lien a déjà servi, ou il est trop ancien (il vaut 72 heures). Demandez-en un autre."


UNCONFIRMED = (
    "Confirmez d'abord votre adresse de courriel : tant qu'elle ne l'est pas, personne ne sait si"
    " elle est bien la vôtre. Ouvrez le lien du courriel reçu, ou demandez-en un autre depuis"
    " « Mon compte »."
)
NOT_YOURS = "Ce lien confirme l'adresse d'un autre compte : connectez-vous d'abord avec celui-là."


class AddressTaken(DomainError):
    """This address has an account already."""


def known_email(text: str) -> str:
    """The address of an account as typed by who looks for it: as it is kept, or in lower case what
    is no address by today's rules (`.local`), under which an account may have been opened."""
    try:
        return normalise_email(text)
    except DomainError:
        return text.strip().lower()


def create(name: str, email: str, password: PasswordHash | None = None, *, by: User | None = None) -> User:
    """Open an account; `by` nobody: the person themselves. No `password`: a link will follow.

    Raises `DomainError` at `name` or `email`, also when two ask for one address at once.
    """
    user = User(name=person_name(name), email=normalise_email(email), password_hash=password)
    insert_once(user, AddressTaken(TAKEN_BY_ANOTHER if by else TAKEN, "email"))
    history.record(user, "create", by=by or user, field="email", new=user.email)
    security.record(SecurityKind.ACCOUNT, by or user, detail=f"{user.email} : ouvert")
    return user


def create_admin(email: str) -> str:
    """The token of a link for an administrator of this address, created or reused (CLI)."""
    user = administrator(email)
    return new_link(user, by=user)


def administrator(email: str, name: str = "") -> User:
    """Of this address, created or reused, for who holds the machine.

    A stranger may have opened its account, or its second factor be lost: password, factors and sign-ins end."""
    email = known_email(email)
    user = db.session.scalar(select(User).where(User.email == email))
    user = user or create(name or email.partition("@")[0], email)
    user.password_hash = None
    second_factor.forget(user)
    sessions.forget_all(user)
    history.change(user, "set_active", "active", True, by=user)
    if not any(held.role is Role.ADMINISTRATOR for held in user.roles):
        grant_first(user)
    return user


def rename(user: User, name: str, *, by: User) -> None:
    if by.id != user.id and not is_administrator(by):
        raise NotAllowed("Vous ne pouvez changer que votre propre nom.")
    history.change(user, "rename", "name", person_name(name), by=by)


def set_active(user: User, active: bool, *, by: User) -> None:
    """Close an account (open sign-ins end, its links are void) or open it again.

    Raises `DomainError` for the last administrator who can sign in.
    """
    require(by, "administer", None, "Seul un administrateur peut fermer ou rouvrir un compte.")
    if active and user.is_nobodys:
        raise DomainError(OF_NOBODY)
    if not active:
        check_an_administrator_remains(without=user)
        _void_links(user, LinkPurpose.PASSWORD)
    history.change(user, "set_active", "active", active, by=by)
    state = "rouvert" if active else "fermé"
    security.record(SecurityKind.ACCOUNT, by, detail=f"{user.email} : {state}")
    if not active:
        sessions.forget_all(user)
    db.session.flush()


def set_password(user: User, password: PasswordHash) -> None:
    """Chosen by the person themselves; every sign-in of before ends, links are void."""
    user.password_hash = password
    sessions.forget_all(user)
    _void_links(user, LinkPurpose.PASSWORD)
    forget_failures(user.email)
    history.record(user, "set_password", by=user)
    security.record(SecurityKind.PASSWORD, user)
    db.session.flush()


def new_link(user: User, *, by: User) -> str:
    """The token of a link to choose a password (72 h, once); older links are void.

    Only its hash is kept: show the link now, it cannot be shown again.
    """
    if by.id != user.id and not is_administrator(by):
        raise NotAllowed("Seul un administrateur peut créer ce lien.")
    if not user.active:
        raise DomainError("Ce compte est fermé : rouvrez-le d'abord.")
    token = _make_link(user, LinkPurpose.PASSWORD, by)
    history.record(user, "new_link", by=by)
    security.record(SecurityKind.LINK, by, detail=user.email)
    db.session.flush()
    return token


def link_owner(token: str, purpose: LinkPurpose = LinkPurpose.PASSWORD) -> User:
    """Whose link it is, without using it; raises `DomainError` when it is worth nothing."""
    return _live_link(token, purpose).user


def choose_password(token: str, password: PasswordHash) -> User:
    """Use the link up and set the password; raises `DomainError` when it is worth nothing.

    It came by mail, or from the administrator, who vouches for whom they gave it to: either way
    the address is confirmed."""
    link = _live_link(token, LinkPurpose.PASSWORD)
    link.used_at = now()
    set_password(link.user, password)
    confirm(link.user, by=link.user)
    return link.user


def mail_password_link(email: str) -> None:
    """Queue a link to choose a password, if this address has an open account; it does not say."""
    user = db.session.scalar(select(User).where(User.email == known_email(email), User.active))
    if user is not None and not _mailed_just_now(user, "forgotten_password"):
        link = f"/mot-de-passe/{new_link(user, by=user)}"
        mail.queue("forgotten_password", user, link=link)


def mail_confirmation(user: User, then: str = "") -> None:
    """Queue the link by which the person shows that the address is theirs; it leads on to `then`, a path of ours."""
    if user.email_confirmed_at:
        raise DomainError("Votre adresse est déjà confirmée.")
    if _mailed_just_now(user, "confirm_email"):
        raise DomainError(
            "Un courriel vous a été envoyé il y a moins de dix minutes. Regardez aussi dans les courriers indésirables."
        )
    token = _make_link(user, LinkPurpose.CONFIRM_EMAIL, user)
    mail.queue("confirm_email", user, link=f"/confirmer/{token}" + (f"?{urlencode({'next': then})}" if then else ""))
    db.session.flush()


def confirm_address(token: str, *, by: User) -> None:
    """Raises `DomainError` when the link is worth nothing, `NotAllowed` for anybody but who knows
    the account's password: whoever opened the account, perhaps a stranger, must not gain by it
    that the owner of the address presses a button."""
    link = _live_link(token, LinkPurpose.CONFIRM_EMAIL)
    if link.user_id != by.id:
        raise NotAllowed(NOT_YOURS)
    link.used_at = now()
    confirm(link.user, by=link.user)
    db.session.flush()


def check_confirmed(user: User) -> None:
    """Raises `DomainError` for who has not shown that the address is theirs."""
    if not user.email_confirmed_at:
        raise DomainError(UNCONFIRMED)


def confirm(user: User, *, by: User) -> None:
    """`by`: who knows it, the person or an administrator who vouches for the address."""
    if user.email_confirmed_at is None:
        history.change(user, "confirm_email", "email_confirmed_at", now(), by=by)


def _mailed_just_now(user: User, purpose: str) -> bool:
    latest = select(Mail.id).where(
        Mail.user_id == user.id, Mail.purpose == purpose, Mail.created_at > now() - MAIL_PAUSE
    )
    return db.session.scalar(latest.limit(1)) is not None


def _make_link(user: User, purpose: LinkPurpose, by: User) -> str:
    """The token of a new link; older ones of its purpose are void."""
    _void_links(user, purpose)
    token = new_token()
    db.session.add(
        OneTimeLink(
            user_id=user.id,
            token_hash=hash_of(token),
            purpose=purpose,
            created_by_id=by.id,
            expires_at=now() + LINK_LIFE,
        )
    )
    return token


def _live_link(token: str, purpose: LinkPurpose) -> OneTimeLink:
    link = db.session.scalar(
        select(OneTimeLink)
        .where(OneTimeLink.token_hash == hash_of(token), OneTimeLink.purpose == purpose)
        .with_for_update()
    )
    if link is None or link.used_at or link.expires_at <= now() or not link.user.active:
        raise DomainError(DEAD_LINK)
    return link


def _void_links(user: User, purpose: LinkPurpose) -> None:
    at = now()
    db.session.execute(
        update(OneTimeLink)
        .where(OneTimeLink.user_id == user.id, OneTimeLink.used_at.is_(None))
        .where(OneTimeLink.purpose == purpose, OneTimeLink.expires_at > at)
        .values(expires_at=at)
    )


def person_name(text: str) -> str:
    """Without superfluous spaces; raises `DomainError` for what is no name."""
    name = " ".join(text.split())
    if not name:
        raise DomainError("Indiquez votre nom.", "name")
    if len(name) > MAX_NAME or not name.isprintable():
        raise DomainError(f"Écrivez un nom de {MAX_NAME} caractères au plus, sans caractère invisible.", "name")
    return name
