"""How tall a row must be for its longest wrapped text: not every program fits rows by itself."""

from __future__ import annotations

import re
from math import ceil

from exports.table import Level, Line, Table
from exports.workbook.cells import kind_of_text

LINE, AROUND = 12.5, 2.5  # points
TALLEST = 409.0  # that Excel shows
# A column's width counts digits of 11 points: more of its text's 10 go in, fewer of a bold heading.
TEXT, HEAD, INDENT = 1.07, 1.02, 1.4
# Widths of letters in digits, the larger of Calibri's and of what replaces it elsewhere.
NARROW, CAPITAL, WIDE = 0.65, 1.15, 1.6
_NARROW, _WIDE = frozenset("Iijlft.,;:'’!|() "), frozenset("mwMWœŒæÆ%@")
# A line may also end after a hyphen.
_PIECES = re.compile(r"[^\s-]*-+|[^\s-]+|\s")


def height(line: Line, table: Table) -> float:
    """In points."""
    lines = 1
    for index, (value, column) in enumerate(zip(line.cells, table.columns, strict=False)):
        head = line.level is Level.HEAD
        wraps = head or kind_of_text(line.level, index, column.unit) == "text"
        if wraps and isinstance(value, str) and value:
            lines = max(lines, wrapped(value, column.width * (HEAD if head else TEXT) - INDENT))
    return min(lines * LINE + AROUND, TALLEST)


def wrapped(text: str, room: float) -> int:
    """Lines that it takes. `room`: of a line, in digits."""
    return sum(_lines(paragraph, max(room, 1)) for paragraph in text.splitlines())


def _lines(paragraph: str, room: float) -> int:
    lines, used = 1, 0.0
    for piece in _PIECES.findall(paragraph):
        wide = sum(map(_width, piece))
        if used + wide <= room or piece.isspace():  # spaces may stand out at the end of a line
            used += wide
            continue
        lines += (used > 0) + ceil(wide / room) - 1
        used = wide - (ceil(wide / room) - 1) * room
    return lines


def _width(letter: str) -> float:
    if letter in _NARROW:
        return NARROW
    return WIDE if letter in _WIDE else CAPITAL if letter.isupper() else 1
