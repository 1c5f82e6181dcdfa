"""The envelopes of a contract's year: one set of figures for every page and workbook (rules 9)."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, Subquery, case, func, or_, select

from grants.database import db
from grants.models import (
    DEPOSITED,
    NOT_COUNTING,
    WAITING,
    Campaign,
    CampaignFunder,
    Envelope,
    EnvelopeStatus,
    Funder,
    FundingLine,
    Institution,
    Outcome,
    Project,
)

ZERO = Decimal(0)
COUNTING = tuple(s for s in DEPOSITED if s not in NOT_COUNTING)


@dataclass
class EnvelopeRow:
    """One envelope; or a funder's calls that have none yet (`amount` and `left` are `None`).

    Euros over lines that count (rules 4), of all the envelope's campaigns. `planned`: what has been
    granted, and what is proposed where nothing is decided.
    """

    envelope_id: int | None
    funder_id: int
    code: str
    funder: str
    amount: Decimal | None
    status: EnvelopeStatus | None
    campaigns: list[str] = field(default_factory=list)
    campaign_ids: list[int] = field(default_factory=list)
    asked: Decimal = ZERO
    proposed: Decimal = ZERO
    granted: Decimal = ZERO
    planned: Decimal = ZERO

    @property
    def left(self) -> Decimal | None:
        return None if self.amount is None else self.amount - self.granted

    @property
    def over(self) -> Decimal:
        """By how much what is planned exceeds the envelope: normal work, but said (rules 4)."""
        return max(self.planned - (self.amount or ZERO), ZERO)


def envelopes(contract_id: int, year: int) -> list[EnvelopeRow]:
    """In the funders' order; one query."""
    rows: dict[tuple[int, int | None], EnvelopeRow] = {}
    for record in db.session.execute(_select(contract_id, year)):
        row = rows.setdefault(
            (record.funder_id, record.envelope_id),
            EnvelopeRow(
                record.envelope_id, record.funder_id, record.code, record.funder,
                record.amount, record.status,
            ),
        )  # fmt: skip
        row.campaigns.append(record.campaign)
        row.campaign_ids.append(record.campaign_id)
        row.asked += record.asked or ZERO
        row.proposed += record.proposed or ZERO
        row.granted += record.granted or ZERO
        row.planned += record.planned or ZERO
    return list(rows.values())


def _select(contract_id: int, year: int) -> Select[Any]:
    """One record per funder and campaign: the year's, and those that share its envelopes."""
    ours = select(Campaign.id).where(Campaign.contract_id == contract_id, Campaign.year == year)
    shared = select(CampaignFunder.envelope_id).where(CampaignFunder.campaign_id.in_(ours))
    concerned = or_(
        CampaignFunder.campaign_id.in_(ours), CampaignFunder.envelope_id.in_(shared)
    )
    links = select(CampaignFunder.campaign_id, CampaignFunder.funder_id).where(concerned)
    sums = _sums(links.subquery())
    return (
        select(
            CampaignFunder.envelope_id, CampaignFunder.campaign_id, CampaignFunder.funder_id,
            Campaign.label.label("campaign"), Funder.code, Funder.label.label("funder"),
            Envelope.amount, Envelope.status,
            sums.c.asked, sums.c.proposed, sums.c.granted, sums.c.planned,
        )
        .join(Campaign, Campaign.id == CampaignFunder.campaign_id)
        .join(Funder, Funder.id == CampaignFunder.funder_id)
        .join(Institution, Institution.id == Funder.institution_id)
        .outerjoin(Envelope, Envelope.id == CampaignFunder.envelope_id)
        .outerjoin(
            sums,
            (sums.c.campaign_id == CampaignFunder.campaign_id)
            & (sums.c.funder_id == CampaignFunder.funder_id),
        )
        .where(concerned)
        .order_by(Institution.position, Funder.position, Funder.id, Campaign.year, Campaign.label)
    )  # fmt: skip


def _sums(links: Subquery) -> Subquery:
    """Euros by campaign and funder, of lines that count."""
    planned = case(
        (FundingLine.outcome == Outcome.ACCEPTED, FundingLine.granted),
        (FundingLine.outcome.in_(WAITING), FundingLine.proposed),
    )
    return (
        select(
            FundingLine.campaign_id,
            FundingLine.funder_id,
            func.sum(FundingLine.requested).label("asked"),
            func.sum(FundingLine.proposed).label("proposed"),
            func.sum(FundingLine.granted).label("granted"),
            func.sum(planned).label("planned"),
        )
        .join(
            links,
            (links.c.campaign_id == FundingLine.campaign_id)
            & (links.c.funder_id == FundingLine.funder_id),
        )
        .join(Project, Project.id == FundingLine.project_id)
        .where(Project.state.in_(COUNTING), FundingLine.outcome != Outcome.CANCELLED)
        .group_by(FundingLine.campaign_id, FundingLine.funder_id)
        .subquery()
    )
