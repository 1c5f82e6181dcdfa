"""What belongs to many projects at once, each read in one query and keyed by project."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy import Row as Record

from grants.database import db
from grants.domain.instruction.lineage import MERGED
from grants.models import (
    IN_ITS_CALL,
    BudgetLine,
    CampaignFunder,
    FundingLine,
    Opinion,
    OtherFunding,
    Project,
    Side,
    State,
    Zone,
    project_merges,
    project_zones,
)
from grants.queries.programming import past as past_of
from grants.queries.programming.past import PRESENT, Past

T = TypeVar("T")
Anything = tuple[Any, ...]
Amounts = tuple[Decimal | None, Decimal | None]


def _grouped(statement: Select[*Anything], key: str, value: Callable[[Record[*Anything]], T]) -> dict[int, list[T]]:
    found: dict[int, list[T]] = defaultdict(list)
    for record in db.session.execute(statement):
        found[getattr(record, key)].append(value(record))
    return found


def lines(projects: Select[*Anything], past: Past = PRESENT) -> dict[int, dict[int, Any]]:
    """By project and funder."""
    statement = select(
        FundingLine.project_id,
        FundingLine.funder_id,
        FundingLine.outcome,
        FundingLine.requested,
        FundingLine.proposed,
        FundingLine.granted,
        FundingLine.reason,
        FundingLine.redirected_to,
        FundingLine.condition,
        FundingLine.raised_reason,
        FundingLine.version,
        FundingLine.notified_at,
        FundingLine.typed_from,
        FundingLine.confirmed_at,
    ).where(FundingLine.project_id.in_(projects))
    now: dict[past_of.Key, Any] = {
        (record.project_id, record.funder_id): record for record in db.session.execute(statement)
    }
    found: dict[int, dict[int, Any]] = defaultdict(dict)
    for key in {**now, **dict.fromkeys(past.brought_back(past_of.LINES))}:
        record = past.then(past_of.LINES, key, now.get(key))
        if record is not None:
            found[key[0]][key[1]] = record
    return found


def states(projects: Select[*Anything], past: Past = PRESENT) -> dict[int, Any]:
    """The call and state of each."""
    statement = select(Project.id, Project.campaign_id, Project.state).where(Project.id.in_(projects))
    return {record.id: past.then(past_of.PROJECTS, (record.id,), record) for record in db.session.execute(statement)}


def funders_of_calls(*projects: Select[*Anything], past: Past = PRESENT) -> dict[int, list[int]]:
    """Of the calls that these projects are in, or were."""
    calls = [select(Project.campaign_id).where(Project.id.in_(ids)) for ids in projects]
    links = past.links().c
    wanted: ColumnElement[bool] = links.campaign_id.in_(calls[0].union(*calls[1:]))
    if were := past.values(past_of.PROJECTS, "campaign_id"):
        wanted |= links.campaign_id.in_(set(were.values()))
    statement = select(links.campaign_id, links.funder_id).where(wanted)
    return _grouped(statement, "campaign_id", lambda record: record.funder_id)


def zones(projects: Select[*Anything], past: Past = PRESENT) -> dict[int, list[str]]:
    statement = (
        select(project_zones.c.project_id, Zone.label)
        .join(Zone, Zone.id == project_zones.c.zone_id)
        .where(project_zones.c.project_id.in_(projects))
        .order_by(Zone.position)
    )
    found = _grouped(statement, "project_id", lambda record: record.label)
    then = past.values(past_of.PROJECTS, "zones").items()
    return found | {key[0]: [labels] if labels else [] for key, labels in then}


def opinions(projects: Select[*Anything], past: Past = PRESENT) -> dict[int, list[Record[*Anything]]]:
    """None is ever changed: those that were given since are the last."""
    statement = (
        select(Opinion.project_id, Opinion.body, Opinion.judgement, Opinion.remark)
        .where(Opinion.project_id.in_(projects))
        .order_by(Opinion.at, Opinion.id)
    )
    found = _grouped(statement, "project_id", lambda record: record)
    for project_id, since in past.opinions.items():
        found[project_id] = found[project_id][:-since]
    return found


def merges(projects: Select[*Anything], past: Past = PRESENT) -> dict[int, list[int]]:
    """What each brings together beside its predecessor."""
    links = project_merges.c
    statement = select(links.project_id, links.predecessor_id).where(links.project_id.in_(projects))
    found = _grouped(statement, "project_id", lambda record: record.predecessor_id)
    then = past.values(past_of.PROJECTS, MERGED).items()
    return found | {key[0]: [int(id_) for id_ in ids.split()] for key, ids in then}


@dataclass(frozen=True)
class OtherMoney:
    """Euros; `ordinary_law`: the part of it that is droit commun."""

    total: Decimal
    ordinary_law: Decimal


def other_funding(projects: Select[*Anything], past: Past = PRESENT) -> dict[int, OtherMoney | None]:
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
    found: dict[int, OtherMoney | None] = {id: OtherMoney(*sums) for id, *sums in db.session.execute(statement)}
    totals = past.values(past_of.PROJECTS, "other_funding")
    parts = past.values(past_of.PROJECTS, "ordinary_law")
    for key in totals.keys() | parts.keys():
        now = found.get(key[0])
        total = totals.get(key, now.total if now else None)
        part = parts.get(key, now.ordinary_law if now else Decimal(0))
        found[key[0]] = None if total is None else OtherMoney(total, part)
    return found


def amounts_of(contract_id: int, year: int, funder_id: int) -> dict[int, Amounts]:
    """What a funder proposes and grants, by project: of all that it may decide. One query."""
    found = db.session.execute(
        select(FundingLine.project_id, FundingLine.proposed, FundingLine.granted)
        .join(Project, Project.id == FundingLine.project_id)
        .join(CampaignFunder, IN_ITS_CALL)
        .where(
            FundingLine.funder_id == funder_id,
            Project.contract_id == contract_id,
            Project.year == year,
            Project.state == State.ADMISSIBLE,
        )
        .order_by(FundingLine.project_id)
    )
    return {id: (proposed, granted) for id, proposed, granted in found}
