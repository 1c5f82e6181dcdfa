"""The order of what a contract is made of, and its end: archived while dossiers or calls have it, deleted while
nothing does. Themes, a tree, are moved and archived by `theme`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from grants.database import all_of, db
from grants.domain.contract.contract import contract_of
from grants.domain.contract.taken import Part
from grants.domain.contract.theme import arrange
from grants.domain.ledger import history
from grants.errors import DomainError
from grants.models import AgreementAction, Funder, Theme, User, Zone


def move_part(part: Part, step: int, *, by: User) -> None:
    """One place up (-1) or down (+1); a funder among those of its institution, a zone of its commune."""
    contract = contract_of(part)
    model: Any = type(part)
    beside = select(model).where(model.contract_id == contract.id)
    if isinstance(part, Funder):
        beside = beside.where(Funder.institution_id == part.institution_id)
    elif isinstance(part, Zone):
        beside = beside.where(Zone.commune_id == part.commune_id)
    order = all_of(beside.order_by(model.position, model.id))
    old, place = part.position, order.index(part) + step
    if not 0 <= place < len(order):
        raise DomainError(f"« {part.label} » est déjà au bout de sa liste.")
    free = [each.position for each in order]
    order.insert(place, order.pop(order.index(part)))
    for before, each, position in zip([None, *order], order, free, strict=False):
        # Imports may have given two the same place.
        each.position = max(position, before.position + 1) if before else position
    history.record(part, "move", by=by, field="position", old=old, new=part.position)
    db.session.flush()
    db.session.expire(contract)


def set_archived(part: Part, archived: bool, *, by: User) -> None:
    """No longer offered to new dossiers and calls; those that have it keep it."""
    contract_of(part)
    history.change_each(part, "update", {"archived": archived}, by=by)


def remove_part(part: Part | Theme | AgreementAction, *, by: User) -> None:
    """Raises `DomainError` while anything hangs on it, which the database itself says."""
    contract = contract_of(part)
    history.record(part, "delete", by=by, field="label", old=getattr(part, "label", part.id))
    try:
        with db.session.begin_nested():
            db.session.delete(part)
    except IntegrityError:
        raise DomainError(
            "Cela sert déjà (dossiers, appels, rôles, ou ce qui est au-dessous) : gardez-le, ou archivez-le."
        ) from None
    db.session.expire(contract)
    if isinstance(part, Theme):
        arrange(contract)
