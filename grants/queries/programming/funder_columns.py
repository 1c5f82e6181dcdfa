"""The funders that take part in a year's calls: the columns of its tables."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from grants.database import db
from grants.models import Campaign, Contract, Funder, Institution, User
from grants.permissions import decides_for, instructs_for
from grants.queries.programming.past import PRESENT, Past


@dataclass(frozen=True)
class FunderColumn:
    """`outside`: of an institution that does not decide on the platform. `commune_id`: it finances this
    commune alone."""

    id: int
    code: str
    label: str
    institution: str
    outside: bool
    commune_id: int | None


def funder_columns(contract_id: int, year: int, past: Past = PRESENT) -> list[tuple[int, FunderColumn]]:
    """(campaign id, column), in the institutions' order and theirs."""
    links = past.links().c
    records = db.session.execute(
        select(links.campaign_id, Funder.id, Funder.code, Funder.label, Institution.label, Institution.outside)
        .add_columns(Funder.commune_id)
        .join(Funder, Funder.id == links.funder_id)
        .join(Institution, Institution.id == Funder.institution_id)
        .join(Campaign, Campaign.id == links.campaign_id)
        .where(Campaign.contract_id == contract_id, Campaign.year == year)
        .order_by(Institution.position, Funder.position, Funder.id)
    )
    return [(row[0], FunderColumn(*row[1:])) for row in records]


def written_by(user: User, contract: Contract) -> dict[int, str]:
    """The funders that this person writes for; the institution's name where on its behalf."""
    funders = db.session.scalars(
        select(Funder).where(Funder.contract_id == contract.id).options(joinedload(Funder.institution))
    )
    return {
        funder.id: "" if instructs_for(user, funder) else funder.institution.label
        for funder in funders
        if decides_for(user, funder)
    }
