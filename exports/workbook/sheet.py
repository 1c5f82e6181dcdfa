"""One sheet: what it says of itself, its tables, and how it is printed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, zip_longest
from math import ceil
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties

from exports.table import Level, Line, Sheet, Table, Unit
from exports.workbook.cells import Cells, text
from exports.workbook.chart import bars
from exports.workbook.heights import height
from exports.workbook.pages import paged
from grants.domain.contract.colours import DEFAULT
from grants.domain.contract.identity import stored
from grants.french import instant

ROW_HEIGHT = 15.0
A3, A4 = 8, 9  # paper sizes of the format
# Characters that fit on the width of a page at 80 % (texts of 10 points keep 8), and the points of
# its height, margins and a reserve for programs with taller rows left out. A fifth of the width is
# kept for those that have not Calibri, whose columns are wider.
SMALLEST, RESERVE = 80, 0.8
FIT, HIGH = {A4: 180, A3: 260}, {A4: 505, A3: 740}
PADDING, EMPTY = 0.72, 8.43  # what a column takes beside its own characters, and one without width
TITLE = 1.7  # characters of a column that a letter of the sheet's title takes
FOOTER = 220  # of 255 characters; the rest is the page's number and what sets sizes


@dataclass(frozen=True)
class About:
    """What every sheet says of itself; `whose`: the commune, where it is known, and its `accent`."""

    contract: str
    period: str
    read_at: datetime
    whose: str = ""
    accent: str = DEFAULT

    @classmethod
    def of(cls, contract: str, period: str, read_at: datetime) -> About:
        identity = stored()
        return cls(contract, period, read_at, identity.name, identity.accent)


class SheetWriter:
    """Writes one sheet from top to bottom, as write-only mode demands."""

    def __init__(self, workbook: Workbook, sheet: Sheet, about: About, name: str) -> None:
        self.out: Any = workbook.create_sheet(name)
        self.sheet = sheet
        self.about = about
        self.cells = Cells(self.out, about.accent)
        self.row = 0
        self.charted: list[int] = []

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
        yield f"{self._whose}{self.about.contract} – {self.about.period}"
        yield self.sheet.state
        yield f"Exporté le {instant(self.about.read_at)} (heure de Paris)"
        if self.sheet.remark:
            yield self.sheet.remark

    @property
    def _whose(self) -> str:
        return f"{self.about.whose} · " if self.about.whose else ""

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
        self.out.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=not self._alone)
        if self._alone:
            column = get_column_letter(min(self._alone.label_columns, 4) + 1)
            self.out.freeze_panes = f"{column}{self._header_row + 1}"

    def _fixed(self) -> tuple[int, int]:
        """Paper, and scale in percent: fitted to a width, a page would be too small to read, and
        its breaks not kept."""
        wide = max(self._wide, self._about_width)
        paper = A4 if wide <= RESERVE * FIT[A4] else A3
        return paper, max(SMALLEST, min(100, int(SMALLEST * RESERVE * FIT[paper] / wide)))

    def _widths(self) -> list[float]:
        """Several tables share the columns of their sheet."""
        own = ([column.width for column in table.columns] for table in self.sheet.tables)
        return [max(widths) for widths in zip_longest(*own, fillvalue=0.0)]

    @property
    def _wide(self) -> float:
        """Characters of the printed columns."""
        return sum(width + PADDING for width in self._widths()[: self._printed])

    @property
    def _printed(self) -> int:
        return max(table.printed or len(table.columns) for table in self.sheet.tables)

    @property
    def _about_width(self) -> float:
        """Characters that the sheet's own lines take, beyond its columns if these are few."""
        return max(len(self.sheet.title) * TITLE, *map(len, self._about()))

    def _columns(self) -> int:
        """Of the printed page."""
        columns = self._printed
        if columns < len(self._widths()):  # what stands beside the page is not for paper
            return columns
        return columns + max(0, ceil((self._about_width - self._wide) / EMPTY))

    def _table(self, table: Table) -> None:
        self._append(())
        if not self._alone:
            self.out.row_dimensions[self.row + 1].height = 18
            self._append((self.cells.words(table.caption, "caption"),))
        units = [column.unit for column in table.columns]
        heads = Line(tuple(column.head for column in table.columns), Level.HEAD)
        self._line(heads, table, units)
        for line, begins in self._paged(table, heads):
            if begins:
                self.out.row_breaks.append(Break(id=self.row))
            self._line(line, table, units)
            if line.level is Level.ROW and table.chart:
                self.charted.append(self.row)
        for note in table.notes:
            self._append((self.cells.words(note, "note"),))

    def _paged(self, table: Table, heads: Line) -> Iterable[tuple[Line, bool]]:
        """Each line, and whether it begins a page."""
        if not table.breaks:
            return ((line, False) for line in table.lines)

        def tall(line: Line) -> float:
            return max(height(line, table), ROW_HEIGHT + (line.level is Level.PILLAR) * 2)

        paper, scale = self._fixed()
        room = HIGH[paper] * 100 / scale - tall(heads)
        return paged(table.lines, room - self._header_row * ROW_HEIGHT, room, tall)

    def _line(self, line: Line, table: Table, units: list[Unit]) -> None:
        """Its height is given: not every program fits rows to wrapped text."""
        if not table.flat or line.level is Level.HEAD:
            points = height(line, table)
            if points > ROW_HEIGHT:
                self.out.row_dimensions[self.row + 1].height = points
        self._append(self.cells.line(line, units, flat=table.flat))

    def _append(self, cells: Iterable[Cell | None]) -> None:
        # A generator: each cell is written before the next is made.
        self.out.append(cell for cell in cells)
        self.row += 1

    def _chart(self, table: Table) -> None:
        """Below the table, within the printed page."""
        columns = [index + 1 for index in table.chart]
        chart = bars(self.out, columns, self._header_row, self.charted, self.cells.colours["brand-text"])
        self.out.add_chart(chart, f"A{self.row + 2}")
        self.row += 2 + round(chart.height / 0.52)  # rows of 15 points, in centimetres

    def _page_ends(self, table: Table, titles: int) -> Iterator[int]:
        """After which columns a printed page ends: those of one funder stand on one, the `titles` on each."""
        widths = [column.width + PADDING for column in table.columns[: self._printed]]
        left = RESERVE * FIT[A3]
        for _, columns in groupby(range(len(widths)), key=lambda index: table.columns[index].group or index):
            first, *others = columns
            block = sum(widths[index] for index in (first, *others))
            if first > titles and block > left:
                yield first
                left = RESERVE * FIT[A3] - sum(widths[:titles])
            left -= block

    def _finish(self) -> None:
        """What stands after the rows: how it is printed."""
        out, table = self.out, self._alone
        if table and self.charted:
            self._chart(table)
        columns = self._columns()
        out.print_area = f"A1:{get_column_letter(columns)}{max(self.row, 1)}"
        if table:
            head = self._header_row
            out.print_title_rows = f"{head}:{head}"
            if table.flat:
                out.auto_filter.ref = f"A{head}:{get_column_letter(len(table.columns))}{self.row}"
        out.page_setup.orientation = "landscape"
        out.page_setup.paperSize, scale = self._fixed()
        if table:
            out.page_setup.scale = scale
            if self._wide > RESERVE * FIT[A3]:  # what names an action, on each page beside another
                titles = min(table.label_columns, 4)
                out.print_title_cols = f"A:{get_column_letter(titles)}"
                for column in self._page_ends(table, titles):
                    out.col_breaks.append(Break(id=column))
        else:
            out.page_setup.fitToWidth = out.page_setup.fitToHeight = 1
        out.page_margins = PageMargins(left=0.3, right=0.3, top=0.4, bottom=0.55, footer=0.25)
        out.oddFooter.left.text = _footer(f"{self._whose}{self.about.contract} – {self.sheet.title}")
        out.oddFooter.right.text = "Page &P / &N"
        out.oddFooter.left.size = out.oddFooter.right.size = 8


def _footer(words: str) -> str:
    """Excel refuses a whole file for a footer over 255 characters, marks included."""
    said, end = "", ""
    while len(said := text(words + end).replace("&", "&&")) > FOOTER:
        words, end = words[:-1], "…"
    return said
