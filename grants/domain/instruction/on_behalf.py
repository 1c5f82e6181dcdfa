"""A dossier that came by e-mail or on paper, typed by the coordinator: the bearer's words are few,
the rules the same (open call, funders of the call, requests within the cost)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from grants.database import db
from grants.domain.campaign import late_permission
from grants.domain.documents import document
from grants.domain.documents.document import FileSlot
from grants.domain.dossier.budget import RequestAnswers
from grants.domain.dossier.deposit import implicit_rejection
from grants.domain.dossier.drafts import in_campaign
from grants.domain.dossier.themes import offered
from grants.domain.instruction.classification import checked_commune
from grants.domain.ledger import history
from grants.domain.mail import mail
from grants.domain.organisation.identity import Identity
from grants.domain.reference import next_reference
from grants.domain.workflow import lock, move
from grants.errors import DomainError, NotAllowed
from grants.french import PARIS, day, euros, today
from grants.models import DEPOSITED, Campaign, Contract, Kind, Organisation, Project, State, User, now
from grants.names import fold
from grants.permissions import is_coordinator, require


@dataclass(frozen=True)
class ReceivedDossier:
    """`received_by`: how it came and from whom; `requested`: funder and euros."""

    title: str
    theme_id: int | None
    kind: Kind
    total_cost: Decimal | None
    requested: tuple[tuple[int, Decimal], ...]
    received_on: date | None
    received_by: str
    commune_id: int | None = None


def record(campaign: Campaign, bearer: Organisation, received: ReceivedDossier, *, by: User) -> Project:
    """Deposit it at once, with its reference; the statements stay empty. Raises `DomainError` at
    the field."""
    require(by, "contract.coordinate", campaign, "Seul le chef de projet saisit un dossier reçu.")
    _check(campaign, received)
    received_on = _in_time(campaign, bearer, received.received_on)
    return deposit_for(
        campaign,
        bearer,
        received.requested,
        f"Pour {bearer.name}, reçu le {day(received_on)} : {received.received_by}",
        by=by,
        title=received.title,
        kind=received.kind,
        theme_id=received.theme_id,
        commune_id=checked_commune(campaign.contract, received.commune_id),
        total_cost=received.total_cost,
        received_on=received_on,
        received_by=received.received_by,
    )


def deposit_for(
    campaign: Campaign,
    bearer: Organisation,
    requested: tuple[tuple[int, Decimal], ...],
    reason: str,
    *,
    by: User,
    **values: Any,
) -> Project:
    """At once, with its reference. Raises `DomainError` where the bearer has one of this title in the call."""
    # First of all: two presses of the button wait for each other here.
    reference = next_reference(campaign.contract_id, campaign.year)
    _refuse_twice(campaign, bearer, values["title"])
    project = in_campaign(campaign, bearer, by, applicant_theme_id=values["theme_id"], **values)
    db.session.add(project)
    db.session.flush()
    history.record(project, "create", by=by)
    RequestAnswers(requested).write(project, by)
    project.reference, project.submitted_at = reference, now()
    move(project, "receive", by=by, reason=reason)
    facts = {"implicit_on": implicit_rejection(project), "link": f"/mes-projets/{project.id}/accuse"}
    mail.queue_all("receipt", mail.members(bearer), project=project, **facts)
    return project


def new_bearer(identity: Identity, contract: Contract, *, by: User) -> Organisation:
    """An organisation that nobody has an account for yet. Raises `DomainError` at the field."""
    require(by, "contract.coordinate", contract, "Seul le chef de projet saisit un dossier reçu.")
    values = identity.columns(None)
    known = select(Organisation.id).where(
        Organisation.home_contract_id == contract.id, Organisation.name_key == fold(values["name"])
    )
    if db.session.scalar(known):
        raise DomainError("Cette organisation existe déjà : cherchez-la par son nom.", "name")
    made = Organisation(**values, home_contract_id=contract.id, source="Créée pour un dossier reçu.")
    db.session.add(made)
    db.session.flush()
    history.record(made, "create", by=by, field="name", new=made.name, contract_id=contract.id)
    return made


def attach(_slot: FileSlot, received: document.ReceivedFile, project: Project, *, by: User, total: int) -> None:
    """Keep what came with the dossier. Not in an applicant's own: their files are theirs."""
    lock(project)
    if project.received_on is None or not is_coordinator(by, project):
        raise NotAllowed("Seuls les dossiers reçus par courriel ou sur papier se joignent ainsi.")
    document.refuse_twice(received, project)
    document.keep(received, project, by=by, total=total)


def _refuse_twice(campaign: Campaign, bearer: Organisation, title: str) -> None:
    reference = db.session.scalar(
        select(Project.reference).where(
            Project.campaign_id == campaign.id,
            Project.organisation_id == bearer.id,
            Project.title_key == fold(title),
            Project.state.in_(DEPOSITED),
            Project.state != State.WITHDRAWN,
        )
    )
    if reference:
        raise DomainError(
            f"Ce dossier est déjà là, sous le numéro {reference}. S'il y en a bien deux,"
            " donnez-leur des titres différents.",
            "title",
        )


def _check(campaign: Campaign, received: ReceivedDossier) -> None:
    if not received.title:
        raise DomainError("Écrivez le titre de l'action.", "title")
    if received.theme_id not in {c.id for c in offered(campaign.contract_id, campaign.kind)}:
        raise DomainError("Choisissez une orientation de la liste de cet appel.", "theme_id")
    if received.kind is Kind.MULTIYEAR:
        raise DomainError("Choisissez l'année de la convention en reclassant ensuite.", "kind")
    if not received.received_by:
        raise DomainError("Écrivez comment il est arrivé, et de qui.", "received_by")
    if not received.total_cost:
        raise DomainError("Écrivez le coût total de l'action.", "total_cost")
    asked = sum((amount for _, amount in received.requested), Decimal(0))
    if not asked:
        raise DomainError("Écrivez le montant demandé à au moins un financeur.")
    if asked > received.total_cost:
        raise DomainError(f"Les demandes ({euros(asked)}) dépassent le coût total de l'action.", "total_cost")


def _in_time(campaign: Campaign, bearer: Organisation, on: date | None) -> date:
    """The day of receipt; that of the closing still counts, later only with an exception."""
    if on is None or on > today():
        raise DomainError("Indiquez le jour où il est arrivé : aujourd'hui ou avant.", "received_on")
    closes_at = late_permission.closes_at(campaign, bearer)
    if campaign.opens_at is None or closes_at is None:
        raise DomainError("Cet appel n'est pas ouvert : aucun dossier ne peut y être déposé.")
    if on < campaign.opens_at.astimezone(PARIS).date():
        raise DomainError(f"Cet appel a ouvert le {day(campaign.opens_at)}.", "received_on")
    if datetime.combine(on, time(0), PARIS) >= closes_at:
        raise DomainError(
            "Ce jour est après la clôture de l'appel. Seul l'administrateur peut autoriser un"
            " dépôt tardif, avec son motif.",
            "received_on",
        )
    return on
