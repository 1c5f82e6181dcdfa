"""What changed in a year's programming from one moment to another: what, who, when and why.

Made from the two programmings, so that no figure can differ from theirs; who and why are read from
the history between them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from grants.database import db
from grants.french import euros
from grants.models import Contract, HistoryEntry, Institution, Outcome, Project, User
from grants.queries.figures import ZERO, Figure, Gap, figure, known
from grants.queries.programming.funder_columns import FunderColumn
from grants.queries.programming.groups import NO_LINE
from grants.queries.programming.past import LINES, PROJECTS, later
from grants.queries.programming.programming import Programming, programming
from grants.queries.programming.rows import FunderLine, Row
from grants.queries.programming.versions import Moment, past_at
from grants.words import word

# What of a project and of a line is compared, by the fields of history that tell of it.
OF_PROJECT = (
    "state",
    "state_reason",
    "theme_id",
    "commune_id",
    "campaign_id",
    "title",
    "kind",
    "year_of",
    "years_total",
    "total_cost",
)
OF_LINE = ("outcome", "requested", "proposed", "granted", "condition", "raised_reason", "reason", "redirected_to")
TrailKey = tuple[int | None, int | None]


@dataclass(frozen=True)
class Trail:
    """Who changed it (and for whom), when last, and the reasons given."""

    by: tuple[str, ...] = ()
    at: datetime | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class LineChange:
    """Of one project (`funder` is `None`) or one funder's line on it. `words`: all that is no
    proposed or granted amount, as told to people."""

    row: Row
    funder: FunderColumn | None
    words: tuple[str, ...]
    proposed: tuple[Figure, Figure]
    granted: tuple[Figure, Figure]
    trail: Trail

    @property
    def difference(self) -> Figure:
        before, after = self.granted
        return Gap.NOTHING if before == after else known(after) - known(before)


@dataclass(frozen=True)
class FunderTotalChange:
    """Euros over the tables' totals; `funder` is `None` for all of them together."""

    funder: FunderColumn | None
    proposed: tuple[Decimal, Decimal]
    granted: tuple[Decimal, Decimal]


@dataclass(frozen=True)
class VersionChanges:
    """`kinds`: by kind of call, in the order of the tables; without those where nothing did.
    `retained`: numbers of actions, before and after."""

    before: Moment
    after: Moment
    a: Programming
    b: Programming
    kinds: tuple[tuple[str, tuple[LineChange, ...]], ...]
    totals: tuple[FunderTotalChange, ...]
    retained: tuple[int, int]

    @property
    def projects(self) -> int:
        return len({change.row.id for _, changes in self.kinds for change in changes})


def changes(contract: Contract, year: int, one: Moment, other: Moment) -> VersionChanges:
    """From the earlier of the two moments to the later."""
    before, after = sorted((one, other), key=lambda moment: moment.order)
    a, b = (programming(contract, year, past_at(contract, at), at.title) for at in (before, after))
    trails = _trails(contract.id, year, before, after)
    funders = {f.id: f for f in (*b.funders, *a.funders)}
    kind_a, kind_b = _kinds(a), _kinds(b)
    by_kind: dict[str, list[LineChange]] = {s.kind: [] for s in (*b.sections, *a.sections)}
    for id in [*kind_b, *(id for id in kind_a if id not in kind_b)]:
        kind, row = kind_b.get(id) or kind_a[id]
        by_kind[kind].extend(_of_project(row, kind_a.get(id), kind_b.get(id), funders, trails))
    return VersionChanges(
        before,
        after,
        a,
        b,
        tuple((kind, tuple(lines)) for kind, lines in by_kind.items() if lines),
        tuple(_totals(a, b, funders.values())),
        (a.overview.counts.retained, b.overview.counts.retained),
    )


Kinded = tuple[str, Row]


def _kinds(programming: Programming) -> dict[int, Kinded]:
    return {row.id: (section.kind, row) for section in programming.sections for row in section.rows}


def _of_project(
    row: Row, a: Kinded | None, b: Kinded | None, funders: dict[int, FunderColumn], trails: dict[TrailKey, Trail]
) -> Iterator[LineChange]:
    own = trails.get((row.id, None), Trail())
    words = tuple(_words(a, b))
    if words:
        nothing = (Gap.NOTHING, Gap.NOTHING)
        yield LineChange(row, None, words, nothing, nothing, own)
    for id, funder in funders.items():
        before, after = (each[1].lines.get(id, NO_LINE) if each else NO_LINE for each in (a, b))
        told = tuple(_line_words(before, after, new=a is None))
        proposed, granted = (before.proposed, after.proposed), (_given(before), _given(after))
        if told or proposed[0] != proposed[1] or granted[0] != granted[1]:
            yield LineChange(row, funder, told, proposed, granted, trails.get((row.id, id), own))


def _given(line: FunderLine) -> Figure:
    """A refusal is told in words: its nought is no amount granted."""
    return Gap.NOTHING if line.outcome is Outcome.REJECTED else line.granted


def _words(a: Kinded | None, b: Kinded | None) -> Iterator[str]:
    if a is None or b is None:
        yield "Nouveau dossier" if a is None else "N'est plus au tableau"
        return
    (kind_a, before), (kind_b, after) = a, b
    for label, old, new in (
        ("état", word(before.state), word(after.state)),
        ("appel", kind_a, kind_b),
        ("classement", _place(before), _place(after)),
        ("commune", before.commune, after.commune),
        ("titre", before.title, after.title),
        ("nature de l'action", before.mark, after.mark),
        ("coût total", _amount(figure(before.total_cost)), _amount(figure(after.total_cost))),
    ):
        if old != new:
            yield f"{label} : {old} → {new}"


def _place(row: Row) -> str:
    return f"{row.place.axis.label}, {row.place.orientation_title}"


def _line_words(before: FunderLine, after: FunderLine, *, new: bool) -> Iterator[str]:
    """`new`: of a project that was not there, whose requests go without saying."""
    if before.outcome is not after.outcome and not (new and after.granted == before.granted):
        yield f"{_outcome(before)} → {_outcome(after)}"
    if before.requested != after.requested and not new:
        yield f"demandé : {_amount(before.requested)} → {_amount(after.requested)}"
    if after.condition and after.condition != before.condition:
        yield f"condition : {after.condition}"
    if before.condition and not after.condition and after.outcome is Outcome.ACCEPTED:
        yield "condition levée"
    if after.redirected_to and after.redirected_to != before.redirected_to:
        yield f"réorienté vers {after.redirected_to}"


def _outcome(line: FunderLine) -> str:
    return word(line.outcome) if line.outcome else "non sollicité"


def _amount(value: Figure) -> str:
    return euros(value) if isinstance(value, Decimal) else value.value


def _totals(a: Programming, b: Programming, funders: Iterable[FunderColumn]) -> Iterator[FunderTotalChange]:
    for funder in funders:
        yield FunderTotalChange(
            funder, (_proposed(a, funder.id), _proposed(b, funder.id)), (_granted(a, funder.id), _granted(b, funder.id))
        )
    yield FunderTotalChange(None, (_proposed(a), _proposed(b)), (a.overview.total.granted, b.overview.total.granted))


def _proposed(programming: Programming, funder_id: int | None = None) -> Decimal:
    return sum(
        (
            sum(section.presented.proposed.values(), ZERO)
            if funder_id is None
            else section.presented.proposed.get(funder_id, ZERO)
            for section in programming.sections
        ),
        ZERO,
    )


def _granted(programming: Programming, funder_id: int) -> Decimal:
    found = programming.overview.by_funder.get(funder_id)
    return found.granted if found else ZERO


def _trails(contract_id: int, year: int, before: Moment, after: Moment) -> dict[TrailKey, Trail]:
    """By project, and by project and funder."""
    entry, at = HistoryEntry, before.at if before.history_id else None
    statement = (
        select(entry.project_id, entry.funder_id, entry.at, entry.reason, User.name, Institution.label)
        .join(User, User.id == HistoryEntry.by_id)
        .join(Project, Project.id == HistoryEntry.project_id)
        .outerjoin(Institution, Institution.id == HistoryEntry.on_behalf_of_id)
        .where(
            *later(contract_id, before.history_id or 0, at),
            Project.year == year,
            ((HistoryEntry.subject == LINES) & HistoryEntry.field.in_(OF_LINE))
            | ((HistoryEntry.subject == PROJECTS) & HistoryEntry.field.in_(OF_PROJECT)),
        )
        .order_by(HistoryEntry.id)
    )
    if after.history_id is not None:
        statement = statement.where(HistoryEntry.id <= after.history_id)
    people: dict[TrailKey, dict[str, None]] = defaultdict(dict)
    reasons: dict[TrailKey, dict[str, None]] = defaultdict(dict)
    last: dict[TrailKey, datetime] = {}
    for project_id, funder_id, at, reason, name, institution in db.session.execute(statement):
        key = (project_id, funder_id)
        people[key][f"{name} (pour {institution})" if institution else name] = None
        if reason:
            reasons[key][reason] = None
        last[key] = at
    return {key: Trail(tuple(people[key]), last[key], tuple(reasons[key])) for key in last}
