"""What one person looks at in a contract's grid."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, bindparam, text

from grants.database import db
from grants.models import Contract, User

# One statement, that two windows of one person may send at once; both databases read it alike.
_KEEP = text(
    "INSERT INTO grid_settings (user_id, contract_id, choice)"
    " VALUES (:user_id, :contract_id, :choice)"
    " ON CONFLICT (user_id, contract_id) DO UPDATE SET choice = excluded.choice"
).bindparams(bindparam("choice", type_=JSON))


def keep(contract: Contract, choice: dict[str, Any], *, by: User) -> None:
    """In place of what was kept before."""
    row = {"user_id": by.id, "contract_id": contract.id, "choice": choice}
    db.session.execute(_KEEP, row)
