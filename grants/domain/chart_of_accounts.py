"""The accounts of a project's budget (Cerfa 12156*06, from the plan comptable associatif).

Codes are unique over both sides. Subsidies (74) are no fixed line: the funders of the call are
typed as requests, the others each as a line of their own with where it stands.
"""

from __future__ import annotations

import re
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
    """`common`: the usual few, shown from the start; the others are one press away. `example`: what
    goes there, for who does not know the number."""

    code: str
    label: str
    side: Side
    common: bool = False
    example: str = ""

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


def classes(side: Side, text: str) -> tuple[AccountClass, ...]:
    """A class a line and its accounts indented beneath, written `606 Autres fournitures | papeterie`, with a `*`
    before the common ones. Without any beneath, a class is its own account."""
    made: list[AccountClass] = []
    for first, *below in (part.split("\n  ") for part in re.split(r"\n(?! )", text.strip())):
        accounts = []
        for line in below or [first]:
            name, _, example = line.partition(" | ")
            number, _, name = name.removeprefix("*").partition(" ")
            accounts.append(Account(number, name, side, common=line.startswith("*"), example=example))
        code, _, label = first.partition(" | ")[0].partition(" ")
        made.append(AccountClass(code, label, tuple(accounts)))
    return tuple(made)


EXPENSES = classes(
    Side.EXPENSE,
    """
60 Achats
  601 Matières et fournitures | bois, tissu, semences
  *604 Prestations de services | animatrice, spectacle, sortie en car
  *606 Autres fournitures | papeterie, petit matériel, goûters
61 Services extérieurs
  613 Locations | salle, minibus, sonorisation
  615 Entretien et réparation | vélos, ordinateurs
  616 Assurance | responsabilité civile de l'action
  618 Documentation | livres, abonnements
62 Autres services extérieurs
  622 Rémunérations d'intermédiaires et honoraires | formateur, psychologue, comptable
  623 Publicité, publications | affiches, dépliants
  *625 Déplacements, missions | trajets de l'équipe, repas en mission
  627 Services bancaires, autres | frais de banque, téléphone, timbres
63 Impôts et taxes
  631 Impôts et taxes sur rémunérations | taxe sur les salaires
  635 Autres impôts et taxes | taxe foncière
64 Charges de personnel
  *641 Rémunération des personnels | salaires bruts, pour le temps passé sur l'action
  645 Charges sociales | cotisations de l'employeur
  647 Autres charges de personnel | médecine du travail, titres-restaurant
65 Autres charges de gestion courante | droits d'auteur, licences
66 Charges financières | intérêts d'un emprunt
67 Charges exceptionnelles | amende, dégât imprévu
68 Dotations aux amortissements, provisions et engagements | part de l'année d'un matériel durable
69 Impôt sur les bénéfices, participation des salariés | impôt sur les intérêts d'un placement
IND Charges indirectes affectées à l'action
  INDFIXES Charges fixes de fonctionnement | part du loyer, de l'électricité
  INDFIN Frais financiers | part des frais de banque
  INDAUTRES Autres charges indirectes | part de la comptabilité
86 Emplois des contributions volontaires en nature
  860 Secours en nature | vêtements, denrées
  861 Mise à disposition gratuite de biens et services | salle prêtée par la commune
  862 Prestations | intervention offerte par un professionnel
  *864 Personnel bénévole | heures de bénévoles, au tarif que vous retenez
""",
)
INCOME = classes(
    Side.INCOME,
    """
70 Vente de produits finis, de marchandises, prestations de services
  *70 Ventes et participations des usagers | participation des familles, buvette
73 Dotations et produits de tarification | établissements sociaux et médico-sociaux
75 Autres produits de gestion courante
  *756 Cotisations | adhésions
  758 Dons manuels, mécénat | don d'un habitant, d'une entreprise
76 Produits financiers | intérêts d'un livret
77 Produits exceptionnels | vente d'un ancien matériel
78 Reprises sur amortissements et provisions
  78 Reprises sur amortissements et provisions | somme mise de côté une année précédente
  789 Report de ressources affectées et non utilisées | subvention reçue et pas encore dépensée
79 Transfert de charges | remboursement d'une assurance, d'une formation
PROPRES Ressources propres affectées à l'action
  PROPRES Ressources propres | pris sur les réserves de l'association
87 Contributions volontaires en nature
  *870 Bénévolat | les heures comptées au compte 864
  871 Prestations en nature | la salle comptée au compte 861
  875 Dons en nature | les denrées comptées au compte 860
""",
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
