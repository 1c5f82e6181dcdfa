"""The envelopes of a contract's year: one set of figures for every page and workbook (rules 9)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import CTE, Executable, Subquery, case, func, or_, select, union

from grants.database import all_as, db, select_as
from grants.domain.envelope import slices
from grants.french import euros
from grants.models import (
    DECIDABLE,
    DEPOSITED,
    IN_ITS_CALL,
    NOT_COUNTING,
    WAITING,
    Campaign,
    CampaignFunder,
    Envelope,
    EnvelopeStatus,
    Funder,
    FundingLine,
    HistoryEntry,
    Institution,
    Organisation,
    Outcome,
    Project,
    User,
)
from grants.queries.programming import project_parts
from grants.queries.programming.past import ENVELOPES, PRESENT, Past

ZERO = Decimal(0)
COUNTING = tuple(s for s in DEPOSITED if s not in NOT_COUNTING)


@dataclass
class EnvelopeRow:
    """One envelope; or a funder's calls that have none yet (`amount` and `left` are `None`).

    Euros of all the envelope's campaigns, over projects that count (rules 4). `asked`: of all their
    lines, cancelled or rejected as well. `waiting`: what is proposed where nothing is decided. `reserved`:
    what agreements hold of it, of actions that have no dossier of the year yet.
    """

    envelope_id: int | None
    funder_id: int
    code: str
    funder: str
    amount: Decimal | None
    status: EnvelopeStatus | None
    campaigns: list[str] = field(default_factory=list)
    campaign_ids: list[int] = field(default_factory=list)
    asked: Decimal = ZERO
    granted: Decimal = ZERO
    waiting: Decimal = ZERO
    reserved: Decimal = ZERO

    @property
    def taken(self) -> Decimal:
        return self.granted + self.reserved

    @property
    def left(self) -> Decimal | None:
        return None if self.amount is None else self.amount - self.taken

    @property
    def left_after(self) -> Decimal | None:
        """What would be left if all that waits were granted as proposed."""
        return None if self.left is None else self.left - self.waiting

    @property
    def planned(self) -> Decimal:
        return self.taken + self.waiting

    @property
    def deficit(self) -> Decimal:
        """What is granted and reserved beyond an envelope that was cut since (rules 4)."""
        return max(-(self.left or ZERO), ZERO)

    @property
    def over(self) -> Decimal:
        """By how much what is planned exceeds the envelope: normal work, but said (rules 4)."""
        return max(self.planned - (self.amount or ZERO), ZERO)

    @property
    def warning(self) -> str:
        """What is to be said of it wherever it is shown, if anything."""
        over = f"sur-programmation de {euros(self.over)}" if self.over > self.deficit else ""
        deficit = f"déficit de {euros(self.deficit)}" if self.deficit else ""
        return ", ".join(words for words in (deficit, over) if words)


class EnvelopeLink(NamedTuple):
    """A funder in a call, with its envelope if it has one there; euros as of `EnvelopeRow`."""

    envelope_id: int | None
    campaign_id: int
    funder_id: int
    campaign: str
    code: str
    funder: str
    amount: Decimal | None
    status: EnvelopeStatus | None
    asked: Decimal | None
    granted: Decimal | None
    waiting: Decimal | None
    reserved: Decimal | None


@dataclass
class _Sums:
    asked: Decimal = ZERO
    granted: Decimal = ZERO
    waiting: Decimal = ZERO
    reserved: Decimal = ZERO


def envelopes(contract_id: int, year: int, past: Past = PRESENT) -> list[EnvelopeRow]:
    """In the funders' order; one query, and two more for the `past`."""
    rows: dict[tuple[int, int | None], EnvelopeRow] = {}
    links = all_as(EnvelopeLink, _select(contract_id, year, past))
    then = _sums_then(past, {link.campaign_id for link in links}) if past else {}
    amounts, statuses = past.values(ENVELOPES, "amount"), past.values(ENVELOPES, "status")
    for link in links:
        id, pair = link.envelope_id, (link.campaign_id, link.funder_id)
        amount, status = amounts.get((id or 0,), link.amount), statuses.get((id or 0,), link.status)
        row = EnvelopeRow(id, link.funder_id, link.code, link.funder, amount, status)
        row = rows.setdefault((link.funder_id, id), row)
        now = (link.asked, link.granted, link.waiting, link.reserved)
        sums = then.get(pair, _Sums()) if past else _Sums(*(total or ZERO for total in now))
        row.campaigns.append(link.campaign)
        row.campaign_ids.append(link.campaign_id)
        row.asked += sums.asked
        row.granted += sums.granted
        row.waiting += sums.waiting
        row.reserved += sums.reserved
    return list(rows.values())


def _sums_then(past: Past, calls: set[int]) -> dict[tuple[int, int], _Sums]:
    """What `_sums` is now: by call and funder, over lines that counted."""
    projects = select(Project.id).where(or_(Project.campaign_id.in_(calls), Project.id.in_(past.project_ids)))
    of = project_parts.states(projects, past)
    by_call: dict[tuple[int, int], _Sums] = defaultdict(_Sums)
    for project_id, lines in project_parts.lines(projects, past).items():
        project = of[project_id]
        for funder_id, line in lines.items():
            if project.state in COUNTING:
                sums = by_call[project.campaign_id, funder_id]
                sums.asked += line.requested or ZERO
                sums.granted += line.granted or ZERO
                sums.waiting += (line.proposed if line.outcome in WAITING else None) or ZERO
    return by_call


def _select(contract_id: int, year: int, past: Past) -> Executable:
    """One record per funder and campaign: the year's, and those that share its envelopes."""
    concerned = _concerned(contract_id, year, past)
    link, sums, held = concerned.c, _sums(concerned), slices().subquery()
    of_link = (held.c.campaign_id == link.campaign_id, held.c.funder_id == link.funder_id)
    return (
        select_as(
            EnvelopeLink,
            Funder,
            Envelope,
            **{column.name: column for column in (*sums.c, *link)},
            campaign=Campaign.label,
            funder=Funder.label,
            reserved=select(func.sum(held.c.firm)).where(*of_link).scalar_subquery(),
        )
        .join(Campaign, Campaign.id == link.campaign_id)
        .join(Funder, Funder.id == link.funder_id)
        .join(Institution, Institution.id == Funder.institution_id)
        .outerjoin(Envelope, Envelope.id == link.envelope_id)
        .outerjoin(sums, (sums.c.campaign_id == link.campaign_id) & (sums.c.funder_id == link.funder_id))
        .order_by(Institution.position, Funder.position, Funder.id, Campaign.year, Campaign.label)
    )


def _concerned(contract_id: int, year: int, past: Past) -> CTE:
    """The links of the year's calls, and those that share an envelope with them. A union, for
    PostgreSQL takes an `or` of the two for most links of all contracts, and reads all projects."""
    link = past.links().c
    ours = select(Campaign.id).where(Campaign.contract_id == contract_id, Campaign.year == year)
    shared = select(link.envelope_id).where(link.campaign_id.in_(ours))
    columns = select(link.campaign_id, link.funder_id, link.envelope_id)
    return union(columns.where(link.campaign_id.in_(ours)), columns.where(link.envelope_id.in_(shared))).cte(
        "concerned"
    )


def _sums(links: CTE) -> Subquery:
    """Euros by campaign and funder, of projects that count. Not joined with the links: SQLite would
    go through the lines of all contracts, which its index holds in the order of the groups."""
    waiting = case((FundingLine.outcome.in_(WAITING), FundingLine.proposed))
    return (
        select(
            FundingLine.campaign_id,
            FundingLine.funder_id,
            func.sum(FundingLine.requested).label("asked"),
            func.sum(FundingLine.granted).label("granted"),
            func.sum(waiting).label("waiting"),
        )
        .join(Project, Project.id == FundingLine.project_id)
        .where(FundingLine.campaign_id.in_(select(links.c.campaign_id)), Project.state.in_(COUNTING))
        .group_by(FundingLine.campaign_id, FundingLine.funder_id)
        .subquery()
    )


@dataclass(frozen=True)
class Reducible:
    """A grant that is not notified: it may still be lowered or cancelled."""

    envelope_id: int | None
    project_id: int
    funder_id: int
    reference: str | None
    title: str
    bearer: str
    granted: Decimal | None


def reducible(rows: Iterable[EnvelopeRow]) -> dict[int, list[Reducible]]:
    """By envelope, those of the `rows` in deficit, the largest first; one query at most."""
    short = [row.envelope_id for row in rows if row.deficit]
    by_envelope: dict[int, list[Reducible]] = defaultdict(list)
    if not short:
        return by_envelope
    for grant in all_as(
        Reducible,
        select_as(Reducible, CampaignFunder, FundingLine, Project, bearer=Organisation.name)
        .join(FundingLine, IN_ITS_CALL)
        .join(Project, Project.id == FundingLine.project_id)
        .join(Organisation, Organisation.id == Project.organisation_id)
        .where(
            CampaignFunder.envelope_id.in_(short),
            Project.state.in_(DECIDABLE),
            FundingLine.outcome == Outcome.ACCEPTED,
            FundingLine.notified_at.is_(None),
        )
        .order_by(FundingLine.granted.desc(), Project.reference),
    ):
        by_envelope[grant.envelope_id or 0].append(grant)
    return by_envelope


@dataclass(frozen=True)
class Move:
    """A change of an envelope's amount, as it was entered; `why`: its source and date."""

    at: datetime
    by: str
    funder: str
    old: Decimal | None
    new: Decimal | None
    why: str


def moves(envelope_ids: Iterable[int | None]) -> list[Move]:
    """How their amounts came to be what they are, in time. One query."""
    entry, by_envelope = HistoryEntry, defaultdict[int, list[Move]](list)
    for at, by, funder, old, new, why, id, action in db.session.execute(
        select(entry.at, User.name, Funder.label, entry.old, entry.new, entry.reason, entry.subject_id, entry.action)
        .join(User, User.id == HistoryEntry.by_id)
        .join(Funder, Funder.id == HistoryEntry.funder_id)
        .where(
            HistoryEntry.subject == ENVELOPES, HistoryEntry.field == "amount", HistoryEntry.subject_id.in_(envelope_ids)
        )
        .order_by(HistoryEntry.id)
    ):
        if action == "create":  # SQLite gives the id of one that is gone to the next
            by_envelope[id].clear()
        by_envelope[id].append(Move(at, by, funder, _read(old), _read(new), why))
    return sorted((move for own in by_envelope.values() for move in own), key=lambda move: move.at)


def _read(amount: str) -> Decimal | None:
    return Decimal(amount) if amount else None
