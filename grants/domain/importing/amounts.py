"""Amounts in the cells of a file."""

from __future__ import annotations

from decimal import Decimal

from grants.domain.importing.faults import FileFault
from grants.domain.importing.reading import FileRow
from grants.domain.money import NotAnAmount, parse_amount


def read_amount(
    row: FileRow, column: str, faults: list[FileFault], *, required: bool = False
) -> Decimal | None:
    """Euros, or `None` for an empty cell and where a fault was found."""
    text = row.raw.get(column, "")
    try:
        amount = parse_amount(text)
    except NotAnAmount as error:
        faults.append(FileFault(row.line, column, text, error.advice))
        return None
    if amount is None and required:
        faults.append(FileFault(row.line, column, "", "vide, écrire un montant, par exemple 12000"))
    return amount
