"""What a bearer asked for and was granted, over the years of a contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from operator import attrgetter

from sqlalchemy import func, select

from grants.database import db
from grants.models import WAITING, Funder, FundingLine, Institution, Project, State
from grants.queries.figures import ZERO, Figure, Gap, figure, known, total
from grants.queries.programming.envelopes import COUNTING
from grants.queries.programming.overview import AGREEMENT_ABOVE
from grants.queries.project_filters import DEPOSITED_ONLY


@dataclass(frozen=True)
class BearerYear:
    """Euros of an institution, or of all of them (`None`), over dossiers that count (rules 4). `granted`: `–`
    while nothing is decided, zero where all was refused (rules 10)."""

    year: int
    institution: str | None
    requested: Figure
    granted: Figure

    @property
    def past_the_limit(self) -> bool:
        """More than 23 000 € of one institution's in the year: an agreement, with a body of private law."""
        return bool(self.institution) and isinstance(self.granted, Decimal) and self.granted > AGREEMENT_ABOVE

    @property
    def bar(self) -> tuple[Figure, Figure, Figure]:
        """Granted, planned (no more than that) and the limit, which is what was asked."""
        return known(self.granted), known(self.granted), known(self.requested)


@dataclass(frozen=True)
class BearerAction:
    """`title`: empty for who reads no more of it than that it is there."""

    id: int
    year: int
    reference: str
    title: str
    state: State


def bearer_actions(organisation_id: int, contract_id: int, reads: Callable[[int | None], bool]) -> list[BearerAction]:
    """All that were deposited, the newest year first; one query. `reads`: whether one of this main commune is read."""
    records = db.session.execute(
        select(Project.id, Project.year, Project.reference, Project.title, Project.state, Project.commune_id)
        .where(Project.organisation_id == organisation_id, Project.contract_id == contract_id, *DEPOSITED_ONLY)
        .order_by(Project.year.desc(), Project.reference)
    )
    return [
        BearerAction(id_, year, reference or "", title if reads(commune_id) else "", state)
        for id_, year, reference, title, state, commune_id in records
    ]


def bearer_years(organisation_id: int, contract_id: int) -> list[BearerYear]:
    """The newest year first, each with its sum where several institutions are asked; one query."""
    records = db.session.execute(
        select(
            Project.year,
            Institution.label,
            func.sum(FundingLine.requested),
            func.sum(FundingLine.granted),
            func.count().filter(FundingLine.outcome.in_(WAITING)),
        )
        .join(FundingLine, FundingLine.project_id == Project.id)
        .join(Funder, Funder.id == FundingLine.funder_id)
        .join(Institution, Institution.id == Funder.institution_id)
        .where(
            Project.organisation_id == organisation_id, Project.contract_id == contract_id, Project.state.in_(COUNTING)
        )
        .group_by(Project.year, Institution.id, Institution.label, Institution.position)
        .order_by(Project.year.desc(), Institution.position, Institution.id)
    )
    found = (
        BearerYear(year, label, figure(requested), figure(granted if granted or waiting else ZERO))
        for year, label, requested, granted, waiting in records
    )
    return [each for year, own in groupby(found, key=attrgetter("year")) for each in _with_sum(year, list(own))]


def _with_sum(year: int, own: list[BearerYear]) -> Iterator[BearerYear]:
    yield from own
    if len(own) > 1:
        decided = [each.granted for each in own if not isinstance(each.granted, Gap)]
        yield BearerYear(year, None, total(each.requested for each in own), total(decided) if decided else Gap.NOTHING)
