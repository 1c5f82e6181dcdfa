"""What others have said and done lately in a contract."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import aliased

from grants.database import db
from grants.models import Funder, HistoryEntry, Message, Operation, Project, User
from grants.queries.project_filters import DEPOSITED_ONLY
from grants.queries.sheet.history import ACTIONS

MOST_MESSAGES = 5
MOST_DEEDS = 10
# Entries that deeds are made of: one deed on a whole list has hundreds.
RECENT = 500
LONGEST = 160
# What an applicant does before the deposit, and what goes with the rest, is no news.
QUIET = (
    "create", "save", "request", "renew", "import", "receive", "ask_signature", "add_document",
    "remove_document", "confirm_document",
)  # fmt: skip


@dataclass(frozen=True)
class FromApplicant:
    """`text`: as much of it as tells whether there is more; `answered`: somebody has since."""

    project_id: int
    reference: str
    title: str
    by: str
    at: datetime
    text: str
    answered: bool

    @property
    def beginning(self) -> str:
        return self.text if len(self.text) <= LONGEST else f"{self.text[:LONGEST]}…"


@dataclass(frozen=True)
class Deed:
    """`what`: its action in words, or its `operation` where it is on several projects; the rest
    says which, where it is one."""

    at: datetime
    by: str
    what: str
    operation: str | None
    funder: str
    projects: int
    project_id: int
    reference: str
    title: str


def messages(contract_id: int) -> list[FromApplicant]:
    """The newest first."""
    later = aliased(Message)
    answered = exists().where(
        later.project_id == Message.project_id, later.id > Message.id, ~later.from_applicant
    )
    records = db.session.execute(
        select(
            Project.id, Project.reference, Project.title, User.name, Message.at,
            func.substr(Message.text, 1, LONGEST + 1), answered,
        )
        .join(Project, Project.id == Message.project_id)
        .join(User, User.id == Message.by_id)
        .where(Project.contract_id == contract_id, Message.from_applicant)
        .order_by(Message.id.desc())
        .limit(MOST_MESSAGES)
    )  # fmt: skip
    return [FromApplicant(*record) for record in records]


def deeds(contract_id: int, reader_id: int) -> list[Deed]:
    """Of others than the reader, on deposited projects; the newest first."""
    return [
        Deed(at, by, ACTIONS.get(action, action), operation, funder or "", *which)
        for at, by, action, operation, funder, *which in db.session.execute(
            _deeds(contract_id, reader_id)
        )
    ]


def _deeds(contract_id: int, reader_id: int) -> Select[*tuple[Any, ...]]:
    recent = (
        select(HistoryEntry)
        .where(
            HistoryEntry.contract_id == contract_id, HistoryEntry.by_id != reader_id,
            HistoryEntry.project_id.is_not(None), HistoryEntry.action.not_in(QUIET),
        )
        .order_by(HistoryEntry.at.desc(), HistoryEntry.id.desc())
        .limit(RECENT)
        .subquery()
    )  # fmt: skip
    one = recent.c
    # What somebody did of one kind in a day is told once, by cell or by list: a table filled in
    # makes an operation a cell.
    kind = func.coalesce(Operation.kind, one.action)
    done = (
        select(
            func.max(one.id).label("last"), func.max(one.at).label("at"),
            func.min(one.action).label("action"), one.by_id, func.max(Operation.kind).label("kind"),
            one.funder_id, func.count(one.project_id.distinct()).label("projects"),
            func.max(one.project_id).label("project_id"),
        )
        .outerjoin(Operation, Operation.id == one.operation_id)
        .group_by(one.by_id, kind, one.funder_id, func.date(one.at))
        .subquery()
    )  # fmt: skip
    return (
        select(
            done.c.at, User.name, done.c.action, done.c.kind, Funder.label, done.c.projects,
            Project.id, Project.reference, Project.title,
        )
        .join(User, User.id == done.c.by_id)
        .join(Project, Project.id == done.c.project_id)
        .outerjoin(Funder, Funder.id == done.c.funder_id)
        .where(*DEPOSITED_ONLY)
        .order_by(done.c.last.desc())
        .limit(MOST_DEEDS)
    )  # fmt: skip
