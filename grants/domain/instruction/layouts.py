"""How one person looks at the tables of a contract: the columns that they chose, and views they named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import JSON, bindparam, select, text

from grants.database import db
from grants.errors import DomainError
from grants.models import Contract, Layout, User
from grants.names import same

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
    contract: Contract,
    page: str,
    columns: Sequence[str],
    filters: Mapping[str, Any],
    *,
    by: User,
    name: str = "",
    replaces: bool = False,
) -> None:
    """As a view of this `name`, or else how the page is shown at first. Raises `DomainError` for a name that another
    view has (unless it `replaces` that), or that only its typing tells apart, and for one that is too long."""
    if name:
        _refuse_name(contract, page, name, by, replaces)
    own = {"user_id": by.id, "contract_id": contract.id, "page": page}
    db.session.execute(_KEEP, own | {"name": name, "columns": list(columns), "filters": dict(filters)})


def _refuse_name(contract: Contract, page: str, name: str, by: User, replaces: bool) -> None:
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise DomainError(f"Le nom d'une vue a au plus {LONGEST_NAME} caractères, tous visibles.", "name")
    own = select(Layout.name).filter_by(user_id=by.id, contract_id=contract.id, page=page).where(Layout.name != "")
    names = db.session.scalars(own).all()
    there = [each for each in names if same(each, name)]
    if there and not replaces:
        raise DomainError(f"Vous avez déjà une vue « {there[0]} ». Écrivez un autre nom.", "name")
    for each in there:
        remove(contract, page, each, by=by)
    if len(names) - len(there) >= MOST:
        raise DomainError(f"Vous avez déjà {MOST} vues : retirez-en une.", "name")


def rename(contract: Contract, page: str, old: str, name: str, *, by: User) -> None:
    """Raises as `keep`, and where there is no view `old`."""
    if not name:
        raise DomainError("Écrivez son nouveau nom.", "name")
    layout = remove(contract, page, old, by=by)
    keep(contract, page, layout.columns, layout.filters, by=by, name=name)


def remove(contract: Contract, page: str, name: str, *, by: User) -> Layout:
    """What it was, to be kept again. Raises `DomainError` where there is none of this name."""
    layout = db.session.get(Layout, (by.id, contract.id, page, name)) if name and name.isprintable() else None
    if layout is None:
        raise DomainError("Choisissez une de vos vues dans la liste.")
    db.session.delete(layout)
    db.session.flush()
    return layout
