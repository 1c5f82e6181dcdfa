"""What anybody may read of a year: what was granted and notified, by theme and by bearer.

Only calls whose programming the committee has validated, or that were imported (these have no
dates: what is in them was published). The rows are the programming's (rules 9), without what else
they know: no request, proposal, refusal, reason or opinion leaves this module.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from grants.database import all_of, db
from grants.models import NOT_COUNTING, Campaign, Contract, FundingLine, Project
from grants.queries.figures import Gap, known, total
from grants.queries.programming.funder_columns import FunderColumn
from grants.queries.programming.groups import GroupSums, PillarGroup, group, sum_up
from grants.queries.programming.overview import Bearer, bearers
from grants.queries.programming.programming import programming
from grants.queries.programming.rows import FunderLine, Row
from grants.queries.theme_tree import Levels
from grants.queries.unchanged import unchanged

NOT_PUBLIC: dict[str, Any] = {
    **dict.fromkeys(("state_reason", "source_note", "opinions", "remarks"), ""),
    **dict.fromkeys(("other_funding", "ordinary_law"), Gap.NOTHING),
}


@dataclass(frozen=True)
class Financed:
    """`funders`: those that have given something. `kinds`: of the calls, by their ids."""

    slug: str
    contract: str
    year: int
    read_at: datetime
    levels: Levels
    kinds: dict[int, str]
    funders: tuple[FunderColumn, ...]
    pillars: tuple[PillarGroup, ...]
    bearers: tuple[Bearer, ...]
    total: GroupSums


def financed_years() -> dict[Contract, list[int]]:
    """Those that have something to show, by contract, the latest first. Two queries."""
    years: dict[int, list[int]] = defaultdict(list)
    for contract_id, year in db.session.execute(
        select(Project.contract_id, Project.year)
        .join(Campaign, Campaign.id == Project.campaign_id)
        .join(FundingLine, FundingLine.project_id == Project.id)
        .where(_published(), Project.state.not_in(NOT_COUNTING), FundingLine.granted > 0)
        .where(FundingLine.notified_at.is_not(None))
        .distinct()
        .order_by(Project.year.desc())
    ):
        years[contract_id].append(year)
    contracts = select(Contract).where(Contract.id.in_(years)).order_by(Contract.label, Contract.id)
    return {contract: years[contract.id] for contract in all_of(contracts)}


def latest_financed() -> list[Financed]:
    """The latest year of each contract; kept with its figures."""

    def read() -> list[Financed]:
        found = (financed(contract, years[0]) for contract, years in financed_years().items())
        return [each for each in found if each]

    return unchanged.get(("latest financed",), read)


def financed(contract: Contract, year: int) -> Financed | None:
    """Nothing where nothing was notified yet."""
    key = ("financed", contract.id, tuple(contract.level_names), year)
    return unchanged.get(key, lambda: _financed(contract, year))


def _financed(contract: Contract, year: int) -> Financed | None:
    figures = programming(contract, year)
    calls = set(all_of(select(Campaign.id).where(Campaign.contract_id == contract.id, _published())))
    rows = (row for section in figures.sections for row in section.rows if row.campaign_id in calls)
    actions = sorted(filter(None, map(_public_row, rows)), key=lambda row: (row.place.order, row.reference))
    given = {id for row in actions for id in row.lines}
    funders = tuple(funder for funder in figures.funders if funder.id in given)
    ids = [funder.id for funder in funders]
    if not actions:
        return None
    return Financed(
        slug=contract.slug,
        contract=contract.label,
        year=year,
        read_at=figures.read_at,
        levels=figures.levels,
        kinds={row.campaign_id: section.kind for section in figures.sections for row in section.rows},
        funders=funders,
        pillars=group(actions, ids),
        bearers=bearers(actions, funders),
        total=sum_up(actions, ids),
    )


def _published() -> ColumnElement[bool]:
    return or_(Campaign.validated_at.is_not(None), Campaign.opened_at.is_(None))


def _public_row(row: Row) -> Row | None:
    """Without what is not public of it; nothing where nothing was notified."""
    lines = {
        id: FunderLine(line.outcome, Gap.NOTHING, granted=line.granted, notified=True)
        for id, line in row.lines.items()
        if line.notified and known(line.granted)
    }
    if not lines:
        return None
    given = total(line.granted for line in lines.values())
    return replace(row, lines=lines, granted=given, total_cost=None, **NOT_PUBLIC)
