"""Dossiers of the year before and of the year after that may well be the same action as one: of the
same bearer, or under much the same title. What is linked already comes first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from sqlalchemy import Select, func, or_, select, union
from sqlalchemy.orm import aliased

from grants.database import all_as, db, select_as
from grants.models import Campaign, Organisation, Project, State, User, project_merges
from grants.names import fold
from grants.permissions import reads_of

ALIKE = 0.6
MOST = 8


@dataclass(frozen=True)
class LikelyPredecessor:
    """`linked`: already said to be what the project follows, or what follows it. `tied_to`: the
    numbers of the others that follow it, or that it follows. Of what is linked and the reader does not read:
    its number alone."""

    id: int
    year: int
    reference: str
    title: str
    bearer: str
    linked: bool
    tied_to: str = ""


@dataclass(frozen=True)
class Around:
    before: list[LikelyPredecessor]
    after: list[LikelyPredecessor]


class _Other(NamedTuple):
    id: int
    year: int
    reference: str | None
    title: str
    bearer: str
    organisation_id: int
    commune_id: int | None


def around(project: Project, reader: User, also: str = "") -> Around:
    """Four queries. `also`: the number of one more to offer, if there is such a dossier."""
    linked = set(db.session.scalars(_linked(project.id)))
    reads = reads_of(reader, project.campaign.contract)
    others = [
        other if reads(other.commune_id) else other._replace(title="", bearer="")
        for other in all_as(_Other, _others(project, linked, also))
        if reads(other.commune_id) or other.id in linked
    ]
    before = _candidates(project, linked, also, (other for other in others if other.year < project.year))
    after = _candidates(project, linked, also, (other for other in others if other.year > project.year))
    followed_by, follows = _ties(project.id, [each.id for each in (*before, *after)])
    return Around(_tied(before, followed_by), _tied(after, follows))


def _tied(dossiers: list[LikelyPredecessor], ties: dict[int, set[str]]) -> list[LikelyPredecessor]:
    return [replace(c, tied_to=", ".join(sorted(ties.get(c.id, ())))) for c in dossiers]


def _ties(project_id: int, ids: list[int]) -> tuple[dict[int, set[str]], dict[int, set[str]]]:
    """By id, the numbers of the others that follow it; and of those that it follows."""
    first, last, links = aliased(Project), aliased(Project), project_merges.c
    pairs = union(
        select(Project.id, Project.predecessor_id).where(Project.predecessor_id.in_(ids)),
        select(Project.id, Project.predecessor_id).where(Project.id.in_(ids)),
        select(links.project_id, links.predecessor_id).where(
            or_(links.project_id.in_(ids), links.predecessor_id.in_(ids))
        ),
    ).subquery()
    records = db.session.execute(
        select(first.id, first.reference, last.id, last.reference)
        .join(pairs, pairs.c[1] == first.id)
        .join(last, last.id == pairs.c[0])
        .where(last.state != State.DRAFT, first.id != project_id, last.id != project_id)
    )
    followed_by: dict[int, set[str]] = defaultdict(set)
    follows: dict[int, set[str]] = defaultdict(set)
    for first_id, first_reference, last_id, last_reference in records:
        followed_by[first_id].add(last_reference or "")
        follows[last_id].add(first_reference or "")
    return followed_by, follows


def _linked(project_id: int) -> Select[int]:
    links = project_merges.c
    found = union(
        select(Project.predecessor_id).where(Project.id == project_id, Project.predecessor_id.is_not(None)),
        select(Project.id).where(Project.predecessor_id == project_id),
        select(links.predecessor_id).where(links.project_id == project_id),
        select(links.project_id).where(links.predecessor_id == project_id),
    ).subquery()
    return select(found.c[0])


def _others(project: Project, linked: set[int], also: str) -> Select[*tuple[Any, ...]]:
    calls = Campaign.contract_id == project.contract_id
    before = select(func.max(Campaign.year)).where(calls, Campaign.year < project.year)
    after = select(func.min(Campaign.year)).where(calls, Campaign.year > project.year)
    return (
        select_as(_Other, Project, bearer=Organisation.name)
        .join(Organisation, Organisation.id == Project.organisation_id)
        .where(
            Project.contract_id == project.contract_id,
            Project.state != State.DRAFT,
            Project.reference.is_not(None),
            or_(
                Project.year == before.scalar_subquery(),
                Project.year == after.scalar_subquery(),
                Project.id.in_(linked),
                Project.reference == also,
            ),
        )
    )


def _candidates(project: Project, linked: set[int], also: str, others: Iterable[_Other]) -> list[LikelyPredecessor]:
    """The likeliest first; all that are linked, and `MOST` others."""
    matcher = SequenceMatcher(b=fold(project.title))
    scored = [(_score(project, matcher, other, linked, also), other) for other in others]
    kept = sorted((s, r) for s, r in scored if s)[::-1]
    certain = sum(score >= CERTAIN for score, _ in kept)
    return [
        LikelyPredecessor(other.id, other.year, other.reference or "", other.title, other.bearer, other.id in linked)
        for _, other in kept[: certain + MOST]
    ]


CERTAIN = 3.0


def _score(project: Project, matcher: SequenceMatcher[str], other: _Other, linked: set[int], also: str) -> float:
    """Nought: not likely at all."""
    matcher.set_seq1(fold(other.title))
    own = other.organisation_id == project.organisation_id
    likely = own or min(matcher.real_quick_ratio(), matcher.quick_ratio()) >= ALIKE
    alike = matcher.ratio() if likely else 0.0
    if other.id in linked or other.reference == also:
        return CERTAIN + alike
    return alike + own if own or alike >= ALIKE else 0.0
