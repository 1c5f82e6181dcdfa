"""Named versions of a campaign's programming: its history up to one entry, read back later by
`queries.past`; and the vote of the steering committee (rules, states)."""

from __future__ import annotations

from itertools import count

from sqlalchemy import func, select

from grants.database import db
from grants.domain.contract import contract as contracts
from grants.domain.ledger import history
from grants.domain.locking import fresh
from grants.domain.reference import next_references
from grants.errors import DomainError
from grants.french import day
from grants.models import (
    Campaign,
    CampaignFunder,
    Envelope,
    HistoryEntry,
    ProgrammingVersion,
    Project,
    State,
    User,
    now,
)
from grants.names import fold
from grants.permissions import require

STEERING = "Comité de pilotage"
PRESETS = ("Comité technique", "Arbitrage", STEERING)
LONGEST_LABEL, LONGEST_NOTE = 80, 2000


def freeze(campaign: Campaign, label: str, *, by: User, note: str = "") -> ProgrammingVersion:
    """The programming as it stands now, under a name. Raises `DomainError` at `label` for a name
    that is empty, too long, or taken in this call."""
    require(by, "contract.coordinate", campaign, "Seul le chef de projet peut figer une programmation.")
    label = " ".join(label.split())
    if not label:
        raise DomainError("Donnez un nom à cette version.", "label")
    if len(label) > LONGEST_LABEL:
        raise DomainError(f"Écrivez {LONGEST_LABEL} caractères au plus.", "label")
    hold_still(campaign)
    taken = _labels(campaign).get(fold(label))
    if taken:
        raise DomainError(
            f"Cet appel a déjà une version « {taken.label} », du {day(taken.at)} : choisissez un autre nom.", "label"
        )
    return _keep(campaign, label, by, note.strip())


def freeze_validated(campaign: Campaign, *, by: User) -> ProgrammingVersion:
    """The version that the steering committee has voted, for who holds the year still. Voted
    again (validation may be lifted), it has a number."""
    taken = _labels(campaign)
    names = (STEERING if n == 1 else f"{STEERING} ({n})" for n in count(1))
    return _keep(campaign, next(n for n in names if fold(n) not in taken), by, "")


def hold_still(campaign: Campaign) -> None:
    """Wait for whoever writes in this contract's year, and let nobody until the end: on PostgreSQL
    entries of history have their numbers before they are committed, so that only then the last one
    seen is the last one that counts.

    Who imports has the contract, who deposits the counter of references; who decides has projects,
    then calls, links and envelopes: taken in these orders, nobody waits for us in vain
    (docs/decisions/database.md). Drafts do not count, and are not waited for.
    """
    contracts.lock(campaign.contract)
    next_references(campaign.contract_id, campaign.year, 0)
    calls = select(Campaign.id).where(Campaign.contract_id == campaign.contract_id, Campaign.year == campaign.year)
    links = select(CampaignFunder.envelope_id).where(CampaignFunder.campaign_id.in_(calls))
    for rows in (
        select(Project.id)
        .where(Project.contract_id == campaign.contract_id, Project.year == campaign.year, Project.state != State.DRAFT)
        .order_by(Project.id),
        calls.order_by(Campaign.id),
        links.order_by(CampaignFunder.campaign_id, CampaignFunder.funder_id),
        select(Envelope.id).where(Envelope.id.in_(links)).order_by(Envelope.id),
    ):
        db.session.execute(rows.with_for_update(key_share=True))


def _labels(campaign: Campaign) -> dict[str, ProgrammingVersion]:
    found = select(ProgrammingVersion).where(ProgrammingVersion.campaign_id == campaign.id)
    return {fold(version.label): version for version in db.session.scalars(found)}


def _keep(campaign: Campaign, label: str, by: User, note: str) -> ProgrammingVersion:
    db.session.flush()
    version = ProgrammingVersion(
        campaign_id=campaign.id,
        label=label,
        note=note,
        by_id=by.id,
        history_id=db.session.scalar(select(func.max(HistoryEntry.id))) or 0,
    )
    db.session.add(version)
    db.session.flush()
    history.record(version, "freeze", by=by, field="label", new=label, contract_id=campaign.contract_id)
    db.session.flush()
    return version


def validate(campaign: Campaign, *, by: User) -> Campaign:
    """From now on every change of a decision is a revision with a reason; what was voted is kept
    as a version. Raises `DomainError` when it is validated already."""
    _held(campaign, by)
    if campaign.validated_at is not None:
        raise DomainError("Cette programmation est déjà validée.")
    _set(campaign, "validate", by, validated_at=now(), validated_by_id=by.id)
    freeze_validated(campaign, by=by)
    return campaign


def lift(campaign: Campaign, reason: str, *, by: User) -> Campaign:
    """It was validated by mistake, or the committee has asked for it again: the version that it
    took stays. Raises `DomainError` without a reason."""
    _held(campaign, by)
    if campaign.validated_at is None:
        raise DomainError("Cette programmation n'est pas validée.")
    if not reason.strip():
        raise DomainError("Indiquez pourquoi la validation est levée.", "reason")
    _set(campaign, "lift", by, reason.strip(), validated_at=None, validated_by_id=None)
    return campaign


def _held(campaign: Campaign, by: User) -> None:
    require(by, "campaign.validate", campaign, "Seul le chef de projet peut valider une programmation.")
    hold_still(campaign)
    fresh(campaign, key_share=True)


def _set(campaign: Campaign, action: str, by: User, reason: str = "", **values: object) -> None:
    history.change_each(campaign, action, values, by=by, reason=reason)
    db.session.flush()
