"""A call is a draft until somebody opens it: from then on it is announced, and takes dossiers between its dates."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from grants.database import db
from grants.domain.contract.contract import lock_part
from grants.domain.ledger import history
from grants.errors import DomainError
from grants.models import Campaign, Project, Provenance, User, now


def open_campaign(campaign: Campaign, *, by: User) -> None:
    """Raises `DomainError` without dates to come or funders, and for one that is open, or past."""
    lock_part(campaign.contract, campaign)
    if campaign.opened_at is not None:
        raise DomainError("Cet appel est déjà ouvert.")
    if filled(campaign):
        raise DomainError("Cet appel est passé : un import y a mis des décisions.")
    if campaign.closes_at is None or campaign.closes_at <= now():
        raise DomainError("Donnez d'abord à cet appel ses dates : une ouverture, et une clôture à venir.")
    if not campaign.funders:
        raise DomainError("Choisissez d'abord les financeurs de cet appel.")
    history.change(campaign, "announce", "opened_at", now(), by=by)
    db.session.flush()


def take_back(campaign: Campaign, *, by: User) -> None:
    """A draft again, while nothing is deposited; what applicants have begun waits with it."""
    lock_part(campaign.contract, campaign)
    if campaign.opened_at is None:
        raise DomainError("Cet appel n'est pas ouvert.")
    if _has(campaign, Project.reference.is_not(None)):
        raise DomainError("Des dossiers y sont déjà déposés : changez plutôt sa clôture.")
    history.change(campaign, "take_back", "opened_at", None, by=by)
    db.session.flush()


def filled(campaign: Campaign) -> bool:
    """By an import, with what was decided elsewhere: such a call is past."""
    return _has(campaign, Project.provenance == Provenance.IMPORTED)


def _has(campaign: Campaign, which: ColumnElement[bool]) -> bool:
    return db.session.scalar(select(Project.id).where(Project.campaign_id == campaign.id, which).limit(1)) is not None
