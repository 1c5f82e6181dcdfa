"""The envelopes of a contract's year: one set of figures for every page and workbook (rules 9)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import CTE, Select, Subquery, case, func, or_, select, union

from grants.database import db
from grants.models import (
    DEPOSITED,
    NOT_COUNTING,
    WAITING,
    Campaign,
    Envelope,
    EnvelopeStatus,
    Funder,
    FundingLine,
    Institution,
    Outcome,
    Project,
)
from grants.queries import project_parts
from grants.queries.past import ENVELOPES, PRESENT, Past

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


@dataclass
class _Sums:
    asked: Decimal = ZERO
    proposed: Decimal = ZERO
    granted: Decimal = ZERO
    planned: Decimal = ZERO


def envelopes(contract_id: int, year: int, past: Past = PRESENT) -> list[EnvelopeRow]:
    """In the funders' order; one query, and two more for the `past`."""
    rows: dict[tuple[int, int | None], EnvelopeRow] = {}
    records = db.session.execute(_select(contract_id, year, past)).all()
    then = _sums_then(past, {record.campaign_id for record in records}) if past else {}
    amounts = past.values(ENVELOPES, "amount")
    for record in records:
        row = rows.setdefault(
            (record.funder_id, record.envelope_id),
            EnvelopeRow(
                record.envelope_id, record.funder_id, record.code, record.funder,
                amounts.get((record.envelope_id,), record.amount), record.status,
            ),
        )  # fmt: skip
        sums = then.get((record.campaign_id, record.funder_id), _Sums()) if past else record
        row.campaigns.append(record.campaign)
        row.campaign_ids.append(record.campaign_id)
        row.asked += sums.asked or ZERO
        row.proposed += sums.proposed or ZERO
        row.granted += sums.granted or ZERO
        row.planned += sums.planned or ZERO
    return list(rows.values())


def _sums_then(past: Past, calls: set[int]) -> dict[tuple[int, int], _Sums]:
    """What `_sums` is now: by call and funder, over lines that counted."""
    projects = select(Project.id).where(
        or_(Project.campaign_id.in_(calls), Project.id.in_(past.project_ids))
    )
    of = project_parts.states(projects, past)
    found: dict[tuple[int, int], _Sums] = defaultdict(_Sums)
    for project_id, lines in project_parts.lines(projects, past).items():
        project = of[project_id]
        for funder_id, line in lines.items():
            if project.state in COUNTING and line.outcome is not Outcome.CANCELLED:
                sums = found[project.campaign_id, funder_id]
                sums.asked += line.requested or ZERO
                sums.proposed += line.proposed or ZERO
                sums.granted += line.granted or ZERO
                waits = line.outcome in WAITING
                sums.planned += (line.proposed if waits else line.granted) or ZERO
    return found


def _select(contract_id: int, year: int, past: Past) -> Select[Any]:
    """One record per funder and campaign: the year's, and those that share its envelopes."""
    concerned = _concerned(contract_id, year, past)
    link, sums = concerned.c, _sums(concerned)
    return (
        select(
            link.envelope_id, link.campaign_id, link.funder_id,
            Campaign.label.label("campaign"), Funder.code, Funder.label.label("funder"),
            Envelope.amount, Envelope.status,
            sums.c.asked, sums.c.proposed, sums.c.granted, sums.c.planned,
        )
        .join(Campaign, Campaign.id == link.campaign_id)
        .join(Funder, Funder.id == link.funder_id)
        .join(Institution, Institution.id == Funder.institution_id)
        .outerjoin(Envelope, Envelope.id == link.envelope_id)
        .outerjoin(
            sums,
            (sums.c.campaign_id == link.campaign_id) & (sums.c.funder_id == link.funder_id),
        )
        .order_by(Institution.position, Funder.position, Funder.id, Campaign.year, Campaign.label)
    )  # fmt: skip


def _concerned(contract_id: int, year: int, past: Past) -> CTE:
    """The links of the year's calls, and those that share an envelope with them. A union, for
    PostgreSQL takes an `or` of the two for most links of all contracts, and reads all projects."""
    link = past.links().c
    ours = select(Campaign.id).where(Campaign.contract_id == contract_id, Campaign.year == year)
    shared = select(link.envelope_id).where(link.campaign_id.in_(ours))
    columns = select(link.campaign_id, link.funder_id, link.envelope_id)
    return union(
        columns.where(link.campaign_id.in_(ours)), columns.where(link.envelope_id.in_(shared))
    ).cte("concerned")


def _sums(links: CTE) -> Subquery:
    """Euros by campaign and funder, of lines that count. Not joined with the links: SQLite would
    go through the lines of all contracts, which its index holds in the order of the groups."""
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
        .join(Project, Project.id == FundingLine.project_id)
        .where(
            FundingLine.campaign_id.in_(select(links.c.campaign_id)),
            Project.state.in_(COUNTING),
            FundingLine.outcome != Outcome.CANCELLED,
        )
        .group_by(FundingLine.campaign_id, FundingLine.funder_id)
        .subquery()
    )
