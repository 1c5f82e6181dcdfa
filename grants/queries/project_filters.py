"""What the list of projects may be filtered and sorted by, as conditions: said once for the page,
its totals, the CSV and "previous / next" on a sheet."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from grants.domain.decisions.notify import INSTRUCTED
from grants.french import today
from grants.models import (
    DECIDABLE,
    NOT_COUNTING,
    WAITING,
    Check,
    Checked,
    CheckItem,
    Funder,
    FundingLine,
    Institution,
    Kind,
    Message,
    Organisation,
    Outcome,
    PieceRequest,
    Project,
    State,
    Theme,
    project_followers,
    project_zones,
)
from grants.queries.search import has_words

# A draft that was withdrawn has no reference: it is nobody's business.
DEPOSITED_ONLY = (Project.state != State.DRAFT, Project.reference.is_not(None))
# What was typed for an institution, which has not said yes to it.
TYPED = and_(FundingLine.typed_from != "", FundingLine.confirmed_at.is_(None))
# It is listed for an institution that may get somebody here; one outside the platform never does.
UNCONFIRMED = (
    TYPED,
    FundingLine.funder_id.not_in(select(Funder.id).join(Funder.institution).where(Institution.outside).correlate(None)),
)
# What is decided and nobody was told yet; where its institution has somebody here who confirms first
# (`decisions/notify.py`), it is not ready for it.
TO_NOTIFY = (
    Project.state.not_in(NOT_COUNTING),
    FundingLine.outcome.not_in(WAITING),
    FundingLine.notified_at.is_(None),
    ~and_(
        TYPED, FundingLine.funder_id.in_(select(Funder.id).where(Funder.institution_id.in_(INSTRUCTED)).correlate(None))
    ),
)

# « J'ai tout envoyé » was said to what the service asks for.
ALL_SENT = exists().where(
    PieceRequest.project_id == Project.id, PieceRequest.closed_at.is_(None), PieceRequest.answered_at.is_not(None)
)


class DecisionFilter(StrEnum):
    """What one may look for among decisions; of the chosen funder when there is one."""

    TO_PROPOSE = "a-proposer"
    TO_DECIDE = "a-decider"
    RETAINED = "retenu"
    NOT_RETAINED = "non-retenu"
    TO_NOTIFY = "a-notifier"
    TO_CONFIRM = "a-confirmer"


class BesideState(StrEnum):
    """What one may look for among the states, without being one."""

    OVERDUE = "retard"
    ANSWERED = "repondu"
    CHECKED = "controle"
    UNANSWERED = "message"


class Sort(StrEnum):
    REFERENCE = "reference"
    TITLE = "titre"
    BEARER = "porteur"
    GRANTED = "accorde"
    THEME = "classement"


@dataclass(frozen=True)
class Filters:
    """`theme_id`: with all below it; `commune_id`: the main one; `within`: of these communes
    alone, where the person may read no others."""

    campaign_id: int | None = None
    theme_id: int | None = None
    commune_id: int | None = None
    within: frozenset[int] = frozenset()
    zone_id: int | None = None
    organisation_id: int | None = None
    kind: Kind | None = None
    state: State | None = None
    beside: BesideState | None = None
    wanted: DecisionFilter | None = None
    funder_id: int | None = None
    follower_id: int | None = None
    words: str = ""
    sort: Sort = Sort.REFERENCE
    descending: bool = False


def amount_granted() -> ColumnElement[Decimal | None]:
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
        Sort.TITLE: Project.title_key,
        Sort.BEARER: Organisation.name_key,
        Sort.GRANTED: func.coalesce(total, 0),
        Sort.THEME: select(Theme.position).where(Theme.id == Project.theme_id).scalar_subquery(),
    }[filters.sort]  # type: ignore[assignment]
    return [key.desc() if filters.descending else key.asc(), Project.id.asc()]


Number = int | BindParameter[int]


def conditions(contract_id: Number, year: Number, filters: Filters) -> list[ColumnElement[bool]]:
    """`Organisation` is joined by whoever uses them."""
    wanted: list[ColumnElement[bool]] = [Project.contract_id == contract_id, Project.year == year, *DEPOSITED_ONLY]
    for column, value in (
        (Project.campaign_id, filters.campaign_id),
        (Project.commune_id, filters.commune_id),
        (Project.organisation_id, filters.organisation_id),
        (Project.kind, filters.kind),
        (Project.state, filters.state),
    ):
        if value is not None:
            wanted.append(column == value)
    if filters.theme_id is not None:
        wanted.append(Project.theme_id.in_(_below(filters.theme_id)))
    if filters.within:
        wanted.append(Project.commune_id.in_(filters.within))
    if filters.zone_id is not None:
        wanted.append(
            exists().where(project_zones.c.project_id == Project.id, project_zones.c.zone_id == filters.zone_id)
        )
    if filters.follower_id is not None:
        wanted.append(
            exists().where(
                project_followers.c.project_id == Project.id, project_followers.c.user_id == filters.follower_id
            )
        )
    if filters.beside is not None:
        wanted += _BESIDE[filters.beside]()
    if filters.funder_id is not None and filters.wanted is None:
        wanted.append(_has_line(filters))
    if filters.wanted is not None:
        wanted += _wanted(filters, filters.wanted)
    reference = func.replace(Project.reference, "-", " ")  # as it is folded
    text = (Project.title_key, Organisation.name_key, reference)
    return wanted + has_words(filters.words, *text)


def overdue() -> list[ColumnElement[bool]]:
    """Pieces were asked for, and the date is past."""
    return [and_(Project.state == State.INCOMPLETE, Project.pieces_due_on < today()), ~ALL_SENT]


def answered() -> list[ColumnElement[bool]]:
    """The applicant has said to have sent everything: the coordinator looks."""
    return [Project.state == State.INCOMPLETE, ALL_SENT]


def checked() -> list[ColumnElement[bool]]:
    """Every point of its call's checklist was found in order, or does not concern it: it waits to
    be declared admissible."""
    points = (CheckItem.campaign_id == Project.campaign_id, CheckItem.archived.is_(False))
    in_order = (
        exists()
        .where(Check.project_id == Project.id, Check.item_id == CheckItem.id, Check.found != Checked.MISSING)
        .correlate(Project, CheckItem)
    )
    return [Project.state == State.SUBMITTED, exists().where(*points), ~exists().where(*points, ~in_order)]


def unanswered() -> list[ColumnElement[bool]]:
    """What was said last is the applicant's."""
    later = aliased(Message)
    last = ~exists().where(later.project_id == Message.project_id, later.id > Message.id)
    return [exists().where(Message.project_id == Project.id, Message.from_applicant, last)]


_BESIDE = {
    BesideState.OVERDUE: overdue,
    BesideState.ANSWERED: answered,
    BesideState.CHECKED: checked,
    BesideState.UNANSWERED: unanswered,
}


def _below(theme_id: int) -> Select[int]:
    tree = select(Theme.id).where(Theme.id == theme_id).cte("below", recursive=True)
    tree = tree.union_all(select(Theme.id).where(Theme.parent_id == tree.c.id))
    return select(tree.c.id)


def _has_line(filters: Filters, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(FundingLine.project_id == Project.id, *of_funder(filters), *conditions)


def _wanted(filters: Filters, wanted: DecisionFilter) -> list[ColumnElement[bool]]:
    waiting = FundingLine.outcome.in_(WAITING)
    accepted = FundingLine.outcome == Outcome.ACCEPTED
    line: ColumnElement[bool]
    match wanted:
        case DecisionFilter.NOT_RETAINED:
            open_or_won = _has_line(filters, or_(accepted, waiting))
            return [
                Project.state != State.WITHDRAWN,
                _has_line(filters),
                or_(Project.state == State.INADMISSIBLE, ~open_or_won),
            ]
        case DecisionFilter.RETAINED:
            return [Project.state.not_in(NOT_COUNTING), _has_line(filters, accepted)]
        case DecisionFilter.TO_NOTIFY:
            return [_has_line(filters, *TO_NOTIFY)]
        case DecisionFilter.TO_CONFIRM:
            return [_has_line(filters, *UNCONFIRMED)]
        case DecisionFilter.TO_PROPOSE:
            line = and_(FundingLine.outcome == Outcome.PENDING, FundingLine.proposed.is_(None))
        case DecisionFilter.TO_DECIDE:
            line = waiting
    return [Project.state.in_(DECIDABLE), _has_line(filters, line)]
