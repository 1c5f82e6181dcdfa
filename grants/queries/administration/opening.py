"""What is missing before applicants can be received: « prêt à ouvrir ? », in the order in which it is filled in."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from grants.database import db
from grants.domain.contract.notices import Notices, missing
from grants.french import today
from grants.models import (
    Campaign,
    CampaignFunder,
    CampaignPiece,
    Contract,
    Funder,
    Institution,
    Project,
    Role,
    RoleGrant,
    SiteIdentity,
    Theme,
    User,
    Zone,
    now,
)


class OpeningStep(IntEnum):
    """Each after those that it needs."""

    IDENTITY = 1
    NOTICES = 2
    CONTRACT = 3
    PARTNERS = 4
    ZONES = 5
    THEMES = 6
    CALL = 7
    ENVELOPES = 8
    PEOPLE = 9
    SERVER = 10


STEPS = {
    OpeningStep.IDENTITY: "Identité de la commune",
    OpeningStep.NOTICES: "Pages que la loi demande",
    OpeningStep.CONTRACT: "Contrat de ville",
    OpeningStep.PARTNERS: "Institutions et financeurs",
    OpeningStep.ZONES: "Quartiers",
    OpeningStep.THEMES: "Thèmes",
    OpeningStep.CALL: "Appels à projets",
    OpeningStep.ENVELOPES: "Enveloppes",
    OpeningStep.PEOPLE: "Comptes et rôles",
    OpeningStep.SERVER: "Serveur : courriels et antivirus",
}
# Without one of these nothing can be said of the steps after it.
FIRST = ("add_contract", "add_campaign")


@dataclass(frozen=True)
class Lack:
    """`page`: of the settings, where it is filled in; `place`: the contract or call in its address."""

    step: OpeningStep
    words: str
    page: str
    place: dict[str, Any] = field(default_factory=dict)


def by_step(lacking: list[Lack]) -> list[tuple[str, list[Lack], bool]]:
    """Of each step its name, what it lacks, and whether it has to wait for another."""
    waits = min((lack.step for lack in lacking if lack.page in FIRST), default=OpeningStep.SERVER)
    return [
        (name, [lack for lack in lacking if lack.step is step], waits < step < OpeningStep.SERVER)
        for step, name in STEPS.items()
    ]


def following(lacking: list[Lack], step: int) -> Lack | None:
    """What is filled in next by who follows the list, and has just done that step."""
    return next((lack for lack in lacking if step < lack.step < OpeningStep.SERVER), None)


def lacks(identity: SiteIdentity, *, sends: bool, scans: bool) -> list[Lack]:
    """By steps. `sends`, `scans`: the server has somewhere to hand mails over, an antivirus. Three queries."""
    wanted = missing(identity)
    of_notices = [words for name, words in wanted.items() if hasattr(Notices, name)]
    of_identity = [words for name, words in wanted.items() if not hasattr(Notices, name)]
    of_server = [
        (OpeningStep.IDENTITY, of_identity, f"Identité de la commune : {', '.join(of_identity)}", "site_identity"),
        (OpeningStep.NOTICES, of_notices, f"Pages que la loi demande : {', '.join(of_notices)}", "site_notices"),
        (
            OpeningStep.SERVER,
            not sends,
            "Aucun serveur d'envoi des courriels : faites régler GRANTS_SMTP_URL sur le serveur",
            "mails",
        ),
        (
            OpeningStep.SERVER,
            not scans,
            "Aucun antivirus n'examine les fichiers envoyés : faites régler GRANTS_CLAMD sur le serveur ; d'ici là,"
            " n'ouvrez un fichier joint que sur un poste protégé",
            "security",
        ),
    ]
    of_site = [Lack(step, words, page) for step, lacked, words, page in of_server if lacked]
    return sorted([*of_site, *_of_contracts(), *_of_campaigns(), *_of_people()], key=lambda lack: lack.step)


def _of_contracts() -> list[Lack]:
    contracts = db.session.execute(
        select(
            Contract.slug,
            Contract.label,
            exists().where(Funder.contract_id == Contract.id),
            exists().where(Zone.contract_id == Contract.id, Zone.priority),
            exists().where(Theme.contract_id == Contract.id),
            exists().where(Campaign.contract_id == Contract.id),
            _held(Role.COORDINATOR, RoleGrant.contract_id == Contract.id),
        )
        .where(Contract.end_year >= today().year)
        .order_by(Contract.label)
    ).all()
    lacking = [] if contracts else [Lack(OpeningStep.CONTRACT, "Aucun contrat de ville en cours", "add_contract")]
    for slug, label, funded, placed, themed, called, coordinated in contracts:
        for there, step, words, page, place in (
            (funded, OpeningStep.PARTNERS, "aucun financeur", "paste", {"what": "financeurs"}),
            (placed, OpeningStep.ZONES, "aucun quartier", "paste", {"what": "quartiers"}),
            (themed, OpeningStep.THEMES, "aucun thème", "paste", {"what": "themes"}),
            (called, OpeningStep.CALL, "aucun appel à projets", "add_campaign", {}),
            (
                coordinated,
                OpeningStep.PEOPLE,
                "aucun chef de projet n'est encore entré",
                "paste",
                {"what": "personnes"},
            ),
        ):
            lacking += [] if there else [Lack(step, f"{label} : {words}", page, {"slug": slug, **place})]
    return lacking


def _of_campaigns() -> list[Lack]:
    """Of those that are open or prepared: what was imported has no dates either, but dossiers."""
    prepared = and_(Campaign.closes_at.is_(None), ~exists().where(Project.campaign_id == Campaign.id))
    link = (CampaignFunder.campaign_id == Campaign.id, CampaignFunder.funder_id == Funder.id)
    calls = db.session.execute(
        select(
            Campaign.id,
            Campaign.label,
            Contract.slug,
            Campaign.closes_at,
            exists().where(CampaignFunder.campaign_id == Campaign.id),
            select(func.aggregate_strings(Funder.code, ", "))
            .where(*link, CampaignFunder.envelope_id.is_(None))
            .scalar_subquery(),
            exists().where(CampaignPiece.campaign_id == Campaign.id),
        )
        .join(Contract, Contract.id == Campaign.contract_id)
        .where(or_(Campaign.closes_at > now(), prepared))
        .order_by(Campaign.year, Campaign.label)
    )
    lacking = []
    for id, label, slug, closes_at, funded, undrawn, pieces in calls:
        for lacked, step, words, page, place in (
            (
                closes_at is None,
                OpeningStep.CALL,
                "ses dates d'ouverture et de clôture",
                "campaign",
                {"campaign_id": id},
            ),
            (not funded, OpeningStep.CALL, "ses financeurs", "campaign", {"campaign_id": id}),
            (
                undrawn,
                OpeningStep.ENVELOPES,
                f"l'enveloppe de {undrawn}",
                "paste",
                {"slug": slug, "what": "enveloppes"},
            ),
            (
                not pieces,
                OpeningStep.CALL,
                "les pièces à demander",
                "campaign_list",
                {"campaign_id": id, "path": "pieces"},
            ),
        ):
            lacking += [Lack(step, f"{label} : {words}", page, place)] if lacked else []
    return lacking


def _of_people() -> list[Lack]:
    without = db.session.execute(
        select(Institution.label, Contract.slug)
        .join(Contract, Contract.id == Institution.contract_id)
        .where(
            Contract.end_year >= today().year,
            ~Institution.outside,
            ~_held(Role.INSTRUCTOR, RoleGrant.institution_id == Institution.id),
        )
        .order_by(Contract.label, Institution.position)
    )
    place = {"what": "personnes"}
    return [
        Lack(OpeningStep.PEOPLE, f"{label} : aucun instructeur n'est encore entré", "paste", {"slug": slug, **place})
        for label, slug in without
    ]


def _held(role: Role, *where: ColumnElement[bool]) -> ColumnElement[bool]:
    """By somebody for whom it has effect."""
    entered = (RoleGrant.user_id == User.id, User.active, User.email_confirmed_at.is_not(None))
    return exists().where(RoleGrant.role == role, *entered, *where)
