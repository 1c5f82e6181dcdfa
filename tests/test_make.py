"""`make` after what went wrong before."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# Makes an environment as `python -m venv` does, and says with what words it was asked to.
PYTHON = """#!/bin/sh
echo "$@" >> asked
mkdir -p .venv/bin
printf '#!/bin/sh\\n' > .venv/bin/pip
chmod +x .venv/bin/pip
"""


@pytest.fixture
def make(tmp_path: Path):
    for name in ("Makefile", "pyproject.toml", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "python").write_text(PYTHON)
    (tmp_path / "python").chmod(0o755)
    return lambda target: subprocess.run(
        ["make", f"PYTHON={tmp_path}/python", target], cwd=tmp_path, capture_output=True, text=True
    )


@pytest.mark.parametrize("left", [[], ["python"], ["python", "pip"]])
def test_an_environment_left_half_made_is_begun_anew(make, tmp_path: Path, left: list[str]) -> None:
    """Nothing, Ctrl+C or no python3-venv (no pip), Ctrl+C while packages came."""
    (tmp_path / ".venv/bin").mkdir(parents=True)
    for name in left:
        (tmp_path / ".venv/bin" / name).touch(mode=0o755)
    done = make(".venv/installed")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "asked").read_text() == "-m venv --clear .venv\n"

    (tmp_path / "requirements-dev.lock").touch()
    assert make(".venv/installed").returncode == 0  # another lock: the environment is kept
    assert (tmp_path / "asked").read_text() == "-m venv --clear .venv\n"


def test_the_port_may_be_chosen() -> None:
    told = subprocess.run(["make", "-n", "-C", ROOT, "run", "PORT=8080"], capture_output=True, text=True)
    assert "grants serve --port 8080" in told.stdout
