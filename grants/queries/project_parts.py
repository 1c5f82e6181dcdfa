"""What belongs to many projects at once, each read in one query and keyed by project."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import Row as Record
from sqlalchemy import Select, case, func, select

from grants.database import db
from grants.models import (
    BudgetLine,
    CampaignFunder,
    FundingLine,
    Opinion,
    OtherFunding,
    Project,
    Side,
    Zone,
    project_zones,
)

T = TypeVar("T")
Anything = tuple[Any, ...]


def _grouped(
    statement: Select[*Anything], key: str, value: Callable[[Record[*Anything]], T]
) -> dict[int, list[T]]:
    found: dict[int, list[T]] = defaultdict(list)
    for record in db.session.execute(statement):
        found[getattr(record, key)].append(value(record))
    return found


def lines(projects: Select[*Anything]) -> dict[int, dict[int, Record[*Anything]]]:
    statement = select(
        FundingLine.project_id, FundingLine.funder_id, FundingLine.outcome,
        FundingLine.requested, FundingLine.proposed, FundingLine.granted, FundingLine.reason,
        FundingLine.redirected_to, FundingLine.condition, FundingLine.raised_reason,
        FundingLine.version, FundingLine.notified_at, FundingLine.typed_from,
        FundingLine.confirmed_at,
    ).where(FundingLine.project_id.in_(projects))  # fmt: skip
    found = _grouped(statement, "project_id", lambda record: record)
    return {id: {r.funder_id: r for r in records} for id, records in found.items()}


def funders_of_calls(*projects: Select[*Anything]) -> dict[int, list[int]]:
    calls = [select(Project.campaign_id).where(Project.id.in_(ids)) for ids in projects]
    statement = select(CampaignFunder.campaign_id, CampaignFunder.funder_id).where(
        CampaignFunder.campaign_id.in_(calls[0].union(*calls[1:]))
    )
    return _grouped(statement, "campaign_id", lambda record: record.funder_id)


def zones(projects: Select[*Anything]) -> dict[int, list[str]]:
    statement = (
        select(project_zones.c.project_id, Zone.label)
        .join(Zone, Zone.id == project_zones.c.zone_id)
        .where(project_zones.c.project_id.in_(projects))
        .order_by(Zone.position)
    )
    return _grouped(statement, "project_id", lambda record: record.label)


def opinions(projects: Select[*Anything]) -> dict[int, list[Record[*Anything]]]:
    statement = (
        select(Opinion.project_id, Opinion.body, Opinion.judgement)
        .where(Opinion.project_id.in_(projects))
        .order_by(Opinion.at, Opinion.id)
    )
    return _grouped(statement, "project_id", lambda record: record)


@dataclass(frozen=True)
class OtherMoney:
    """Euros; `ordinary_law`: the part of it that is droit commun."""

    total: Decimal
    ordinary_law: Decimal


def other_funding(projects: Select[*Anything]) -> dict[int, OtherMoney]:
    """Subsidies (accounts 74) from outside the call, but those refused."""
    ordinary = case((BudgetLine.ordinary_law, BudgetLine.amount), else_=0)
    statement = (
        select(BudgetLine.project_id, func.sum(BudgetLine.amount), func.sum(ordinary))
        .where(
            BudgetLine.project_id.in_(projects),
            BudgetLine.side == Side.INCOME,
            BudgetLine.account.startswith("74"),
            BudgetLine.other_funding.in_((OtherFunding.ASKED, OtherFunding.OBTAINED)),
        )
        .group_by(BudgetLine.project_id)
    )
    return {id_: OtherMoney(*sums) for id_, *sums in db.session.execute(statement)}
