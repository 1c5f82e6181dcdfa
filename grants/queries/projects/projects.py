"""The list of a contract's year: its rows and its totals.

The page, the CSV and "previous / next" on a sheet read the same; the number of queries does not
depend on the number of projects.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import Executable, Integer, Select, and_, bindparam, case, func, null, or_, select, union_all

from grants.database import all_as, db, select_as
from grants.french import today
from grants.models import NOT_COUNTING, Campaign, Commune, FundingLine, Kind, Organisation, Project, State
from grants.queries.programming.rows import mark_of
from grants.queries.project_filters import DEPOSITED_ONLY, Filters, amount_granted, conditions, of_funder, order
from grants.queries.unchanged import lists

PAGE = 50
ZERO = Decimal(0)
_YEAR = (bindparam("contract_id", type_=Integer), bindparam("year", type_=Integer))


@dataclass(frozen=True)
class ProjectRow:
    """Euros of the chosen funder, or of all. What is withdrawn or inadmissible has nothing
    granted: its money is free (rules 4)."""

    id: int
    reference: str
    title: str
    bearer: str
    theme_id: int
    commune: str | None
    kind: Kind
    year_of: int | None
    years_total: int | None
    state: State
    total_cost: Decimal | None
    requested: Decimal | None
    proposed: Decimal | None
    granted: Decimal | None

    @property
    def mark(self) -> str:
        return mark_of(self.kind, self.year_of, self.years_total)


@dataclass
class ListFunderTotal:
    """`not_counting`: what is asked that no envelope counts (withdrawn, inadmissible)."""

    label: str = ""
    count: int = 0
    requested: Decimal = ZERO
    proposed: Decimal = ZERO
    granted: Decimal = ZERO
    not_counting: Decimal = ZERO


@dataclass
class ListTotals(ListFunderTotal):
    """Of everything filtered, not only of the page."""

    cost: Decimal = ZERO
    funders: list[ListFunderTotal] = field(default_factory=list)

    def add(self, part: ListFunderTotal) -> None:
        self.requested += part.requested
        self.proposed += part.proposed
        self.granted += part.granted
        self.not_counting += part.not_counting


@dataclass(frozen=True)
class Neighbours:
    """`count`: of the list; `inside`: whether this one is (still) in it."""

    previous: int | None
    next: int | None
    position: int
    count: int
    inside: bool


def rows(contract_id: int, year: int, filters: Filters, *, page: int | None = None) -> list[ProjectRow]:
    """The rows of a page (from 1), or all of them; one query. Nobody may change them."""

    def read() -> list[ProjectRow]:
        asked = {"contract_id": contract_id, "year": year, "before": ((page or 1) - 1) * PAGE}
        return all_as(ProjectRow, _rows(filters, page is not None, today()), asked)

    return read() if page is None else lists.get(("rows", contract_id, year, filters, page), read)


# Built once for each way of filtering: building them takes longer than running them. What they ask
# may depend on the day.
@lru_cache(64)
def _rows(filters: Filters, paged: bool, _day: date) -> Select[*tuple[Any, ...]]:
    keys = order(filters)
    chosen = (
        select(Project.id, func.row_number().over(order_by=keys).label("n"))
        .join(Organisation, Organisation.id == Project.organisation_id)
        .where(*conditions(*_YEAR, filters))
        .order_by(*keys)
    )
    if paged:
        chosen = chosen.limit(PAGE).offset(bindparam("before"))
    some = chosen.subquery()
    amounts = {name: func.sum(getattr(FundingLine, name)) for name in ("requested", "proposed")}
    names = {"bearer": Organisation.name, "commune": Commune.label}
    return (
        select_as(ProjectRow, Project, **names, **amounts, granted=func.sum(amount_granted()))
        .join(some, some.c.id == Project.id)
        .join(Organisation, Organisation.id == Project.organisation_id)
        .outerjoin(FundingLine, and_(FundingLine.project_id == Project.id, *of_funder(filters)))
        .outerjoin(Commune, Commune.id == Project.commune_id)
        .group_by(Project.id, Organisation.id, Commune.id, some.c.n)
        .order_by(some.c.n)
    )


def totals(contract_id: int, year: int, filters: Filters, funders: dict[int, str]) -> ListTotals:
    """One query. `funders`: the names of the year's, in the order to show (`choices`)."""
    key = ("totals", contract_id, year, filters)
    return lists.get(key, lambda: _totals(contract_id, year, filters, funders))


def _totals(contract_id: int, year: int, filters: Filters, funders: dict[int, str]) -> ListTotals:
    sums, parts = ListTotals(), {}
    for funder_id, count, *euros in db.session.execute(
        _sums(filters, today()), {"contract_id": contract_id, "year": year}
    ):
        requested, *others = (e or ZERO for e in euros)
        if funder_id is None:
            sums.count, sums.cost = count, requested
            continue
        parts[funder_id] = ListFunderTotal(funders.get(funder_id, ""), count, requested, *others)
        if filters.funder_id in (None, funder_id):
            sums.add(parts[funder_id])
    sums.funders = [parts[id] for id in funders if id in parts]
    return sums


@lru_cache(64)
def _sums(filters: Filters, _day: date) -> Executable:
    """A record a funder; and one of the projects themselves, where the funder is empty."""
    chosen = select(Project.id, Project.state, Project.total_cost)
    if filters.words:
        chosen = chosen.join(Organisation, Organisation.id == Project.organisation_id)
    contract_id, year = _YEAR
    some = chosen.where(*conditions(contract_id, year, filters)).cte("chosen")
    free = some.c.state.in_(NOT_COUNTING)
    # Follows from the join; said so that the year's lines are read by their index, not all.
    of_the_year = select(Campaign.id).where(Campaign.contract_id == contract_id, Campaign.year == year)
    of_funders = (
        select(
            FundingLine.funder_id,
            func.count(),
            func.sum(FundingLine.requested),
            func.sum(FundingLine.proposed),
            func.sum(case((~free, FundingLine.granted))),
            func.sum(case((free, FundingLine.requested))),
        )
        .join(some, some.c.id == FundingLine.project_id)
        .where(FundingLine.campaign_id.in_(of_the_year))
        .group_by(FundingLine.funder_id)
    )
    whole = select(null(), func.count(), func.sum(some.c.total_cost), null(), null(), null())
    return union_all(of_funders, whole)


def neighbours(contract_id: int, year: int, filters: Filters, project_id: int) -> Neighbours | None:
    """The projects before and after this one in the filtered list; where it stood there until it was
    decided, too."""
    asked = {"contract_id": contract_id, "year": year, "id": project_id}
    row = db.session.execute(_around(filters, today()), asked).one_or_none()
    return Neighbours(*row[1:]) if row else None


@lru_cache(64)
def _around(filters: Filters, _day: date) -> Executable:
    keys = order(filters)
    contract_id, year = _YEAR
    this, inside = Project.id == bindparam("id"), and_(*conditions(contract_id, year, filters))
    listed = (
        select(
            Project.id,
            func.lag(Project.id).over(order_by=keys).label("previous"),
            func.lead(Project.id).over(order_by=keys).label("next"),
            func.row_number().over(order_by=keys).label("position"),
            func.count(case((inside, 1))).over().label("count"),
            inside.label("inside"),
        )
        .join(Organisation, Organisation.id == Project.organisation_id)
        .where(Project.contract_id == contract_id, Project.year == year, *DEPOSITED_ONLY, or_(inside, this))
        .subquery()
    )
    return select(listed).where(listed.c.id == bindparam("id"))
