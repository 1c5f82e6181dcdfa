"""How one person looks at the pages of a contract."""

from __future__ import annotations

from sqlalchemy import select

from grants.database import all_of
from grants.models import Contract, Layout, User


def layouts_of(user: User, contract: Contract, page: str) -> dict[str, Layout]:
    """By name, in its order; one statement."""
    found = select(Layout).filter_by(user_id=user.id, contract_id=contract.id, page=page).order_by(Layout.name)
    return {layout.name: layout for layout in all_of(found)}
