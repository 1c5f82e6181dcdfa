"""A second open call of the demonstration: the holidays of this summer (fictitious)."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import select

from grants.database import db
from grants.domain.campaign.campaign import CampaignTerms, create_campaign
from grants.domain.campaign.opening import open_campaign
from grants.domain.envelope import set_envelope
from grants.domain.importing.usual import start_campaign
from grants.models import Campaign, EnvelopeStatus, Funder, User

PRESET = FUNDER = "VVV"
# As the contract names it: what was asked in 2021 may be taken up again.
KIND = "Ville Vie Vacances"
ENVELOPE = Decimal(13_000)


def add_campaign(like: Campaign, *, by: User) -> None:
    """Open as long as the call `like`; nothing happens where it is there already."""
    label = f"VVV été {like.year}"
    there = select(Campaign.id).where(Campaign.contract_id == like.contract_id, Campaign.label == label)
    if db.session.scalar(there):
        return
    terms = CampaignTerms(
        like.year,
        KIND,
        label,
        "Sorties et séjours des 11-18 ans du quartier prioritaire.",
        like.opens_at,
        like.closes_at,
        like.committee_dates,
    )
    funder = db.session.scalars(
        select(Funder).where(Funder.contract_id == like.contract_id, Funder.code == FUNDER)
    ).one()
    made = create_campaign(like.contract, terms, [funder], by=by)
    start_campaign(made, PRESET, by=by)
    open_campaign(made, by=by)
    set_envelope(funder, [made], ENVELOPE, by=by, source="fictif", status=EnvelopeStatus.PROVISIONAL)
