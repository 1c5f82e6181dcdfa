"""What a call is set up with, in its order: pieces, questions, the lines of its two lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import select

from grants.database import db
from grants.domain.contract.contract import lock
from grants.domain.ledger import history
from grants.domain.locking import fresh
from grants.models import Campaign, CampaignItem, User

T = TypeVar("T", bound=CampaignItem)


def lock_campaign(campaign: Campaign) -> None:
    """All changes to the parts of a contract's calls wait for each other."""
    db.session.flush()
    lock(campaign.contract)
    db.session.expire(campaign, ["questions"])


def campaign_of(part: CampaignItem) -> Campaign:
    """Locked (`lock_campaign`), and the part read afresh: it may have moved, or gone."""
    campaign = db.session.get_one(Campaign, part.campaign_id)
    lock_campaign(campaign)
    fresh(part, key_share=True)
    return campaign


def parts_of(model: type[T], campaign: Campaign, *, archived: bool = False) -> list[T]:
    """In their order; `archived`: those that were removed, instead."""
    of_call = (model.campaign_id == campaign.id, model.archived.is_(archived))
    statement = select(model).where(*of_call).order_by(model.position, model.id)
    return list(db.session.scalars(statement))


def put_last(part: T, others: Sequence[CampaignItem], campaign: Campaign, *, by: User) -> T:
    """A new one, after the others."""
    part.campaign_id = campaign.id
    part.position = max((other.position for other in others), default=0) + 1
    db.session.add(part)
    db.session.flush()
    record(part, "create", campaign, by=by, new=part.label)
    return part


def move_part(part: CampaignItem, step: int, *, by: User) -> None:
    """One place up (-1) or down (1), where the order is free."""
    campaign = campaign_of(part)
    if other := beside(part, step, parts_of(type(part), campaign)):
        swap(part, other, campaign, by=by)


def beside(part: T, step: int, order: Sequence[T]) -> T | None:
    """The one before it (-1) or after it (1)."""
    place = order.index(part) + step if part in order else -1
    return order[place] if 0 <= place < len(order) else None


def swap(part: CampaignItem, other: CampaignItem, campaign: Campaign, *, by: User) -> None:
    part.position, other.position = other.position, part.position
    record(part, "move", campaign, by=by)
    db.session.flush()


def archive(part: CampaignItem, archived: bool, campaign: Campaign, *, by: User) -> None:
    """Removed, or back; what was answered to it stays where it is."""
    history.change(part, "update", "archived", archived, by=by, contract_id=campaign.contract_id)
    db.session.flush()


def record(part: CampaignItem, action: str, campaign: Campaign, *, by: User, old: str = "", new: str = "") -> None:
    history.record(part, action, by=by, field="label", old=old, new=new, contract_id=campaign.contract_id)
