"""Dossiers that are older than what is kept go, whole: the one thing that deletes what history holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, Table, delete, func, or_, select, text, update

from grants.database import all_as, db
from grants.domain.ledger import history
from grants.domain.locking import one_at_a_time
from grants.french import today
from grants.models import PREDECESSOR, Base, Contract, Document, Message, Project, User, message_documents


class OldYear(NamedTuple):
    contract_id: int
    contract: str
    year: int
    dossiers: int


def old_years(years: int) -> list[OldYear]:
    """The dossiers whose year ended more than so many years ago."""
    counted = (
        select(Contract.id.label("contract_id"), Contract.label.label("contract"), Project.year)
        .add_columns(func.count().label("dossiers"))
        .join(Project, Project.contract_id == Contract.id)
        .where(_old(years))
        .group_by(Contract.id, Contract.label, Project.year)
        .order_by(Project.year, Contract.label)
    )
    return all_as(OldYear, counted)


def old_ids(years: int) -> list[int]:
    """Of the dossiers of `old_years`."""
    return list(db.session.scalars(select(Project.id).where(_old(years)).order_by(Project.id)))


def purge(years: int, *, by: User) -> list[str]:
    """Delete them, with all that is theirs and their history, of which an entry a contract and year is left; the
    keys of their files, to be removed once it is committed."""
    one_at_a_time("retention")
    gone = old_years(years)
    ids = select(Project.id).where(_old(years))
    sent = select(message_documents.c.document_id).join(Message).where(Message.project_id.in_(ids))
    files = db.session.execute(
        select(Document.id, Document.storage_key).where(or_(Document.project_id.in_(ids), Document.id.in_(sent)))
    ).all()
    why = f"conservés {years} ans"
    for heir in db.session.scalars(select(Project).where(Project.predecessor_id.in_(ids), ~_old(years))):
        history.change(heir, "predecessor", PREDECESSOR, None, by=by, reason=f"dossiers {why}")
    db.session.flush()
    with _history_open():
        _delete(_table(Document), select(Document.id).where(Document.id.in_([file.id for file in files])))
        _delete(_table(Project), ids)
    db.session.expire_all()
    for row in gone:
        contract = db.session.get_one(Contract, row.contract_id)
        history.record(contract, "retention", by=by, field=str(row.year), old=row.dossiers, reason=why)
    db.session.flush()
    keys = {file.storage_key for file in files}
    return sorted(
        keys.difference(db.session.scalars(select(Document.storage_key).where(Document.storage_key.in_(keys))))
    )


def _old(years: int) -> ColumnElement[bool]:
    return Project.year < today().year - years


def _delete(table: Table, ids: Select[int]) -> None:
    """These rows, after those that belong to them; another of the same table that names one no longer does."""
    for child in reversed(Base.metadata.sorted_tables):
        for link in (key.parent for key in child.foreign_keys if key.column is table.c.id):
            theirs = link.in_(ids)
            if child is table:
                db.session.execute(update(child).where(theirs).values({link: None}))
            elif "id" in child.c:
                _delete(child, select(child.c.id).where(theirs))
            else:
                db.session.execute(delete(child).where(theirs))
    db.session.execute(delete(table).where(table.c.id.in_(ids)))


def _table(model: type[Base]) -> Table:
    return Base.metadata.tables[model.__tablename__]


@contextmanager
def _history_open() -> Iterator[None]:
    """Within, entries of history can be deleted, by this transaction alone: both databases change triggers within
    it, so that what fails gives them back with its rollback."""
    if db.session.get_bind().dialect.name == "postgresql":
        close, again = (f"ALTER TABLE history {verb} TRIGGER history_no_change" for verb in ("DISABLE", "ENABLE"))
    else:
        close = "DROP TRIGGER history_no_delete"
        again = db.session.scalar(text("SELECT sql FROM sqlite_master WHERE name = 'history_no_delete'"))
    db.session.execute(text(close))
    yield
    db.session.execute(text(again))
