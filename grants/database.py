"""The database handle, and what each of the two databases needs to be safe and fast.

SQLite: write-ahead log, foreign keys on, and an immediate transaction for whatever writes, so
that no writer works on figures that another is changing. PostgreSQL: row locks do the same.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, event

from grants.french import plain
from grants.models import Base

db = SQLAlchemy(model_class=Base)

BUSY_MILLISECONDS = 20_000


def begin_write() -> None:
    """Open a transaction that writes; ends with the next commit or rollback.

    What was read before in this session is forgotten: it may be stale by now.
    """
    if db.session().in_transaction():
        db.session.rollback()
    db.session.connection(execution_options={"grants_write": True})


def _on_sqlite_connect(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # _on_begin says how each transaction begins
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
    cursor.execute("PRAGMA cache_size = -20000")
    cursor.close()
    connection.create_function("plain", 1, plain, deterministic=True)


def _on_begin(connection: Connection) -> None:
    write = connection.get_execution_options().get("grants_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def configure_engine(engine: Engine) -> None:
    """Called once an engine exists, before its first connection."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_sqlite_connect)
        event.listen(engine, "begin", _on_begin)
