"""What people paste or upload as it comes from a page, a letter or a workbook: text in any usual encoding,
its columns in any order, with a heading or without. Any bytes: faults, never a crash."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from unicodedata import normalize

from grants.domain.importing.faults import FileFault, ImportRefused
from grants.domain.importing.reading import UNUSABLE, FileRow, heading_key, one_line, read_text

_SEPARATORS = "\t;|,"
_LOOKED_AT = 50  # lines that tell which separator there is, and what a column holds


def text_of(data: bytes) -> str:
    """UTF-8, or UTF-16 where it says so, or else what Windows wrote. Raises `ImportRefused` for what is no text."""
    for encoding in ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252"):
        with suppress(UnicodeDecodeError):
            return read_text(data.decode(encoding).encode())
    return read_text(data)


def usable(text: str) -> str:
    """In NFC, without what neither a database nor a workbook can hold."""
    return normalize("NFC", UNUSABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


@dataclass(frozen=True)
class PastedColumn:
    """`headings`: how the key of its heading may begin, the likeliest first. `holds`: tells its cells from
    others where there is no heading; columns without it are the rest, from left to right."""

    name: str
    headings: tuple[str, ...]
    holds: Callable[[str], bool] | None = None
    needed: bool = False


def read_rows(text: str, columns: Sequence[PastedColumn], faults: list[FileFault]) -> list[FileRow]:
    """By the names of the columns; blank lines are left out. Raises `ImportRefused` without a needed column."""
    records = [(line, cells) for line, cells in _records(usable(text)) if any(cells)]
    if not records:
        raise ImportRefused([FileFault(None, "", "", "Rien n'est écrit : collez une ligne par élément.")])
    first = records[0][1]
    places = _headed(first, columns)
    if places:
        records = records[1:]
    else:
        places = _guessed([cells for _, cells in records], columns)
        what = "n'est pas compris : corrigez-le, ou écrivez les noms des colonnes sur la première ligne"
        unread = ((line, cell) for line, cells in records for at, cell in enumerate(cells) if at not in places.values())
        faults += [FileFault(line, "", cell, what) for line, cell in unread if cell]
    if lacking := [column.name for column in columns if column.needed and column.name not in places]:
        what = f"colonne introuvable : {', '.join(lacking)}. Écrivez les noms des colonnes sur la première ligne."
        raise ImportRefused([*faults, FileFault(None, "", "", what)])
    rows = [
        FileRow(line, {name: cells[at] for name, at in places.items() if at < len(cells)}) for line, cells in records
    ]
    needed = [column.name for column in columns if column.needed]
    faults += [
        FileFault(row.line, name, "", "vide : écrivez-le") for row in rows for name in needed if not row.get(name)
    ]
    return [row for row in rows if all(map(row.get, needed))]


def _records(text: str) -> list[tuple[int, list[str]]]:
    lines = [line for line in text.split("\n") if line.strip()][:_LOOKED_AT]
    delimiter = next((sign for sign in _SEPARATORS if lines and all(sign in line for line in lines)), None)
    if delimiter is None:  # a name may hold a comma, and any line a tab
        delimiter = max("\t;", key=lambda sign: sum(sign in line for line in lines))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    found = []
    while True:
        line = reader.line_num + 1
        try:
            found.append((line, [one_line(cell) for cell in next(reader)]))
        except StopIteration:
            return found
        except csv.Error:
            what = "ligne trop longue : un guillemet n'y est peut-être pas fermé."
            raise ImportRefused([FileFault(line, "", "", what)]) from None


def _headed(cells: list[str], columns: Sequence[PastedColumn]) -> dict[str, int]:
    """Where each column is by its heading; nothing where the line is none, or names none that is needed."""
    if any(column.holds and column.holds(cell) for column in columns for cell in cells):
        return {}
    places: dict[str, int] = {}
    for fits in (str.__eq__, str.startswith):
        for column in columns:
            for heading in column.headings if column.name not in places else ():
                free = (at for at, cell in enumerate(cells) if at not in places.values())
                if (at := next((at for at in free if fits(heading_key(cells[at]), heading)), None)) is not None:
                    places[column.name] = at
                    break
    return places if all(column.name in places for column in columns if column.needed) else {}


def _guessed(records: list[list[str]], columns: Sequence[PastedColumn]) -> dict[str, int]:
    """By what most of the cells hold."""
    free = list(range(max(map(len, records))))
    cells = {at: [row[at] for row in records[:_LOOKED_AT] if at < len(row) and row[at]] for at in free}
    places: dict[str, int] = {}
    for column in columns:
        if (holds := column.holds) is not None:
            share = {at: sum(map(holds, cells[at])) / len(cells[at]) for at in free if cells[at]}
            best = max(share, key=share.__getitem__, default=None)
            if best is not None and share[best] >= 0.5:
                places[column.name] = best
                free.remove(best)
    rest = [column.name for column in columns if column.holds is None]
    return places | dict(zip(rest, [at for at in free if cells[at]], strict=False))
