"""How one person looks at the pages of a contract."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from grants.database import db
from grants.models import Contract, Layout, User

_LAYOUTS = (
    select(Layout)
    .filter_by(user_id=bindparam("user_id"), contract_id=bindparam("contract_id"), page=bindparam("page"))
    .order_by(Layout.name)
)


def layouts_of(user: User, contract: Contract, page: str) -> dict[str, Layout]:
    """By name, in its order; one statement."""
    asked = {"user_id": user.id, "contract_id": contract.id, "page": page}
    return {layout.name: layout for layout in db.session.scalars(_LAYOUTS, asked)}
