"""The programming grid: every project of a year that counts, grouped, with the sums and envelopes
that change under one's hands; and what others have changed since.

The figures are those of `queries.programming` (rules 9): the same rows, the same sums. The number
of SQL queries is constant.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import Executable, and_, func, or_, select

from grants.database import all_as, db, select_as
from grants.models import (
    NOT_COUNTING,
    Campaign,
    Contract,
    FundingLine,
    HistoryEntry,
    Organisation,
    Project,
    State,
    User,
    now,
)
from grants.queries.programming import project_parts
from grants.queries.programming.envelopes import EnvelopeRow, envelopes
from grants.queries.programming.funder_columns import FunderColumn, funder_columns
from grants.queries.programming.groups import GroupSums, sum_up
from grants.queries.programming.programming import kind_order
from grants.queries.programming.rows import FunderLine, Row, line_of, rows
from grants.queries.programming.standing import Standing, standing
from grants.queries.project_filters import DEPOSITED_ONLY, Filters, conditions
from grants.queries.theme_tree import Levels
from grants.queries.unchanged import unchanged

# An entry of history bears the instant at which it was written, and is seen only once committed:
# what was written this long ago may just have come into sight.
OVERLAP = timedelta(seconds=30)
MOST_ENTRIES = 2000
# Fields of a project whose change brings a row, takes one away, or puts it elsewhere.
MOVES = ("state", "theme_id", "campaign_id")

Path = tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class GridGroup:
    """A kind of call (level 0), a pillar, an axis or an orientation. `rows`: straight under it;
    `count`: with those below. `sums`: over those that count, as `Section.presented`."""

    level: int
    label: str
    count: int
    sums: GroupSums
    groups: tuple[GridGroup, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Grid:
    """`sums`: over all groups. `seen`: the latest entry of history that it rests on.
    `validated`: by id, the calls that the steering committee has voted: name, and when
    (`None`: not on the day that it was validated here, as for `queries.programming`)."""

    read_at: datetime
    seen: int
    levels: Levels
    funders: tuple[FunderColumn, ...]
    groups: tuple[GridGroup, ...]
    count: int
    sums: GroupSums
    envelopes: list[EnvelopeRow]
    validated: dict[int, tuple[str, datetime | None]]


def grid(contract: Contract, year: int, filters: Filters) -> Grid:
    """What is withdrawn or inadmissible stands in it only where the filters ask for it."""
    key = ("grid", contract.id, tuple(contract.level_names), year, filters)
    return unchanged.get(key, lambda: _grid(contract, year, filters))


def _grid(contract: Contract, year: int, filters: Filters) -> Grid:
    at, seen = now(), db.session.scalar(select(func.max(HistoryEntry.id))) or 0
    calls = _campaigns(contract.id, year)
    columns = {column.id: column for _call, column in funder_columns(contract.id, year)}
    shown = _filtered(contract.id, year, filters)
    listed = [
        row
        for row in rows(contract, year)
        if (row.counts or filters.state in NOT_COUNTING) and (shown is None or row.id in shown)
    ]
    levels = Levels.of(contract)
    return Grid(
        read_at=at,
        seen=seen,
        levels=levels,
        funders=tuple(columns.values()),
        groups=_groups(listed, calls, list(columns), levels),
        count=len(listed),
        sums=_sums(listed, columns),
        envelopes=envelopes(contract.id, year),
        validated={
            id: (call.label, call.validated_at if call.opened_at else None)
            for id, call in calls.items()
            if call.validated_at
        },
    )


class GridCampaign(NamedTuple):
    """What the grid knows of a call."""

    id: int
    kind: str
    label: str
    validated_at: datetime | None
    opened_at: datetime | None


Campaigns = dict[int, GridCampaign]


def _campaigns(contract_id: int, year: int) -> Campaigns:
    """Of the year, by id."""
    own = select_as(GridCampaign, Campaign).where(Campaign.contract_id == contract_id, Campaign.year == year)
    return {call.id: call for call in all_as(GridCampaign, own.order_by(Campaign.id))}


def _filtered(contract_id: int, year: int, filters: Filters) -> set[int] | None:
    """`None` where nothing is filtered."""
    if filters == Filters():
        return None
    return set(
        db.session.scalars(
            select(Project.id)
            .join(Organisation, Organisation.id == Project.organisation_id)
            .where(*conditions(contract_id, year, filters))
        )
    )


def _groups(listed: list[Row], calls: Campaigns, funders: list[int], levels: Levels) -> tuple[GridGroup, ...]:
    """By kind of call where the year has several; then down the tree."""
    kinds = sorted({calls[row.campaign_id].kind for row in listed}, key=kind_order)
    parts = [[row for row in listed if calls[row.campaign_id].kind == kind] for kind in kinds]
    below = [_tree(part, _paths(part, levels), 0, funders) for part in parts]
    if len(kinds) < 2:
        return below[0] if below else ()
    return tuple(
        GridGroup(0, kind, len(part), _sums(part, funders), groups, ())
        for kind, part, groups in zip(kinds, parts, below, strict=True)
    )


def _paths(listed: list[Row], levels: Levels) -> dict[int, Path]:
    """(level, title) of the nodes above each row: an axis only in a pillar that has some."""
    with_axes = {r.place.pillar for r in listed if r.place.axis != r.place.pillar}
    paths: dict[int, Path] = {}
    for row in listed:
        place, path = row.place, [(1, row.place.pillar.title)]
        if place.pillar in with_axes:
            path.append((2, levels.axis_label(place.pillar, place.axis)))
        if place.orientation:
            path.append((3, place.orientation.title))
        paths[row.id] = tuple(path)
    return paths


def _tree(listed: list[Row], paths: dict[int, Path], depth: int, funders: list[int]) -> tuple[GridGroup, ...]:
    """The groups at `depth` of the paths; rows whose path ends above stand in no group."""
    groups = []
    for (level, label), found in groupby(
        (row for row in listed if len(paths[row.id]) > depth), lambda row: paths[row.id][depth]
    ):
        inside = list(found)
        own = tuple(row for row in inside if len(paths[row.id]) == depth + 1)
        below = _tree(inside, paths, depth + 1, funders)
        groups.append(GridGroup(level, label, len(inside), _sums(inside, funders), below, own))
    return tuple(groups)


def _sums(listed: Iterable[Row], funders: Iterable[int]) -> GroupSums:
    return sum_up((row for row in listed if row.counts), funders)


@dataclass(frozen=True, slots=True)
class RowFigures:
    """What of a row changes in the grid, by the same names as `Row`'s."""

    id: int
    campaign_id: int
    state: State
    standing: Standing
    lines: dict[int, FunderLine]


def figures(ids: Collection[int]) -> list[RowFigures]:
    """Of these projects as they are now; three queries."""
    wanted = select(Project.id).where(Project.id.in_(ids))
    lines, funders = project_parts.lines(wanted), project_parts.funders_of_campaigns(wanted, wanted)
    projects = db.session.execute(select(Project.id, Project.campaign_id, Project.state).where(Project.id.in_(ids)))
    return [
        RowFigures(
            id,
            campaign_id,
            state,
            standing(state, (line.outcome for line in lines.get(id, {}).values())),
            {f: line_of(state, lines.get(id, {}).get(f)) for f in funders.get(campaign_id, ())},
        )
        for id, campaign_id, state in projects
    ]


@dataclass
class GridChanges:
    """What was written since: `by`: the latest author, by project and funder. `moved`: projects
    that came, went or changed place, by entry of history. `too_many`: look at it all anew."""

    by: dict[int, dict[int, str]] = field(default_factory=dict)
    moved: dict[int, int] = field(default_factory=dict)
    any: bool = False
    too_many: bool = False


class GridEntry(NamedTuple):
    """An entry of history; one that belongs to no project is of the contract (an envelope)."""

    id: int
    project_id: int | None
    funder_id: int | None
    subject: str
    field: str
    name: str


def changes(contract_id: int, year: int, since: datetime, seen: int) -> GridChanges:
    """Since shortly before `since`: some come twice, and are told apart by their version.
    `seen`: the entry of history that the page rests on. One query."""
    changed = GridChanges()
    entries = all_as(GridEntry, _entries(contract_id, year, since))
    for entry in entries:
        if entry.project_id is None:
            continue
        if entry.funder_id and entry.subject == FundingLine.__tablename__:
            changed.by.setdefault(entry.project_id, {})[entry.funder_id] = entry.name
        elif entry.field in MOVES and entry.id > seen:
            changed.moved[entry.id] = entry.project_id
            changed.by.setdefault(entry.project_id, {})
    changed.any, changed.too_many = bool(entries), len(entries) == MOST_ENTRIES
    return changed


def _entries(contract_id: int, year: int, since: datetime) -> Executable:
    deposited = and_(Project.year == year, *DEPOSITED_ONLY)
    return (
        select_as(GridEntry, HistoryEntry, name=User.name)
        .join(User, User.id == HistoryEntry.by_id)
        .outerjoin(Project, Project.id == HistoryEntry.project_id)
        .where(
            HistoryEntry.contract_id == contract_id,
            HistoryEntry.at >= since - OVERLAP,
            or_(HistoryEntry.project_id.is_(None), deposited),
        )
        .order_by(HistoryEntry.id)
        .limit(MOST_ENTRIES)
    )


def latest_author(project_id: int, funder_id: int) -> str | None:
    """Who last wrote on this line."""
    return db.session.scalar(
        select(User.name)
        .join(HistoryEntry, HistoryEntry.by_id == User.id)
        .where(HistoryEntry.project_id == project_id, HistoryEntry.funder_id == funder_id)
        .order_by(HistoryEntry.id.desc())
        .limit(1)
    )
