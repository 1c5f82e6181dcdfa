"""The whole life of one funder's money for one project: asked, proposed, granted, notified."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    and_,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.models.base import Entity, Instant, Money, Words, one_of
from grants.models.campaign import CampaignFunder
from grants.models.contract import Funder
from grants.models.people import User
from grants.models.project import Project


class Outcome(StrEnum):
    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    DEFERRED = "DEFERRED"
    CANCELLED = "CANCELLED"


# Not decided yet, or put off.
WAITING = (Outcome.PENDING, Outcome.DEFERRED)


class FundingLine(Entity):
    """One row per project and funder; amounts in euros. The database proves each decision.

    `requested` empty: this funder was opened by an institution, not asked by the applicant.
    `raised_reason`: why more than was asked may be granted (rules 5).
    `typed_from`: the source, when typed on behalf of the institution; `confirmed_at`: by whom
    of the institution it was confirmed since (rules 6).
    """

    __tablename__ = "funding_lines"

    project_id: Mapped[int]
    campaign_id: Mapped[int]
    funder_id: Mapped[int]
    requested: Mapped[Decimal | None] = mapped_column(Money)
    proposed: Mapped[Decimal | None] = mapped_column(Money)
    granted: Mapped[Decimal | None] = mapped_column(Money)
    outcome: Mapped[Outcome] = mapped_column(one_of(Outcome, "outcome"), default=Outcome.PENDING)
    condition: Mapped[Words] = mapped_column(default="")
    reason: Mapped[Words] = mapped_column(default="")
    redirected_to: Mapped[Words] = mapped_column(default="")
    raised_reason: Mapped[Words] = mapped_column(default="")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    typed_from: Mapped[Words] = mapped_column(default="")
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    notified_at: Mapped[datetime | None] = mapped_column(Instant)
    act_number: Mapped[str] = mapped_column(String(80), default="")
    act_date: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)

    project: Mapped[Project] = relationship(overlaps="funder")
    funder: Mapped[Funder] = relationship(foreign_keys="FundingLine.funder_id", overlaps="project")
    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id])

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
    __table_args__ = (
        UniqueConstraint("project_id", "funder_id"),
        ForeignKeyConstraint(["funder_id"], ["funders.id"]),
        ForeignKeyConstraint(
            ["project_id", "campaign_id"], ["projects.id", "projects.campaign_id"], onupdate="CASCADE"
        ),
        ForeignKeyConstraint(
            ["campaign_id", "funder_id"], ["campaign_funders.campaign_id", "campaign_funders.funder_id"]
        ),
        CheckConstraint("requested >= 0", name="requested_not_negative"),
        CheckConstraint("proposed >= 0", name="proposed_not_negative"),
        CheckConstraint("(outcome = 'ACCEPTED') = (granted IS NOT NULL)", name="accepted_is_granted"),
        CheckConstraint("granted > 0", name="granted_is_positive"),
        CheckConstraint(
            "outcome = 'PENDING' OR (decided_by_id IS NOT NULL AND decided_at IS NOT NULL)",
            name="decision_has_author_and_date",
        ),
        CheckConstraint("outcome NOT IN ('REJECTED', 'CANCELLED') OR reason <> ''", name="refusal_has_reason"),
        CheckConstraint(
            "granted IS NULL OR raised_reason <> '' OR (requested IS NOT NULL AND granted <= requested)",
            name="granted_within_requested",
        ),
        CheckConstraint(
            "notified_at IS NULL OR (outcome NOT IN ('PENDING', 'DEFERRED')"
            " AND act_number <> '' AND act_date IS NOT NULL)",
            name="notified_was_decided",
        ),
        Index("ix_funding_lines_campaign_funder", "campaign_id", "funder_id", "granted"),
    )

    @property
    def waits(self) -> bool:
        return self.outcome in WAITING


# A line in the column of its funder in its call: joins the two.
IN_ITS_CALL: ColumnElement[bool] = and_(
    CampaignFunder.campaign_id == FundingLine.campaign_id, CampaignFunder.funder_id == FundingLine.funder_id
)
