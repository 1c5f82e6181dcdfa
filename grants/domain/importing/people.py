"""The account that imported decisions carry (rules 3)."""

from __future__ import annotations

from sqlalchemy import select

from grants.database import db
from grants.models import User

_EMAIL = "reprise@grants.invalid"


def reprise_account() -> User:
    """ "Reprise": nobody can sign in with it. Created when first needed."""
    user = db.session.scalar(select(User).where(User.email == _EMAIL))
    if user is None:
        user = User(email=_EMAIL, name="Reprise", active=False)
        db.session.add(user)
        db.session.flush()
    return user
