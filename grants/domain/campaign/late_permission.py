"""The one way to deposit after the closing: an exception for one organisation in one call, given
by an administrator with a reason, and logged."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from grants.database import db
from grants.domain.ledger import history
from grants.domain.locking import fresh
from grants.domain.mail import mail
from grants.errors import DomainError
from grants.models import Campaign, LatePermission, Organisation, User, now
from grants.permissions import require


def until(campaign_id: int, organisation_id: int) -> datetime | None:
    """The exclusive instant until which this organisation may deposit late, if it may."""
    return db.session.scalar(
        select(LatePermission.until).where(
            LatePermission.campaign_id == campaign_id,
            LatePermission.organisation_id == organisation_id,
            LatePermission.withdrawn_at.is_(None),
        )
    )


def closes_at(campaign: Campaign, organisation: Organisation) -> datetime | None:
    """When the call closes for this organisation; `None`: it was not opened, or has no dates."""
    if campaign.opened_at is None or campaign.closes_at is None:
        return None
    later = until(campaign.id, organisation.id)
    return max(campaign.closes_at, later) if later else campaign.closes_at


def allow(
    campaign: Campaign, organisation: Organisation, last: datetime | None, reason: str, *, by: User
) -> LatePermission:
    """Until `last` (exclusive); given again, it replaces the one before, which history keeps."""
    _administered(by)
    if campaign.opened_at is None or campaign.closes_at is None:
        raise DomainError("Cet appel n'a jamais été ouvert : il n'y a pas de clôture à dépasser.")
    if last is None or last <= max(campaign.closes_at, now()):
        raise DomainError("Choisissez une date à venir, après la clôture de l'appel.", "closes_on")
    if not reason.strip():
        raise DomainError("Indiquez le motif : il reste dans l'historique.", "reason")
    given = db.session.scalar(
        select(LatePermission)
        .where(LatePermission.campaign_id == campaign.id, LatePermission.organisation_id == organisation.id)
        .with_for_update()
    )
    old = given.until if given else None
    given = given or LatePermission(campaign_id=campaign.id, organisation_id=organisation.id)
    given.until, given.reason, given.by_id = last, reason.strip(), by.id
    given.at, given.withdrawn_at = now(), None
    db.session.add(given)
    db.session.flush()
    history.record(
        given,
        "allow_late",
        by=by,
        field="until",
        old=old,
        new=last,
        reason=given.reason,
        contract_id=campaign.contract_id,
    )
    facts = {"organisation": organisation.name, "campaign": campaign.label, "until": last, "link": "/mes-projets"}
    mail.queue_all("late_permission", mail.members(organisation), **facts)
    return given


def withdraw(given: LatePermission, *, by: User) -> None:
    """It stops working at once; what was deposited under it stays."""
    _administered(by)
    fresh(given)
    if given.withdrawn_at is not None:
        raise DomainError("Cette autorisation est déjà retirée.")
    campaign = db.session.get_one(Campaign, given.campaign_id)
    history.change(given, "withdraw_late", "withdrawn_at", now(), by=by, contract_id=campaign.contract_id)
    db.session.flush()


def _administered(by: User) -> None:
    require(by, "administer", None, "Seul l'administrateur autorise un dépôt après la clôture.")
