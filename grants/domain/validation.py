"""The steering committee has voted a campaign's programming (rules, states)."""

from __future__ import annotations

from grants.database import db
from grants.domain import history
from grants.domain.locking import fresh
from grants.errors import DomainError, NotAllowed
from grants.models import Campaign, User, now
from grants.permissions import can


def validate(campaign: Campaign, *, by: User) -> Campaign:
    """From now on every change of a decision is a revision with a reason. Raises `DomainError`
    when it is validated already."""
    fresh(campaign)
    if not can(by, "campaign.validate", campaign):
        raise NotAllowed("Seul le chef de projet peut valider une programmation.")
    if campaign.validated_at is not None:
        raise DomainError("Cette programmation est déjà validée.")
    campaign.validated_by_id = by.id
    history.change(
        campaign, "validate", "validated_at", now(), by=by, contract_id=campaign.contract_id
    )
    db.session.flush()
    return campaign
