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
_LEAST_WORD, _MARKS = 4, " ,;:-–(&'"


def write(sheets: Iterable[Sheet], about: About, file: Target) -> None:
    """Write the workbook to a path or a binary stream."""
    workbook = Workbook(write_only=True)
    workbook.properties.title = legal(f"{about.contract} – {about.period}")
    workbook.properties.creator = legal(about.whose) or "grants"
    taken: set[str] = set()
    for sheet in sheets:
        SheetWriter(workbook, sheet, about, _name(sheet, taken)).write()
    workbook.save(file)


def _name(sheet: Sheet, taken: set[str]) -> str:
    """Legal, at most 31 characters, and unlike those before it (in any case)."""
    name = _NOT_IN_A_NAME.sub(" ", legal(sheet.name)).strip().strip(" '") or "Feuille"
    part = f" ({sheet.part})" if sheet.part else ""
    number, unique = 1, _short(name, part)
    while unique.casefold() in taken:
        number += 1
        unique = _short(name, f"{part} ({number})")
    taken.add(unique.casefold())
    return unique


def _short(name: str, end: str) -> str:
    """Too long a name ends after a word that says something: no article, no lone bracket."""
    room = _LONGEST_NAME - len(end)
    if len(name) > room:
        words = name[: room + 1].split(" ")[:-1]
        while words and len(words[-1].strip(_MARKS)) < _LEAST_WORD:
            words.pop()
        name = " ".join(words).rstrip(_MARKS) or name[:room]
    return name + end
