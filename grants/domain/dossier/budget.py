"""The sections in figures: budget by account, and what is asked of each funder of the call."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import ClassVar, NamedTuple, Self

from sqlalchemy import and_, bindparam, exists, select
from sqlalchemy.orm import joinedload

from grants.database import all_as, all_of, db, select_as
from grants.domain.chart_of_accounts import ACCOUNTS, SUBSIDIES, BudgetTotals, totals
from grants.domain.dossier.communes import finances
from grants.domain.dossier.drafts import Answers, Section
from grants.domain.ledger import history
from grants.errors import DomainError
from grants.models import (
    IN_ITS_CALL,
    BudgetLine,
    CampaignFunder,
    Envelope,
    Funder,
    FundingLine,
    OtherFunding,
    Project,
    Side,
    User,
)

USUAL_ENVELOPE = Decimal(50_000)  # euros, where there is none yet


def requests_of(project: Project) -> list[FundingLine]:
    """The lines of the funders of the call, with these, in the order of its columns."""
    return all_of(
        select(FundingLine)
        .join(CampaignFunder, IN_ITS_CALL)
        .where(FundingLine.project_id == project.id)
        .options(joinedload(FundingLine.funder))
        .order_by(CampaignFunder.position)
    )


class BudgetEntry(NamedTuple):
    """A line of the budget, read."""

    side: Side
    account: str
    label: str
    amount: Decimal
    ordinary_law: bool
    other_funding: OtherFunding | None


class Request(NamedTuple):
    """What is asked of a funder, read; `in_campaign`: it still takes part in the call."""

    funder: str
    amount: Decimal
    in_campaign: bool


@dataclass(frozen=True)
class DossierFigures:
    """The figures of a dossier, read once for its checks and for what is kept of it."""

    lines: tuple[BudgetEntry, ...]
    requests: tuple[Request, ...]

    @property
    def totals(self) -> BudgetTotals:
        return totals(self.lines, sum((asked.amount for asked in self.requests), Decimal(0)))


# Statements are built once: building one takes as long as asking it.
_LINES = (
    select_as(BudgetEntry, BudgetLine)
    .where(BudgetLine.project_id == bindparam("project"))
    .order_by(BudgetLine.position)
)
_REQUESTS = (
    select(Funder.label, FundingLine.requested, CampaignFunder.funder_id.is_not(None))
    .join(Funder, Funder.id == FundingLine.funder_id)
    .outerjoin(CampaignFunder, IN_ITS_CALL)
    .where(FundingLine.project_id == bindparam("project"), FundingLine.requested.is_not(None))
    .order_by(CampaignFunder.position)
)


def figures_of(project: Project) -> DossierFigures:
    own = {"project": project.id}
    return DossierFigures(
        tuple(all_as(BudgetEntry, _LINES, own)),
        tuple(
            Request(funder, amount or Decimal(0), in_campaign)
            for funder, amount, in_campaign in db.session.execute(_REQUESTS, own)
        ),
    )


def totals_of(project: Project) -> BudgetTotals:
    return figures_of(project).totals


def funders_of(project: Project) -> list[Funder]:
    """Those of the call that it may ask, or has asked already, in the order of its columns."""
    asked = exists().where(FundingLine.project_id == project.id, FundingLine.funder_id == Funder.id)
    found = db.session.execute(
        select(Funder, and_(asked, Funder.commune_id.is_not(None)))
        .join(CampaignFunder, CampaignFunder.funder_id == Funder.id)
        .where(CampaignFunder.campaign_id == project.campaign_id)
        .order_by(CampaignFunder.position)
    )
    return [funder for funder, kept in found if kept or finances(funder, project)]


def asked_elsewhere(project: Project) -> list[Funder]:
    """Those that it asks and that finance another commune alone."""
    asked = select(FundingLine.funder_id).where(
        FundingLine.project_id == project.id, FundingLine.requested.is_not(None)
    )
    funders = all_of(select(Funder).where(Funder.id.in_(asked), Funder.commune_id.is_not(None)))
    return [funder for funder in funders if not finances(funder, project)]


def surprising(campaign_id: int) -> dict[int, Decimal]:
    """From how many euros on a request to each funder looks like a slip: ten times its envelope,
    rounded up to a one and noughts. An applicant who tries amounts learns no more of the envelope
    than how many figures it has."""
    rows = db.session.execute(
        select(CampaignFunder.funder_id, Envelope.amount)
        .outerjoin(Envelope, Envelope.id == CampaignFunder.envelope_id)
        .where(CampaignFunder.campaign_id == campaign_id)
    )
    return {funder_id: Decimal(10) ** (ceil((envelope or USUAL_ENVELOPE).log10()) + 1) for funder_id, envelope in rows}


@dataclass(frozen=True)
class OtherSubsidy:
    """Asked from outside the call: who, how much, where it stands, and whether it is ordinary-law
    money (droit commun) rather than the politique de la ville's own. `row`: its place on the page,
    which it keeps when another goes."""

    label: str
    amount: Decimal
    status: OtherFunding
    ordinary_law: bool = False
    row: int = 0


@dataclass(frozen=True)
class BudgetAnswers(Answers):
    """`amounts`: account and euros, in the order of the chart; accounts left empty are absent."""

    amounts: tuple[tuple[str, Decimal], ...]
    subsidies: tuple[OtherSubsidy, ...]

    section: ClassVar[Section] = Section.BUDGET

    @classmethod
    def of(cls, project: Project) -> Self:
        by_account = {line.account: line.amount for line in project.budget}
        return cls(
            tuple((code, by_account[code]) for code in ACCOUNTS if code in by_account),
            tuple(
                OtherSubsidy(
                    line.label,
                    line.amount,
                    line.other_funding or OtherFunding.ASKED,
                    line.ordinary_law,
                    line.position - len(ACCOUNTS),
                )
                for line in project.budget
                if line.account == SUBSIDIES
            ),
        )

    def write(self, project: Project, by: User) -> None:
        if any(code not in ACCOUNTS for code, _ in self.amounts):
            raise DomainError("Ce compte n'existe pas dans le plan comptable du dossier.")
        project.budget = [*self._accounts(), *self._subsidies()]
        project.total_cost = totals(project.budget, Decimal(0)).cost

    def _accounts(self) -> list[BudgetLine]:
        return [
            BudgetLine(side=ACCOUNTS[code].side, account=code, amount=amount, position=position)
            for position, (code, amount) in enumerate(self.amounts)
        ]

    def _subsidies(self) -> list[BudgetLine]:
        return [
            BudgetLine(
                side=Side.INCOME,
                account=SUBSIDIES,
                label=other.label,
                amount=other.amount,
                other_funding=other.status,
                ordinary_law=other.ordinary_law,
                position=len(ACCOUNTS) + other.row,
            )
            for other in self.subsidies
        ]


@dataclass(frozen=True)
class RequestAnswers(Answers):
    """`amounts`: funder and euros asked of it; funders that are not asked are absent."""

    amounts: tuple[tuple[int, Decimal], ...]

    section: ClassVar[Section] = Section.REQUESTS

    @classmethod
    def of(cls, project: Project) -> Self:
        lines = requests_of(project)
        return cls(tuple((ln.funder_id, ln.requested) for ln in lines if ln.requested is not None))

    def write(self, project: Project, by: User) -> None:
        asked = {funder_id: amount for funder_id, amount in self.amounts if amount}
        if not asked.keys() <= {funder.id for funder in funders_of(project)}:
            raise DomainError("Ce financeur ne participe pas à cet appel, ou pas dans cette commune.")
        for line in requests_of(project):
            amount = asked.pop(line.funder_id, None)
            if amount is None and line.requested is None:
                continue  # an institution's own
            history.change(line, "request", "requested", amount, by=by)
            if amount is None:
                db.session.delete(line)
        for funder_id, amount in asked.items():
            line = FundingLine(project=project, campaign_id=project.campaign_id, funder_id=funder_id, requested=amount)
            db.session.add(line)
            db.session.flush()
            history.record(line, "request", by=by, field="requested", new=amount)
