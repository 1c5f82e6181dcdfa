"""What the codes of a workbook's columns stand for."""

from __future__ import annotations

from collections.abc import Iterable

from exports.table import Column, Columns, Sheet, Table, line
from grants.queries.programming.funder_columns import FunderColumn

NOTES = (
    "– : rien ; n. c. : non communiqué, ou le financeur ne participait pas à l'appel.",
    "N : action nouvelle ; R : renouvelée ; CPO 2/3 : deuxième année d'une convention de trois.",
)


COLUMNS: Columns[FunderColumn, object] = (
    Column("Code", lambda f: f.code, width=14),
    Column("Financeur", lambda f: f.label, width=50),
    Column("Institution", lambda f: f.institution, width=50),
)


def legend(funders: Iterable[FunderColumn], period: str, state: str) -> Sheet:
    """`period` and `state`: as the other sheets say them."""
    lines = tuple(line(COLUMNS, f) for f in dict.fromkeys(funders))
    table = Table("Financeurs", COLUMNS, lines, notes=NOTES)
    return Sheet("Légende", f"Légende {period}", (table,), state)
