"""What the receipt of a dossier says (CRPA L112-11, R112-11-1 to -4), for its page and its PDF."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from grants.domain.contract.identity import service_of
from grants.domain.dossier.budget import requests_of
from grants.domain.dossier.deposit import implicit_rejection
from grants.domain.dossier.sent import SentDossier
from grants.french import day, euros, instant
from grants.models import Project, Provenance

APPEAL = (
    "Une décision de rejet peut être contestée dans les deux mois : par un recours gracieux,"
    " adressé au service chargé du dossier ou au financeur qui a décidé, ou par un recours"
    " contentieux devant le tribunal administratif (www.telerecours.fr). Un recours gracieux"
    " prolonge le délai du recours contentieux."
)
NEXT = (
    "Le service vérifie que le dossier est complet. S'il manque une pièce, il vous la demandera"
    " avec un délai pour répondre. Chaque financeur prend ensuite sa décision ; vous la verrez"
    " dans « Mes projets » dès qu'il l'aura notifiée."
)


@dataclass(frozen=True)
class Receipt:
    """`facts`: label and value; `silence`: in two parts around the date of the implicit
    decision; `committees`: when they really meet, in the call's own words."""

    reference: str
    arrived: str
    facts: tuple[tuple[str, str], ...]
    service: str
    next: str
    silent_until: date
    silence: tuple[str, str]
    committees: str
    appeal: str


def has_receipt(project: Project) -> bool:
    """What was taken from last years' files was not received here."""
    return project.submitted_at is not None and project.provenance is not Provenance.IMPORTED


def receipt_of(project: Project, sent: SentDossier | None) -> Receipt:
    """`sent`: the dossier as it was sent, where it was deposited here."""
    contract = project.campaign.contract
    at = sent.at if sent else project.submitted_at
    received = day(project.received_on) if project.received_on else instant(at)
    return Receipt(
        reference=project.reference or "",
        arrived=received,
        facts=tuple(_facts(project, sent, received)),
        service=service_of(contract) or f"Service de la politique de la ville de la commune, pour le {contract.label}.",
        next=NEXT,
        silent_until=implicit_rejection(project),
        silence=(
            "Si le dossier est complet et que l'administration ne vous a pas répondu dans les deux"
            " mois, c'est-à-dire le ",
            ", son silence vaut décision de rejet (articles L. 231-4 et R. 112-11-1 du code des"
            " relations entre le public et l'administration). Une demande de pièces suspend ce"
            " délai. La loi fixe ce délai, même si les comités se réunissent plus tard : une décision"
            " prise ensuite peut encore vous accorder la subvention.",
        ),
        committees=project.campaign.committee_dates,
        appeal=contract.appeal_text or APPEAL,
    )


def _facts(project: Project, sent: SentDossier | None, received: str) -> list[tuple[str, str]]:
    campaign, bearer = project.campaign, project.organisation
    name, siret = bearer.name, bearer.siret
    if sent is not None:
        name, siret = sent.organisation["Nom"], sent.organisation.get("SIRET")
    year = "" if str(project.year) in campaign.label else f" {project.year}"
    return [
        ("Numéro du dossier", project.reference or ""),
        ("Date de réception", received),
        *_first(project, sent),
        ("Action", sent.title if sent else project.title),
        ("Organisation", f"{name} (SIRET {siret})" if siret else name),
        ("Appel à projets", f"{campaign.label}{year}, {campaign.contract.label}"),
        ("Coût total de l'action", euros(sent.sums.cost if sent else project.total_cost)),
        *((f"Demandé à {funder}", euros(amount)) for funder, amount in _requests(project, sent)),
    ]


def _first(project: Project, sent: SentDossier | None) -> list[tuple[str, str]]:
    """What a correction does not change: that the dossier came in time."""
    if sent is None or sent.number == 1:
        return []
    return [
        ("Premier dépôt", f"{instant(project.submitted_at)} (il fait foi pour les délais)"),
        ("Ce dépôt", f"Correction n° {sent.number - 1} : elle remplace le dépôt précédent"),
    ]


def _requests(project: Project, sent: SentDossier | None) -> list[tuple[str, Decimal]]:
    if sent is not None:
        return list(sent.requests)
    return [(ln.funder.label, ln.requested) for ln in requests_of(project) if ln.requested]
