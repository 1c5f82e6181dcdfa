"""The other projects around one: of the same bearer, those that it follows and that follow it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    union_all,
)

from grants.database import all_as, select_as
from grants.models import FundingLine, Project, State, User, project_merges
from grants.permissions import reads_of
from grants.queries.project_filters import DEPOSITED_ONLY, amount_granted

YEARS_BEFORE = 3


class Tie(StrEnum):
    """What another project is to this one, beside the same bearer's."""

    PREDECESSOR = "dossier précédent"
    MERGED = "réuni dans ce dossier"
    SUCCESSOR = "y fait suite"


@dataclass(frozen=True)
class Relative:
    """Euros of all funders; `tie`: one of `Tie`, or nothing. No title: of what its reader does not read."""

    id: int
    year: int
    reference: str | None
    title: str
    state: State
    requested: Decimal | None
    granted: Decimal | None
    tie: str | None
    commune_id: int | None


def relatives(project: Project, reader: User) -> list[Relative]:
    """The bearer's other projects in the contract, this year and the `YEARS_BEFORE` before; what
    it follows, whoever bore it, and what follows it. The newest year first; one query."""
    reads = reads_of(reader, project.campaign.contract)
    others = all_as(
        Relative,
        _RELATIVES,
        {
            "of": project.id,
            "before": project.predecessor_id or 0,
            "bearer": project.organisation_id,
            "contract": project.contract_id,
            "first": project.year - YEARS_BEFORE,
            "last": project.year,
        },
    )
    return [r if reads(r.commune_id) else replace(r, title="", requested=None, granted=None) for r in others]


def _relatives() -> Select[*tuple[Any, ...]]:
    key: BindParameter[int] = bindparam("of")
    follows = project_merges.alias()
    merged = exists().where(project_merges.c.project_id == key, project_merges.c.predecessor_id == Project.id)
    succeeds: ColumnElement[bool] = or_(
        Project.predecessor_id == key,
        exists().where(follows.c.predecessor_id == key, follows.c.project_id == Project.id),
    )
    tie = case(
        (Project.id == bindparam("before"), Tie.PREDECESSOR.value),
        (merged, Tie.MERGED.value),
        (succeeds, Tie.SUCCESSOR.value),
    )
    return (
        select_as(
            Relative, Project, requested=func.sum(FundingLine.requested), granted=func.sum(amount_granted()), tie=tie
        )
        .outerjoin(FundingLine, FundingLine.project_id == Project.id)
        .where(Project.id.in_(_ids()), Project.id != key, Project.contract_id == bindparam("contract"), *DEPOSITED_ONLY)
        .group_by(Project.id)
        .order_by(Project.year.desc(), Project.reference)
    )


def _ids() -> Select[int]:
    """Each found by an index of its own: one condition over them all would read the table."""
    of, merge = bindparam("of", type_=Integer), project_merges.c
    ids = union_all(
        select(Project.id).where(
            Project.organisation_id == bindparam("bearer"), Project.year.between(bindparam("first"), bindparam("last"))
        ),
        select(bindparam("before", type_=Integer)),
        select(merge.predecessor_id).where(merge.project_id == of),
        select(merge.project_id).where(merge.predecessor_id == of),
        select(Project.id).where(Project.predecessor_id == of),
    ).subquery()
    return select(ids.c[0])


_RELATIVES = _relatives()
