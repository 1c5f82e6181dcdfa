"""Where the folders beside the packages are: at the top of a checkout, or within this package once
it is installed from a wheel, which carries them there (pyproject.toml)."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_TOP = _PACKAGE if (_PACKAGE / "templates").is_dir() else _PACKAGE.parent

TEMPLATES = _TOP / "templates"
STATIC = _TOP / "static"
MIGRATIONS = _TOP / "migrations"


def static_version() -> int:
    """Stands in the address of each style and script, which browsers then keep for a year; scripts
    import each other by relative names, and so the same version of each."""
    return int(max(file.stat().st_mtime for file in STATIC.rglob("*.*")))
