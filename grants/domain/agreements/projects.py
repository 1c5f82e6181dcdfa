"""The year's dossiers of agreements: made admissible in a call, with what was agreed asked and what is firm granted,
through the one path of decisions and in one operation, which can be undone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import joinedload

from grants.database import db
from grants.domain.agreements.agreement import ZERO, held, refuse_overrun
from grants.domain.contract.contract import lock
from grants.domain.decisions.rules import Decision
from grants.domain.decisions.write import Wish, write
from grants.domain.dossier.renewal import COPIED
from grants.domain.instruction.on_behalf import deposit_for
from grants.domain.ledger import history
from grants.domain.ledger.operation import operation
from grants.domain.workflow import move
from grants.errors import DomainError
from grants.french import day, today
from grants.models import (
    IN_FORCE,
    Agreement,
    AgreementAction,
    AgreementAmount,
    Campaign,
    FundingLine,
    Kind,
    Operation,
    Outcome,
    Project,
    User,
)
from grants.permissions import is_coordinator, require

AGREE = "agree"
WORDS = set(COPIED.split()) - {"title", "commune_id", "total_cost"}


@dataclass(frozen=True)
class DueAction:
    """An action of an agreement that has no dossier of its year yet. `refusal`: why none can be made, if so."""

    action: AgreementAction
    amounts: tuple[AgreementAmount, ...]
    refusal: str

    @property
    def source(self) -> str:
        agreement = self.action.agreement
        return f"Convention {agreement.called}"[:200] + f", signée le {day(agreement.signed_on)}"


def due(campaign: Campaign) -> list[DueAction]:
    """Those that this call pays for. Two queries."""
    amounts: dict[AgreementAction, list[AgreementAmount]] = defaultdict(list)
    for action, amount in db.session.execute(
        select(AgreementAction, AgreementAmount)
        .join(AgreementAmount, AgreementAmount.action_id == AgreementAction.id)
        .join(Agreement, Agreement.id == AgreementAction.agreement_id)
        .where(
            Agreement.contract_id == campaign.contract_id,
            Agreement.signed_on.is_not(None),
            ~Agreement.archived,
            AgreementAction.call_kind == campaign.kind,
            AgreementAmount.year == campaign.year,
            AgreementAmount.expected > 0,
            IN_FORCE,
            ~exists().where(Project.agreement_action_id == AgreementAction.id, Project.year == campaign.year),
        )
        .options(
            joinedload(AgreementAction.agreement).joinedload(Agreement.organisation), joinedload(AgreementAmount.funder)
        )
        .order_by(Agreement.title, AgreementAction.id, AgreementAmount.funder_id)
    ):
        amounts[action].append(amount)
    drawn = {link.funder_id: link.envelope_id for link in campaign.funders}
    return [DueAction(action, tuple(own), _refusal(own, drawn)) for action, own in amounts.items()]


def _refusal(amounts: list[AgreementAmount], drawn: Mapping[int, int | None]) -> str:
    """`drawn`: by funder of the call, its envelope."""
    strangers = [amount.funder.label for amount in amounts if amount.funder_id not in drawn]
    unpaid = [amount.funder.label for amount in amounts if amount.firm and not drawn.get(amount.funder_id)]
    if strangers:
        return f"hors de cet appel : {', '.join(strangers)}"
    return f"pas encore d'enveloppe : {', '.join(unpaid)}" if unpaid else ""


def make_projects(campaign: Campaign, action_ids: Collection[int], *, by: User) -> tuple[Operation, int]:
    """Dossiers of these actions; how many. Raises `DomainError` for none, for one that has its dossier already or a
    `refusal`, and what decisions are refused for."""
    require(by, "contract.coordinate", campaign, "Seul le chef de projet crée les dossiers des conventions.")
    lock(campaign.contract)  # two at once wait for each other
    chosen = [one for one in due(campaign) if one.action.id in action_ids]
    if not chosen or len(chosen) < len(set(action_ids)):
        raise DomainError("Aucune action n'est cochée, ou son dossier est déjà créé : relisez la liste.")
    for one in chosen:
        if one.refusal:
            raise DomainError(f"« {one.action.title} » : {one.refusal}.")
    with operation(campaign.contract_id, AGREE, by=by) as made:
        wishes = [wish for one in chosen for wish in _grants(_made(campaign, one, by), one)]
        if wishes:
            write(wishes, by=by, may=is_coordinator)
    return made, len(chosen)


def _made(campaign: Campaign, one: DueAction, by: User) -> Project:
    """As one that came on paper, with the words of the year before."""
    action, agreement = one.action, one.action.agreement
    earlier = db.session.scalar(
        select(Project)
        .where(Project.agreement_action_id == action.id, Project.year < campaign.year)
        .order_by(Project.year.desc())
        .limit(1)
    )
    values = {name: getattr(earlier, name) for name in WORDS} if earlier else {}
    requested = tuple((amount.funder_id, amount.expected) for amount in one.amounts)
    project = deposit_for(
        campaign,
        agreement.organisation,
        requested,
        one.source,
        by=by,
        **values,
        title=action.title,
        theme_id=action.theme_id,
        commune_id=action.commune_id,
        kind=Kind.MULTIYEAR,
        year_of=campaign.year - agreement.first_year + 1,
        years_total=len(agreement.years),
        predecessor_id=earlier.id if earlier else None,
        agreement_action_id=action.id,
        received_on=today(),
        received_by=one.source,
    )
    move(project, "admit", by=by)
    db.session.flush()
    return project


def _grants(project: Project, one: DueAction) -> Iterable[Wish]:
    for amount in one.amounts:
        if amount.firm:
            why = {"revision_reason": one.source, "typed_from": one.source}
            yield Wish(project.id, amount.funder_id, None, Decision(Outcome.ACCEPTED, amount.firm, **why))


def take_back(project: Project, *, by: User, reason: str) -> None:
    """Undo: the dossier is withdrawn, which frees its money, and its action is due again. Raises `DomainError` where
    an amendment has meanwhile promised more for it than its envelope has left."""
    action = project.agreement_action
    assert action is not None  # noqa: S101 - no other dossier is made by an operation
    before = held(action.agreement)
    for line in db.session.scalars(select(FundingLine).where(FundingLine.project_id == project.id)):
        link = project.campaign_id, line.funder_id
        before[link] = before.get(link, ZERO) + (line.granted or ZERO)
    move(project, "withdraw", by=by, reason=reason or "Création depuis la convention annulée.")
    history.change(project, "undo", "agreement_action_id", None, by=by, reason=reason)
    db.session.flush()
    refuse_overrun(action.agreement, before)
