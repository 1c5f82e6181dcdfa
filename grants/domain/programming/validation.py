"""The steering committee has voted a campaign's programming (rules, states)."""

from __future__ import annotations

from grants.database import db
from grants.domain.ledger import history
from grants.domain.locking import fresh
from grants.domain.programming.version import freeze_validated, hold_still
from grants.errors import DomainError, NotAllowed
from grants.models import Campaign, User, now
from grants.permissions import can


def validate(campaign: Campaign, *, by: User) -> Campaign:
    """From now on every change of a decision is a revision with a reason; what was voted is kept
    as a version. Raises `DomainError` when it is validated already."""
    _held(campaign, by)
    if campaign.validated_at is not None:
        raise DomainError("Cette programmation est déjà validée.")
    _set(campaign, "validate", by, validated_at=now(), validated_by_id=by.id)
    freeze_validated(campaign, by=by)
    return campaign


def lift(campaign: Campaign, reason: str, *, by: User) -> Campaign:
    """It was validated by mistake, or the committee has asked for it again: the version that it
    took stays. Raises `DomainError` without a reason."""
    _held(campaign, by)
    if campaign.validated_at is None:
        raise DomainError("Cette programmation n'est pas validée.")
    if not reason.strip():
        raise DomainError("Indiquez pourquoi la validation est levée.", "reason")
    _set(campaign, "lift", by, reason.strip(), validated_at=None, validated_by_id=None)
    return campaign


def _held(campaign: Campaign, by: User) -> None:
    if not can(by, "campaign.validate", campaign):
        raise NotAllowed("Seul le chef de projet peut valider une programmation.")
    hold_still(campaign)
    fresh(campaign, key_share=True)


def _set(campaign: Campaign, action: str, by: User, reason: str = "", **values: object) -> None:
    history.change_each(campaign, action, values, by=by, reason=reason)
    db.session.flush()
