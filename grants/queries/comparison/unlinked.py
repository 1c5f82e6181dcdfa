"""Renewals that nobody has linked to what they continue, each with what that may be."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy.orm import aliased

from grants.database import all_as, select_as
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
    dossiers = (
        select_as(_Dossier, Project, bearer=Organisation.name, kind=Campaign.kind)
        .join(Organisation, Organisation.id == Project.organisation_id)
        .join(Campaign, Campaign.id == Project.campaign_id)
        .where(Project.contract_id == contract_id, *DEPOSITED_ONLY)
        .order_by(Project.year.desc(), Project.reference)
    )
    mine = all_as(_Dossier, dossiers.where(Project.year == year, *unlinked()).limit(MOST))
    alike: dict[object, list[_Dossier]] = defaultdict(list)
    for dossier in all_as(_Dossier, dossiers.where(Project.year < year)) if mine else ():
        alike[dossier.organisation_id].append(dossier)
        alike[dossier.title_key].append(dossier)
    return [_unlinked(each, alike) for each in mine]


class _Dossier(NamedTuple):
    id: int
    year: int
    reference: str | None
    title: str
    title_key: str
    organisation_id: int
    bearer: str
    kind: str


def _unlinked(renewal: _Dossier, alike: dict[object, list[_Dossier]]) -> Unlinked:
    titled = alike.get(renewal.title_key, []) if renewal.title_key else []
    others = alike.get(renewal.organisation_id, [])
    same = _own(renewal, titled)
    choices = {dossier.id: dossier for dossier in (*same, *titled, *others)}
    latest = [dossier.id for dossier in same if dossier.year == same[0].year]
    return Unlinked(
        renewal.id,
        renewal.reference or "",
        renewal.title,
        renewal.bearer,
        [(d.id, d.reference or "", d.title, d.bearer) for d in choices.values()][:MOST_CHOICES],
        latest[0] if len(latest) == 1 else None,
    )


def _own(renewal: _Dossier, others: list[_Dossier]) -> list[_Dossier]:
    kind = fold(renewal.kind)
    return [other for other in others if other.organisation_id == renewal.organisation_id and fold(other.kind) == kind]
