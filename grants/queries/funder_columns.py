"""The funders that take part in a year's calls: the columns of its tables."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from grants.database import db
from grants.models import Campaign, Funder, Institution
from grants.queries.past import PRESENT, Past


@dataclass(frozen=True)
class FunderColumn:
    """`outside`: of an institution that does not decide on the platform."""

    id: int
    code: str
    label: str
    institution: str
    outside: bool


def funder_columns(
    contract_id: int, year: int, past: Past = PRESENT
) -> list[tuple[int, FunderColumn]]:
    """(campaign id, column), in the institutions' order and theirs."""
    links = past.links().c
    found = db.session.execute(
        select(
            links.campaign_id, Funder.id, Funder.code, Funder.label,
            Institution.label, Institution.outside,
        )
        .join(Funder, Funder.id == links.funder_id)
        .join(Institution, Institution.id == Funder.institution_id)
        .join(Campaign, Campaign.id == links.campaign_id)
        .where(Campaign.contract_id == contract_id, Campaign.year == year)
        .order_by(Institution.position, Funder.position, Funder.id)
    )  # fmt: skip
    return [(row[0], FunderColumn(*row[1:])) for row in found]
