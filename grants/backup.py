"""`grants backup` and `grants restore`: one file with all there is, which other programs read too.

The same on both databases, and from one to the other: every table as CSV, in one snapshot.
Documents are read after it: they never change, and each that a row names was there before.
"""

from __future__ import annotations

import csv
import inspect
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

import sqlalchemy as sa
from flask import current_app
from sqlalchemy import JSON, Connection

from grants import create_app, schema
from grants.config import Settings
from grants.database import begin_snapshot, db
from grants.errors import DomainError
from grants.models import Base, Document, now
from grants.models.base import Money
from grants.storage import Storage

# What a database says of itself; another begins its own.
OF_ITSELF = {"alembic_version", "figures_version"}
BATCH = 500
NEEDED = {"description.json", "secret_key"}
LONGEST_FIELD = 2**31 - 1
# As PostgreSQL's COPY writes it; what begins with a backslash gets a second one.
NULL = "\\N"
READ_ME = """\
Tout ce qu'il y a dans grants, le {made}.

CONFIDENTIEL : ce fichier contient des coordonnées, des RIB, les empreintes des mots de passe et
la clé du serveur. Gardez-le comme le serveur lui-même.

tables/       une table par fichier : CSV en UTF-8, séparé par des virgules, la première ligne donne
              les colonnes. Les montants sont des centimes d'euro, les instants en temps universel
              (UTC), les listes en JSON. \\N : pas de valeur ; un texte qui commence par \\ en a un
              deuxième devant.
documents/    les fichiers envoyés, sous la clé que dit « storage_key » de tables/documents.csv, qui
              donne aussi leur nom et leur empreinte SHA-256.
description.json  ce qu'est chaque table (en anglais), ses colonnes, ses liens, ses lignes.
secret_key    la clé du serveur (SECRET_KEY).

Pour tout remettre en place : grants restore CE-FICHIER --into UN-NOUVEAU-DOSSIER
"""


def backup(file: Path) -> str:
    """Write all there is to `file`, which is there whole or not at all. Returns what to tell.
    Raises `OSError`."""
    part = file.with_name(f"{file.name}.part")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            with ZipFile(out, "w", ZIP_DEFLATED) as archive:
                told = _write_all(archive)
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return told


def _write_all(archive: ZipFile) -> str:
    settings: Settings = current_app.config["SETTINGS"]
    made = now()
    begin_snapshot()
    connection = db.session.connection()
    tables = _tables(connection)
    revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
    described = {
        name: _described(connection, table, _write_table(archive, connection, table)) for name, table in tables.items()
    }
    key = Document.storage_key  # copies of a dossier share theirs
    keys = db.session.scalars(sa.select(key).distinct().order_by(key)).all()
    db.session.rollback()
    missing = [key for key in keys if not _write_document(archive, settings, key)]
    description = {"made": made.isoformat(), "revision": revision, "tables": described}
    archive.writestr("description.json", json.dumps(description, indent=1))
    archive.writestr("secret_key", settings.secret_key)
    archive.writestr("LISEZ-MOI.txt", READ_ME.format(made=made.isoformat(timespec="minutes")))
    rows = sum(table["rows"] for table in described.values())
    told = f"{rows} lignes de {len(tables)} tables, {len(keys) - len(missing)} documents"
    return told + (f" ; {len(missing)} documents introuvables : {missing[:5]}" if missing else "")


def _tables(connection: Connection) -> dict[str, sa.TableClause]:
    """Those of the database, whatever this version's models say."""
    found = sa.inspect(connection)
    return {
        name: sa.table(name, *map(_column, found.get_columns(name)))
        for name in sorted(found.get_table_names())
        if name not in OF_ITSELF
    }


def _column(described: Mapping[str, Any]) -> sa.ColumnClause[Any]:
    kind = described["type"]
    return sa.column(described["name"], JSON(none_as_null=True) if isinstance(kind, JSON) else kind)


def _write_table(archive: ZipFile, connection: Connection, table: sa.TableClause) -> int:
    rows = 0
    with (
        archive.open(f"tables/{table.name}.csv", "w", force_zip64=True) as entry,
        TextIOWrapper(entry, "utf-8", newline="") as text,
    ):
        lines = csv.writer(text)
        lines.writerow(column.name for column in table.columns)
        read = connection.execution_options(yield_per=BATCH).execute(sa.select(table))
        for row in read:
            lines.writerow(map(_text, row))
            rows += 1
    return rows


def _text(value: Any) -> str:
    if value is None:
        return NULL
    if isinstance(value, str):
        return f"\\{value}" if value.startswith("\\") else value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (bool, list, dict)):
        return json.dumps(value, ensure_ascii=False)
    return value.isoformat() if isinstance(value, date) else str(value)


_READERS: dict[type, Callable[[str], Any]] = {
    str: lambda text: text.removeprefix("\\"),
    bytes: bytes.fromhex,
    bool: json.loads,
    JSON().python_type: json.loads,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    int: int,
    float: float,
    Decimal: Decimal,
}


def _described(connection: Connection, table: sa.TableClause, rows: int) -> dict[str, Any]:
    models = {mapper.local_table: mapper.class_ for mapper in Base.registry.mappers}
    own = Base.metadata.tables.get(table.name, sa.table(""))
    money = {column.name for column in own.columns if isinstance(column.type, Money)}
    return {
        "meaning": inspect.getdoc(models[own]) if own in models else "",
        "rows": rows,
        "columns": {c.name: "cents" if c.name in money else str(c.type) for c in table.columns},
        "references": {
            ", ".join(key["constrained_columns"]): key["referred_table"]
            for key in sa.inspect(connection).get_foreign_keys(table.name)
        },
    }


def _write_document(archive: ZipFile, settings: Settings, key: str) -> bool:
    try:
        content = Storage(settings.uploads.storage_url).open(key)
    except FileNotFoundError:
        return False
    with content, archive.open(f"documents/{key}", "w", force_zip64=True) as entry:
        shutil.copyfileobj(content, entry)
    return True


def restore(file: Path, folder: Path) -> str:
    """Make `folder` a data folder with all that `file` has; the database is in it, or where
    DATABASE_URL says. Returns what to tell. Raises `DomainError`, `OSError` and `SettingsError`."""
    if folder.exists() and any(folder.iterdir()):
        raise DomainError(f"« {folder} » n'est pas vide : choisissez un nouveau dossier.")
    try:
        with ZipFile(file) as archive:
            if archive.testzip() or NEEDED.difference(archive.namelist()):
                raise BadZipFile
            return _read_all(archive, folder)
    except BadZipFile:
        told = f"« {file} » n'est pas une sauvegarde de grants, ou elle est abîmée."
        raise DomainError(told) from None
    finally:
        if not (folder / "secret_key").exists():  # which is written last of all
            shutil.rmtree(folder, ignore_errors=True)


def _read_all(archive: ZipFile, folder: Path) -> str:
    key = archive.read("secret_key").decode()
    description = json.loads(archive.read("description.json"))
    where = {"GRANTS_DATA_DIR": str(folder), "SECRET_KEY": key}
    app = create_app(Settings.from_environment(os.environ | where))
    folder.chmod(0o700)  # it may have been there, open to all
    with app.app_context():
        try:
            documents = _read_into_the_application(archive, description)
        finally:
            db.session.remove()
            db.engine.dispose()
    (folder / "secret_key").touch(mode=0o600)
    (folder / "secret_key").write_text(key)
    rows = sum(table["rows"] for table in description["tables"].values())
    return f"{rows} lignes de {len(description['tables'])} tables, {documents} documents"


def _read_into_the_application(archive: ZipFile, description: dict[str, Any]) -> int:
    if sa.inspect(db.engine).get_table_names():
        raise DomainError("DATABASE_URL : cette base n'est pas vide, créez-en une nouvelle.")
    if not schema.known(description["revision"]):
        raise DomainError("Cette sauvegarde vient d'une version plus récente de grants : installez-la d'abord.")
    schema.upgrade(description["revision"])
    # Past the session: the tables of an older version may lack what it writes besides.
    writing = db.engine.execution_options(grants_write=True).begin()
    with writing as begun, _references_at_the_end(begun) as connection:
        for name, table in _tables(connection).items():
            _read_table(archive, connection, table, description["tables"][name]["rows"])
    schema.upgrade()
    return _read_documents(archive, current_app.config["SETTINGS"].uploads.storage_url)


@contextmanager
def _references_at_the_end(connection: Connection) -> Iterator[Connection]:
    """Tables point to each other and to themselves: they are filled in any order, and what points
    to nothing is found at the end."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        yield connection
        return
    quote = connection.dialect.identifier_preparer.quote
    found = sa.inspect(connection)
    alter = [
        f"ALTER TABLE {quote(table)} ALTER CONSTRAINT {quote(str(key['name']))}"
        for table in found.get_table_names()
        for key in found.get_foreign_keys(table)
    ]
    for constraint in alter:
        connection.exec_driver_sql(f"{constraint} DEFERRABLE INITIALLY DEFERRED")
    yield connection
    connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
    for constraint in alter:
        connection.exec_driver_sql(f"{constraint} NOT DEFERRABLE")
    for name, table in _tables(connection).items():
        if "id" in table.columns:  # the next number that is given
            sequence = sa.func.pg_get_serial_sequence(name, "id")
            last = sa.func.coalesce(sa.func.max(table.c.id), 1)
            connection.execute(sa.select(sa.func.setval(sequence, last)).select_from(table))


def _read_table(archive: ZipFile, connection: Connection, table: sa.TableClause, rows: int) -> None:
    kept = csv.field_size_limit(LONGEST_FIELD)
    with archive.open(f"tables/{table.name}.csv") as entry:
        lines = csv.reader(TextIOWrapper(entry, "utf-8", newline=""))
        columns = [table.columns[name] for name in next(lines)]
        values = (
            {
                c.name: None if text == NULL else _READERS[c.type.python_type](text)
                for c, text in zip(columns, line, strict=True)
            }
            for line in lines
        )
        read = 0
        while batch := list(islice(values, BATCH)):
            connection.execute(table.insert(), batch)
            read += len(batch)
    csv.field_size_limit(kept)
    if read != rows:
        raise DomainError(f"{table.name} : {read} lignes, et non {rows} ; sauvegarde abîmée.")


def _read_documents(archive: ZipFile, url: str) -> int:
    storage = Storage(url)
    names = [n for n in archive.namelist() if re.fullmatch(r"documents/[0-9a-f]{40}", n)]
    for name in names:
        with archive.open(name) as content:
            storage.write(content, key=name.removeprefix("documents/"))
    return len(names)
