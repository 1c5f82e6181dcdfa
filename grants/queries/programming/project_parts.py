"""What belongs to many projects at once, each read in one query and keyed by project."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, TypeVar

from sqlalchemy import Column, ColumnElement, Select, case, func, select

from grants.database import all_as, db, select_as
from grants.models import (
    DECIDABLE,
    IN_ITS_CALL,
    MERGED,
    BudgetLine,
    CampaignFunder,
    Commune,
    FundingLine,
    Judgement,
    Opinion,
    OtherFunding,
    Outcome,
    Project,
    Side,
    State,
    Zone,
    project_communes,
    project_merges,
    project_zones,
)
from grants.queries.programming import past as past_of
from grants.queries.programming.past import PRESENT, Past

T = TypeVar("T")
GivenOpinion = tuple[str, Judgement, str]  # body, judgement and remark
ProposedAndGranted = tuple[Decimal | None, Decimal | None]


class LineRow(NamedTuple):
    """A funding line, read by these names."""

    project_id: int
    funder_id: int
    outcome: Outcome
    requested: Decimal | None
    proposed: Decimal | None
    granted: Decimal | None
    reason: str
    redirected_to: str
    condition: str
    raised_reason: str
    version: int
    notified_at: datetime | None
    typed_from: str
    confirmed_at: datetime | None


class StateRow(NamedTuple):
    """The call and state of a project."""

    id: int
    campaign_id: int
    state: State


def _grouped(pairs: Iterable[tuple[int, T]]) -> dict[int, list[T]]:
    groups: dict[int, list[T]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return groups


def lines(projects: Select[int], past: Past = PRESENT) -> dict[int, dict[int, LineRow]]:
    """By project and funder."""
    stored = all_as(LineRow, select_as(LineRow, FundingLine).where(FundingLine.project_id.in_(projects)))
    now: dict[past_of.RowKey, LineRow] = {(line.project_id, line.funder_id): line for line in stored}
    by_project: dict[int, dict[int, LineRow]] = defaultdict(dict)
    for key in {**now, **dict.fromkeys(past.brought_back(past_of.LINES))}:
        line = past.then(past_of.LINES, key, now.get(key), LineRow)
        if line is not None:
            by_project[line.project_id][line.funder_id] = line
    return by_project


def states(projects: Select[int], past: Past = PRESENT) -> dict[int, StateRow]:
    """Of those that there were."""
    rows = all_as(StateRow, select_as(StateRow, Project).where(Project.id.in_(projects)))
    return {row.id: then for row in rows if (then := past.then(past_of.PROJECTS, (row.id,), row, StateRow))}


def funders_of_campaigns(*projects: Select[int], past: Past = PRESENT) -> dict[int, list[int]]:
    """Of the calls that these projects are in, or were."""
    calls = [select(Project.campaign_id).where(Project.id.in_(ids)) for ids in projects]
    links = past.links().c
    wanted: ColumnElement[bool] = links.campaign_id.in_(calls[0].union(*calls[1:]))
    if were := past.values(past_of.PROJECTS, "campaign_id"):
        wanted |= links.campaign_id.in_(set(were.values()))
    statement = select(links.campaign_id, links.funder_id).where(wanted)
    return _grouped(db.session.execute(statement))


def zones(projects: Select[int], past: Past = PRESENT) -> dict[int, list[str]]:
    return _named(Zone, project_zones.c.project_id, project_zones.c.zone_id, "zones", projects, past)


def other_communes(projects: Select[int], past: Past = PRESENT) -> dict[int, list[str]]:
    links = project_communes.c
    return _named(Commune, links.project_id, links.commune_id, "other_communes", projects, past)


def _named(
    model: type[Zone | Commune], project: Column[int], part: Column[int], field: str, projects: Select[int], past: Past
) -> dict[int, list[str]]:
    """The names of what each lists, which history keeps as one text under `field`."""
    statement = (
        select(project, model.label).join(model, model.id == part).where(project.in_(projects)).order_by(model.position)
    )
    now: dict[int, list[str]] = _grouped(db.session.execute(statement))
    then = past.values(past_of.PROJECTS, field).items()
    return now | {key[0]: [labels] if labels else [] for key, labels in then}


def opinions(projects: Select[int], past: Past = PRESENT) -> dict[int, list[GivenOpinion]]:
    """None is ever changed: those that were given since are the last."""
    statement = (
        select(Opinion.project_id, Opinion.body, Opinion.judgement, Opinion.remark)
        .where(Opinion.project_id.in_(projects))
        .order_by(Opinion.at, Opinion.id)
    )
    records = db.session.execute(statement)
    given = _grouped((project_id, (body, judged, remark)) for project_id, body, judged, remark in records)
    for project_id, since in past.opinions.items():
        given[project_id] = given[project_id][:-since]
    return given


def merges(projects: Select[int], past: Past = PRESENT) -> dict[int, list[int]]:
    """What each brings together beside its predecessor."""
    links = project_merges.c
    statement = select(links.project_id, links.predecessor_id).where(links.project_id.in_(projects))
    now: dict[int, list[int]] = _grouped(db.session.execute(statement))
    then = past.values(past_of.PROJECTS, MERGED).items()
    return now | {key[0]: [int(id_) for id_ in ids.split()] for key, ids in then}


@dataclass(frozen=True)
class OtherMoney:
    """Euros; `ordinary_law`: the part of it that is droit commun."""

    total: Decimal
    ordinary_law: Decimal


def other_funding(projects: Select[int], past: Past = PRESENT) -> dict[int, OtherMoney | None]:
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


def amounts_of(contract_id: int, year: int, funder_id: int) -> dict[int, ProposedAndGranted]:
    """What a funder proposes and grants, by project: of all that it may decide. One query."""
    lines = db.session.execute(
        select(FundingLine.project_id, FundingLine.proposed, FundingLine.granted)
        .join(Project, Project.id == FundingLine.project_id)
        .join(CampaignFunder, IN_ITS_CALL)
        .where(
            FundingLine.funder_id == funder_id,
            Project.contract_id == contract_id,
            Project.year == year,
            Project.state.in_(DECIDABLE),
        )
        .order_by(FundingLine.project_id)
    )
    return {id: (proposed, granted) for id, proposed, granted in lines}
