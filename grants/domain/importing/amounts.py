"""Amounts in the cells of a file."""

from __future__ import annotations

from decimal import Decimal

from grants.domain.importing.faults import Fault
from grants.domain.importing.reading import Row
from grants.domain.money import MOST, parse_amount
from grants.errors import DomainError
from grants.french import euros

_ADVICE = (
    "n'est pas un montant, écrire des chiffres (12000 ou 12 000,50), sans signe moins,"
    f" au plus {euros(MOST)}"
)


def read_amount(
    row: Row, column: str, faults: list[Fault], *, required: bool = False
) -> Decimal | None:
    """Euros, or `None` for an empty cell and where a fault was found."""
    text = row.get(column)
    if not text:
        if required:
            faults.append(Fault(row.line, column, "", "vide, écrire un montant, par exemple 12000"))
        return None
    try:
        return parse_amount(text)
    except DomainError:
        faults.append(Fault(row.line, column, text, _ADVICE))
        return None
