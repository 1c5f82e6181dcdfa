"""All that is kept of one person, for them to take away (RGPD, articles 15 and 20): JSON, and a CSV a table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from sqlalchemy import Column, select

from exports.table import Column as Shown
from exports.table import Columns, Table, line
from exports.table_csv import write as write_csv
from grants.database import db
from grants.domain.ledger.history import text_of
from grants.models import Base, User
from grants.models.base import Instant

# Whole where they are the person's own; of others that one did it, and when: a dossier is its organisation's.
OWN = {"users", "sessions", "role_grants", "memberships", "security_events", "layouts", "second_factors"}
OWN |= {"messages", "notes", "opinions", "scores", "checks"}
NEVER = {"password_hash", "token_hash", "device_hash", "secret", "credential", "search_key"}
BRIEF = {"id", "subject", "subject_id", "action", "field", "filename", "title", "reference", "kind", "purpose"}
READ_ME = (
    "Ce que ce site garde de vous. donnees.json contient tout ; chaque fichier CSV en est une table, pour un"
    " tableur. Les dossiers et leurs pièces sont à votre organisation : vous y lisez ce que vous y avez fait, et quand."
)


def write(user: User, out: BytesIO) -> None:
    tables = dict(_tables(user))
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        archive.writestr("LISEZ-MOI.txt", READ_ME)
        archive.writestr("donnees.json", json.dumps(tables, ensure_ascii=False, indent=1, default=str))
        for name, rows in tables.items():
            archive.writestr(f"{name}.csv", write_csv(_table(rows)))


def _tables(user: User) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """By table and the column that names the person, where there are any rows."""
    id_ = Base.metadata.tables["users"].c.id
    for table in Base.metadata.sorted_tables:
        for link in [id_] if table is id_.table else [key.parent for key in table.foreign_keys if key.column is id_]:
            whole = table.name in OWN and link.name in ("id", "user_id", "by_id")
            columns = [c for c in table.c if c.name not in NEVER and (whole or c is link or _is_brief(c))]
            rows = db.session.execute(select(*columns).where(link == user.id).order_by(*table.primary_key)).mappings()
            if found := [dict(row) for row in rows]:
                yield f"{table.name}.{link.name}", found


def _table(rows: list[dict[str, Any]]) -> Table:
    columns: Columns[dict[str, Any], Any] = tuple(Shown(name, partial(_text, name)) for name in rows[0])
    return Table("", columns, (line(columns, row) for row in rows))


def _text(name: str, row: dict[str, Any]) -> str:
    return text_of(row[name])


def _is_brief(column: Column[Any]) -> bool:
    return column.name in BRIEF or isinstance(column.type, Instant)
