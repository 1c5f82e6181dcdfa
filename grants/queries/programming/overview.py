"""The one-page overview of a year: budget framing, counts, bearers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from grants.models import PUBLIC_BODIES, WAITING, Kind, Nature
from grants.queries.figures import ZERO, Figure, Gap, known, total
from grants.queries.programming.envelopes import EnvelopeRow
from grants.queries.programming.funder_columns import FunderColumn
from grants.queries.programming.rows import Row
from grants.queries.programming.standing import Standing

# Above it in a year, an institution makes an agreement with a body of private law (law of 12 April
# 2000, article 10; décret 2001-495).
AGREEMENT_ABOVE = Decimal(23_000)


@dataclass(frozen=True)
class Counts:
    """Projects; `new`, `renewed` and `multiyear` are of those retained."""

    deposited: int
    retained: int
    not_retained: int
    undecided: int
    withdrawn: int
    new: int
    renewed: int
    multiyear: int


@dataclass(frozen=True)
class EnvelopeFigures:
    """Euros; `left` and `planned` are over all the calls that draw on it, `shared_with` names the others.
    `deficit`: what is missing where an envelope was cut below its grants; `left` has it in it, and what agreements
    hold (`reserved`) is not in it."""

    amount: Figure
    left: Figure
    deficit: Decimal
    shared_with: tuple[str, ...]
    planned: Decimal = ZERO
    reserved: Decimal = ZERO


@dataclass(frozen=True)
class FunderOverview:
    """`actions`: projects that it grants money to; `agreed`: of what it grants, to those of agreements."""

    actions: int
    granted: Decimal
    envelope: EnvelopeFigures
    agreed: Decimal = ZERO


@dataclass(frozen=True)
class ListedSums:
    """Over the projects that tables list: those retained, or all that count while some are undecided.
    `proposed`: where nothing is decided yet."""

    actions: int
    bearers: int
    requested: Decimal
    proposed: Decimal


@dataclass(frozen=True)
class Overview:
    """`platform`: over the institutions that decide here, without those outside."""

    counts: Counts
    listed: ListedSums
    by_funder: dict[int, FunderOverview]
    total: FunderOverview
    platform: FunderOverview


@dataclass(frozen=True)
class Bearer:
    """What one organisation is granted in the year, over all kinds of call: by funder id, and by
    the institution's name over all its lines of credit."""

    name: str
    nature: Nature
    actions: int
    granted: dict[int, Figure]
    by_institution: dict[str, Decimal]
    total: Decimal

    def must_agree(self, institution: str) -> bool:
        """More than 23 000 € of one institution's in the year; never asked of a public body."""
        above = self.by_institution[institution] > AGREEMENT_ABOVE
        return above and self.nature not in PUBLIC_BODIES


def count(rows: Iterable[Row]) -> Counts:
    rows = list(rows)
    kinds = [row.kind for row in rows if row.standing is Standing.RETAINED]
    standings = [row.standing for row in rows]
    return Counts(
        deposited=len(rows),
        retained=standings.count(Standing.RETAINED),
        not_retained=standings.count(Standing.NOT_RETAINED),
        undecided=standings.count(Standing.UNDECIDED),
        withdrawn=standings.count(Standing.WITHDRAWN),
        new=kinds.count(Kind.NEW),
        renewed=kinds.count(Kind.RENEWAL),
        multiyear=kinds.count(Kind.MULTIYEAR),
    )


def envelope_figures(envelopes: Iterable[EnvelopeRow], calls: set[int]) -> EnvelopeFigures:
    """Those that these calls draw on, together; `n. c.` when there is none."""
    drawn = [e for e in envelopes if e.amount is not None and calls.intersection(e.campaign_ids)]
    if not drawn:
        return EnvelopeFigures(Gap.UNKNOWN, Gap.UNKNOWN, ZERO, ())
    others = {
        label: None for e in drawn for id, label in zip(e.campaign_ids, e.campaigns, strict=True) if id not in calls
    }
    return EnvelopeFigures(
        amount=sum((e.amount or ZERO for e in drawn), ZERO),
        left=sum((e.left or ZERO for e in drawn), ZERO),
        deficit=sum((e.deficit for e in drawn), ZERO),
        shared_with=tuple(others),
        planned=sum((e.planned for e in drawn), ZERO),
        reserved=sum((e.reserved for e in drawn), ZERO),
    )


def overview(
    rows: Sequence[Row], funders: Sequence[FunderColumn], envelopes: Sequence[EnvelopeRow], calls: set[int]
) -> Overview:
    def of_funders(ids: set[int]) -> FunderOverview:
        return _of_funders(rows, ids, [e for e in envelopes if e.funder_id in ids], calls)

    counts = count(rows)
    return Overview(
        counts=counts,
        listed=_listed([r for r in rows if (r.counts if counts.undecided else r.standing is Standing.RETAINED)]),
        by_funder={funder.id: of_funders({funder.id}) for funder in funders},
        total=of_funders({funder.id for funder in funders}),
        platform=of_funders({funder.id for funder in funders if not funder.outside}),
    )


def _listed(rows: Sequence[Row]) -> ListedSums:
    return ListedSums(
        actions=len(rows),
        bearers=len({row.organisation_id for row in rows}),
        requested=total(row.requested for row in rows),
        proposed=total(line.proposed for row in rows for line in row.lines.values() if line.outcome in WAITING),
    )


def _of_funders(
    rows: Iterable[Row], ids: set[int], envelopes: Sequence[EnvelopeRow], calls: set[int]
) -> FunderOverview:
    amounts = [
        (row.kind, sum((known(line.granted) for id, line in row.lines.items() if id in ids), ZERO))
        for row in rows
        if row.standing is Standing.RETAINED
    ]
    return FunderOverview(
        actions=sum(amount > 0 for _kind, amount in amounts),
        granted=sum((amount for _kind, amount in amounts), ZERO),
        envelope=envelope_figures(envelopes, calls),
        agreed=sum((amount for kind, amount in amounts if kind is Kind.MULTIYEAR), ZERO),
    )


def bearers(rows: Iterable[Row], funders: Sequence[FunderColumn]) -> tuple[Bearer, ...]:
    """Those with a retained project, by name."""
    own: dict[int, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.bearer_key, row.organisation_id)):
        if row.standing is Standing.RETAINED:
            own[row.organisation_id].append(row)
    return tuple(_bearer(projects, funders) for projects in own.values())


def _bearer(projects: Sequence[Row], funders: Iterable[FunderColumn]) -> Bearer:
    granted = {f.id: _granted_by(f.id, projects) for f in funders}
    by_institution: dict[str, Decimal] = defaultdict(Decimal)
    for funder in funders:
        by_institution[funder.institution] += known(granted[funder.id])
    return Bearer(
        name=projects[0].bearer,
        nature=projects[0].nature,
        actions=len(projects),
        granted=granted,
        by_institution=by_institution,
        total=sum((project.granted for project in projects), ZERO),
    )


def _granted_by(funder_id: int, projects: Iterable[Row]) -> Figure:
    """Nothing, rather than zero, where it grants none of them anything."""
    amount = total(p.lines[funder_id].granted for p in projects if funder_id in p.lines)
    return amount or Gap.NOTHING
