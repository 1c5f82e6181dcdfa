"""The funders that take part in a year's calls: the columns of its tables."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from grants.database import db
from grants.models import Campaign, CampaignFunder, Funder, Institution


@dataclass(frozen=True)
class FunderColumn:
    """`outside`: of an institution that does not decide on the platform."""

    id: int
    code: str
    label: str
    institution: str
    outside: bool


def funder_columns(contract_id: int, year: int) -> list[tuple[int, FunderColumn]]:
    """(campaign id, column), in the institutions' order and theirs."""
    found = db.session.execute(
        select(
            CampaignFunder.campaign_id, Funder.id, Funder.code, Funder.label,
            Institution.label, Institution.outside,
        )
        .join(Funder, Funder.id == CampaignFunder.funder_id)
        .join(Institution, Institution.id == Funder.institution_id)
        .join(Campaign, Campaign.id == CampaignFunder.campaign_id)
        .where(Campaign.contract_id == contract_id, Campaign.year == year)
        .order_by(Institution.position, Funder.position, Funder.id)
    )  # fmt: skip
    return [(row[0], FunderColumn(*row[1:])) for row in found]
