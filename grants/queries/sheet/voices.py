"""What people said, sent and checked around a project, who follows it and who looks at it: one
query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, String, bindparam, select, type_coerce, union_all

from grants.database import all_as, select_as
from grants.domain.dossier.presence import GONE, SHEET, Other
from grants.domain.instruction.checklist import PointAnswer, state_of
from grants.domain.organisation.bank import BankChange, changes_of
from grants.models import (
    Check,
    Checked,
    CheckItem,
    HistoryEntry,
    Judgement,
    Note,
    Opinion,
    Presence,
    Project,
    User,
    now,
    project_followers,
)
from grants.models.base import Instant
from grants.queries.sheet.documents import SheetDocument, about, of_rows, sheet_documents
from grants.queries.sheet.exchange import Branch, BranchRow, Thread, branch, branches, thread_in

EXCHANGE = ("message", "request", "item", "file")


@dataclass(frozen=True)
class OpinionRow:
    at: datetime
    by: str
    body: str
    judgement: Judgement
    remark: str


@dataclass(frozen=True)
class NoteRow:
    at: datetime
    by: str
    text: str


@dataclass(frozen=True)
class PointRow:
    """`checked`: nothing where nobody has looked at it."""

    item_id: int
    label: str
    checked: Checked | None
    remark: str

    @property
    def pair(self) -> tuple[int, PointAnswer | None]:
        return self.item_id, PointAnswer(self.checked, self.remark) if self.checked else None


@dataclass(frozen=True)
class Voices:
    """`thread`: with the applicant, who never sees the rest. Opinions and notes: the newest first;
    `points`: of the call's checklist, in its order; `followers`: names by id; `present`: who else
    has the sheet open; `account`: the last change of the bearer's bank account."""

    thread: Thread
    opinions: list[OpinionRow]
    notes: list[NoteRow]
    followers: dict[int, str]
    present: list[Other]
    points: list[PointRow]
    documents: list[SheetDocument]
    account: BankChange | None

    @property
    def checklist_state(self) -> str:
        """As the page of the checklist carries it, so that the sheet has its button."""
        return state_of(self.points)


def voices(project: Project, reader: User) -> Voices:
    asked = about(project) | {"me": reader.id, "gone": now() - GONE}
    rows = all_as(BranchRow, _VOICES, asked)

    def rows_of(what: str) -> list[BranchRow]:
        return [row for row in rows if row.what == what]

    return Voices(
        thread_in(row for row in rows if row.what in EXCHANGE),
        [
            OpinionRow(row.at, row.name, row.label, Judgement(row.kind), row.text)
            for row in reversed(rows_of("opinion"))
        ],
        [NoteRow(row.at, row.name, row.text) for row in reversed(rows_of("note"))],
        {row.key: row.name for row in rows_of("follower")},
        [Other(row.name, SHEET, row.at) for row in rows_of("present")],
        [
            PointRow(row.key, row.label, Checked(row.kind) if row.kind else None, row.text or "")
            for row in sorted(rows_of("point"), key=lambda row: row.flag)
        ],
        of_rows(rows_of("document")),
        next((BankChange(row.at, row.name) for row in reversed(rows_of("account"))), None),
    )


def opinions_on(project_id: int) -> list[OpinionRow]:
    """The newest first."""
    given = select_as(OpinionRow, Opinion, by=User.name).join(User, User.id == Opinion.by_id)
    return all_as(OpinionRow, given.where(Opinion.project_id == project_id).order_by(Opinion.id.desc()))


def notes_on(project_id: int) -> list[NoteRow]:
    """The newest first."""
    written = select_as(NoteRow, Note, by=User.name).join(User, User.id == Note.by_id)
    return all_as(NoteRow, written.where(Note.project_id == project_id).order_by(Note.id.desc()))


def _branches() -> list[Branch]:
    project_id: BindParameter[int] = bindparam("of")
    bearer = select(Project.organisation_id).where(Project.id == project_id).scalar_subquery()
    follower, judgement = project_followers.c, type_coerce(Opinion.judgement, String)
    return [
        branch("opinion", 3, Opinion, name=User.name, text=Opinion.remark, label=Opinion.body, kind=judgement)
        .join(User, User.id == Opinion.by_id)
        .where(Opinion.project_id == project_id),
        branch("note", 4, Note, name=User.name).join(User, User.id == Note.by_id).where(Note.project_id == project_id),
        branch("follower", 5, User)
        .join(project_followers, follower.user_id == User.id)
        .where(follower.project_id == project_id),
        branch("present", 6, Presence, at=Presence.since, name=User.name)
        .join(User, User.id == Presence.user_id)
        .where(
            Presence.project_id == project_id,
            Presence.page == SHEET,
            Presence.user_id != bindparam("me"),
            Presence.seen_at > bindparam("gone", type_=Instant),
        ),
        branch("point", 8, CheckItem, text=Check.remark, flag=CheckItem.position, kind=type_coerce(Check.found, String))
        .join(Project, Project.campaign_id == CheckItem.campaign_id)
        .outerjoin(Check, (Check.item_id == CheckItem.id) & (Check.project_id == Project.id))
        .where(Project.id == project_id, CheckItem.archived.is_(False)),
        branch("account", 9, HistoryEntry, name=User.name)
        .join(User, User.id == HistoryEntry.by_id)
        .where(*changes_of(bearer)),
    ]


_VOICES = union_all(*branches(), *_branches(), sheet_documents()).order_by(
    "place", "key"
)  # built once: slower than to run it
