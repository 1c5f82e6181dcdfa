"""What somebody did lately in a contract, each in one go: to be undone in one go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from grants.database import db
from grants.models import Campaign, HistoryEntry, Operation, Project, Role, RoleGrant, User

MOST = 50


@dataclass(frozen=True)
class Done:
    """`projects`: how many it changed; `validated`: the programming of one, so that undoing needs
    a reason."""

    id: int
    at: datetime
    by: str
    kind: str
    undone_at: datetime | None
    projects: int
    validated: bool


def latest(contract_id: int, user_id: int, *, coordinates: bool) -> list[Done]:
    """The newest first; who `coordinates` sees those of the other coordinators as well."""
    whose = Operation.by_id == user_id
    if coordinates:
        colleagues = select(RoleGrant.user_id).where(
            RoleGrant.contract_id == contract_id, RoleGrant.role == Role.COORDINATOR
        )
        whose = or_(whose, Operation.by_id.in_(colleagues))
    some = (
        select(Operation)
        .where(Operation.contract_id == contract_id, whose)
        .order_by(Operation.id.desc())
        .limit(MOST)
        .subquery()
    )
    records = db.session.execute(
        select(
            some.c.id, some.c.at, User.name, some.c.kind, some.c.undone_at,
            func.count(HistoryEntry.project_id.distinct()), func.count(Campaign.validated_at) > 0,
        )
        .join(User, User.id == some.c.by_id)
        .outerjoin(HistoryEntry, HistoryEntry.operation_id == some.c.id)
        .outerjoin(Project, Project.id == HistoryEntry.project_id)
        .outerjoin(Campaign, Campaign.id == Project.campaign_id)
        .group_by(some.c.id, some.c.at, User.name, some.c.kind, some.c.undone_at)
        .order_by(some.c.id.desc())
    )  # fmt: skip
    return [Done(*record) for record in records]
