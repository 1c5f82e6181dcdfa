"""Sheets of tables written as an Excel workbook. The only importer of openpyxl.

Rows are streamed (write-only mode), through one cell per style that is used again for each
value: faster than a plain loop, and the memory does not grow with the rows. Figures are values,
never formulas: protected view and telephones show nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from openpyxl import Workbook

from exports.table import Sheet
from exports.workbook.cells import legal
from exports.workbook.sheet import About, SheetWriter

__all__ = ["About", "Target", "write"]

Target = str | Path | IO[bytes]

_NOT_IN_A_NAME = re.compile(r"[\\/*?:\[\]\x00-\x1f]")
_LONGEST_NAME = 31


def write(sheets: Iterable[Sheet], about: About, file: Target) -> None:
    """Write the workbook to a path or a binary stream."""
    workbook = Workbook(write_only=True)
    workbook.properties.title = f"{about.contract} – {about.period}"
    workbook.properties.creator = "grants"
    taken: set[str] = set()
    for sheet in sheets:
        SheetWriter(workbook, sheet, about, _name(sheet.name, taken)).write()
    workbook.save(file)


def _name(wanted: str, taken: set[str]) -> str:
    """Legal, at most 31 characters, and unlike those before it (in any case)."""
    name = _NOT_IN_A_NAME.sub(" ", legal(wanted)).strip()[:_LONGEST_NAME].strip(" '") or "Feuille"
    number = 1
    unique = name
    while unique.casefold() in taken:
        number += 1
        suffix = f" ({number})"
        unique = name[: _LONGEST_NAME - len(suffix)] + suffix
    taken.add(unique.casefold())
    return unique
