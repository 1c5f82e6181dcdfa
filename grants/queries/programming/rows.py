"""The projects of a contract's year as rows of figures, read with a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Row as Record
from sqlalchemy import Select, or_, select, union

from grants.database import db
from grants.domain.dossier.shown import COLUMNS, ShownProject
from grants.domain.instruction.lineage import MERGED
from grants.domain.money import share
from grants.models import (
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
from grants.queries.programming.project_parts import Anything
from grants.queries.programming.standing import Standing, standing
from grants.queries.theme_tree import ThemePlace, places
from grants.words import word

BESIDE = ("id", "campaign_id", "reference", "state", "state_reason", "organisation_id", "source_note")
AS_READ = (*COLUMNS, *BESIDE, "bearer", "bearer_key", "nature")


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
class Row(ShownProject):
    """One project. `lines`: by funder id, one for each funder of its call. `follows`: the projects
    of earlier years that it continues, its predecessor first."""

    id: int
    campaign_id: int
    reference: str
    state: State
    state_reason: str
    standing: Standing
    follows: tuple[int, ...]
    place: ThemePlace
    organisation_id: int
    bearer: str
    bearer_key: str
    nature: Nature
    mark: str
    zones: str
    other_funding: Figure
    ordinary_law: Figure
    opinions: str
    remarks: str
    source_note: str
    lines: dict[int, FunderLine]
    granted: Decimal

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
    records = [past.then(PROJECTS, (record.id,), record) for record in db.session.execute(_projects(contract.id, year))]
    found = [read.row(r) for r in records if r and r.state is not State.DRAFT]
    return sorted(found, key=lambda row: (row.place.order, row.reference))


def _projects(contract_id: int, year: int) -> Select[*Anything]:
    return (
        select(
            Organisation.name.label("bearer"),
            Organisation.name_key.label("bearer_key"),
            Organisation.nature,
            Project.theme_id,
            *(getattr(Project, name) for name in (*COLUMNS, *BESIDE)),
        )
        .join(Organisation, Organisation.id == Project.organisation_id)
        .where(*_deposited(contract_id, year))
    )


def _deposited(contract_id: int, year: int) -> tuple[Any, ...]:
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
        self.funders = project_parts.funders_of_calls(ids, before, past=past)
        self.zones = project_parts.zones(ids, past)
        self.opinions = project_parts.opinions(ids, past)
        self.other_funding = project_parts.other_funding(ids, past)

    def row(self, record: Record[*Anything]) -> Row:
        own, other = self.lines.get(record.id, {}), self.other_funding.get(record.id)
        follows = self._follows(record)
        lines = {
            id: line_of(record.state, own.get(id), self._before(follows, id))
            for id in self.funders.get(record.campaign_id, ())
        }
        return Row(
            **{name: getattr(record, name) for name in AS_READ},
            standing=standing(record.state, (line.outcome for line in own.values())),
            follows=follows,
            place=self.places[record.theme_id],
            mark=mark_of(record.kind, record.year_of, record.years_total),
            zones=", ".join(self.zones.get(record.id, ())),
            other_funding=other.total if other else Gap.NOTHING,
            ordinary_law=other.ordinary_law if other else Gap.NOTHING,
            opinions=_in_words(self.opinions.get(record.id, ())),
            remarks=_remarks(self.opinions.get(record.id, ())),
            lines=lines,
            granted=total(line.granted for line in lines.values()),
        )

    def _follows(self, record: Record[*Anything]) -> tuple[int, ...]:
        ids = [record.predecessor_id, *self.merges.get(record.id, ())]
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
        in_call = funder_id in self.funders.get(before.campaign_id, ())
        return granted_before(before.state, line, in_call=in_call)


def _followed(projects: Select[*Anything]) -> Select[*Anything]:
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


def line_of(state: State, record: Record[*Anything] | None, before: Figure = Gap.NOTHING) -> FunderLine:
    """`record`: of `project_parts.lines`, if the project has that line."""
    if record is None:
        return FunderLine(None, before)
    return FunderLine(
        record.outcome,
        before,
        figure(record.requested),
        figure(record.proposed),
        _granted(state, record.outcome, record.granted),
        record.reason,
        record.redirected_to,
        record.condition,
        record.raised_reason,
        record.version,
        record.notified_at is not None,
        record.typed_from != "" and record.confirmed_at is None,
    )


def granted_before(state: State | None, line: Record[*Anything] | None, *, in_call: bool) -> Figure:
    """What one funder granted to an action of an earlier year, if there is one (its `state`):
    `n. c.` where its call did not have this funder, `–` where it was not asked, decided or counts
    no more, zero where it was refused. `line`: with its outcome and what was granted."""
    if state is None:
        return Gap.NOTHING
    if line is None or line.outcome is None:
        return Gap.NOTHING if in_call else Gap.UNKNOWN
    return _granted(state, line.outcome, line.granted)


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


def _in_words(latest: Iterable[Record[*Anything]]) -> str:
    """Each body's latest opinion."""
    by_body = {opinion.body: opinion.judgement for opinion in latest}
    return " ; ".join(f"{body} : {word(judgement)}" for body, judgement in by_body.items())


def _remarks(given: Iterable[Record[*Anything]]) -> str:
    """All of them: several speak in the name of one body."""
    return " ; ".join(f"{o.body} : {o.remark}" for o in given if o.remark)
