"""The command: what it prints, where it writes, how it refuses."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import func, select, text

from grants import server, worker
from grants.cli import cli
from grants.config import SettingsError
from grants.database import db
from grants.french import counted
from grants.models import Envelope, FundingLine
from grants.server import Server
from tests.factories import campaign, world
from tests.serving import environment

Run = Callable[..., Result]
CONTRACT = {
    "slug": "ma-ville",
    "libelle": "Ma ville",
    "debut": 2024,
    "fin": 2030,
    "niveaux": ["Pilier"],
    "zones": ["Les Rives"],
    "piliers": [{"libelle": "Cohésion sociale"}],
    "institutions": [{"libelle": "État", "financeurs": [{"code": "CGET", "libelle": "État – CGET"}]}],
    "campagnes": [{"annee": 2026, "dispositif": "Contrat de ville", "financeurs": ["CGET"], "zz": 1}],
    "porteurs": [],
    "zonesss": ["x"],
}


@pytest.fixture
def run(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    for name, value in environment(url, tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(cli, [str(word) for word in words])


def test_a_contract_tells_its_slug_and_the_keys_that_nobody_reads(run: Run) -> None:
    Path("contrat.json").write_text(json.dumps(CONTRACT), encoding="utf-8")
    done = run("import", "contract", "contrat.json")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "clé inconnue, ignorée : campagnes[0].zz",
        "clé inconnue, ignorée : zonesss",
        "Contrat « Ma ville » importé, sous le nom (--contract) : ma-ville",
    ]


@pytest.mark.slow
def test_a_city_of_one_s_own_as_the_readme_says(run: Run) -> None:
    """Its commands as they are written, on its own files."""
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    section = readme.split("## A city of one's own")[1].split("\n## ")[0]
    commands, contract, *tables = (part.split("\n", 1) for part in section.split("```")[1::2])
    named = zip(("contrat.json", "enveloppes.csv", "programmation.csv"), (contract, *tables), strict=True)
    for name, (_, content) in named:
        Path(name).write_text(content, encoding="utf-8")
    lines = [line.split("#")[0].split() for line in commands[1].splitlines() if line]
    assert [line[1] for line in lines].count("import") == 4
    for words in lines:
        if words[0] == ".venv/bin/grants" and words[1] != "serve":
            done = run(*words[1:])
            assert (done.exit_code, done.stderr) == (0, ""), (words, done.output)
    for name in ("programmation.xlsx", "comparaison.xlsx"):
        assert Path(name).read_bytes().startswith(b"PK")
    assert db.session.scalar(select(func.sum(FundingLine.granted))) == 6500
    assert db.session.scalar(select(func.sum(Envelope.amount))) == Decimal("41500.50")


@pytest.mark.slow
def test_messages_count_in_french(run: Run) -> None:
    Path("contrat.json").write_text(json.dumps(CONTRACT), encoding="utf-8")
    run("import", "contract", "contrat.json")
    Path("enveloppes.csv").write_text(
        "annee;dispositif;financeur;montant\n2026;Contrat de ville;CGET;1000\n", encoding="utf-8"
    )
    done = run("import", "envelopes", "enveloppes.csv", "--contract", "ma-ville")
    assert done.stdout == "enveloppes : 1 créée, 0 modifiée, 0 inchangée\n"
    assert counted(2, "dossier", "créé") == "2 dossiers créés"


@pytest.mark.slow
@pytest.mark.parametrize("what", [("programming", "--year", 2026), ("comparison", "--years", 2025, 2026)])
def test_an_export_to_a_bad_path_is_one_line(run: Run, what: tuple) -> None:
    w = world("ici")
    w.project()
    campaign(w.contract, [w.cget], year=2025)
    db.session.commit()
    export = ("export", *what, "--contract", "ici", "--out")
    for bad in ("nulle/part.xlsx", "."):
        done = run(*export, bad)
        assert done.exit_code == 1
        assert done.stderr.startswith(f"{bad} : impossible d'écrire ce fichier")
        assert len(done.stderr.splitlines()) == 1
    assert run(*export, "bien.xlsx").exit_code == 0
    assert Path("bien.xlsx").read_bytes().startswith(b"PK")


YEARS = {
    ("programming", "--year", 1990): "aucun appel à projets en 1990 pour ce contrat",
    ("comparison", "--years", 1990, 2026): "1990 et 2026 ne se comparent pas : il faut deux années différentes",
    ("comparison", "--years", 2026, 2026): "qui ont un appel à projets (2026).",
}


def test_years_without_a_call_are_refused(run: Run) -> None:
    world("ici")
    db.session.commit()
    for what, told in YEARS.items():
        done = run("export", *what, "--contract", "ici", "--out", "x.xlsx")
        assert (done.exit_code, Path("x.xlsx").exists()) == (1, False), what
        assert told in done.stderr
        assert len(done.stderr.splitlines()) == 1, what


OTHER_VERSIONS = {
    "UPDATE alembic_version SET version_num = '0001'": "grants init",
    "UPDATE alembic_version SET version_num = '9999'": "installez la version",
    "DROP TABLE alembic_version": "version zéro",
}


def test_a_database_of_another_version_is_not_served(run: Run) -> None:
    for change, told in OTHER_VERSIONS.items():
        db.session.execute(text(change))
        db.session.commit()
        refused = run("serve")
        assert (refused.exit_code, refused.stdout) == (1, ""), change
        assert told in refused.stderr


def test_a_database_that_is_not_there_is_not_served(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://grants@127.0.0.1:1/none")
    refused = run("serve")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "ne répond pas" in refused.stderr
    assert "DATABASE_URL" in refused.stderr


def test_an_empty_database_is_made(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole of it, in a browser: tests/e2e/test_first_start.py."""
    asked: list[list[str]] = []
    monkeypatch.setattr(server, "inspect", lambda _: SimpleNamespace(get_table_names=list))

    def run(words: list[str]) -> SimpleNamespace:
        asked.append(words)
        return SimpleNamespace(returncode=len(asked) - 1)

    monkeypatch.setattr(subprocess, "run", run)
    server._check_schema()
    assert asked[0][-2:] == ["grants", "init"]
    with pytest.raises(SettingsError):
        server._check_schema()


def test_the_first_address_is_the_site_s_own(app: Flask) -> None:
    settings = replace(app.config["SETTINGS"], base_url="https://subventions.ville.fr")
    assert server._first_address(settings).startswith("https://subventions.ville.fr/premiere-ouverture/")
    world()
    db.session.commit()
    assert server._first_address(settings) == ""


def test_a_port_that_is_taken(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = run("serve", "--port", port)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith(f"Le port {port} de 127.0.0.1 est déjà pris")
    assert len(refused.stderr.splitlines()) == 1


def test_serving_says_where(app: Flask, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "start", lambda: None)
    for first in ("", "https://ville.fr/premiere-ouverture/x"):
        made = Server(app, "127.0.0.1", 8000, first)
        made.ready(SimpleNamespace(address=[("127.0.0.1", 8000)]))
        said = capsys.readouterr().out
        assert "http://127.0.0.1:8000 " in said
        assert said.endswith(f"{first}\n")
        assert ("Personne n'administre" in said) == bool(first)


@pytest.mark.parametrize("folder", ["file/data", "/proc/data"])
def test_a_data_folder_that_cannot_be_written_says_so(run: Run, monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    Path("file").touch()
    monkeypatch.setenv("GRANTS_DATA_DIR", folder)
    for command in ("init", "serve", "worker"):
        refused = run(command)
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert refused.stderr.startswith("GRANTS_DATA_DIR : impossible d'écrire dans le dossier")
        assert len(refused.stderr.splitlines()) == 1


def test_the_data_folder_is_its_owner_s(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRANTS_DATA_DIR", "new/data")
    run("export", "programming", "--contract", "x", "--year", 2026, "--out", "x")
    assert Path("new/data").stat().st_mode & 0o777 == 0o700


@pytest.mark.slow
def test_what_it_writes_is_its_owner_s(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The base and what lies beside it, also in a folder that is open to all."""
    kept = os.umask(0o022)
    try:
        Path("open").mkdir()
        monkeypatch.setenv("GRANTS_DATA_DIR", "open")
        monkeypatch.setenv("DATABASE_URL", "")
        assert run("init").exit_code == 0
        assert Path("open/grants.sqlite3").exists()
        assert not [file for file in Path("open").rglob("*") if file.stat().st_mode & 0o077]
    finally:
        os.umask(kept)
