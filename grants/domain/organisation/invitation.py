"""Invitations by e-mail to join an organisation with a role: the treasurer prepares, the
president signs.

A link is for one address, once, for 14 days; only the hash of its token is kept. Whoever holds it
has read the mail, so accepting confirms the address as well.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from grants.database import all_of, db
from grants.domain.accounts.accounts import confirm
from grants.domain.accounts.tokens import hash_of, new_token
from grants.domain.contact import normalise_email
from grants.domain.ledger import history
from grants.domain.mail import mail
from grants.errors import DomainError, NotAllowed
from grants.models import Invitation, MemberRole, Membership, Organisation, User, now
from grants.permissions import can, require

LIFE = timedelta(days=14)
AT_MOST = 20
DEAD_LINK = (
    "Cette invitation a déjà servi, a été annulée, ou est trop ancienne (elle vaut 14 jours)."
    " Demandez-en une autre à la personne qui vous a invité."
)


def invite(organisation: Organisation, email: str, role: MemberRole, *, by: User) -> str:
    """Queue the mail and give the token; an older invitation of the same address is void."""
    _refuse_unless_signatory(organisation, by)
    email = normalise_email(email)
    if _is_member(organisation, email):
        raise DomainError("Cette personne est déjà membre : changez son rôle.", "email")
    for older in _waiting(organisation, email):
        db.session.delete(older)
    _refuse_too_many(organisation)
    token = new_token()
    made = Invitation(
        organisation_id=organisation.id,
        email=email,
        role=role,
        token_hash=hash_of(token),
        invited_by_id=by.id,
        expires_at=now() + LIFE,
    )
    db.session.add(made)
    db.session.flush()
    history.record(made, "invite", by=by, field=role, new=email)
    mail.queue(
        "invitation",
        email,
        organisation=organisation.name,
        inviter=by.name,
        role=role,
        link=f"/invitation/{token}",
        expires_at=made.expires_at,
    )
    return token


def live(token: str) -> Invitation:
    """Without using it; raises `DomainError` when it is worth nothing (any more)."""
    found = db.session.scalar(select(Invitation).where(Invitation.token_hash == hash_of(token)).with_for_update())
    if found is None or found.accepted_at or found.expires_at <= now():
        raise DomainError(DEAD_LINK)
    if not can(found.invited_by, "organisation.invite", found.organisation):
        raise DomainError(DEAD_LINK)  # who invited may not do so any more
    return found


def accept(token: str, *, by: User) -> Membership:
    """`by` becomes a member with the role, or gets it; raises `NotAllowed` for anybody but the
    person who was invited."""
    found = live(token)
    if by.email != found.email:
        raise NotAllowed(
            f"Cette invitation est pour {found.email} et vous êtes connecté avec {by.email} :"
            " déconnectez-vous, puis ouvrez de nouveau le lien."
        )
    found.accepted_at, found.accepted_by_id = now(), by.id
    membership = _place(found, by)
    confirm(by, by=by)
    db.session.flush()
    history.record(membership, "accept", by=by, field="role", new=membership.role)
    db.session.expire(by, ["memberships"])
    return membership


def revoke(invitation: Invitation, *, by: User) -> None:
    _refuse_unless_signatory(invitation.organisation, by)
    if invitation.accepted_at:
        raise DomainError("Cette invitation a déjà été acceptée.")
    history.record(invitation, "revoke", by=by, field=invitation.role, old=invitation.email)
    db.session.delete(invitation)
    db.session.flush()


def _place(invitation: Invitation, user: User) -> Membership:
    """A request that waits is answered by it; a place held already never becomes a lesser one."""
    membership = db.session.scalar(
        select(Membership)
        .where(Membership.user_id == user.id, Membership.organisation_id == invitation.organisation_id)
        .with_for_update()
    )
    if membership is None:
        membership = Membership(user_id=user.id, organisation_id=invitation.organisation_id)
        db.session.add(membership)
    if not (membership.approved_at and membership.role is MemberRole.SIGNATORY):
        membership.role = invitation.role
    membership.approved_at = membership.approved_at or now()
    membership.approved_by_id = membership.approved_by_id or invitation.invited_by_id
    return membership


def _refuse_unless_signatory(organisation: Organisation, by: User) -> None:
    require(by, "organisation.invite", organisation, "Seul un signataire invite à rejoindre son organisation.")


def _is_member(organisation: Organisation, email: str) -> bool:
    place = (
        select(Membership.id)
        .join(User, User.id == Membership.user_id)
        .where(Membership.organisation_id == organisation.id, Membership.approved_at.is_not(None), User.email == email)
    )
    return db.session.scalar(place) is not None


def _waiting(organisation: Organisation, email: str) -> list[Invitation]:
    return all_of(
        select(Invitation).where(
            Invitation.organisation_id == organisation.id, Invitation.email == email, Invitation.accepted_at.is_(None)
        )
    )


def _refuse_too_many(organisation: Organisation) -> None:
    """Against a signatory who would write to the whole town through us."""
    waiting = select(func.count(Invitation.id)).where(
        Invitation.organisation_id == organisation.id, Invitation.accepted_at.is_(None), Invitation.expires_at > now()
    )
    if (db.session.scalar(waiting) or 0) >= AT_MOST:
        raise DomainError(f"{AT_MOST} invitations attendent déjà une réponse : annulez-en d'abord une.", "email")
