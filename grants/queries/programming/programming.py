"""The programming of a contract's year: what page, workbook and CSV are all rendered from.

One set of figures (rules 9): whatever is summed, shared or counted is done here. The number
of SQL queries is constant.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from sqlalchemy import select

from grants.database import all_as, db, select_as
from grants.models import WAITING, Campaign, Contract, now
from grants.names import fold
from grants.queries.figures import ZERO
from grants.queries.programming.envelopes import EnvelopeRow, envelopes
from grants.queries.programming.funder_columns import FunderColumn, funder_columns
from grants.queries.programming.groups import GroupSums, PillarGroup, by_commune, by_theme, group, retained, sum_up
from grants.queries.programming.overview import (
    Bearer,
    Counts,
    EnvelopeFigures,
    Overview,
    bearers,
    count,
    envelope_figures,
    overview,
)
from grants.queries.programming.past import CAMPAIGNS, PRESENT, Past
from grants.queries.programming.rows import Row, rows
from grants.queries.programming.standing import Standing
from grants.queries.theme_tree import Levels
from grants.queries.unchanged import unchanged

FIRST_KIND = "contrat de ville"


@dataclass(frozen=True)
class ProgrammingSection:
    """All calls of one kind in the year. `dated`: as of `Programming`. `rows`: every deposited
    project; `listed`: those retained, or all that count while some are not yet decided.
    `proposals`: whether their columns stand beside. `presented`: sums over all that count, as the
    envelopes'; `total`: over those retained. `platform_granted`:
    without the funders of institutions that are outside. `open`: one of them still takes dossiers,
    or will."""

    year: int
    kind: str
    open: bool
    validated_at: datetime | None
    dated: bool
    funders: tuple[FunderColumn, ...]
    rows: tuple[Row, ...]
    listed: tuple[Row, ...]
    pillars: tuple[PillarGroup, ...]
    total: GroupSums
    presented: GroupSums
    platform_granted: Decimal
    envelopes: dict[int, EnvelopeFigures]
    all_envelopes: EnvelopeFigures
    counts: Counts
    proposals: bool

    @cached_property
    def rejected(self) -> tuple[Row, ...]:
        return tuple(r for r in self.rows if r.standing is Standing.NOT_RETAINED)


@dataclass(frozen=True)
class Programming:
    """`validated_at`: when the last of its calls was, `None` while one is not; `dated`: all were
    opened here. Imported calls were not: they are validated here years after their committee has met,
    and that day is not said to be its. `headings`: those of its groups,
    where these are communes. `funders`: of all calls. `rejected`: sums over what was not
    retained. `as_of`: which version it is, in words, where it is not the present, and of which commune
    alone."""

    year: int
    read_at: datetime
    validated_at: datetime | None
    dated: bool
    levels: Levels
    headings: Levels
    funders: tuple[FunderColumn, ...]
    sections: tuple[ProgrammingSection, ...]
    overview: Overview
    rejected: GroupSums
    bearers: tuple[Bearer, ...]
    as_of: str = ""

    def section(self, kind: str) -> ProgrammingSection | None:
        return next((s for s in self.sections if s.kind == kind), None)


@dataclass(frozen=True)
class Cut:
    """Of which commune alone, and whether communes stand above themes: sums are the same."""

    commune_id: int | None = None
    by_commune: bool = False


WHOLE = Cut()


def programming(contract: Contract, year: int, past: Past = PRESENT, as_of: str = "", cut: Cut = WHOLE) -> Programming:
    """As it is, or was in the `past`."""
    if past is not PRESENT or as_of:
        return _programming(contract, year, past, as_of, cut)
    key = ("programming", contract.id, tuple(contract.level_names), year, cut)
    return unchanged.get(key, lambda: _programming(contract, year, past, as_of, cut))


def _programming(contract: Contract, year: int, past: Past, as_of: str, cut: Cut) -> Programming:
    calls = _campaigns(contract.id, year, past)
    columns = funder_columns(contract.id, year, past)
    everything = rows(contract, year, past)
    if cut.commune_id:
        everything = [row for row in everything if row.commune_node.id == cut.commune_id]
        asked = {id_ for row in everything for id_, line in row.lines.items() if line.outcome}
        columns = [c for c in columns if c[1].commune_id in (None, cut.commune_id) or c[1].id in asked]
        [own] = [commune.label for commune in contract.communes if commune.id == cut.commune_id]
        alone = f"{own} seulement (enveloppes et restes : de tout le contrat)"
        as_of = f"{as_of}, {alone}" if as_of else alone
    if cut.by_commune:
        everything.sort(key=lambda row: (by_commune(row).order, row.reference))
    money = envelopes(contract.id, year, past)
    kinds = sorted({call.kind for call in calls}, key=kind_order)
    sections = tuple(
        _section([call for call in calls if call.kind == kind], columns, everything, money, cut) for kind in kinds
    )
    funders = tuple({column.id: column for _call, column in columns}.values())
    levels = Levels.of(contract)
    return Programming(
        year=year,
        read_at=now(),
        validated_at=_validated_at(calls),
        dated=all(call.opened_at for call in calls),
        levels=levels,
        headings=replace(levels, pillar="Commune", axis=levels.above, communes=False) if cut.by_commune else levels,
        funders=funders,
        sections=sections,
        overview=overview(everything, funders, money, {call.id for call in calls}),
        rejected=sum_up((row for section in sections for row in section.rejected), (funder.id for funder in funders)),
        bearers=bearers(everything, funders),
        as_of=as_of,
    )


def kind_order(kind: str) -> tuple[bool, str]:
    """The contrat de ville first."""
    return fold(kind) != FIRST_KIND, fold(kind)


def years(contract: Contract) -> list[int]:
    """Those with a campaign, the latest first."""
    return list(
        db.session.scalars(
            select(Campaign.year).where(Campaign.contract_id == contract.id).distinct().order_by(Campaign.year.desc())
        )
    )


class _Campaign(NamedTuple):
    id: int
    year: int
    kind: str
    validated_at: datetime | None
    closes_at: datetime | None
    opened_at: datetime | None


def _campaigns(contract_id: int, year: int, past: Past) -> list[_Campaign]:
    calls = select_as(_Campaign, Campaign).where(Campaign.contract_id == contract_id, Campaign.year == year)
    now = all_as(_Campaign, calls.order_by(Campaign.id))
    return [then for call in now if (then := past.then(CAMPAIGNS, (call.id,), call, _Campaign))]


def _validated_at(calls: list[_Campaign]) -> datetime | None:
    dates = [call.validated_at for call in calls if call.validated_at]
    return max(dates) if dates and len(dates) == len(calls) else None


def _section(
    calls: list[_Campaign],
    columns: list[tuple[int, FunderColumn]],
    everything: list[Row],
    money: list[EnvelopeRow],
    cut: Cut,
) -> ProgrammingSection:
    ids = {call.id for call in calls}
    funders = tuple({c.id: c for campaign_id, c in columns if campaign_id in ids}.values())
    funder_ids = [funder.id for funder in funders]
    own = [row for row in everything if row.campaign_id in ids]
    presented, kept, counts = [row for row in own if row.counts], retained(own), count(own)
    listed = presented if counts.undecided else kept
    total = sum_up(kept, funder_ids)
    by_funder = {f: envelope_figures([e for e in money if e.funder_id == f], ids) for f in funder_ids}
    return ProgrammingSection(
        year=calls[0].year,
        kind=calls[0].kind,
        open=any(call.opened_at and call.closes_at and call.closes_at > now() for call in calls),
        validated_at=_validated_at(calls),
        dated=all(call.opened_at for call in calls),
        funders=funders,
        rows=tuple(own),
        listed=tuple(listed),
        pillars=group(listed, funder_ids, by_commune if cut.by_commune else by_theme),
        total=total,
        platform_granted=sum((total.granted[f.id] for f in funders if not f.outside), ZERO),
        presented=sum_up(presented, funder_ids),
        envelopes=by_funder,
        all_envelopes=envelope_figures(money, ids),
        counts=counts,
        proposals=any(
            _in_progress(row)
            for row in own
            for call in calls
            if call.id == row.campaign_id and call.validated_at is None
        ),
    )


def _in_progress(row: Row) -> bool:
    """Something of it waits for a decision, or was proposed."""
    if not row.counts:
        return False
    return row.standing is Standing.UNDECIDED or any(
        line.outcome in WAITING or isinstance(line.proposed, Decimal) for line in row.lines.values()
    )
