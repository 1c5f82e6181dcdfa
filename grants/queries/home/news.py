"""What others have said and done lately in a contract."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import aliased

from grants.database import all_as, db, select_as
from grants.french import PARIS
from grants.models import Funder, HistoryEntry, Message, Operation, Project, User
from grants.queries.project_filters import DEPOSITED_ONLY
from grants.queries.sheet.history import ACTIONS

MOST_MESSAGES = 5
MOST_DEEDS = 10
# Entries that deeds are made of: one deed on a whole list has hundreds.
RECENT = 500
LONGEST = 160
# What an applicant does before the deposit, and what goes with the rest, is no news.
QUIET = "create save request renew import receive ask_signature add_document remove_document confirm_document"


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
    answered = exists().where(later.project_id == Message.project_id, later.id > Message.id, ~later.from_applicant)
    beginning = func.substr(Message.text, 1, LONGEST + 1)
    return all_as(
        FromApplicant,
        select_as(FromApplicant, Project, Message, by=User.name, text=beginning, answered=answered)
        .join(Project, Project.id == Message.project_id)
        .join(User, User.id == Message.by_id)
        .where(Project.contract_id == contract_id, Message.from_applicant)
        .order_by(Message.id.desc())
        .limit(MOST_MESSAGES),
    )


def deeds(contract_id: int, reader_id: int) -> list[Deed]:
    """Of others than the reader, on deposited projects; the newest first. What somebody did of one
    kind in a day is told once, by cell or by list: a table filled in makes an operation a cell.
    By the day in Paris, which no database here knows."""
    groups = defaultdict[object, list[Deed]](list)
    for at, action, by_id, funder_id, operation, by, funder, project_id, reference, title in db.session.execute(
        _entries(contract_id, reader_id)
    ):
        action_words = ACTIONS.get(action, action)
        deed = Deed(at, by, action_words, operation, funder or "", 1, project_id, reference or "", title)
        groups[by_id, operation or action, funder_id, at.astimezone(PARIS).date()].append(deed)
    newest = islice(groups.values(), MOST_DEEDS)
    return [replace(group[0], projects=len({deed.project_id for deed in group})) for group in newest]


def _entries(
    contract_id: int, reader_id: int
) -> Select[datetime, str, int, int | None, str, str, str, int, str | None, str]:
    """The newest first."""
    recent = (
        select(HistoryEntry)
        .where(
            HistoryEntry.contract_id == contract_id,
            HistoryEntry.by_id != reader_id,
            HistoryEntry.project_id.is_not(None),
            HistoryEntry.action.not_in(QUIET.split()),
        )
        .order_by(HistoryEntry.at.desc(), HistoryEntry.id.desc())
        .limit(RECENT)
        .subquery()
    )
    one = recent.c
    return (
        select(
            one.at,
            one.action,
            one.by_id,
            one.funder_id,
            Operation.kind,
            User.name,
            Funder.label,
            Project.id,
            Project.reference,
            Project.title,
        )
        .join(User, User.id == one.by_id)
        .join(Project, Project.id == one.project_id)
        .outerjoin(Operation, Operation.id == one.operation_id)
        .outerjoin(Funder, Funder.id == one.funder_id)
        .where(*DEPOSITED_ONLY)
        .order_by(one.at.desc(), one.id.desc())
    )
