"""The cells of a sheet: one for each style, used again for each value as rows are streamed.

Text from people stays text (rules 11): it is never taken for a formula.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

from exports.table import HEADINGS, Level, Line, Unit
from grants.domain.contract.colours import tokens

# Of the commune's accent (grants.domain.contract.colours): what is read on each other there can be read.
INK, SOFT, PALE, GREY = "brand-deep", "brand-line", "brand-soft", "5A6272"
# The spaces are literal (the file's language has commas): millions need a group more.
FORMATS: dict[str, str] = {
    Unit.EUROS: '# ##0 "€"',
    "euros, cents": '# ##0.00 "€"',
    "euros, millions": '# ### ##0 "€"',
    "euros, millions, cents": '# ### ##0.00 "€"',
    Unit.PERCENT: "0.00 %",
    Unit.WHOLE: "# ##0",
    "small": "0",
    Unit.YEAR: "0",
}
MILLION = 1_000_000
FILLS: dict[str, str] = {Level.PILLAR: INK, Level.AXIS: SOFT, Level.SUBTOTAL: PALE, Level.TOTAL: INK, Level.HEAD: SOFT}
FONTS: dict[str, dict[str, Any]] = {
    Level.PILLAR: {"size": 12, "bold": True, "color": "FFFFFF"},
    Level.AXIS: {"size": 11, "bold": True, "color": INK},
    Level.ORIENTATION: {"italic": True, "color": INK},
    Level.SHARE: {"size": 9, "italic": True, "color": GREY},
    Level.SUBTOTAL: {"bold": True, "color": INK},
    Level.TOTAL: {"bold": True, "color": "FFFFFF"},
    "title": {"size": 16, "bold": True, "color": INK},
    "about": {"color": GREY},
    "caption": {"size": 12, "bold": True, "color": INK},
    Level.HEAD: {"bold": True, "color": INK},
    "note": {"italic": True, "color": GREY},
}
LINE = Border(bottom=Side(style="hair", color="858D9E"))
# A text that begins so is marked as text (quotePrefix) even when somebody edits the cell.
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "'")
# What XML 1.0 cannot hold: a spreadsheet would refuse the whole file.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST = 32_767
# Excel would read `_x0041_` as the letter A.
_CODED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")

Style = str


def legal(value: str) -> str:
    """A person's text, without what a spreadsheet file cannot hold."""
    held = _ILLEGAL.sub("", value)
    return held if len(held) <= _LONGEST else f"{held[: _LONGEST - 1]}…"


def text(value: str) -> str:
    """`legal`, as the file writes it."""
    return _CODED.sub("_x005F_", legal(value))


class Cells:
    """The cells of one sheet. What is returned is only good until the next call."""

    def __init__(self, sheet: Any, accent: str) -> None:
        self.sheet = sheet
        self.colours = {name: colour[1:].upper() for name, colour in tokens(accent).items()}
        self.made: dict[tuple[Style, str], Cell] = {}

    def line(self, line: Line, units: list[Unit], *, flat: bool) -> Iterator[Cell | None]:
        """`flat`: texts stay on their line, and empty cells have no style."""
        level = line.level
        for index, (value, unit) in enumerate(zip(line.cells, units, strict=False)):
            if value is None or value == "":
                yield None if flat else self._styled(level, "blank")
            elif isinstance(value, str):
                kind = "label" if flat and unit is Unit.TEXT else kind_of_text(level, index, unit)
                yield self.words(value, level, kind)
            else:
                yield self._number(value, level, line.unit or unit)
        for _ in range(len(units) - len(line.cells)):
            yield self._styled(level, "blank")

    def words(self, value: str, style: Style, kind: str = "label") -> Cell:
        value = text(value)
        if value.startswith(_RISKY):
            kind += " quoted"
        cell = self._styled(style, kind)
        cell.value = value
        cell.data_type = "s"
        return cell

    def _number(self, value: Decimal | int, level: Level, unit: Unit) -> Cell:
        if isinstance(value, Decimal):
            if unit is Unit.PERCENT:
                value = value.scaleb(-2)
            if value == value.to_integral_value():
                value = int(value)
        kind: str = unit
        if unit is Unit.EUROS:
            kind += ", millions" if not -MILLION < value < MILLION else ""
            kind += ", cents" if isinstance(value, Decimal) else ""
        elif unit is Unit.WHOLE and -1000 < value < 1000:
            kind = "small"
        cell = self._styled(level, kind)
        cell.value = value
        return cell

    def _styled(self, style: Style, kind: str) -> Cell:
        cell = self.made.get((style, kind))
        if cell is None:
            cell = self.made[style, kind] = self._make(style, kind)
        return cell

    def _make(self, style: Style, kind: str) -> Cell:
        cell = WriteOnlyCell(self.sheet)
        font: dict[str, Any] = {"name": "Calibri", "size": 10} | FONTS.get(style, {})
        if colour := font.get("color"):
            font["color"] = self.colours.get(colour, colour)
        cell.font = Font(**font)
        if style in FILLS:
            cell.fill = PatternFill("solid", fgColor=self.colours[FILLS[style]])
        if isinstance(style, Level):
            cell.border = LINE
        cell.number_format = FORMATS.get(kind, "@")
        number = kind in FORMATS or kind == "gap"
        wrapped = kind.startswith("text")
        cell.alignment = Alignment(
            horizontal="right" if number else "left",
            vertical="center" if style is Level.HEAD else "top",
            wrap_text=style is Level.HEAD or wrapped,
            indent=1 if wrapped else 0,
        )
        cell.quotePrefix = kind.endswith("quoted")
        return cell


def kind_of_text(level: Level, index: int, unit: Unit) -> str:
    """Labels run over the empty cells to their right; gaps stand under the numbers."""
    if level in HEADINGS or (index == 0 and level in (Level.SUBTOTAL, Level.TOTAL)):
        return "label"
    return "text" if unit is Unit.TEXT else "gap"
