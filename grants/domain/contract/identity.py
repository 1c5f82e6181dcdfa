"""Whose service this is, for pages, mails and documents."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from grants.database import db
from grants.domain.contract.colours import DEFAULT
from grants.models import Contract, SiteIdentity


@dataclass(frozen=True)
class IdentityTerms:
    name: str = ""
    service: str = ""
    accent: str = DEFAULT
    address: str = ""
    phone: str = ""
    email: str = ""
    website: str = ""


def stored() -> SiteIdentity:
    """What is written, or an empty one that is not."""
    return db.session.get(SiteIdentity, 1) or blank()


def blank() -> SiteIdentity:
    return SiteIdentity(id=1, notices={}, **asdict(IdentityTerms()))


def service_of(contract: Contract) -> str:
    """Who is in charge of its dossiers: as the contract says, or else the identity."""
    identity = stored()
    if contract.service_text or not identity.reachable:
        return contract.service_text
    return identity.contact
