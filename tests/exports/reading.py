"""A workbook read back as people see it: lines below a header, found by their first cell."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet


def read(content: bytes) -> Workbook:
    return load_workbook(BytesIO(content))


class Read:
    """One table of a sheet, from the header row whose first cell is `first_head`."""

    def __init__(self, sheet: Worksheet, first_head: str, at: int = 1) -> None:
        rows = [list(row) for row in sheet.iter_rows(values_only=True)]
        starts = [i for i, row in enumerate(rows) if row[0] == first_head]
        start = starts[at - 1]
        self.heads = [head for head in rows[start] if head is not None]
        self.lines = []
        for row in rows[start + 1 :]:
            if not any(cell is not None for cell in row):
                break
            self.lines.append(dict(zip(self.heads, row, strict=False)))
        self.first = first_head

    def line(self, label: str) -> dict[str, Any]:
        """The first line whose first cell starts so."""
        return next(x for x in self.lines if str(x[self.first] or "").startswith(label))

    def after(self, label: str) -> dict[str, Any]:
        """The line below it (its shares), past a heading of the same name."""
        for index, line in enumerate(self.lines):
            if line[self.first] == label and any(v is not None for v in list(line.values())[1:]):
                return self.lines[index + 1]
        raise AssertionError(label)

    def row(self, label: str) -> dict[str, Any]:
        return self.lines[self.lines.index(self.after(label)) - 1]

    @property
    def references(self) -> list[str]:
        return [x[self.first] for x in self.lines if str(x[self.first] or "")[:2] == "20"]
