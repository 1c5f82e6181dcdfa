"""The members of an organisation: ask to join, answer who asks, change roles, leave.

Whoever asks sees nothing of the organisation before a member (or the administrator) approves.
"""

from __future__ import annotations

from sqlalchemy import select

from grants.database import db
from grants.domain.accounts.accounts import check_confirmed
from grants.domain.ledger import history
from grants.domain.locking import fresh, insert_once
from grants.domain.mail import mail
from grants.domain.organisation.merging import standing
from grants.errors import DomainError, NotAllowed
from grants.models import MemberRole, Membership, Organisation, User, now
from grants.permissions import can, require


def ask_to_join(organisation: Organisation, *, by: User) -> Membership:
    """A pending place as editor; raises `DomainError` when there is one already, and for an
    unconfirmed address, under which anybody could ask. Where it was merged: at the one that was kept."""
    check_confirmed(by)
    stands = select(Organisation).where(Organisation.id.in_(standing(Organisation.id == organisation.id)))
    organisation = db.session.scalar(stands) or organisation
    membership = Membership(user_id=by.id, organisation_id=organisation.id, role=MemberRole.EDITOR)
    insert_once(
        membership, DomainError("Vous êtes déjà membre de cette organisation, ou votre demande attend une réponse.")
    )
    history.record(membership, "ask", by=by, field="role", new=membership.role)
    link = f"/organisation/{organisation.id}/membres"
    facts = {"organisation": organisation.name, "who": by.name, "link": link}
    mail.queue_all("membership_requested", mail.members(organisation), **facts)
    db.session.expire(by, ["memberships"])
    return membership


def approve(membership: Membership, role: MemberRole, *, by: User) -> None:
    """Take in who asked. An editor takes in editors only: nobody gives more than they have."""
    _pending(membership, by)
    if role is MemberRole.SIGNATORY and not can(by, "membership.manage", membership):
        raise NotAllowed("Seul un signataire (ou l'administrateur) peut nommer un signataire.")
    history.change(membership, "approve", "role", role, by=by)
    history.change(membership, "approve", "approved_at", now(), by=by)
    membership.approved_by_id = by.id
    mail.queue(
        "membership_approved",
        membership.user,
        organisation=membership.organisation.name,
        role=role,
        link="/mes-projets",
    )
    db.session.flush()


def decline(membership: Membership, *, by: User) -> None:
    _pending(membership, by)
    _delete(membership, "decline", by)


def change_role(membership: Membership, role: MemberRole, *, by: User) -> None:
    """Raises `DomainError` for the last signatory, and for who is no member yet."""
    require(by, "membership.manage", membership, "Seul un signataire (ou l'administrateur) change les rôles.")
    if membership.approved_at is None:
        raise DomainError("Cette personne n'est pas encore membre : répondez à sa demande.")
    if role is not MemberRole.SIGNATORY:
        _check_a_signatory_remains(membership)
    history.change(membership, "change_role", "role", role, by=by)
    db.session.flush()


def remove(membership: Membership, *, by: User) -> None:
    """Leave, or be put out by a signatory; raises `DomainError` for the last signatory.

    Who has only asked takes their request back; for the others it is a decline."""
    require(by, "membership.remove", membership, "Seul un signataire (ou l'administrateur) retire un autre membre.")
    if membership.approved_at is None and membership.user_id != by.id:
        decline(membership, by=by)
        return
    _check_a_signatory_remains(membership)
    _delete(membership, "remove", by)


def _pending(membership: Membership, by: User) -> None:
    require(by, "membership.approve", membership, "Seuls les membres de l'organisation répondent à cette demande.")
    fresh(membership)
    if membership.approved_at:
        raise DomainError("Cette personne est déjà membre.")


def _delete(membership: Membership, action: str, by: User) -> None:
    history.record(membership, action, by=by, field="role", old=membership.role)
    user = membership.user
    db.session.delete(membership)
    db.session.flush()
    db.session.expire(user, ["memberships"])


def _check_a_signatory_remains(without: Membership) -> None:
    """Locks the signatories, so that two cannot each count on the other."""
    signatories = db.session.scalars(
        select(Membership.id)
        .join(User, User.id == Membership.user_id)
        .where(
            Membership.organisation_id == without.organisation_id,
            Membership.role == MemberRole.SIGNATORY,
            Membership.approved_at.is_not(None),
            User.active,
            User.email_confirmed_at.is_not(None),
        )
        .order_by(Membership.id)
        .with_for_update()
    ).all()
    if signatories == [without.id]:
        raise DomainError(
            "C'est le dernier signataire : nommez-en d'abord un autre, pour que l'organisation"
            " puisse encore déposer ses dossiers."
        )
