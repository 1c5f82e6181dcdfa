"""A table as CSV that French spreadsheets open at once: `;`, decimal comma, UTF-8 with BOM."""

from __future__ import annotations

import csv
from decimal import Decimal
from io import StringIO

from exports.table import Table, Value

# A spreadsheet would take a text that begins so for a formula (rules 11).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def write(table: Table) -> bytes:
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(_cell(column.head) for column in table.columns)
    writer.writerows(map(_cell, line.cells) for line in table.lines)
    return out.getvalue().encode("utf-8-sig", "replace")


def _cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:.2f}".removesuffix(".00").replace(".", ",")
    if isinstance(value, int):
        return str(value)
    value = value.replace("\x00", "")
    return f"'{value}" if value.startswith(_FORMULA) else value
