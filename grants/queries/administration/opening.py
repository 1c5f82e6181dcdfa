"""What is missing before applicants can be received: « prêt à ouvrir ? », in the order in which it is filled in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from grants.database import db
from grants.domain.contract.notices import Notices, missing
from grants.french import counted, today
from grants.models import (
    Campaign,
    CampaignFunder,
    CampaignPiece,
    Contract,
    Funder,
    Institution,
    Role,
    RoleGrant,
    SiteIdentity,
    Theme,
    User,
    Zone,
    now,
)
from grants.queries.campaign.announced import in_preparation

# Each after those that it needs.
STEPS = (
    "Identité de la commune",
    "Pages que la loi demande",
    "Contrat de ville",
    "Institutions et financeurs",
    "Communes et quartiers",
    "Thèmes",
    "Appels à projets",
    "Enveloppes",
    "Comptes et rôles",
    "Ouverture des appels",
    "Serveur : courriels et antivirus",
)
IDENTITY, NOTICES, CONTRACT, PARTNERS, ZONES, THEMES, CALL, ENVELOPES, PEOPLE, OPEN, SERVER = range(len(STEPS))
# Without one of these nothing can be said of the steps after it.
FIRST = ("add_contract", "add_campaign")


@dataclass(frozen=True)
class Lack:
    """`page`: of the settings, where it is filled in; `place`: the contract or call in its address."""

    step: int
    words: str
    page: str
    place: dict[str, Any] = field(default_factory=dict)


def by_step(lacking: list[Lack]) -> list[tuple[str, list[Lack], bool]]:
    """Of each step its name, what it lacks, and whether it has to wait for another."""
    waits = min((lack.step for lack in lacking if lack.page in FIRST), default=SERVER)
    return [
        (name, [lack for lack in lacking if lack.step == step], waits < step < SERVER)
        for step, name in enumerate(STEPS)
    ]


def following(lacking: list[Lack], step: int, page: str = "", place: dict[str, Any] | None = None) -> Lack | None:
    """What is filled in next by who follows the list, and has just filled in that page of that step: where it still
    lacks something, what comes after it, so that nobody is led in a circle."""
    at = max((at for at, lack in enumerate(lacking) if (lack.page, lack.place) == (page, place)), default=-1)
    return next((lack for lack in lacking[at + 1 :] if step <= lack.step < SERVER), None)


def before_opening(lacking: list[Lack], campaign: Campaign) -> list[Lack]:
    """Of what is missing, what one who opens this call should know."""
    own = {"campaign_id": campaign.id, "slug": campaign.contract.slug}
    return [
        lack
        for lack in lacking
        if lack.step != OPEN and all(lack.place.get(key, value) == value for key, value in own.items())
    ]


def lacks(identity: SiteIdentity, *, sends: bool, scans: bool) -> list[Lack]:
    """By steps. `sends`, `scans`: the server has somewhere to hand mails over, an antivirus. Three queries, and one
    where nothing is sent."""
    wanted = missing(identity)
    of_notices = [words for name, words in wanted.items() if hasattr(Notices, name)]
    of_identity = [words for name, words in wanted.items() if not hasattr(Notices, name)]
    stuck = 0 if sends else _unconfirmed()
    of_server = [
        (IDENTITY, of_identity, f"Identité de la commune : {', '.join(of_identity)}", "site_identity"),
        (NOTICES, of_notices, f"Pages que la loi demande : {', '.join(of_notices)}", "site_notices"),
        (
            SERVER,
            not sends,
            "Aucun serveur d'envoi des courriels : faites régler GRANTS_SMTP_URL sur le serveur",
            "mails",
        ),
        (
            SERVER,
            stuck,
            f"{counted(stuck, 'personne')} sans le lien qui confirme une adresse : faute de serveur d'envoi il attend"
            " dans « Courriels », d'où vous pouvez le transmettre",
            "mails",
        ),
        (
            SERVER,
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
            _held(Role.COORDINATOR, RoleGrant.contract_id == Contract.id, RoleGrant.commune_id.is_(None)),
        )
        .where(Contract.end_year >= today().year)
        .order_by(Contract.label)
    ).all()
    lacking = [] if contracts else [Lack(CONTRACT, "Aucun contrat de ville en cours", "add_contract")]
    for slug, label, funded, placed, themed, called, coordinated in contracts:
        for there, step, words, page, place in (
            (funded, PARTNERS, "aucun financeur", "paste", {"what": "financeurs"}),
            (
                placed,
                ZONES,
                "aucun quartier, avec leurs communes s'il y en a plusieurs",
                "paste",
                {"what": "quartiers"},
            ),
            (themed, THEMES, "aucun thème", "paste", {"what": "themes"}),
            (called, CALL, "aucun appel à projets", "add_campaign", {}),
            (coordinated, PEOPLE, "aucun chef de projet n'est encore entré", "paste", {"what": "personnes"}),
        ):
            lacking += [] if there else [Lack(step, f"{label} : {words}", page, {"slug": slug, **place})]
    return lacking


def _of_campaigns() -> list[Lack]:
    """Of those that are open or drafts."""
    announced = and_(Campaign.opened_at.is_not(None), Campaign.closes_at > now())
    link = (CampaignFunder.campaign_id == Campaign.id, CampaignFunder.funder_id == Funder.id)
    calls = db.session.execute(
        select(
            Campaign.id,
            Campaign.label,
            Contract.slug,
            Campaign.opened_at,
            func.coalesce(Campaign.closes_at > now(), False),
            exists().where(CampaignFunder.campaign_id == Campaign.id),
            select(func.aggregate_strings(Funder.code, ", "))
            .where(*link, CampaignFunder.envelope_id.is_(None))
            .scalar_subquery(),
            exists().where(CampaignPiece.campaign_id == Campaign.id, CampaignPiece.archived.is_(False)),
        )
        .join(Contract, Contract.id == Campaign.contract_id)
        .where(or_(announced, and_(*in_preparation())))
        .order_by(Campaign.year, Campaign.label)
    )
    lacking = []
    for id, label, slug, opened_at, dated, funded, undrawn, pieces in calls:
        for lacked, step, words, page, place in (
            (not dated, CALL, "ses dates d'ouverture et de clôture", "campaign", {"campaign_id": id}),
            (not funded, CALL, "ses financeurs", "campaign", {"campaign_id": id}),
            (undrawn, ENVELOPES, f"l'enveloppe de {undrawn}", "paste", {"slug": slug, "what": "enveloppes"}),
            (not pieces, CALL, "les pièces à demander", "campaign_list", {"campaign_id": id, "path": "pieces"}),
            (opened_at is None, OPEN, "à ouvrir, personne ne le voit encore", "open_campaign", {"campaign_id": id}),
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
        Lack(PEOPLE, f"{label} : aucun instructeur n'est encore entré", "paste", {"slug": slug, **place})
        for label, slug in without
    ]


def _unconfirmed() -> int:
    """How many wait for their link."""
    waiting = select(func.count()).where(User.active, User.email_confirmed_at.is_(None))
    return db.session.scalar(waiting) or 0


def _held(role: Role, *where: ColumnElement[bool]) -> ColumnElement[bool]:
    """By somebody for whom it has effect."""
    entered = (RoleGrant.user_id == User.id, User.active, User.email_confirmed_at.is_not(None))
    return exists().where(RoleGrant.role == role, *entered, *where)
