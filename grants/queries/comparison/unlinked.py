"""Renewals that nobody has linked to what they continue, each with what that may be."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy import Row as Record
from sqlalchemy.orm import aliased

from grants.database import db
from grants.domain.instruction.many import MOST
from grants.models import Campaign, Kind, Organisation, Project
from grants.names import fold
from grants.queries.project_filters import DEPOSITED_ONLY

MOST_CHOICES = 20


@dataclass(frozen=True)
class Unlinked:
    """`choices`: (id, number, title, bearer) of earlier dossiers of its bearer or of its title,
    the likeliest first; `likely`: the only one of the latest year that has its bearer, title and
    kind of call, or nothing."""

    id: int
    reference: str
    title: str
    bearer: str
    choices: list[tuple[int, str, str, str]]
    likely: int | None


def unlinked() -> list[ColumnElement[bool]]:
    """What makes a project one of these."""
    renewed = or_(Project.kind == Kind.RENEWAL, Project.year_of > 1)
    return [renewed, Project.predecessor_id.is_(None), *DEPOSITED_ONLY]


def linkable() -> ColumnElement[bool]:
    """One for which there is something to choose."""
    before = aliased(Project)
    own = before.organisation_id == Project.organisation_id
    return and_(*unlinked()) & exists().where(
        before.contract_id == Project.contract_id,
        before.year < Project.year,
        before.reference.is_not(None),
        or_(own, before.title_key == Project.title_key),
    )


def renewals_unlinked(contract_id: int, year: int) -> list[Unlinked]:
    """The first `MOST`, by number. Two queries."""
    columns: tuple[Any, ...] = (
        Project.id,
        Project.year,
        Project.reference,
        Project.title,
        Project.title_key,
        Project.organisation_id,
        Organisation.name,
        Campaign.kind,
    )
    found: Select[*tuple[Any, ...]] = (
        select(*columns)
        .join(Organisation, Organisation.id == Project.organisation_id)
        .join(Campaign, Campaign.id == Project.campaign_id)
        .where(Project.contract_id == contract_id, *DEPOSITED_ONLY)
        .order_by(Project.year.desc(), Project.reference)
    )
    mine = db.session.execute(found.where(Project.year == year, *unlinked()).limit(MOST)).all()
    alike: dict[object, list[Record[Any]]] = defaultdict(list)
    for record in db.session.execute(found.where(Project.year < year)) if mine else ():
        alike[record.organisation_id].append(record)
        alike[record.title_key].append(record)
    return [_unlinked(each, alike) for each in mine]


def _unlinked(of: Record[Any], alike: dict[object, list[Record[Any]]]) -> Unlinked:
    titled = alike.get(of.title_key, []) if of.title_key else []
    others = alike.get(of.organisation_id, [])
    choices = {r.id: r for r in (*_own(of, titled), *titled, *others)}
    same = _own(of, titled)
    latest = [r.id for r in same if r.year == same[0].year]
    return Unlinked(
        of.id,
        of.reference,
        of.title,
        of.name,
        [(r.id, r.reference, r.title, r.name) for r in choices.values()][:MOST_CHOICES],
        latest[0] if len(latest) == 1 else None,
    )


def _own(of: Record[Any], records: list[Record[Any]]) -> list[Record[Any]]:
    kind = fold(of.kind)
    return [r for r in records if r.organisation_id == of.organisation_id and fold(r.kind) == kind]
