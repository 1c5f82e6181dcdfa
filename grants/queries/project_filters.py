"""What the list of projects may be filtered and sorted by, as conditions: said once for the page,
its totals, the CSV and "previous / next" on a sheet."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from grants.database import db
from grants.french import PARIS
from grants.models import (
    NOT_COUNTING,
    WAITING,
    Campaign,
    CampaignFunder,
    Funder,
    FundingLine,
    Institution,
    Kind,
    Organisation,
    Outcome,
    PieceRequest,
    Project,
    Role,
    RoleGrant,
    State,
    Theme,
    User,
    now,
    project_followers,
)
from grants.queries.search import has_words, plain
from grants.queries.theme_tree import Node

# A draft that was withdrawn has no reference: it is nobody's business.
DEPOSITED_ONLY = (Project.state != State.DRAFT, Project.reference.is_not(None))
# What was typed for an institution; one outside the platform has nobody to confirm it.
UNCONFIRMED = (
    FundingLine.typed_from != "",
    FundingLine.confirmed_at.is_(None),
    FundingLine.funder_id.not_in(
        select(Funder.id).join(Funder.institution).where(Institution.outside).correlate(None)
    ),
)


class Wanted(StrEnum):
    """What one may look for among decisions; of the chosen funder when there is one."""

    TO_PROPOSE = "a-proposer"
    TO_DECIDE = "a-decider"
    RETAINED = "retenu"
    NOT_RETAINED = "non-retenu"
    TO_NOTIFY = "a-notifier"
    TO_CONFIRM = "a-confirmer"


class Sort(StrEnum):
    REFERENCE = "reference"
    TITLE = "titre"
    BEARER = "porteur"
    GRANTED = "accorde"
    THEME = "classement"


@dataclass(frozen=True)
class Filters:
    """`overdue`: pieces were asked for and the date is past; `answered`: the applicant says that
    all were sent. `theme_id`: with all below it."""

    campaign_id: int | None = None
    theme_id: int | None = None
    organisation_id: int | None = None
    kind: Kind | None = None
    state: State | None = None
    overdue: bool = False
    answered: bool = False
    wanted: Wanted | None = None
    funder_id: int | None = None
    follower_id: int | None = None
    words: str = ""
    sort: Sort = Sort.REFERENCE
    descending: bool = False


def amount_granted() -> ColumnElement[Any]:
    """What a line grants; the money of a withdrawn or inadmissible project is free."""
    return case((Project.state.not_in(NOT_COUNTING), FundingLine.granted))


def of_funder(filters: Filters) -> list[ColumnElement[bool]]:
    if filters.funder_id is None:
        return []
    return [FundingLine.funder_id == filters.funder_id]


def order(filters: Filters) -> list[ColumnElement[Any]]:
    total = (
        select(func.sum(amount_granted()))
        .where(FundingLine.project_id == Project.id, *of_funder(filters))
        .correlate(Project)
        .scalar_subquery()
    )
    key: ColumnElement[Any] = {
        Sort.REFERENCE: Project.reference,
        Sort.TITLE: plain(Project.title),
        Sort.BEARER: plain(Organisation.name),
        Sort.GRANTED: func.coalesce(total, 0),
        Sort.THEME: select(Theme.position).where(Theme.id == Project.theme_id).scalar_subquery(),
    }[filters.sort]  # type: ignore[assignment]
    return [key.desc() if filters.descending else key.asc(), Project.id.asc()]


def conditions(contract_id: int, year: int, filters: Filters) -> list[ColumnElement[bool]]:
    """`Organisation` is joined by whoever uses them."""
    found: list[ColumnElement[bool]] = [
        Project.contract_id == contract_id,
        Project.year == year,
        *DEPOSITED_ONLY,
    ]
    for column, value in (
        (Project.campaign_id, filters.campaign_id),
        (Project.organisation_id, filters.organisation_id),
        (Project.kind, filters.kind),
        (Project.state, filters.state),
    ):
        if value is not None:
            found.append(column == value)
    if filters.theme_id is not None:
        found.append(Project.theme_id.in_(_below(filters.theme_id)))
    if filters.follower_id is not None:
        found.append(
            exists().where(
                project_followers.c.project_id == Project.id,
                project_followers.c.user_id == filters.follower_id,
            )
        )
    if filters.overdue:
        found += overdue()
    if filters.answered:
        found += answered()
    if filters.funder_id is not None and filters.wanted is None:
        found.append(_has_line(filters))
    if filters.wanted is not None:
        found += _wanted(filters, filters.wanted)
    text = (Project.title, Organisation.name, Project.reference)
    return found + has_words(filters.words, *text)


def overdue() -> list[ColumnElement[bool]]:
    today = now().astimezone(PARIS).date()
    return [
        and_(Project.state == State.INCOMPLETE, Project.pieces_due_on < today),
        ~_said_all_sent(),
    ]


def answered() -> list[ColumnElement[bool]]:
    """The applicant has said to have sent everything: the coordinator looks."""
    return [Project.state == State.INCOMPLETE, _said_all_sent()]


def _said_all_sent() -> ColumnElement[bool]:
    return exists().where(
        PieceRequest.project_id == Project.id,
        PieceRequest.closed_at.is_(None),
        PieceRequest.answered_at.is_not(None),
    )


def _below(theme_id: int) -> Select[Any]:
    tree = select(Theme.id).where(Theme.id == theme_id).cte("below", recursive=True)
    tree = tree.union_all(select(Theme.id).where(Theme.parent_id == tree.c.id))
    return select(tree.c.id)


def _has_line(filters: Filters, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(
        FundingLine.project_id == Project.id, *of_funder(filters), *conditions
    )


def _wanted(filters: Filters, wanted: Wanted) -> list[ColumnElement[bool]]:
    waiting = FundingLine.outcome.in_(WAITING)
    accepted = FundingLine.outcome == Outcome.ACCEPTED
    line: ColumnElement[bool]
    match wanted:
        case Wanted.NOT_RETAINED:
            open_or_won = _has_line(filters, or_(accepted, waiting))
            return [
                Project.state != State.WITHDRAWN, _has_line(filters),
                or_(Project.state == State.INADMISSIBLE, ~open_or_won),
            ]  # fmt: skip
        case Wanted.RETAINED:
            return [Project.state.not_in(NOT_COUNTING), _has_line(filters, accepted)]
        case Wanted.TO_NOTIFY:
            return [
                Project.state.not_in(NOT_COUNTING),
                _has_line(filters, ~waiting, FundingLine.notified_at.is_(None)),
            ]
        case Wanted.TO_CONFIRM:
            return [_has_line(filters, *UNCONFIRMED)]
        case Wanted.TO_PROPOSE:
            line = and_(FundingLine.outcome == Outcome.PENDING, FundingLine.proposed.is_(None))
        case Wanted.TO_DECIDE:
            line = waiting
    return [Project.state == State.ADMISSIBLE, _has_line(filters, line)]


@dataclass
class Choices:
    """What the filters of a year may be set to, in order; the whole theme tree for the rows.

    `years`: those of the contract that have a campaign; `people`: who instructs."""

    years: dict[int, str] = field(default_factory=dict)
    campaigns: dict[int, str] = field(default_factory=dict)
    funders: dict[int, str] = field(default_factory=dict)
    bearers: dict[int, str] = field(default_factory=dict)
    themes: dict[int, Node] = field(default_factory=dict)
    people: dict[int, str] = field(default_factory=dict)


def choices(contract_id: int, year: int) -> Choices:
    """One query over campaigns, funders, bearers, people and themes."""
    found = Choices()
    for what, key, label, number, parent_id, depth, _place, position, _name in db.session.execute(
        _CHOICES, {"contract_id": contract_id, "year": year}
    ):
        if what == "themes":
            found.themes[key] = Node(key, parent_id, depth, number, label, position)
        else:
            getattr(found, what)[key] = label
    return found


def _choices() -> CompoundSelect[*tuple[Any, ...]]:
    contract_id: BindParameter[int] = bindparam("contract_id")
    year: BindParameter[int] = bindparam("year")
    ours = select(Campaign.id).where(Campaign.contract_id == contract_id, Campaign.year == year)
    themes = select(
        literal("themes").label("what"), Theme.id, Theme.label, Theme.number, Theme.parent_id,
        Theme.depth, literal(0).label("place"), Theme.position, literal("").label("name"),
    ).where(Theme.contract_id == contract_id)  # fmt: skip
    campaigns = select(
        literal("campaigns"), Campaign.id, Campaign.label, *[null()] * 3,
        literal(0), literal(0), Campaign.label,
    ).where(Campaign.contract_id == contract_id, Campaign.year == year)  # fmt: skip
    years = select(
        literal("years"), Campaign.year, literal(""), *[null()] * 3,
        Campaign.year, literal(0), literal(""),
    ).where(Campaign.contract_id == contract_id)  # fmt: skip
    funders = (
        select(
            literal("funders"), Funder.id, Funder.label,
            *[null()] * 3, Institution.position, Funder.position, literal(""),
        )
        .join(Institution, Institution.id == Funder.institution_id)
        .where(
            Funder.id.in_(
                select(CampaignFunder.funder_id).where(CampaignFunder.campaign_id.in_(ours))
            )
        )
    )  # fmt: skip
    bearers = select(
        literal("bearers"), Organisation.id, Organisation.name, *[null()] * 3,
        literal(0), literal(0), plain(Organisation.name),
    ).where(
        Organisation.id.in_(
            select(Project.organisation_id).where(
                Project.contract_id == contract_id, Project.year == year, *DEPOSITED_ONLY
            )
        )
    )  # fmt: skip
    people = select(
        literal("people"), User.id, User.name, *[null()] * 3,
        literal(0), literal(0), plain(User.name),
    ).where(User.active, User.id.in_(_instructing(contract_id)))  # fmt: skip
    return union_all(themes, years, campaigns, funders, bearers, people).order_by(
        "place", "position", "name"
    )


def _instructing(contract_id: BindParameter[int]) -> Select[Any]:
    roles = (Role.INSTRUCTOR, Role.COORDINATOR)
    return select(RoleGrant.user_id).where(
        RoleGrant.contract_id == contract_id, RoleGrant.role.in_(roles)
    )


_CHOICES = _choices()  # built once: building it takes longer than running it
