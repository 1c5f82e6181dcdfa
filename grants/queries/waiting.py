"""What waits for somebody in a contract's year: the figures of "Aujourd'hui"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, false, func, or_, select

from grants.database import db
from grants.models import (
    NOT_COUNTING,
    WAITING,
    Campaign,
    Funder,
    FundingLine,
    Institution,
    Outcome,
    Project,
    State,
)
from grants.queries.campaigns import open_now
from grants.queries.project_filters import DEPOSITED_ONLY, UNCONFIRMED, answered, overdue


@dataclass(frozen=True)
class States:
    """Numbers of projects; `overdue` and `answered` are among `incomplete`."""

    deposited: int
    to_check: int
    incomplete: int
    overdue: int
    answered: int


@dataclass(frozen=True)
class Column:
    """Numbers of projects that wait in a funder's column; `outside`: nobody confirms there."""

    funder_id: int
    label: str
    to_propose: int
    to_decide: int
    to_notify: int
    to_confirm: int
    outside: bool


@dataclass(frozen=True)
class Closing:
    label: str
    year: int
    closes_at: datetime


def latest_year(contract_id: int) -> int | None:
    """The last with an open call or deposited projects; else the last with a call at all: a call
    that is being prepared empties nobody's desk."""
    deposited = exists().where(Project.campaign_id == Campaign.id, *DEPOSITED_ONLY)
    at_work = case((or_(and_(*open_now()), deposited), Campaign.year))
    return db.session.scalar(
        select(func.coalesce(func.max(at_work), func.max(Campaign.year))).where(
            Campaign.contract_id == contract_id
        )
    )


def closings(contract_id: int) -> list[Closing]:
    """Of the calls open at this instant, the first to close first."""
    records = db.session.execute(
        select(Campaign.label, Campaign.year, Campaign.closes_at)
        .where(Campaign.contract_id == contract_id, *open_now())
        .order_by(Campaign.closes_at)
    )
    return [Closing(label, year, closes_at) for label, year, closes_at in records if closes_at]


def states(contract_id: int, year: int) -> States:
    late, sent = overdue(), answered()
    record = db.session.execute(
        select(
            func.count(),
            _number(Project.state == State.SUBMITTED),
            _number(Project.state == State.INCOMPLETE),
            _number(late[0] & late[1]),
            _number(sent[0] & sent[1]),
        ).where(Project.contract_id == contract_id, Project.year == year, *DEPOSITED_ONLY)
    ).one()
    return States(*record)


def columns(
    contract_id: int, year: int, institution_ids: set[int], *, delegated: bool
) -> list[Column]:
    """Of the institutions' funders; `delegated`: of those that delegate as well."""
    admissible = Project.state == State.ADMISSIBLE
    waiting = FundingLine.outcome.in_(WAITING)
    records = db.session.execute(
        select(
            Funder.id, Funder.label,
            _number(admissible & (FundingLine.outcome == Outcome.PENDING)
                    & FundingLine.proposed.is_(None)),
            _number(admissible & waiting),
            _number(Project.state.not_in(NOT_COUNTING) & ~waiting
                    & FundingLine.notified_at.is_(None)),
            _number(and_(*UNCONFIRMED)), Institution.outside,
        )
        .join(Funder, Funder.id == FundingLine.funder_id)
        .join(Institution, Institution.id == Funder.institution_id)
        .join(Project, Project.id == FundingLine.project_id)
        .where(
            Project.contract_id == contract_id, Project.year == year, *DEPOSITED_ONLY,
            or_(
                Institution.id.in_(institution_ids),
                Institution.delegates if delegated else false(),
            ),
        )
        .group_by(Funder.id, Institution.id)
        .order_by(Institution.position, Funder.position)
    )  # fmt: skip
    return [Column(*record) for record in records]


def undecided(campaign_id: int) -> int:
    """Lines of admissible projects that no funder has decided."""
    return db.session.scalar(
        select(func.count())
        .select_from(FundingLine)
        .join(Project, Project.id == FundingLine.project_id)
        .where(
            FundingLine.campaign_id == campaign_id,
            Project.state == State.ADMISSIBLE,
            FundingLine.outcome.in_(WAITING),
        )
    ) or 0


def _number(condition: ColumnElement[bool]) -> Any:
    return func.count(case((condition, 1)))
