"""What the codes of a workbook's columns stand for."""

from __future__ import annotations

from collections.abc import Iterable

from exports.table import Column, Line, Sheet, Table
from grants.queries.programming.funder_columns import FunderColumn

NOTES = (
    "– : rien ; n. c. : non communiqué, ou le financeur ne participait pas à l'appel.",
    "N : action nouvelle ; R : renouvelée ; CPO 2/3 : deuxième année d'une convention de trois.",
)


def legend(funders: Iterable[FunderColumn], period: str, state: str) -> Sheet:
    """`period` and `state`: as the other sheets say them."""
    columns = (Column("Code", width=14), Column("Financeur", width=50),
               Column("Institution", width=50))  # fmt: skip
    lines = tuple(Line((f.code, f.label, f.institution)) for f in dict.fromkeys(funders))
    return Sheet(
        "Légende", f"Légende {period}", (Table("Financeurs", columns, lines, notes=NOTES),), state
    )  # fmt: skip
