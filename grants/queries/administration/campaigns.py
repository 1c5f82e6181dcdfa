"""Calls for projects, as lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select

from grants.database import db
from grants.models import Campaign, Contract, now


@dataclass(frozen=True)
class OpenCampaign:
    id: int
    contract: str
    label: str
    year: int
    kind: str
    introduction: str
    closes_at: datetime | None

    @property
    def days_left(self) -> int:
        """Whole days; a call without dates is not open."""
        return (self.closes_at - now()).days if self.closes_at else 0


def open_now() -> list[ColumnElement[bool]]:
    """A call takes dossiers at this instant: conditions."""
    at = now()
    return [Campaign.opens_at <= at, Campaign.closes_at > at]


def open_campaigns() -> list[OpenCampaign]:
    """Those that take dossiers at this instant, the first to close first."""
    rows = db.session.execute(
        select(
            Campaign.id, Contract.label, Campaign.label, Campaign.year, Campaign.kind,
            Campaign.introduction, Campaign.closes_at,
        )
        .join(Contract, Contract.id == Campaign.contract_id)
        .where(*open_now())
        .order_by(Campaign.closes_at, Campaign.label)
    )  # fmt: skip
    return [OpenCampaign(*row) for row in rows]


def dated_campaigns(contract_id: int, year: int) -> list[tuple[int, str]]:
    """Those of a year that take or took dossiers here (imported ones have no dates)."""
    rows = db.session.execute(
        select(Campaign.id, Campaign.label)
        .where(
            Campaign.contract_id == contract_id,
            Campaign.year == year,
            Campaign.closes_at.is_not(None),
        )
        .order_by(Campaign.label)
    )
    return [(id_, label) for id_, label in rows]
