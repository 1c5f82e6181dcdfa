"""How one person looks at the tables of a contract: the columns that they chose, and views they named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import JSON, bindparam, delete, func, select, text

from grants.database import db
from grants.errors import DomainError
from grants.models import Contract, Layout, User

GRID, PROJECTS = "grid", "projects"
LONGEST_NAME = 60
MOST = 20  # views of one person, of one page of a contract

# One statement, that two windows of one person may send at once; both databases read it alike.
_KEEP = text(
    "INSERT INTO layouts (user_id, contract_id, page, name, columns, filters)"
    " VALUES (:user_id, :contract_id, :page, :name, :columns, :filters)"
    " ON CONFLICT (user_id, contract_id, page, name)"
    " DO UPDATE SET columns = excluded.columns, filters = excluded.filters"
).bindparams(bindparam("columns", type_=JSON), bindparam("filters", type_=JSON))


def keep(
    contract: Contract, page: str, columns: Sequence[str], filters: Mapping[str, Any], *, by: User, name: str = ""
) -> None:
    """In place of what was kept before under this name; without one, how the page is shown at first."""
    if len(name) > LONGEST_NAME or (name and not name.isprintable()):
        raise DomainError(f"Le nom d'une vue a au plus {LONGEST_NAME} caractères, tous visibles.", "name")
    own = {"user_id": by.id, "contract_id": contract.id, "page": page}
    others = select(func.count()).select_from(Layout).filter_by(**own).where(Layout.name.not_in(("", name)))
    if name and (db.session.scalar(others) or 0) >= MOST:
        raise DomainError(f"Vous avez déjà {MOST} vues : retirez-en une.", "name")
    db.session.execute(_KEEP, own | {"name": name, "columns": list(columns), "filters": dict(filters)})


def remove(contract: Contract, page: str, name: str, *, by: User) -> None:
    """Nothing where there is none of this name."""
    if name.isprintable():
        db.session.execute(delete(Layout).filter_by(user_id=by.id, contract_id=contract.id, page=page, name=name))
