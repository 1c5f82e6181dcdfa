"""A project's budget beside its predecessor's, line by line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from grants.database import db, select_as
from grants.domain.chart_of_accounts import BudgetTotals, account_name, is_in_kind, totals
from grants.domain.dossier.budget import BudgetEntry
from grants.models import BudgetLine, OtherFunding, Project, Side

ZERO = Decimal(0)


@dataclass
class ComparedAccount:
    """An account, or another funder outside the call; euros, nothing where a year has none."""

    side: Side
    account: str
    label: str
    ordinary_law: bool
    now: Decimal | None = None
    then: Decimal | None = None
    where: OtherFunding | None = None
    where_then: OtherFunding | None = None

    @property
    def name(self) -> str:
        return account_name(self)

    @property
    def in_kind(self) -> bool:
        return is_in_kind(self.account)

    @property
    def outside(self) -> bool:
        """Asked of a funder that takes no part in the call."""
        return (self.where or self.where_then) is not None

    @property
    def gap(self) -> Decimal:
        return (self.now or ZERO) - (self.then or ZERO)


@dataclass(frozen=True)
class BesideBudget:
    """`before`: nothing where the predecessor has no budget (imported ones have none)."""

    lines: list[ComparedAccount]
    totals: BudgetTotals
    before: BudgetTotals | None

    @property
    def outside(self) -> list[ComparedAccount]:
        return [line for line in self.lines if line.outside]


def budget_beside(project: Project, before: Project | None, asked: Decimal, asked_before: Decimal) -> BesideBudget:
    """This year's lines in their order, then those of last year alone. One query. `asked`: of the
    funders of the call, in both years."""
    records = db.session.execute(
        select_as(BudgetEntry, BudgetLine)
        .add_columns(BudgetLine.project_id)
        .where(BudgetLine.project_id.in_((project.id, before.id if before else 0)))
        .order_by(BudgetLine.position, BudgetLine.id)
    )
    now, then = list[BudgetEntry](), list[BudgetEntry]()
    for *entry, project_id in records:
        (now if project_id == project.id else then).append(BudgetEntry(*entry))
    found: dict[tuple[Side, str, str], ComparedAccount] = {}
    for line in now:
        here = _in(found, line)
        here.now, here.where = (here.now or ZERO) + line.amount, line.other_funding
    for line in then:
        here = _in(found, line)
        here.then, here.where_then = (here.then or ZERO) + line.amount, line.other_funding
    return BesideBudget(_sorted(found.values()), totals(now, asked), totals(then, asked_before) if then else None)


def _in(accounts: dict[tuple[Side, str, str], ComparedAccount], line: BudgetEntry) -> ComparedAccount:
    key = (line.side, line.account, line.label.casefold())
    return accounts.setdefault(key, ComparedAccount(line.side, line.account, line.label, line.ordinary_law))


def _sorted(lines: Iterable[ComparedAccount]) -> list[ComparedAccount]:
    """Contributions in kind last, as they are no part of the total."""
    return sorted(lines, key=lambda line: line.in_kind)
