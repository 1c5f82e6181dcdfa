"""The database handle, and what each of the two databases needs to be safe and fast.

Each transaction that writes raises one number, last, so that writers wait for each other only while
they commit: who has read it knows as long as it stays that what figures are made of is the same.

SQLite: write-ahead log, foreign keys on, and an immediate transaction for whatever writes, so
that no writer works on figures that another is changing. Writers of all processes ask for one turn
(a lock on a file) at short, equal intervals: in SQLite's own waiting, ever longer, one process can
starve for seconds. PostgreSQL: row locks do the same.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from threading import BoundedSemaphore
from typing import Any, TypeVar

from flask_sqlalchemy import SQLAlchemy
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, Executable, Select, SQLColumnExpression, event, inspect, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from grants.models import Base

db = SQLAlchemy(model_class=Base)

T = TypeVar("T")
BUSY_MILLISECONDS = 20_000
# Short and the same for all: nobody waits ever longer, as in SQLite's own backing off.
POLL_SECONDS = 0.001
# Who may not even wait is told so now; three who come at the same instant are no crowd.
AT_ONCE_SECONDS = 0.1
_waiting = BoundedSemaphore(1000)
WRITES = ("INSERT", "UPDATE", "DELETE")
# Tables that are written all day long and that no figure is made of.
QUIET = {"attempts", "layouts", "mails", "presences", "security_events", "sessions"}
QUIET |= {"recovery_codes", "second_factors"}
RAISE = (
    "INSERT INTO figures_version (id, number) VALUES (1, 1)"
    " ON CONFLICT (id) DO UPDATE SET number = figures_version.number + 1"
)


def all_of(statement: Select[T]) -> list[T]:
    """What the statement finds, one thing a row."""
    return list(db.session.scalars(statement))


def all_as(row: Callable[..., T], statement: Executable, asked: dict[str, Any] | None = None) -> list[T]:
    """A `row` of each record that the statement finds, by the names of its columns."""
    found = db.session.execute(statement, asked)
    names = tuple(found.keys())
    return [row(**dict(zip(names, record, strict=True))) for record in found]


def select_as(row: type, *tables: Any, **given: SQLColumnExpression[Any]) -> Select[*tuple[Any, ...]]:
    """The columns that make a `row` (dataclass or named tuple), under the names of its fields: each as
    `given`, or else the one of that name in the first of the tables (or their aliases) that has it.
    A field that none has is left to its default."""
    columns = ((name, _column(name, tables, given)) for name in fields_of(row))
    return select(*(column.label(name) for name, column in columns if column is not None))


def _column(name: str, tables: Iterable[Any], given: Mapping[str, Any]) -> Any:
    own = (getattr(table, name) for table in tables if name in inspect(table).mapper.column_attrs)
    return given[name] if name in given else next(own, None)


def copy_as(row: Callable[..., T], thing: Any, **otherwise: Any) -> T:
    """A `row` of what a thing has under the names of its fields, but for what is said `otherwise`."""
    names = [name for name in fields_of(row) if name not in otherwise]  # type: ignore[arg-type]
    return row(**{name: getattr(thing, name) for name in names}, **otherwise)


def fields_of(row: type) -> tuple[str, ...]:
    """Of a dataclass or named tuple, in the order in which it is made of them."""
    return getattr(row, "_fields", None) or tuple(field.name for field in fields(row))


def begin_write() -> None:
    """Open a transaction that writes; ends with the next commit or rollback.

    What was read before in this session is forgotten: it may be stale by now.
    """
    if db.session().in_transaction():
        db.session.rollback()
    db.session.connection(execution_options={"grants_write": True})


def begin_snapshot() -> None:
    """What is read from here on, to the end of the transaction, is of one instant (on SQLite it
    always is). What was read before is kept."""
    session = db.session()
    if session.get_bind().dialect.name == "postgresql":
        session.expire_on_commit = False
        session.commit()
        session.expire_on_commit = True
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def begin_write_after_reading() -> None:
    """As `begin_write`, for who has read at length before and proves by a version that it still
    holds: what was read is kept, and on SQLite nobody has waited for it to be read."""
    session = db.session()
    if session.get_bind().dialect.name == "sqlite":
        session.expire_on_commit = False
        session.commit()
        session.expire_on_commit = True
        session.connection(execution_options={"grants_write": True})


def _on_sqlite_connect(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # _on_begin says how each transaction begins
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
    cursor.execute("PRAGMA cache_size = -4000")
    cursor.close()


def _on_begin(connection: Connection) -> None:
    if connection.get_execution_options().get("grants_write"):
        if not _waiting.acquire(timeout=AT_ONCE_SECONDS):
            raise _busy()
        try:
            _queue(connection)
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        finally:
            _waiting.release()
    else:
        connection.exec_driver_sql("BEGIN")


def keep_threads_free(most: int) -> None:
    """At most so many threads of this process wait their turn to write on SQLite; the others are
    told at once that it is busy, so that who reads is never behind them."""
    global _waiting
    _waiting = BoundedSemaphore(most)


def _queue(connection: Connection) -> None:
    """Wait for one's turn; it ends when the connection is given back. Raises `OperationalError`
    after BUSY_MILLISECONDS, as SQLite itself does."""
    database = connection.engine.url.database
    if not database or "turn" in connection.info:
        return
    turn = connection.info["turn"] = os.open(f"{database}.queue", os.O_CREAT | os.O_WRONLY, 0o600)
    end = time.monotonic() + BUSY_MILLISECONDS / 1000
    while not _taken(turn):
        if time.monotonic() > end:
            raise _busy()
        time.sleep(POLL_SECONDS)


def _busy() -> OperationalError:
    cause = sqlite3.OperationalError("database is locked")
    cause.sqlite_errorname = "SQLITE_BUSY"
    return OperationalError("BEGIN IMMEDIATE", None, cause)


def _taken(turn: int) -> bool:
    try:
        fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _on_give_back(_connection: Any, record: ConnectionPoolEntry) -> None:
    turn = record.info.pop("turn", None)
    if turn is not None:
        os.close(turn)


def _keep_prepared_statements(engine: Engine) -> None:
    """psycopg forgets what it has prepared at each ROLLBACK, with which every page that only reads
    ends: where PostgreSQL knows of no write in a transaction, it ends in COMMIT."""
    roll_back = engine.dialect.do_rollback

    def end(given: PoolProxiedConnection) -> None:
        connection: Any = given.driver_connection
        if connection.info.transaction_status is TransactionStatus.INTRANS:
            asked = connection.execute("SELECT pg_current_xact_id_if_assigned() IS NULL")
            if asked.fetchone()[0]:
                connection.commit()
        roll_back(given)

    engine.dialect.do_rollback = end  # type: ignore[assignment]


def of_transaction() -> dict[str, Any]:
    """What is known of this transaction, until it ends."""
    kept: dict[str, Any] = db.session.connection().info.setdefault("of_transaction", {})
    return kept


def has_written() -> bool:
    """Whether this transaction has already changed what figures are made of."""
    return "has_written" in of_transaction()


def _on_statement(
    connection: Connection, _cursor: Any, statement: str, _given: Any, _context: Any, _many: bool
) -> None:
    if statement.startswith(WRITES):
        words = statement.split(maxsplit=3)
        table = words[1] if words[0] == "UPDATE" else words[2]
        if table.strip('"') not in QUIET:
            connection.info.setdefault("of_transaction", {})["has_written"] = True


def _before_commit(session: Session) -> None:
    if session.in_nested_transaction():  # a savepoint: the end is still to come
        return
    session.flush()
    if session.in_transaction() and has_written():
        session.connection().exec_driver_sql(RAISE)


def _on_end(connection: Connection) -> None:
    connection.info.pop("of_transaction", None)


event.listen(db.session, "before_commit", _before_commit)


def configure_engine(engine: Engine) -> None:
    """Called once an engine exists, before its first connection."""
    event.listen(engine, "before_cursor_execute", _on_statement)
    event.listen(engine, "commit", _on_end)
    event.listen(engine, "rollback", _on_end)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_sqlite_connect)
        event.listen(engine, "begin", _on_begin)
        event.listen(engine, "checkin", _on_give_back)
    else:
        _keep_prepared_statements(engine)
