"""References of dossiers (`2021-0042`): one counter per contract and year."""

from __future__ import annotations

from sqlalchemy import text

from grants.database import db

# Locks the counter's row until the end of the transaction; both databases read it alike.
_TAKE = text(
    "INSERT INTO reference_counters (contract_id, year, last) VALUES (:contract_id, :year, :many)"
    " ON CONFLICT (contract_id, year) DO UPDATE SET last = reference_counters.last + :many"
    " RETURNING last"
)


def next_references(contract_id: int, year: int, many: int) -> list[str]:
    """The next `many` references, in order."""
    last: int = db.session.execute(_TAKE, {"contract_id": contract_id, "year": year, "many": many}).scalar_one()
    return [f"{year}-{number:04}" for number in range(last - many + 1, last + 1)]


def next_reference(contract_id: int, year: int) -> str:
    """The next reference of this contract and year."""
    return next_references(contract_id, year, 1)[0]
