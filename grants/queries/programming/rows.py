"""The projects of a contract's year as rows of figures, read with a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select, union

from grants.database import all_as, fields_of, select_as
from grants.domain.dossier.shown import ShownProject
from grants.domain.money import share
from grants.models import (
    MERGED,
    NOT_COUNTING,
    WAITING,
    Contract,
    Kind,
    Nature,
    Organisation,
    Outcome,
    Project,
    State,
    project_merges,
)
from grants.queries.figures import ZERO, Figure, Gap, figure, total
from grants.queries.programming import project_parts
from grants.queries.programming.past import PRESENT, PROJECTS, Past
from grants.queries.programming.project_parts import GivenOpinion, LineRow
from grants.queries.programming.standing import Standing, standing
from grants.queries.theme_tree import ThemeNode, ThemePlace, places
from grants.words import word


@dataclass(frozen=True, slots=True)
class FunderLine:
    """One funder's figures for one project, in euros. `before`: granted to what it follows.
    `version`: of the row, nought where there is none. `unconfirmed`: typed for the institution,
    which has not confirmed it."""

    outcome: Outcome | None
    before: Figure
    requested: Figure = Gap.NOTHING
    proposed: Figure = Gap.NOTHING
    granted: Figure = Gap.NOTHING
    reason: str = ""
    redirected_to: str = ""
    condition: str = ""
    raised_reason: str = ""
    version: int = 0
    notified: bool = False
    unconfirmed: bool = False


@dataclass(frozen=True, slots=True)
class ReadProject(ShownProject):
    """One project, as it is stored, with its bearer's columns."""

    id: int
    campaign_id: int
    theme_id: int
    reference: str
    state: State
    state_reason: str
    organisation_id: int
    source_note: str
    bearer: str
    bearer_key: str
    nature: Nature


AS_READ = fields_of(ReadProject)
# After all communes.
NO_COMMUNE = ThemeNode(0, None, 0, None, "", 10**6)


@dataclass(frozen=True, slots=True)
class Row(ReadProject):
    """One project. `lines`: by funder id, one for each funder of its call. `follows`: the projects
    of earlier years that it continues, its predecessor first. `commune_node`: its main commune, as a
    heading, which has no words where none is known."""

    standing: Standing
    follows: tuple[int, ...]
    place: ThemePlace
    mark: str
    commune_node: ThemeNode
    other_communes: str
    zones: str
    other_funding: Figure
    ordinary_law: Figure
    opinions: str
    remarks: str
    lines: dict[int, FunderLine]
    granted: Decimal

    @property
    def commune(self) -> str:
        return self.commune_node.label

    @property
    def requested(self) -> Decimal:
        return total(line.requested for line in self.lines.values())

    @property
    def counts(self) -> bool:
        """Its money counts against the envelopes (rules 4)."""
        return self.state not in NOT_COUNTING

    @property
    def share_of_cost(self) -> Figure:
        if self.standing is not Standing.RETAINED or self.total_cost is None:
            return Gap.NOTHING
        return figure(share(self.granted, self.total_cost))


def rows(contract: Contract, year: int, past: Past = PRESENT) -> list[Row]:
    """Every deposited project of the year, in the order of the tables; as it was in the `past`."""
    read = _Reader(contract, year, past)
    now = all_as(ReadProject, _projects(contract.id, year))
    projects = [past.then(PROJECTS, (project.id,), project, ReadProject) for project in now]
    found = [read.row(project) for project in projects if project and project.state is not State.DRAFT]
    return sorted(found, key=lambda row: (row.place.order, row.reference))


def _projects(contract_id: int, year: int) -> Select[*tuple[Any, ...]]:
    return (
        select_as(ReadProject, Project, Organisation, bearer=Organisation.name, bearer_key=Organisation.name_key)
        .join(Organisation, Organisation.id == Project.organisation_id)
        .where(*_deposited(contract_id, year))
    )


def _deposited(contract_id: int, year: int) -> tuple[ColumnElement[bool], ...]:
    return (
        Project.contract_id == contract_id,
        Project.year == year,
        Project.state != State.DRAFT,
        Project.reference.is_not(None),
        Project.theme_id.is_not(None),
    )


class _Reader:
    """What belongs to the year's projects, each read once for all of them."""

    def __init__(self, contract: Contract, year: int, past: Past) -> None:
        here = _deposited(contract.id, year)
        ids = select(Project.id).where(*here)
        self.merges = project_parts.merges(ids, past)
        before = _followed(ids)
        if then := _followed_then(past):
            before = select(Project.id).where(or_(Project.id.in_(before), Project.id.in_(then)))
        self.places = places(contract)
        self.lines = project_parts.lines(ids, past)
        self.before = project_parts.states(before, past)
        self.lines_before = project_parts.lines(before, past)
        self.funders = project_parts.funders_of_campaigns(ids, before, past=past)
        nodes = (ThemeNode(c.id, None, 0, None, c.label, place) for place, c in enumerate(contract.communes))
        self.communes = {node.id: node for node in nodes}
        self.other_communes = project_parts.other_communes(ids, past) if contract.named_communes else {}
        self.zones = project_parts.zones(ids, past)
        self.opinions = project_parts.opinions(ids, past)
        self.other_funding = project_parts.other_funding(ids, past)

    def row(self, project: ReadProject) -> Row:
        own, other = self.lines.get(project.id, {}), self.other_funding.get(project.id)
        follows = self._follows(project)
        lines = {
            id: line_of(project.state, own.get(id), self._before(follows, id))
            for id in self.funders.get(project.campaign_id, ())
        }
        return Row(
            **{name: getattr(project, name) for name in AS_READ},
            standing=standing(project.state, (line.outcome for line in own.values())),
            follows=follows,
            place=self.places[project.theme_id],
            mark=mark_of(project.kind, project.year_of, project.years_total),
            commune_node=self.communes.get(project.commune_id or 0, NO_COMMUNE),
            other_communes=", ".join(self.other_communes.get(project.id, ())),
            zones=", ".join(self.zones.get(project.id, ())),
            other_funding=other.total if other else Gap.NOTHING,
            ordinary_law=other.ordinary_law if other else Gap.NOTHING,
            opinions=_in_words(self.opinions.get(project.id, ())),
            remarks=_remarks(self.opinions.get(project.id, ())),
            lines=lines,
            granted=total(line.granted for line in lines.values()),
        )

    def _follows(self, project: ReadProject) -> tuple[int, ...]:
        ids = [project.predecessor_id, *self.merges.get(project.id, ())]
        return tuple(dict.fromkeys(id for id in ids if id))

    def _before(self, follows: tuple[int, ...], funder_id: int) -> Figure:
        """Of all that it brings together; `n. c.` where one of them is."""
        figures = [self._granted_before(id, funder_id) for id in follows]
        amounts = [value for value in figures if isinstance(value, Decimal)]
        if Gap.UNKNOWN in figures:
            return Gap.UNKNOWN
        return sum(amounts, ZERO) if amounts else Gap.NOTHING

    def _granted_before(self, id: int, funder_id: int) -> Figure:
        before = self.before[id]
        line = self.lines_before.get(id, {}).get(funder_id)
        in_campaign = funder_id in self.funders.get(before.campaign_id, ())
        outcome, granted = (line.outcome, line.granted) if line else (None, None)
        return granted_before(before.state, outcome, granted, in_campaign=in_campaign)


def _followed(projects: Select[int]) -> Select[int]:
    """What these follow now."""
    links = project_merges.c
    found = union(
        select(Project.predecessor_id).where(Project.id.in_(projects), Project.predecessor_id.is_not(None)),
        select(links.predecessor_id).where(links.project_id.in_(projects)),
    ).subquery()
    return select(found.c[0])


def _followed_then(past: Past) -> set[int]:
    """What was followed where that has changed since."""
    merged = past.values(PROJECTS, MERGED).values()
    firsts = past.values(PROJECTS, "predecessor_id").values()
    return {id for id in firsts if id} | {int(id) for ids in merged for id in ids.split()}


def line_of(state: State, line: LineRow | None, before: Figure = Gap.NOTHING) -> FunderLine:
    """`line`: if the project has that one."""
    if line is None:
        return FunderLine(None, before)
    return FunderLine(
        line.outcome,
        before,
        figure(line.requested),
        figure(line.proposed),
        _granted(state, line.outcome, line.granted),
        line.reason,
        line.redirected_to,
        line.condition,
        line.raised_reason,
        line.version,
        line.notified_at is not None,
        line.typed_from != "" and line.confirmed_at is None,
    )


def granted_before(
    state: State | None, outcome: Outcome | None, granted: Decimal | None, *, in_campaign: bool
) -> Figure:
    """What one funder granted to an action of an earlier year, if there is one (its `state`):
    `n. c.` where its call did not have this funder, `–` where it was not asked, decided or counts
    no more, zero where it was refused."""
    if state is None:
        return Gap.NOTHING
    if outcome is None:
        return Gap.NOTHING if in_campaign else Gap.UNKNOWN
    return _granted(state, outcome, granted)


def _granted(state: State, outcome: Outcome, amount: Decimal | None) -> Figure:
    """Zero only where it was decided; the money of what is withdrawn or inadmissible is free."""
    if state in NOT_COUNTING:
        return Gap.NOTHING
    if amount is not None:
        return amount
    return Gap.NOTHING if outcome in WAITING else ZERO


def mark_of(kind: Kind, year_of: int | None, years_total: int | None) -> str:
    """N, R, or CPO with its year: "CPO 2/3"."""
    if kind is Kind.MULTIYEAR:
        return f"CPO {year_of}/{years_total}"
    return "R" if kind is Kind.RENEWAL else "N"


def _in_words(latest: Iterable[GivenOpinion]) -> str:
    """Each body's latest opinion."""
    by_body = {body: judgement for body, judgement, _ in latest}
    return " ; ".join(f"{body} : {word(judgement)}" for body, judgement in by_body.items())


def _remarks(given: Iterable[GivenOpinion]) -> str:
    """All of them: several speak in the name of one body."""
    return " ; ".join(f"{body} : {remark}" for body, _, remark in given if remark)
