"""The budget of the whole organisation for a year (Cerfa 12156*06, part 4), by account."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, NamedTuple, Self

from sqlalchemy import bindparam, delete, func, select

from grants.database import db
from grants.domain import chart_of_accounts as chart
from grants.domain.chart_of_accounts import BudgetTotals
from grants.domain.ledger import history
from grants.domain.organisation.profile import Details, RecordPage
from grants.errors import DomainError
from grants.models import Organisation, OrganisationBudgetLine, Side, User

[_SUBSIDIES] = chart.classes(
    Side.INCOME,
    """
74 Subventions d'exploitation
  *74ETAT Subventions : État
  74REGION Subventions : Région
  74DEPT Subventions : Département
  74INTERCO Subventions : Intercommunalité
  *74VILLE Subventions : Commune
  74SOCIAL Subventions : Organismes sociaux (caisse d'allocations familiales…)
  74EUROPE Subventions : Fonds européens
  74ASP Subventions : Agence de services et de paiement (emplois aidés)
  74PUBLIC Subventions : Autres établissements publics
  74PRIVE Subventions : Aides privées, fondations
""",
)
# A project's own lines have no place in the budget of the whole.
EXPENSES = tuple(group for group in chart.EXPENSES if group.code != "IND")
INCOME = tuple(
    each
    for group in chart.INCOME
    if group.code != "PROPRES"
    for each in ((group, _SUBSIDIES) if group.code == "73" else (group,))
)
ACCOUNTS = {a.code: a for group in (*EXPENSES, *INCOME) for a in group.accounts}


class TypedAmount(NamedTuple):
    """One account of it, to be added up."""

    side: Side
    account: str
    amount: Decimal
    other_funding: None = None


@dataclass(frozen=True)
class Budget(Details):
    """`amounts`: account and euros, in the order of the chart; empty accounts are absent."""

    year: int
    amounts: tuple[tuple[str, Decimal], ...]

    part: ClassVar[RecordPage] = RecordPage.BUDGET

    @classmethod
    def of_year(cls, organisation: Organisation, year: int) -> Self:
        rows = db.session.execute(
            select(OrganisationBudgetLine.account, OrganisationBudgetLine.amount).where(
                OrganisationBudgetLine.organisation_id == organisation.id, OrganisationBudgetLine.year == year
            )
        )
        kept = {row.account: row.amount for row in rows}
        return cls(year, tuple((code, kept[code]) for code in ACCOUNTS if code in kept))

    def stored(self, organisation: Organisation) -> Details:
        return self.of_year(organisation, self.year)

    def write(self, organisation: Organisation, by: User) -> None:
        if any(code not in ACCOUNTS for code, _ in self.amounts):
            raise DomainError("Ce compte n'existe pas dans le plan comptable.")
        old = self.of_year(organisation, self.year)
        if old == self:
            return
        lines = OrganisationBudgetLine
        db.session.execute(delete(lines).where(lines.organisation_id == organisation.id, lines.year == self.year))
        db.session.add_all(
            OrganisationBudgetLine(organisation_id=organisation.id, year=self.year, account=code, amount=amount)
            for code, amount in self.amounts
        )
        history.record(
            organisation,
            "edit",
            by=by,
            field=f"budget {self.year}",
            old=sums(old.amounts).cost,
            new=sums(self.amounts).cost,
        )


def sums(amounts: Iterable[tuple[str, Decimal]]) -> BudgetTotals:
    typed = (TypedAmount(ACCOUNTS[code].side, code, amount) for code, amount in amounts)
    return chart.totals(typed, Decimal(0))


_HAS_BUDGET = (
    select(OrganisationBudgetLine.id)
    .where(
        OrganisationBudgetLine.organisation_id == bindparam("organisation"),
        OrganisationBudgetLine.year.in_(bindparam("years", expanding=True)),
        OrganisationBudgetLine.amount > 0,
    )
    .limit(1)
)


def has_budget(organisation: Organisation, years: Iterable[int]) -> bool:
    of = {"organisation": organisation.id, "years": tuple(years)}
    return db.session.scalar(_HAS_BUDGET, of) is not None


def last_year(organisation: Organisation) -> int | None:
    """The latest year whose budget was typed."""
    line = OrganisationBudgetLine
    latest = select(func.max(line.year)).where(line.organisation_id == organisation.id)
    return db.session.scalar(latest)
