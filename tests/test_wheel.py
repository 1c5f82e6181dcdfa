"""The wheel: built, installed over the locked packages, and at work away from the checkout."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import sysconfig
import urllib.request
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.databases import skip
from tests.serving import served

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parent.parent


def output(*command: str | Path, cwd: Path, **env: str) -> str:
    done = subprocess.run(list(map(str, command)), cwd=cwd, env=os.environ | env, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of an environment with the wheel, and the packages of this run without the checkout."""
    if not find_spec("hatchling"):
        skip("needs hatchling, which the lock files name: make .venv/installed")
    tmp_path = tmp_path_factory.mktemp("wheel")
    output(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path, cwd=ROOT)
    output(sys.executable, "-m", "venv", "--without-pip", tmp_path / "env", cwd=tmp_path)
    site = next(tmp_path.glob("env/lib/python*/site-packages"))
    (site / "locked.pth").write_text(sysconfig.get_path("purelib"))
    pip = (sys.executable, "-m", "pip", "--python", tmp_path / "env/bin/python", "install")
    alone = ("--no-deps", "--no-index", "--ignore-installed")
    output(*pip, *alone, *tmp_path.glob("*.whl"), cwd=tmp_path)
    return tmp_path / "env/bin/python"


def test_the_wheel_carries_all_that_it_needs(python: Path, tmp_path: Path) -> None:
    away, grants = tmp_path / "away", python.parent / "grants"
    away.mkdir()
    env = {"GRANTS_DATA_DIR": str(away / "data")}
    found = "from importlib.util import find_spec; print(*(find_spec(name).origin for name in ('grants', 'exports')))"
    assert output(python, "-c", found, cwd=away).count(str(python.parent.parent)) == 2

    assert "prête" in output(grants, "init", cwd=away, **env)
    newest = version(away)
    output(python, "-m", "flask", "--app", "grants.schema:create", "db", "downgrade", cwd=away, **env)
    assert version(away) < newest
    assert "admin@demo.example" in output(grants, "demo", cwd=away, **env)
    assert version(away) == newest
    wanted = ("programming", "--contract", "villeneuve-la-garenne", "--year", "2021")
    output(grants, "export", *wanted, "--out", "2021.xlsx", cwd=away, **env)
    assert (away / "2021.xlsx").read_bytes().startswith(b"PK")

    with served(os.environ | env, python=python, cwd=away, worker=True) as server:
        with urllib.request.urlopen(server.address) as answer:
            [style] = re.findall(r'"(/static/\w+/grants.css)"', answer.read().decode())
        with urllib.request.urlopen(server.address + style) as answer:
            assert answer.status == 200


def version(folder: Path) -> str:
    with closing(sqlite3.connect(folder / "data/grants.sqlite3")) as database:
        return database.execute("SELECT version_num FROM alembic_version").fetchone()[0]


def test_every_file_is_carried(python: Path) -> None:
    [package] = python.parent.parent.glob("lib/python*/site-packages/grants")
    for folder in ("templates", "static", "migrations"):
        assert files(ROOT / folder) == files(package / folder)
    assert files(ROOT / "docs/guides") == files(package / "guides")
    assert files(ROOT / "grants/demo") == files(package / "demo")


def files(folder: Path) -> set[str]:
    return {
        str(file.relative_to(folder))
        for file in folder.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
