"""Rows locked and read afresh, so that a decision rests on what is true now."""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy.exc import InvalidRequestError

from grants.database import db
from grants.errors import Conflict
from grants.models import Base

Row = TypeVar("Row", bound=Base)


def fresh(row: Row, *, shared: bool = False, key_share: bool = False) -> Row:
    """`shared`: others may read it locked as well, none may change it; `key_share`: rows that
    point to it may still be written. Raises `Conflict` when it has just been deleted."""
    try:
        db.session.refresh(
            row, with_for_update={"of": type(row), "read": shared, "key_share": key_share}
        )
    except InvalidRequestError:
        raise Conflict(
            "Ce que vous modifiez vient d'être supprimé par une autre personne."
            " Rechargez la page précédente."
        ) from None
    return row
