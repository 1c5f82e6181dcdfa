"""What somebody did lately in a contract, each in one go: to be undone in one go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import aliased

from grants.database import all_as, all_of, db, select_as
from grants.domain.decisions.lines import blank, read
from grants.domain.decisions.undo import CONFIRMED, changed
from grants.domain.ledger.history import over
from grants.domain.undo import operation
from grants.models import Campaign, Funder, FundingLine, HistoryEntry, Operation, Project, Role, RoleGrant, User

MOST = 50
# An entry about money of a validated programming.
_VALIDATED = and_(
    HistoryEntry.subject == FundingLine.__tablename__,
    HistoryEntry.field.not_in(CONFIRMED),
    Campaign.validated_at.is_not(None),
)


@dataclass(frozen=True)
class Done:
    """`projects`: how many it changed; `validated`: as `asks_why`. The rest is of the only one, and
    of its funder; `written`: in euros, proposed or granted."""

    id: int
    at: datetime
    by: str
    kind: str
    undone_at: datetime | None
    projects: int
    validated: bool
    project_id: int | None
    title: str | None
    funder: str | None
    written: str | None

    @property
    def amount(self) -> Decimal | None:
        return Decimal(self.written) if self.written else None


def asks_why(operation_id: int) -> bool:
    """It changed amounts of a programming that is validated now: undoing it needs a reason."""
    entries = (
        select(HistoryEntry.id)
        .join(Project, Project.id == HistoryEntry.project_id)
        .join(Campaign, Campaign.id == Project.campaign_id)
        .where(HistoryEntry.operation_id == operation_id, _VALIDATED)
    )
    return bool(db.session.scalar(select(entries.exists())))


def latest(contract_id: int, user_id: int, *, coordinates: bool) -> list[Done]:
    """The newest first; who `coordinates` sees imports, and those of the other coordinators."""
    whose = Operation.by_id == user_id
    if coordinates:
        colleagues = select(RoleGrant.user_id).where(
            RoleGrant.contract_id == contract_id, RoleGrant.role == Role.COORDINATOR
        )
        whose = or_(whose, Operation.by_id.in_(colleagues), Operation.kind == "import")
    some = aliased(
        Operation,
        select(Operation)
        .where(Operation.contract_id == contract_id, whose)
        .order_by(Operation.id.desc())
        .limit(MOST)
        .subquery(),
    )
    written = case((HistoryEntry.field.in_(("proposed", "granted")), HistoryEntry.new))
    return all_as(
        Done,
        select_as(
            Done,
            some,
            by=User.name,
            projects=func.count(HistoryEntry.project_id.distinct()),
            validated=func.count(case((_VALIDATED, 1))) > 0,
            project_id=func.min(Project.id),
            title=func.min(Project.title),
            funder=func.min(Funder.code),
            written=func.max(written),
        )
        .join(User, User.id == some.by_id)
        .outerjoin(HistoryEntry, HistoryEntry.operation_id == some.id)
        .outerjoin(Project, Project.id == HistoryEntry.project_id)
        .outerjoin(Campaign, Campaign.id == Project.campaign_id)
        .outerjoin(Funder, Funder.id == HistoryEntry.funder_id)
        .group_by(some.id, some.at, User.name, some.kind, some.undone_at)
        .order_by(some.id.desc()),
    )


def changed_since(done: Mapping[int, datetime]) -> dict[int, str]:
    """Of operations (with their instants) that cannot be undone as things stand, why: the first
    line or dossier of theirs that has changed. A constant number of queries; undoing asks again,
    behind locks."""
    entries = all_of(
        select(HistoryEntry)
        .where(HistoryEntry.operation_id.in_(done), HistoryEntry.field != "")
        .order_by(HistoryEntry.id)
    )
    ids = {entry.project_id for entry in entries}
    projects = {p.id: p for p in all_of(select(Project).where(Project.id.in_(ids)))}
    funders = {f.id: f for f in all_of(select(Funder).where(Funder.id.in_({e.funder_id for e in entries})))}
    lines = read(projects.values(), funders.values())
    of_lines = [e for e in entries if e.subject == FundingLine.__tablename__]
    of_projects = [e for e in entries if e.subject == Project.__tablename__]
    why: dict[int, str] = {}
    things = over(of_lines, lambda e: (e.operation_id or 0, e.project_id or 0, e.funder_id or 0))
    for (operation_id, project_id, funder_id), fields in things.items():
        line = lines.get((project_id, funder_id)) or blank(projects[project_id], funders[funder_id])
        if told := changed(line, fields, done[operation_id]):
            why.setdefault(operation_id, told)
    for (operation_id, _), told in operation.changed(of_projects, projects).items():
        why.setdefault(operation_id, told)
    return why
