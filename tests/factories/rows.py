"""All rows of a database of tests, to put into an empty one as they are."""

from __future__ import annotations

from grants.database import db
from grants.models import Base

TABLES = [table.name for table in Base.metadata.sorted_tables]
WRITTEN = " UNION ALL ".join(f"SELECT '{t}' WHERE EXISTS (SELECT 1 FROM {t})" for t in TABLES)


def is_empty() -> bool:
    return _run(f"{WRITTEN} LIMIT 1").first() is None


class AllRows:
    def __init__(self) -> None:
        db.session.flush()
        self.inserts = {}
        for (name,) in _run(WRITTEN).all():
            rows = [tuple(row) for row in _run(f"SELECT * FROM {name}")]
            marks = ", ".join("?" for _ in rows[0])
            self.inserts[f"INSERT INTO {name} VALUES ({marks})"] = rows

    def put_back(self) -> None:
        for statement, rows in self.inserts.items():
            _run(statement, rows)


def _run(statement: str, rows: list[tuple] | None = None):
    return db.session.connection().exec_driver_sql(statement, rows)
