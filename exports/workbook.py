"""Sheets of tables written as an Excel workbook. The only importer of openpyxl.

Rows are streamed (write-only mode), through one cell per style that is used again for each
value: faster than a plain loop, and the memory does not grow with the rows. Figures are values,
never formulas: protected view and telephones show nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from textwrap import wrap
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties

from exports.table import HEADINGS, Level, Line, Sheet, Table, Unit
from grants.french import instant

Target = str | Path | IO[bytes]

INK, SOFT, PALE, GREY = "1C2F5C", "C9D3EA", "EEF1F8", "5A6272"
# The spaces are literal (the file's language has commas): millions need a group more.
FORMATS: dict[str, str] = {
    Unit.EUROS: '# ##0 "€"',
    "euros, cents": '# ##0.00 "€"',
    "euros, millions": '# ### ##0 "€"',
    "euros, millions, cents": '# ### ##0.00 "€"',
    Unit.PERCENT: "0.00 %",
    Unit.WHOLE: "# ##0",
    Unit.YEAR: "0",
}
MILLION = 1_000_000
ROW_HEIGHT = 15.0
FILLS: dict[str, str] = {
    Level.PILLAR: INK, Level.AXIS: SOFT, Level.SUBTOTAL: PALE, Level.TOTAL: INK, Level.HEAD: SOFT,
}  # fmt: skip
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
    Level.HEAD: {"size": 9, "bold": True, "color": INK},
    "note": {"size": 9, "italic": True, "color": GREY},
}
LINE = Border(bottom=Side(style="hair", color="858D9E"))
# A text that begins so is marked as text (quotePrefix) even when somebody edits the cell.
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "'")
# What XML 1.0 cannot hold: a spreadsheet would refuse the whole file.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST = 32_767

Style = str
_NOT_IN_A_NAME = re.compile(r"[\\/*?:\[\]\x00-\x1f]")
_LONGEST_NAME = 31


@dataclass(frozen=True)
class About:
    """What every sheet says of itself."""

    contract: str
    period: str
    read_at: datetime


def write(sheets: Iterable[Sheet], about: About, file: Target) -> None:
    """Write the workbook to a path or a binary stream."""
    workbook = Workbook(write_only=True)
    workbook.properties.title = f"{about.contract} – {about.period}"
    workbook.properties.creator = "grants"
    taken: set[str] = set()
    for sheet in sheets:
        _SheetWriter(workbook, sheet, about, _name(sheet.name, taken)).write()
    workbook.save(file)


def text(value: str) -> str:
    """A person's text, without what a spreadsheet file cannot hold."""
    return _ILLEGAL.sub("", value)[:_LONGEST]


def _name(wanted: str, taken: set[str]) -> str:
    """Legal, at most 31 characters, and unlike those before it (in any case)."""
    name = _NOT_IN_A_NAME.sub(" ", text(wanted)).strip(" '")[:_LONGEST_NAME] or "Feuille"
    number = 1
    unique = name
    while unique.casefold() in taken:
        number += 1
        suffix = f" ({number})"
        unique = name[: _LONGEST_NAME - len(suffix)] + suffix
    taken.add(unique.casefold())
    return unique


class _SheetWriter:
    """Writes one sheet from top to bottom, as write-only mode demands."""

    def __init__(self, workbook: Workbook, sheet: Sheet, about: About, name: str) -> None:
        self.out: Any = workbook.create_sheet(name)
        self.sheet = sheet
        self.about = about
        self.cells = _Cells(self.out)
        self.row = 0

    def write(self) -> None:
        self._set_up()
        self.out.row_dimensions[1].height = 24
        self._append((self.cells.words(self.sheet.title, "title"),))
        for words in self._about():
            self._append((self.cells.words(words, "about"),))
        for table in self.sheet.tables:
            self._table(table)
        self._finish()

    def _about(self) -> Iterator[str]:
        yield f"{self.about.contract} – {self.about.period}"
        yield self.sheet.state
        yield f"Exporté le {instant(self.about.read_at)} (heure de Paris)"
        if self.sheet.remark:
            yield self.sheet.remark

    @property
    def _alone(self) -> Table | None:
        """The sheet's only table: its header is frozen and repeated."""
        return self.sheet.tables[0] if len(self.sheet.tables) == 1 else None

    @property
    def _header_row(self) -> int:
        """Of the only table: below the sheet's own lines and a blank."""
        return 6 + bool(self.sheet.remark)

    def _set_up(self) -> None:
        """What stands before the rows in the file."""
        for index, width in enumerate(self._widths(), 1):
            self.out.column_dimensions[get_column_letter(index)].width = width
        self.out.sheet_view.showGridLines = False
        self.out.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        if self._alone:
            column = get_column_letter(min(self._alone.label_columns, 4) + 1)
            self.out.freeze_panes = f"{column}{self._header_row + 1}"

    def _widths(self) -> list[float]:
        """Several tables share the columns of their sheet."""
        own = ([column.width for column in table.columns] for table in self.sheet.tables)
        return [max(widths) for widths in zip_longest(*own, fillvalue=0.0)]

    def _table(self, table: Table) -> None:
        self._append(())
        if not self._alone:
            self.out.row_dimensions[self.row + 1].height = 18
            self._append((self.cells.words(table.caption, "caption"),))
        units = [column.unit for column in table.columns]
        heads = Line(tuple(column.head for column in table.columns), Level.HEAD)
        self._line(heads, table, units)
        started = False
        for line in table.lines:
            if table.breaks and line.level is Level.PILLAR:
                if started:
                    self.out.row_breaks.append(Break(id=self.row))
                started = True
            self._line(line, table, units)
        for note in table.notes:
            self._append((self.cells.words(note, "note"),))

    def _line(self, line: Line, table: Table, units: list[Unit]) -> None:
        """Its height is given: not every program fits rows to wrapped text."""
        if not table.flat or line.level is Level.HEAD:
            height = _height(line, table)
            if height > ROW_HEIGHT:
                self.out.row_dimensions[self.row + 1].height = height
        self._append(self.cells.line(line, units, flat=table.flat))

    def _append(self, cells: Iterable[Cell | None]) -> None:
        # A generator: each cell is written before the next is made.
        self.out.append(cell for cell in cells)
        self.row += 1

    def _finish(self) -> None:
        """What stands after the rows: how it is printed."""
        out, table = self.out, self._alone
        columns = max(t.printed or len(t.columns) for t in self.sheet.tables)
        out.print_area = f"A1:{get_column_letter(columns)}{max(self.row, 1)}"
        if table:
            head = self._header_row
            out.print_title_rows = f"{head}:{head}"
            if table.flat:
                out.auto_filter.ref = f"A{head}:{get_column_letter(len(table.columns))}{self.row}"
        out.page_setup.orientation = "landscape"
        out.page_setup.paperSize = 9  # A4
        out.page_setup.fitToWidth = 1
        out.page_setup.fitToHeight = 0 if table else 1
        out.page_margins = PageMargins(left=0.3, right=0.3, top=0.4, bottom=0.55, footer=0.25)
        out.oddFooter.left.text = f"{self.about.contract} – {self.sheet.title}".replace("&", "&&")
        out.oddFooter.right.text = "Page &P / &N"
        out.oddFooter.left.size = out.oddFooter.right.size = 8


class _Cells:
    """The cells of one sheet. What is returned is only good until the next call."""

    def __init__(self, sheet: Any) -> None:
        self.sheet = sheet
        self.made: dict[tuple[Style, str], Cell] = {}

    def line(self, line: Line, units: list[Unit], *, flat: bool) -> Iterator[Cell | None]:
        """`flat`: texts stay on their line, and empty cells have no style."""
        level = line.level
        for index, (value, unit) in enumerate(zip(line.cells, units, strict=False)):
            if value is None or value == "":
                yield None if flat else self._styled(level, "blank")
            elif isinstance(value, str):
                kind = "label" if flat and unit is Unit.TEXT else _kind_of_text(level, index, unit)
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
        cell.font = Font(**font)
        if style in FILLS:
            cell.fill = PatternFill("solid", fgColor=FILLS[style])
        if isinstance(style, Level):
            cell.border = LINE
        cell.number_format = FORMATS.get(kind, "@")
        number = kind in FORMATS or kind == "gap"
        cell.alignment = Alignment(
            horizontal="right" if number else None,
            vertical="center" if style is Level.HEAD else "top",
            wrap_text=style is Level.HEAD or kind.startswith("text"),
            indent=1 if kind.startswith("text") else 0,
        )
        cell.quotePrefix = kind.endswith("quoted")
        return cell


def _height(line: Line, table: Table) -> float:
    """In points, for the longest wrapped text. Widths count characters of 11 points."""
    lines = 1
    for index, (value, column) in enumerate(zip(line.cells, table.columns, strict=False)):
        wraps = line.level is Level.HEAD or _kind_of_text(line.level, index, column.unit) == "text"
        room = max(int(column.width * 1.1) - 1, 1)
        if wraps and isinstance(value, str) and len(value) > room:
            lines = max(lines, len(wrap(value, room)))
    return lines * 12.5 + 2.5


def _kind_of_text(level: Level, index: int, unit: Unit) -> str:
    """Labels run over the empty cells to their right; gaps stand under the numbers."""
    if level in HEADINGS or (index == 0 and level in (Level.SUBTOTAL, Level.TOTAL)):
        return "label"
    return "text" if unit is Unit.TEXT else "gap"
