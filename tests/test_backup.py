"""Backup while people deposit, and restoring it elsewhere: on each database, and from one to the
other."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import multiprocessing
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from zipfile import ZipFile

import psycopg
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask
from psycopg import sql
from sqlalchemy import make_url

from grants import create_app, schema
from grants.backup import backup
from grants.cli import cli
from grants.database import begin_write, db
from grants.domain import dossier
from grants.domain.documents.document import Storage
from grants.models import Document, Project, User
from tests import documents as files
from tests.conftest import both
from tests.databases import POSTGRES_URL, settings, skip
from tests.factories import complete_draft, world
from tests.serving import KEY

pytestmark = pytest.mark.slow
Rows = dict[str, set[tuple]]
DEPOSITS = 12


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """The address of a new, empty database; of SQLite nothing has to be said."""
    made: list[str] = []

    def new(kind: str) -> str:
        if kind == "sqlite":
            return ""
        if not POSTGRES_URL:
            skip("needs PostgreSQL: set TEST_POSTGRES_URL")
        made.append(f"grants_restored_{uuid.uuid4().hex[:8]}")
        _on_server("CREATE DATABASE {}", made[-1])
        return make_url(POSTGRES_URL).set(database=made[-1]).render_as_string(hide_password=False)

    yield new
    for name in made:
        _on_server("DROP DATABASE {} WITH (FORCE)", name)


def _on_server(command: str, name: str) -> None:
    with psycopg.connect(POSTGRES_URL, autocommit=True) as connection:
        connection.execute(sql.SQL(command).format(sql.Identifier(name)))


def restored(file: Path, folder: Path, url: str = "") -> str:
    done = CliRunner().invoke(
        cli,
        ["restore", str(file), "--into", str(folder)],
        env={"DATABASE_URL": url or None, "SECRET_KEY": None, "GRANTS_DATA_DIR": None},
    )
    assert done.exit_code == 0, done.output
    return url or f"sqlite:///{folder / 'grants.sqlite3'}"


def rows(url: str) -> Rows:
    """Of every table, whatever its database: what it holds, as text."""
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    tables = sa.MetaData()
    with engine.connect() as connection:
        for name in sa.inspect(connection).get_table_names():
            sa.Table(name, tables, *(sa.Column(c["name"], c["type"]) for c in sa.inspect(connection).get_columns(name)))
        found = {
            name: {tuple(map(str, row)) for row in connection.execute(sa.select(table))}
            for name, table in tables.tables.items()
            if name != "figures_version"
        }
    engine.dispose()
    return found


def drafts(app: Flask) -> tuple[list[int], int]:
    """Complete, each with a file of its own; and who may deposit them."""
    w = world()
    storage = Storage(app.config["SETTINGS"].uploads.storage_url)
    made = [complete_draft(w, title=f"\\N° {n},\r\n« é »") for n in range(DEPOSITS)]
    made[0].predecessor_id = made[-1].id  # against the order of their numbers
    for draft in made:
        stored = storage.write(io.BytesIO(files.PDF + draft.title.encode()))
        db.session.add(
            Document(
                project_id=draft.id,
                filename="devis.pdf",
                media_type="application/pdf",
                size=stored.size,
                sha256=stored.sha256,
                storage_key=stored.key,
                uploaded_by_id=w.applicant.id,
            )
        )
    db.session.commit()
    return [draft.id for draft in made], w.applicant.id


def depositing(url: str, folder: Path, ids: list[int], by: int, begun, deposited) -> None:
    app = create_app(settings(url, folder))
    with app.app_context():
        for number, id in enumerate(ids):
            begin_write()
            dossier.submit(db.session.get_one(Project, id), by=db.session.get_one(User, by))
            db.session.commit()
            deposited.value = number + 1
            if number == 2:
                begun.set()
        db.session.remove()
        db.engine.dispose()


@both
def test_a_backup_is_of_one_instant_while_people_deposit(app: Flask, database_url: str, tmp_path: Path) -> None:
    ids, by = drafts(app)
    db.session.remove()
    db.engine.dispose()
    fork = multiprocessing.get_context("fork")
    begun, deposited = fork.Event(), fork.Value("i", 0)
    process = fork.Process(target=depositing, args=(database_url, tmp_path / "other", ids, by, begun, deposited))
    process.start()
    assert begun.wait(60)
    before = deposited.value
    backup(tmp_path / "during.zip")
    process.join(120)
    assert process.exitcode == 0
    folder = tmp_path / "restored"
    found = rows(restored(tmp_path / "during.zip", folder))
    references = {row for row in found["projects"] if "SUBMITTED" in row}
    assert before <= len(references) == len(found["submissions"]) <= DEPOSITS
    assert len(list((folder / "documents").iterdir())) == DEPOSITS
    with closing(sqlite3.connect(folder / "grants.sqlite3")) as opened:
        assert opened.execute("PRAGMA foreign_key_check").fetchall() == []


@pytest.mark.parametrize("target", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
@both
def test_what_is_restored_is_what_there_was(
    app: Flask, database_url: str, tmp_path: Path, elsewhere: Callable[[str], str], target: str
) -> None:
    ids, by = drafts(app)
    submitted = dossier.submit(db.session.get_one(Project, ids[0]), by=db.session.get_one(User, by))
    [first] = db.session.scalars(sa.select(Document).where(Document.project_id == ids[0]))
    values = {c.key: getattr(first, c.key) for c in sa.inspect(Document).column_attrs}
    db.session.add(Document(**{**values, "id": None, "project_id": ids[1]}))  # as a copy has it
    db.session.commit()
    figures = (submitted.reference, submitted.total_cost)
    db.session.remove()
    told = CliRunner().invoke(
        cli,
        ["backup", str(tmp_path / "all.zip")],
        env={"DATABASE_URL": database_url, "SECRET_KEY": KEY, "GRANTS_DATA_DIR": str(app.config["SETTINGS"].data_dir)},
    )
    assert (told.exit_code, f"{DEPOSITS} documents)" in told.output) == (0, True), told.output
    assert (tmp_path / "all.zip").stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "all.zip.part").exists()

    folder = tmp_path / "restored"
    folder.mkdir(mode=0o755)
    url = restored(tmp_path / "all.zip", folder, elsewhere(target))
    before, after = rows(database_url), rows(url)
    assert before.keys() == after.keys()
    for table in before:
        assert (table, before[table]) == (table, after[table])
    assert (folder / "secret_key").read_text() == KEY
    assert folder.stat().st_mode & 0o777 == 0o700
    assert not [file for file in folder.rglob("*") if file.stat().st_mode & 0o077]

    other = create_app(settings(url, folder))
    with other.app_context():
        for kept in db.session.scalars(sa.select(Document)):
            content = Storage(str(folder / "documents")).open(kept.storage_key).read()
            assert hashlib.sha256(content).hexdigest() == kept.sha256
        first = db.session.get_one(Project, ids[0])
        assert (first.reference, first.total_cost) == figures
        begin_write()  # numbers go on after those that were restored
        dossier.submit(db.session.get_one(Project, ids[1]), by=db.session.get_one(User, by))
        db.session.commit()
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            db.session.execute(sa.text("DELETE FROM history"))
        db.session.remove()
        db.engine.dispose()


def test_other_programs_can_read_it(app: Flask, tmp_path: Path) -> None:
    drafts(app)
    backup(tmp_path / "all.zip")
    with ZipFile(tmp_path / "all.zip") as archive:
        described = json.loads(archive.read("description.json"))["tables"]["projects"]
        lines = list(csv.DictReader(io.StringIO(archive.read("tables/projects.csv").decode())))
        assert "grants restore" in archive.read("LISEZ-MOI.txt").decode()
    assert len(lines) == described["rows"] == DEPOSITS
    assert described["columns"]["total_cost"] == "cents"
    assert described["references"]["predecessor_id"] == "projects"
    assert "One dossier" in described["meaning"]
    assert lines[0]["total_cost"] == "1000000"
    assert {line["reference"] for line in lines} == {"\\N"}


def test_a_backup_of_an_older_version_is_brought_up_to_date(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.sqlite3'}"
    old = create_app(settings(url, tmp_path))
    with old.app_context():
        schema.upgrade("0002")
        with db.engine.begin() as connection:
            connection.execute(sa.text("INSERT INTO settings VALUES ('demonstration', 'vieux')"))
        backup(tmp_path / "old.zip")
        db.session.remove()
        db.engine.dispose()
    found = rows(restored(tmp_path / "old.zip", tmp_path / "new"))
    assert "operations" in found
    assert found["settings"] == {("demonstration", "vieux")}
    assert found["alembic_version"] != {("0002",)}

    with ZipFile(tmp_path / "old.zip") as was, ZipFile(tmp_path / "newer.zip", "w") as newer:
        for name in was.namelist():
            newer.writestr(name, was.read(name).replace(b'"0002"', b'"9999"'))
    command = ["restore", str(tmp_path / "newer.zip"), "--into", str(tmp_path / "newer")]
    done = CliRunner().invoke(cli, command, env={"DATABASE_URL": None, "SECRET_KEY": None})
    assert (done.exit_code, "version plus récente" in done.stderr) == (1, True), done.output


def test_what_is_there_is_not_written_over(app: Flask, tmp_path: Path) -> None:
    backup(tmp_path / "all.zip")
    (tmp_path / "not.zip").write_bytes(b"PK")
    (tmp_path / "cut.zip").write_bytes((tmp_path / "all.zip").read_bytes()[:-100])
    with ZipFile(tmp_path / "all.zip") as was, ZipFile(tmp_path / "keyless.zip", "w") as keyless:
        for name in was.namelist():
            if name != "secret_key":
                keyless.writestr(name, was.read(name))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    for file, folder, database, told in (
        ("all.zip", "full", None, "n'est pas vide"),
        ("all.zip", "new", url, "cette base n'est pas vide"),
        ("not.zip", "new", None, "n'est pas une sauvegarde"),
        ("cut.zip", "new", None, "n'est pas une sauvegarde"),
        ("keyless.zip", "new", None, "n'est pas une sauvegarde"),
        ("all.zip", "new", "postgresql://x@127.0.0.1:1/x", "Vérifiez DATABASE_URL"),
    ):
        command = ["restore", str(tmp_path / file), "--into", str(tmp_path / folder)]
        done = CliRunner().invoke(cli, command, env={"DATABASE_URL": database, "SECRET_KEY": None})
        assert (done.exit_code, told in done.stderr) == (1, True), done.output
    assert not (tmp_path / "new").exists()
    assert (tmp_path / "full" / "x").exists()


def test_an_archive_packed_again_has_folders(app: Flask, tmp_path: Path) -> None:
    drafts(app)
    backup(tmp_path / "all.zip")
    with ZipFile(tmp_path / "all.zip", "a") as archive:
        archive.writestr("documents/", "")
        archive.writestr("documents/..", "")
    restored(tmp_path / "all.zip", tmp_path / "new")
    assert len(list((tmp_path / "new" / "documents").iterdir())) == DEPOSITS
