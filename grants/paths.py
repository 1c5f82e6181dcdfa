"""Where the folders beside the packages are: at the top of a checkout, or within this package once
it is installed from a wheel, which carries them there (pyproject.toml)."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_TOP = _PACKAGE if (_PACKAGE / "templates").is_dir() else _PACKAGE.parent

TEMPLATES = _TOP / "templates"
STATIC = _TOP / "static"
MIGRATIONS = _TOP / "migrations"
GUIDES = _TOP / ("guides" if _TOP == _PACKAGE else "docs/guides")


def static_version() -> str:
    """Stands in the address of each style and script, which browsers then keep for a year; scripts
    import each other by relative names, and so the same version of each. The same on each machine
    that has the same files."""
    files = sorted(file for file in STATIC.rglob("*.*"))
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
