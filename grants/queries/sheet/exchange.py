"""What was said on a dossier, in the order of time: messages and requests for pieces, one query."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    Select,
    SQLColumnExpression,
    bindparam,
    case,
    inspect,
    literal,
    null,
    select,
    type_coerce,
    union_all,
)

from grants.database import all_as
from grants.models import Document, Entity, Message, PieceRequest, PieceRequestItem, User, message_documents
from grants.models.base import Instant


class BranchRow(NamedTuple):
    """A row of the union that a page reads by one query; what it means depends on `what`. Columns
    that a branch does not give hold nothing: text and numbers are then empty or nought."""

    what: str
    place: int
    key: int
    at: datetime
    name: str
    text: str
    due_on: date
    sections: list[str]
    answered_at: datetime | None
    closed_at: datetime | None
    flag: int
    under: int
    document_id: int | None
    label: str
    kind: str


@dataclass(frozen=True)
class SaidFile:
    """`size`: in bytes."""

    id: int
    filename: str
    size: int


@dataclass(frozen=True)
class ThreadMessage:
    """A message, with the files that came with it."""

    at: datetime
    by: str
    from_applicant: bool
    text: str
    files: list[SaidFile] = field(default_factory=list)


@dataclass(frozen=True)
class Item:
    """A piece asked for; `filename` of the document that answers it, once there is one; `reason`:
    why the applicant has none."""

    id: int
    label: str
    document_id: int | None
    filename: str | None
    reason: str


@dataclass(frozen=True)
class Asked:
    """A request for pieces; `sections`: the pages that it opened again."""

    id: int
    asked_at: datetime
    by: str
    text: str
    due_on: date
    sections: tuple[str, ...]
    answered_at: datetime | None
    closed_at: datetime | None
    items: list[Item] = field(default_factory=list)


@dataclass(frozen=True)
class Thread:
    """The newest last in both."""

    messages: tuple[ThreadMessage, ...]
    requests: tuple[Asked, ...]

    @property
    def open(self) -> Asked | None:
        """The request that the coordinator has not closed."""
        return next((r for r in self.requests if r.closed_at is None), None)


def thread(project_id: int) -> Thread:
    return thread_in(all_as(BranchRow, _THREAD, {"of": project_id}))


def thread_in(rows: Iterable[BranchRow]) -> Thread:
    """Out of the rows of `branches`."""
    messages: dict[int, ThreadMessage] = {}
    requests: dict[int, Asked] = {}
    for row in rows:
        if row.what == "message":
            messages[row.key] = ThreadMessage(row.at, row.name, bool(row.flag), row.text)
        elif row.what == "file":
            messages[row.under].files.append(SaidFile(row.key, row.name, row.flag))
        elif row.what == "request":
            requests[row.key] = Asked(
                row.key, row.at, row.name, row.text, row.due_on, tuple(row.sections), row.answered_at, row.closed_at
            )
        else:
            requests[row.under].items.append(Item(row.key, row.text, row.document_id, row.name, row.label))
    return Thread(tuple(messages.values()), tuple(requests.values()))


Branch = Select[*tuple[Any, ...]]  # more columns than its types can count
_NEVER = type_coerce(null(), Instant)
_NOTHING: dict[str, SQLColumnExpression[Any]] = {
    "at": _NEVER,
    "name": literal(""),
    "text": literal(""),
    "due_on": null(),
    "sections": null(),
    "answered_at": _NEVER,
    "closed_at": _NEVER,
    "flag": literal(0),
    "under": null(),
    "document_id": null(),
    "label": literal(""),
    "kind": literal(""),
}


def branch(what: str, place: int, table: type[Entity], **columns: SQLColumnExpression[Any]) -> Branch:
    """A select of `BranchRow`s, in the order of `place` and of the ids of the table, which are their `key`. Its columns
    are as given, or else those of the table that have these names."""
    known = inspect(table).column_attrs
    own: dict[str, SQLColumnExpression[Any]] = {name: getattr(table, name) for name in _NOTHING if name in known}
    given = _NOTHING | own | columns | {"what": literal(what), "place": literal(place), "key": table.id}
    return select(*(given[name].label(name) for name in BranchRow._fields))


def branches() -> list[Branch]:
    """What was said. The first tells PostgreSQL the types of all columns."""
    project_id = bindparam("of", type_=PieceRequest.project_id.type)
    asked = {"at": PieceRequest.asked_at, "under": PieceRequest.id, "document_id": literal(0)}
    request = (
        branch("request", 0, PieceRequest, name=User.name, **asked)
        .join(User, User.id == PieceRequest.asked_by_id)
        .where(PieceRequest.project_id == project_id)
    )
    piece = {"text": PieceRequestItem.label, "label": PieceRequestItem.reason, "under": PieceRequestItem.request_id}
    item = (
        branch("item", 1, PieceRequestItem, name=Document.filename, **piece)
        .join(PieceRequest, PieceRequest.id == PieceRequestItem.request_id)
        .outerjoin(Document, Document.id == PieceRequestItem.document_id)
        .where(PieceRequest.project_id == project_id)
    )
    message = (
        branch("message", 2, Message, name=User.name, flag=case((Message.from_applicant, 1), else_=0))
        .join(User, User.id == Message.by_id)
        .where(Message.project_id == project_id)
    )
    file = (
        branch("file", 10, Document, name=Document.filename, flag=Document.size, under=Message.id, kind=literal(""))
        .join(message_documents, message_documents.c.document_id == Document.id)
        .join(Message, Message.id == message_documents.c.message_id)
        .where(Message.project_id == project_id)
    )
    return [request, item, message, file]


_THREAD = union_all(*branches()).order_by("place", "key")  # built once: slower than to run it
