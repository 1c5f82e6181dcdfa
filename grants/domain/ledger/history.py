"""The one place that writes history (rules 2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from sqlalchemy import Boolean, Column, Date, Enum, Integer, String, insert

from grants.database import db
from grants.models import Contract, Entity, Envelope, FundingLine, HistoryEntry, Project, User, now
from grants.models.base import Instant, Money

OPERATION = "operation"
K = TypeVar("K")


@contextmanager
def within(operation_id: int) -> Iterator[None]:
    """What this session records inside belongs to that operation; it is written at the end, by
    one statement."""
    gathered: list[dict[str, Any]] = []
    db.session.info[OPERATION] = operation_id, gathered
    try:
        yield
    finally:
        del db.session.info[OPERATION]
    db.session.flush()
    record_all(gathered)


def text_of(value: Any) -> str:
    """A value as history keeps it: exact, independent of language."""
    if value is None:
        return ""
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return str(value)


def value_of(column: Column[Any], text: str) -> Any:
    """What `text_of` wrote of a value of this column, read back."""
    kind = column.type
    if text == "" and (column.nullable or not isinstance(kind, String)):
        return None
    if isinstance(kind, Enum):
        return kind.enum_class(text) if kind.enum_class else text
    return next((read(text) for type_, read in _READ if isinstance(kind, type_)), text)


_READ: tuple[tuple[type, Callable[[str], Any]], ...] = (
    (Money, Decimal),
    (Instant, datetime.fromisoformat),
    (Date, date.fromisoformat),
    (Integer, int),
    (Boolean, lambda text: text == "True"),
)


class Entry(Protocol):
    """An entry of history, or as much of it as was read."""

    @property
    def action(self) -> str: ...
    @property
    def field(self) -> str: ...
    @property
    def old(self) -> str: ...
    @property
    def new(self) -> str: ...


def over(entries: Iterable[HistoryEntry], key: Callable[[HistoryEntry], K]) -> dict[K, dict[str, tuple[str, str]]]:
    """Of each thing and field, the value before the first entry and the one after the last."""
    found: dict[K, dict[str, tuple[str, str]]] = {}
    for entry in entries:
        fields = found.setdefault(key(entry), {})
        fields[entry.field] = (fields.get(entry.field, (entry.old,))[0], entry.new)
    return found


def begins(entry: Entry) -> bool:
    """Does this entry begin its row? Every row of a programming is begun by one of these."""
    asked = entry.action == "request" and entry.field == "requested" and entry.old == ""
    return asked or entry.action in ("create", "import", "renew", "open")


def ends(entry: Entry) -> bool:
    """Does this entry end its row? Its other values are those that every row begins with."""
    asked_no_more = entry.action == "request" and entry.field == "requested" and entry.new == ""
    return asked_no_more or entry.action == "delete"


def record(
    subject: Entity,
    action: str,
    *,
    by: User,
    field: str = "",
    old: Any = None,
    new: Any = None,
    reason: str = "",
    on_behalf_of_id: int | None = None,
    contract_id: int | None = None,
    funder_id: int | None = None,
) -> None:
    """Append one entry for `subject`, which must have its id. `contract_id`: where it does not name
    its contract itself."""
    project: Project | None = None
    if isinstance(subject, FundingLine):
        project, funder_id = subject.project, subject.funder_id
    elif isinstance(subject, Envelope):
        funder_id = subject.funder_id
    elif isinstance(subject, Project):
        project = subject
    operation_id, gathered = db.session.info.get(OPERATION, (None, None))
    entry = {
        "at": now(),
        "by_id": by.id,
        "on_behalf_of_id": on_behalf_of_id,
        "contract_id": contract_id or _contract_id(project or subject),
        "project_id": project.id if project else None,
        "funder_id": funder_id,
        "subject": subject.__tablename__,
        "subject_id": subject.id,
        "action": action,
        "field": field,
        "old": text_of(old),
        "new": text_of(new),
        "reason": reason,
        "operation_id": operation_id,
    }
    if gathered is None:
        db.session.add(HistoryEntry(**entry))
    else:
        gathered.append(entry)


def _contract_id(subject: Entity) -> int | None:
    if isinstance(subject, Envelope):
        return subject.funder.contract_id
    return subject.id if isinstance(subject, Contract) else getattr(subject, "contract_id", None)


def change(subject: Entity, action: str, field: str, new: Any, *, by: User, **more: Any) -> bool:
    """Set one attribute and record it; nothing happens when the value is the same already."""
    old = getattr(subject, field)
    if old == new:
        return False
    setattr(subject, field, new)
    record(subject, action, by=by, field=field, old=old, new=new, **more)
    return True


def change_each(subject: Entity, action: str, values: dict[str, Any], *, by: User, **more: Any) -> None:
    """`change` for several attributes; the check constraints see all of them together."""
    with db.session.no_autoflush:
        for field, value in values.items():
            change(subject, action, field, value, by=by, **more)
    db.session.flush()


def record_all(entries: list[dict[str, Any]]) -> None:
    """Append many entries at once (imports), of the operation that is open; each names the same
    columns of `HistoryEntry`."""
    operation_id, _gathered = db.session.info.get(OPERATION, (None, None))
    if entries:
        db.session.execute(insert(HistoryEntry), [{"operation_id": operation_id} | entry for entry in entries])
