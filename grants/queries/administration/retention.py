"""What retention has deleted, for the administrator."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from grants.database import all_as, select_as
from grants.models import Contract, HistoryEntry, User


class PastPurge(NamedTuple):
    at: datetime
    contract: str
    year: str
    dossiers: str
    reason: str
    by: str


def past_purges() -> list[PastPurge]:
    """The latest first."""
    named = {"contract": Contract.label, "by": User.name, "year": HistoryEntry.field, "dossiers": HistoryEntry.old}
    return all_as(
        PastPurge,
        select_as(PastPurge, HistoryEntry, **named)
        .join(Contract, Contract.id == HistoryEntry.contract_id)
        .join(User, User.id == HistoryEntry.by_id)
        .where(HistoryEntry.action == "retention")
        .order_by(HistoryEntry.id.desc()),
    )
