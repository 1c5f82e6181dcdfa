"""What is missing before applicants can be received: « prêt à ouvrir ? »."""

from __future__ import annotations

from dataclasses import dataclass, field
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
    User,
    now,
)


@dataclass(frozen=True)
class Lack:
    """`page`: of the settings, where it is filled in; `place`: the contract or call in its address."""

    words: str
    page: str
    place: dict[str, Any] = field(default_factory=dict)


def lacks(identity: SiteIdentity, *, sends: bool, scans: bool) -> list[Lack]:
    """`sends`, `scans`: the server has somewhere to hand mails over, an antivirus. Three queries."""
    wanted = missing(identity)
    of_notices = [words for name, words in wanted.items() if hasattr(Notices, name)]
    of_identity = [words for name, words in wanted.items() if not hasattr(Notices, name)]
    of_site = [
        (of_identity, f"Identité de la commune : {', '.join(of_identity)}", "site_identity"),
        (of_notices, f"Pages que la loi demande : {', '.join(of_notices)}", "site_notices"),
        (not sends, "Aucun serveur d'envoi des courriels : faites régler GRANTS_SMTP_URL sur le serveur", "mails"),
        (
            not scans,
            "Aucun antivirus n'examine les fichiers envoyés : faites régler GRANTS_CLAMD sur le serveur ; d'ici là,"
            " n'ouvrez un fichier joint que sur un poste protégé",
            "security",
        ),
    ]
    return (
        [Lack(words, page) for lacked, words, page in of_site if lacked]
        + _of_contracts()
        + _of_campaigns()
        + _of_people()
    )


def _of_contracts() -> list[Lack]:
    contracts = db.session.execute(
        select(
            Contract.slug,
            Contract.label,
            exists().where(Campaign.contract_id == Contract.id),
            _held(Role.COORDINATOR, RoleGrant.contract_id == Contract.id),
        )
        .where(Contract.end_year >= today().year)
        .order_by(Contract.label)
    ).all()
    found = [] if contracts else [Lack("Aucun contrat de ville en cours", "add_contract")]
    for slug, label, called, coordinated in contracts:
        if not called:
            found.append(Lack(f"{label} : aucun appel à projets", "campaigns", {"slug": slug}))
        if not coordinated:
            found.append(Lack(f"{label} : personne n'est chef de projet", "accounts"))
    return found


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
    found = []
    for id, label, slug, closes_at, funded, undrawn, pieces in calls:
        for lacked, words, page, place in (
            (closes_at is None, "ses dates d'ouverture et de clôture", "campaign", {"campaign_id": id}),
            (not funded, "ses financeurs", "campaign", {"campaign_id": id}),
            (undrawn, f"l'enveloppe de {undrawn}", "envelopes", {"slug": slug}),
            (not pieces, "les pièces à demander", "campaign_list", {"campaign_id": id, "path": "pieces"}),
        ):
            found += [Lack(f"{label} : {words}", page, place)] if lacked else []
    return found


def _of_people() -> list[Lack]:
    labels = db.session.scalars(
        select(Institution.label)
        .join(Contract, Contract.id == Institution.contract_id)
        .where(
            Contract.end_year >= today().year,
            ~Institution.outside,
            ~_held(Role.INSTRUCTOR, RoleGrant.institution_id == Institution.id),
        )
        .order_by(Contract.label, Institution.position)
    )
    return [Lack(f"{label} : personne n'instruit pour elle", "accounts") for label in labels]


def _held(role: Role, *where: ColumnElement[bool]) -> ColumnElement[bool]:
    """By somebody for whom it has effect."""
    entered = (RoleGrant.user_id == User.id, User.active, User.email_confirmed_at.is_not(None))
    return exists().where(RoleGrant.role == role, *entered, *where)
