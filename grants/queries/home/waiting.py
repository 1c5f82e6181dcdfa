"""What waits for somebody in a contract's year: the figures of "Aujourd'hui"."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice

from sqlalchemy import ColumnElement, and_, case, exists, false, func, or_, select

from grants.database import all_as, db, select_as
from grants.french import PARIS
from grants.models import (
    DECIDABLE,
    WAITING,
    Campaign,
    Funder,
    FundingLine,
    Institution,
    Opinion,
    Organisation,
    Outcome,
    Project,
    State,
    Theme,
    now,
    project_followers,
)
from grants.queries.campaign.announced import in_preparation, open_now
from grants.queries.comparison.unlinked import linkable
from grants.queries.project_filters import (
    DEPOSITED_ONLY,
    TO_NOTIFY,
    UNCONFIRMED,
    answered,
    checked,
    overdue,
    unanswered,
)

MOST_DAYS = 5


@dataclass(frozen=True)
class States:
    """Numbers of projects; `overdue` and `answered` are among `incomplete`, `checked` among
    `to_check`; `followed`: by the person who reads; `unlinked`: renewals (`queries.unlinked`)."""

    deposited: int
    to_check: int
    checked: int
    incomplete: int
    overdue: int
    answered: int
    unanswered: int
    followed: int
    unlinked: int


@dataclass(frozen=True)
class WaitingColumn:
    """Numbers of projects that wait in a funder's column, and of those of them that the person
    follows; `outside`: nobody confirms there; `mine`: of the person's institutions."""

    funder_id: int
    label: str
    outside: bool
    mine: bool
    to_propose: int
    to_decide: int
    to_notify: int
    to_confirm: int
    followed_to_propose: int
    followed_to_decide: int
    followed_to_notify: int
    followed_to_confirm: int


@dataclass(frozen=True)
class Closing:
    """Of a call that is open, or that somebody has to open."""

    id: int
    label: str
    year: int
    closes_at: datetime | None
    opened_at: datetime | None
    committee_dates: str


@dataclass(frozen=True)
class Due:
    """Pieces are expected by this day, for so many projects, of these bearers."""

    on: date | None
    projects: int
    bearers: str


@dataclass(frozen=True)
class ToJudge:
    """A project on which the person has given no opinion; `opinions`: how many others have."""

    id: int
    reference: str
    title: str
    bearer: str
    total_cost: Decimal | None
    theme_id: int
    opinions: int


@dataclass(frozen=True)
class JudgedCampaign:
    """A validated one waits for no opinion."""

    label: str
    committee_dates: str
    validated_at: datetime | None


def latest_year(contract_id: int) -> int | None:
    """The last with an open call or deposited projects; else the last with a call at all: a call
    that is being prepared empties nobody's desk."""
    deposited = exists().where(Project.campaign_id == Campaign.id, *DEPOSITED_ONLY)
    at_work = case((or_(and_(*open_now()), deposited), Campaign.year))
    return db.session.scalar(
        select(func.coalesce(func.max(at_work), func.max(Campaign.year))).where(Campaign.contract_id == contract_id)
    )


def closings(contract_id: int) -> list[Closing]:
    """Of the calls open at this instant, the first to close first, then drafts."""
    shown = or_(and_(*open_now()), and_(*in_preparation()))
    here = select_as(Closing, Campaign).where(Campaign.contract_id == contract_id, shown)
    return all_as(Closing, here.order_by(Campaign.opened_at.is_(None), Campaign.closes_at, Campaign.id))


def pieces_due(contract_id: int, year: int) -> list[Due]:
    """The days by which pieces are expected, the first to come first."""
    records = db.session.execute(
        select(Project.pieces_due_on, Organisation.name, func.count())
        .join(Organisation, Organisation.id == Project.organisation_id)
        .where(
            Project.contract_id == contract_id,
            Project.year == year,
            Project.state == State.INCOMPLETE,
            ~and_(*answered()),
            Project.pieces_due_on >= now().astimezone(PARIS).date(),
        )
        .group_by(Project.pieces_due_on, Organisation.name)
        .order_by(Project.pieces_due_on, Organisation.name)
    )
    days: dict[date | None, dict[str, int]] = defaultdict(dict)
    for on, bearer, count in records:
        days[on][bearer] = count
    return [Due(on, sum(counts.values()), ", ".join(counts)) for on, counts in islice(days.items(), MOST_DAYS)]


def states(contract_id: int, year: int, reader_id: int) -> States:
    late, sent, fine = overdue(), answered(), checked()
    counts = select_as(
        States,
        deposited=func.count(),
        to_check=_number(Project.state == State.SUBMITTED),
        checked=_number(and_(*fine)),
        incomplete=_number(Project.state == State.INCOMPLETE),
        overdue=_number(and_(*late)),
        answered=_number(and_(*sent)),
        unanswered=_number(and_(*unanswered())),
        followed=_number(_followed_by(reader_id)),
        unlinked=_number(linkable()),
    )
    ours = counts.where(Project.contract_id == contract_id, Project.year == year, *DEPOSITED_ONLY)
    return all_as(States, ours)[0]


def columns(
    contract_id: int, year: int, institution_ids: set[int], *, delegated: bool, reader_id: int
) -> list[WaitingColumn]:
    """Of the institutions' funders; `delegated`: of those that delegate as well."""
    admissible = Project.state.in_(DECIDABLE)
    waiting = FundingLine.outcome.in_(WAITING)
    waits = {
        "to_propose": admissible & (FundingLine.outcome == Outcome.PENDING) & FundingLine.proposed.is_(None),
        "to_decide": admissible & waiting,
        "to_notify": and_(*TO_NOTIFY),
        "to_confirm": and_(*UNCONFIRMED),
    }
    own, followed = Institution.id.in_(institution_ids), _followed_by(reader_id)
    counts = {name: _number(line) for name, line in waits.items()}
    counts |= {f"followed_{name}": _number(line & followed) for name, line in waits.items()}
    return all_as(
        WaitingColumn,
        select_as(WaitingColumn, Funder, Institution, funder_id=Funder.id, mine=own, **counts)
        .join(Funder, Funder.id == FundingLine.funder_id)
        .join(Institution, Institution.id == Funder.institution_id)
        .join(Project, Project.id == FundingLine.project_id)
        .where(
            Project.contract_id == contract_id,
            Project.year == year,
            *DEPOSITED_ONLY,
            or_(own, Institution.delegates if delegated else false()),
        )
        .group_by(Funder.id, Institution.id)
        .order_by(Institution.position, Funder.position),
    )


def _followed_by(user_id: int) -> ColumnElement[bool]:
    pair = project_followers.c
    return exists().where(pair.project_id == Project.id, pair.user_id == user_id)


def to_judge(contract_id: int, year: int, reader_id: int) -> list[ToJudge]:
    """Admissible projects of calls that are not validated yet, without an opinion of theirs; in the
    order of their themes."""
    given = select(func.count()).where(Opinion.project_id == Project.id).scalar_subquery()
    return all_as(
        ToJudge,
        select_as(ToJudge, Project, bearer=Organisation.name, opinions=given)
        .join(Organisation, Organisation.id == Project.organisation_id)
        .join(Theme, Theme.id == Project.theme_id)
        .where(*_to_judge(contract_id, year, reader_id))
        .order_by(Theme.position, Theme.id, Project.reference),
    )


def how_many_to_judge(contract_id: int, year: int, reader_id: int) -> int:
    return db.session.scalar(select(func.count()).where(*_to_judge(contract_id, year, reader_id))) or 0


def _to_judge(contract_id: int, year: int, reader_id: int) -> list[ColumnElement[bool]]:
    return [
        Project.contract_id == contract_id,
        Project.year == year,
        Project.state.in_(DECIDABLE),
        Project.campaign_id.not_in(
            select(Campaign.id).where(Campaign.contract_id == contract_id, Campaign.validated_at.is_not(None))
        ),
        ~exists().where(Opinion.project_id == Project.id, Opinion.by_id == reader_id),
    ]


def judged_campaigns(contract_id: int, year: int) -> list[JudgedCampaign]:
    return all_as(
        JudgedCampaign,
        select_as(JudgedCampaign, Campaign)
        .where(Campaign.contract_id == contract_id, Campaign.year == year)
        .order_by(Campaign.id),
    )


def undecided(campaign_id: int) -> int:
    """Lines of admissible projects that no funder has decided."""
    return (
        db.session.scalar(
            select(func.count())
            .select_from(FundingLine)
            .join(Project, Project.id == FundingLine.project_id)
            .where(
                FundingLine.campaign_id == campaign_id, Project.state.in_(DECIDABLE), FundingLine.outcome.in_(WAITING)
            )
        )
        or 0
    )


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))
