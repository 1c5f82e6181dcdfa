"""Agreements of a contract, and what one of them promises and has become, in a constant number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select

from grants.database import all_as, all_of, select_as
from grants.models import (
    IN_FORCE,
    Agreement,
    AgreementAction,
    AgreementAmount,
    Campaign,
    CampaignFunder,
    Funder,
    Organisation,
    Project,
)


@dataclass(frozen=True)
class ListedAgreement:
    """`expected`: euros of all its years and funders."""

    id: int
    title: str
    number: str
    bearer: str
    first_year: int
    last_year: int
    signed_on: date | None
    archived: bool
    expected: Decimal | None


def agreements(contract_id: int) -> list[ListedAgreement]:
    """Those in force first, the latest first. One query."""
    expected = (
        select(func.sum(AgreementAmount.expected))
        .join(AgreementAction, AgreementAction.id == AgreementAmount.action_id)
        .where(AgreementAction.agreement_id == Agreement.id, IN_FORCE)
    )
    return all_as(
        ListedAgreement,
        select_as(ListedAgreement, Agreement, bearer=Organisation.name, expected=expected.scalar_subquery())
        .join(Organisation, Organisation.id == Agreement.organisation_id)
        .where(Agreement.contract_id == contract_id)
        .order_by(Agreement.archived, Agreement.first_year.desc(), Agreement.title, Agreement.id),
    )


@dataclass(frozen=True)
class AgreedAmount:
    """`holds`: no later amendment has replaced it. `reference`, `project_id`: of the dossier of its year."""

    action_id: int
    funder: str
    year: int
    amendment: int
    expected: Decimal
    firm: Decimal
    reason: str
    holds: bool
    reference: str | None
    project_id: int | None


def amounts(agreement_id: int) -> list[AgreedAmount]:
    """Of its actions, each year's and funder's with what amendments replaced. One query."""
    made = (Project.agreement_action_id == AgreementAmount.action_id) & (Project.year == AgreementAmount.year)
    return all_as(
        AgreedAmount,
        select_as(AgreedAmount, AgreementAmount, Project, funder=Funder.label, holds=IN_FORCE, project_id=Project.id)
        .join(AgreementAction, AgreementAction.id == AgreementAmount.action_id)
        .join(Funder, Funder.id == AgreementAmount.funder_id)
        .outerjoin(Project, made)
        .where(AgreementAction.agreement_id == agreement_id)
        .order_by(AgreementAmount.year, Funder.position, Funder.id, AgreementAmount.amendment),
    )


def payers(action: AgreementAction) -> list[Funder]:
    """Those that have ever taken part in a call of its kind. One query."""
    of_kind = (Campaign.contract_id == action.contract_id, Campaign.kind == action.call_kind)
    taking_part = select(CampaignFunder.funder_id).join(Campaign, Campaign.id == CampaignFunder.campaign_id)
    return all_of(select(Funder).where(Funder.id.in_(taking_part.where(*of_kind))).order_by(Funder.position, Funder.id))
