"""The accounts of a project's budget (Cerfa 12156*06, from the plan comptable associatif).

Codes are unique over both sides. Subsidies (74) are no fixed line: the funders of the call are
typed as requests, the others each as a line of their own with where it stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from grants.domain.money import share
from grants.models import OtherFunding, Side

SUBSIDIES = "74"
SUBSIDIES_LABEL = "Subventions d'exploitation"


@dataclass(frozen=True)
class Account:
    """`common`: the usual few, shown from the start; the others are one press away."""

    code: str
    label: str
    side: Side
    common: bool = False

    @property
    def in_kind(self) -> bool:
        return is_in_kind(self.code)


@dataclass(frozen=True)
class AccountClass:
    """A class of the chart (60, 61 ...) and its accounts."""

    code: str
    label: str
    accounts: tuple[Account, ...]


def is_in_kind(code: str) -> bool:
    """Classes 86 and 87 (volunteers, goods lent): counted apart from the total cost."""
    return code.startswith(("86", "87"))


def _group(side: Side, code: str, label: str, *accounts: str) -> AccountClass:
    """Accounts written `606 Autres fournitures`, with a `*` before the common ones."""
    made = []
    for account in accounts or (f"{code} {label}",):
        number, _, name = account.removeprefix("*").partition(" ")
        made.append(Account(number, name, side, common=account.startswith("*")))
    return AccountClass(code, label, tuple(made))


EXPENSES = tuple(
    _group(Side.EXPENSE, *parts)
    for parts in (
        ("60", "Achats", "601 Matières et fournitures", "*604 Prestations de services", "*606 Autres fournitures"),
        (
            "61",
            "Services extérieurs",
            "613 Locations",
            "615 Entretien et réparation",
            "616 Assurance",
            "618 Documentation",
        ),
        (
            "62",
            "Autres services extérieurs",
            "622 Rémunérations d'intermédiaires et honoraires",
            "623 Publicité, publications",
            "*625 Déplacements, missions",
            "627 Services bancaires, autres",
        ),
        ("63", "Impôts et taxes", "631 Impôts et taxes sur rémunérations", "635 Autres impôts et taxes"),
        (
            "64",
            "Charges de personnel",
            "*641 Rémunération des personnels",
            "645 Charges sociales",
            "647 Autres charges de personnel",
        ),
        ("65", "Autres charges de gestion courante"),
        ("66", "Charges financières"),
        ("67", "Charges exceptionnelles"),
        ("68", "Dotations aux amortissements, provisions et engagements"),
        ("69", "Impôt sur les bénéfices, participation des salariés"),
        (
            "IND",
            "Charges indirectes affectées à l'action",
            "INDFIXES Charges fixes de fonctionnement",
            "INDFIN Frais financiers",
            "INDAUTRES Autres charges indirectes",
        ),
        (
            "86",
            "Emplois des contributions volontaires en nature",
            "860 Secours en nature",
            "861 Mise à disposition gratuite de biens et services",
            "862 Prestations",
            "*864 Personnel bénévole",
        ),
    )
)
INCOME = tuple(
    _group(Side.INCOME, *parts)
    for parts in (
        (
            "70",
            "Vente de produits finis, de marchandises, prestations de services",
            "*70 Ventes et participations des usagers",
        ),
        ("73", "Dotations et produits de tarification"),
        ("75", "Autres produits de gestion courante", "*756 Cotisations", "758 Dons manuels, mécénat"),
        ("76", "Produits financiers"),
        ("77", "Produits exceptionnels"),
        (
            "78",
            "Reprises sur amortissements et provisions",
            "78 Reprises sur amortissements et provisions",
            "789 Report de ressources affectées et non utilisées",
        ),
        ("79", "Transfert de charges"),
        ("PROPRES", "Ressources propres affectées à l'action", "PROPRES Ressources propres"),
        (
            "87",
            "Contributions volontaires en nature",
            "*870 Bénévolat",
            "871 Prestations en nature",
            "875 Dons en nature",
        ),
    )
)
ACCOUNTS = {a.code: a for group in (*EXPENSES, *INCOME) for a in group.accounts}


class Named(Protocol):
    """A budget line, or as much of it as was read."""

    @property
    def account(self) -> str: ...
    @property
    def label(self) -> str: ...


def account_name(line: Named) -> str:
    """`606 Autres fournitures`, or the other funder's name on a subsidy."""
    if line.account == SUBSIDIES:
        return f"{SUBSIDIES} {line.label or SUBSIDIES_LABEL}"
    account = ACCOUNTS.get(line.account)
    label = line.label or (account.label if account else "")
    return f"{line.account} {label}" if line.account[:1].isdigit() else label or line.account


@dataclass(frozen=True)
class BudgetTotals:
    """Euros; in-kind (86, 87) apart. `cost` is the total cost of the action (rules, words)."""

    cost: Decimal
    other_income: Decimal
    requested: Decimal
    in_kind_expenses: Decimal
    in_kind_income: Decimal

    @property
    def income(self) -> Decimal:
        return self.other_income + self.requested

    @property
    def gap(self) -> Decimal:
        """What is missing of income (negative: too much of it)."""
        return self.cost - self.income

    def share(self, amount: Decimal | None) -> Decimal | None:
        """Of a subsidy in the total of the income, in percent (the Cerfa's sentence)."""
        return None if amount is None else share(amount, self.income)


class Amount(Protocol):
    """What is added up: a budget line, or as much of it as was read."""

    @property
    def side(self) -> Side: ...
    @property
    def account(self) -> str: ...
    @property
    def amount(self) -> Decimal: ...
    @property
    def other_funding(self) -> OtherFunding | None: ...


def totals(lines: Iterable[Amount], requested: Decimal) -> BudgetTotals:
    """A subsidy that was refused brings nothing: it is kept as information and not counted."""
    sums = {(side, kind): Decimal(0) for side in Side for kind in (False, True)}
    for line in lines:
        if line.other_funding is not OtherFunding.REFUSED:
            sums[line.side, is_in_kind(line.account)] += line.amount
    return BudgetTotals(
        cost=sums[Side.EXPENSE, False],
        other_income=sums[Side.INCOME, False],
        requested=requested,
        in_kind_expenses=sums[Side.EXPENSE, True],
        in_kind_income=sums[Side.INCOME, True],
    )
