"""A contract's programming as it was after an entry of the history: what changed since, undone.

Only what changed since is read, in one query. Exact for what is decided of deposited projects and
shown in the tables (their columns, funding lines, opinions), of calls (validation, funders) and of
envelopes; themes, bearers, funders and calls have today's names. The rows that it is applied to
are to be read in the same snapshot (`database.begin_snapshot`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Column, ColumnElement, Integer, String, literal, select, tuple_
from sqlalchemy.sql.expression import FromClause
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from grants.database import all_as, db, fields_of, select_as
from grants.domain.ledger import history
from grants.models import MERGED, Base, Campaign, CampaignFunder, Envelope, FundingLine, HistoryEntry, Project
from grants.models.base import Money

PROJECTS, LINES, CAMPAIGNS, ENVELOPES, LINKS = (
    model.__tablename__ for model in (Project, FundingLine, Campaign, Envelope, CampaignFunder)
)
SUBJECTS = (PROJECTS, LINES, CAMPAIGNS, ENVELOPES)
CLOCKS_DIFFER = timedelta(hours=1)
RowKey = tuple[int, ...]
T = TypeVar("T")

# What history keeps of a project beside its own columns (`domain.dossier.shown`, `lineage`).
_BESIDE: dict[str, Column[Any]] = {
    "zones": Column(String, nullable=False),
    "other_communes": Column(String, nullable=False),
    "other_funding": Column(Money),
    "ordinary_law": Column(Money),
    MERGED: Column(String, nullable=False),
}


class _PastEntry(NamedTuple):
    subject: str
    subject_id: int
    project_id: int | None
    funder_id: int | None
    action: str
    field: str
    old: str
    new: str


@dataclass
class EarlierRow:
    """How a row was otherwise than now. `exists`: `None` where it is there as now."""

    exists: bool | None = None
    values: dict[str, Any] = field(default_factory=dict)

    def begin(self, key: dict[str, int | None]) -> None:
        """It is there, with what every row begins with."""
        self.exists, self.values = True, dict(key)

    def vanish(self) -> None:
        self.exists, self.values = False, {}


class Past:
    """The rows that were otherwise, by table and key: a line's is its project's and funder's ids,
    a link's its call's and funder's. `opinions`: how many were given since, by project."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[RowKey, EarlierRow]] = defaultdict(lambda: defaultdict(EarlierRow))
        self.opinions: Counter[int] = Counter()

    def __bool__(self) -> bool:
        return bool(self.rows or self.opinions)

    def then(self, table: str, key: RowKey, now: T | None, row: type[T]) -> T | None:
        """A `row` as it was, from what it is `now`; `None` where there is none."""
        changed = self.rows[table].get(key) if table in self.rows else None
        if changed is None:
            return now
        if changed.exists is False or (now is None and not changed.exists):
            return None
        values = (_blank(table) if changed.exists else {}) | changed.values
        return row(*(values[name] if name in values else getattr(now, name) for name in fields_of(row)))

    def brought_back(self, table: str) -> list[RowKey]:
        """The rows that are there no more, or are others than then."""
        return [key for key, then in self._changed(table) if then.exists]

    def values(self, table: str, column: str) -> dict[RowKey, Any]:
        """What stood in this column where it has changed since."""
        changed = self._changed(table)
        return {key: then.values[column] for key, then in changed if column in then.values}

    @property
    def project_ids(self) -> set[int]:
        """Those that changed, or whose lines did."""
        return {key[0] for table in (PROJECTS, LINES) for key, _ in self._changed(table)}

    def links(self) -> FromClause:
        """`campaign_funders` as it was."""
        here = CampaignFunder.__table__
        if LINKS not in self.rows:
            return here
        columns = (here.c.campaign_id, here.c.funder_id, here.c.envelope_id)
        kept = select(*columns).where(tuple_(*columns[:2]).not_in(list(self.rows[LINKS])))
        otherwise = [
            select(*(literal(v, Integer) for v in (*key, then.values["envelope_id"])))
            for key, then in self._changed(LINKS)
            if then.exists is not False
        ]
        return kept.union_all(*otherwise).subquery()

    def _changed(self, table: str) -> Iterable[tuple[RowKey, EarlierRow]]:
        return self.rows[table].items() if table in self.rows else ()

    def undo(self, entry: _PastEntry) -> None:
        """Entries are undone from the newest on: what an older one says holds."""
        if entry.subject == CAMPAIGNS and entry.action == "funders":
            self._undo_funder(entry)
        elif entry.subject == ENVELOPES and entry.field == "campaign":
            link = self.rows[LINKS][int(entry.old or entry.new), entry.funder_id or 0]
            link.values["envelope_id"] = entry.subject_id if entry.old else None
        elif entry.field == "opinion":
            self.opinions[entry.project_id or 0] += 1
        else:
            self._undo_value(entry)

    def _undo_funder(self, entry: _PastEntry) -> None:
        link = self.rows[LINKS][entry.subject_id, entry.funder_id or 0]
        if entry.new:
            link.vanish()
        else:
            call, funder = entry.subject_id, entry.funder_id
            link.begin({"campaign_id": call, "funder_id": funder, "envelope_id": None})

    def _undo_value(self, entry: _PastEntry) -> None:
        if history.begins(entry):
            self._row(entry).vanish()
            return
        if history.ends(entry):
            self._row(entry).begin({"project_id": entry.project_id, "funder_id": entry.funder_id})
        column = Base.metadata.tables[entry.subject].columns.get(entry.field)
        if column is None and entry.subject == PROJECTS:
            column = _BESIDE.get(entry.field)
        if column is not None:
            self._row(entry).values[entry.field] = history.value_of(column, entry.old)

    def _row(self, entry: _PastEntry) -> EarlierRow:
        """By project and funder: SQLite gives the id of a line that is gone to another."""
        line = entry.subject == LINES
        key = (entry.project_id or 0, entry.funder_id or 0) if line else (entry.subject_id,)
        return self.rows[entry.subject][key]


PRESENT = Past()


def since(contract_id: int, history_id: int) -> Past:
    """What was otherwise after that entry (and none later) than it is now. Two queries."""
    past = Past()
    at = db.session.scalar(select(HistoryEntry.at).where(HistoryEntry.id == history_id))
    entries = select_as(_PastEntry, HistoryEntry).where(
        *later(contract_id, history_id, at), HistoryEntry.subject.in_(SUBJECTS)
    )
    for entry in all_as(_PastEntry, entries.order_by(HistoryEntry.id.desc())):
        past.undo(entry)
    return past


def later(contract_id: int, history_id: int, at: datetime | None) -> list[ColumnElement[bool]]:
    """The contract's entries after that one, written `at` that instant: found by the index of
    instants, told by their numbers."""
    found = [HistoryEntry.contract_id == contract_id, HistoryEntry.id > history_id]
    return [*found, HistoryEntry.at >= at - CLOCKS_DIFFER] if at else found


def last_entry(contract_id: int, before: datetime) -> int:
    """The last entry of the contract before that instant; 0 where there is none."""
    return (
        db.session.scalar(
            select(HistoryEntry.id)
            .where(HistoryEntry.contract_id == contract_id, HistoryEntry.at < before)
            .order_by(HistoryEntry.at.desc(), HistoryEntry.id.desc())
            .limit(1)
        )
        or 0
    )


@cache
def _blank(table: str) -> dict[str, Any]:
    """What a row begins with."""
    return {
        column.name: column.default.arg if isinstance(column.default, ScalarElementColumnDefault) else None
        for column in Base.metadata.tables[table].columns
    }
