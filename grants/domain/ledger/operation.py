"""What one person does in one go, on one line or on many: every entry of history that it writes
names it, so that it is undone in one go (`grants.domain.undo`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from grants.database import db
from grants.domain.ledger import history
from grants.models import Operation, User


@contextmanager
def operation(contract_id: int, kind: str, *, by: User) -> Iterator[Operation]:
    """All that is recorded inside belongs to it; none begins inside another."""
    made = Operation(contract_id=contract_id, kind=kind, by_id=by.id)
    db.session.add(made)
    db.session.flush()
    with history.within(made.id):
        yield made
