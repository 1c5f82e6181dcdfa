"""What those who instruct work with: analysis and checklist of a call, notes, who follows a
project, deeds over many lines at once, and the named versions of a programming."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, Index, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.models.base import At, Base, Entity, Instant, Name, Words, now, one_of
from grants.models.campaign import CampaignItem
from grants.models.people import User

# What an instructor may give on a criterion, from "not at all" to "fully".
HIGHEST_SCORE = 4
HIGHEST_WEIGHT = 10


class Checked(StrEnum):
    OK = "OK"
    MISSING = "MISSING"
    NOT_CONCERNED = "NOT_CONCERNED"


class AnalysisCriterion(CampaignItem):
    """One line of a call's analysis grid, with its weight in the mean."""

    __tablename__ = "analysis_criteria"

    weight: Mapped[int] = mapped_column(default=1)

    __table_args__ = (
        Index("ix_analysis_criteria_campaign", "campaign_id", "position"),
        CheckConstraint(f"weight BETWEEN 1 AND {HIGHEST_WEIGHT}", name="weight_is_small"),
    )


class Score(Entity):
    """What one instructor gives a project on one criterion; history keeps what it was before."""

    __tablename__ = "scores"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    criterion_id: Mapped[int] = mapped_column(ForeignKey("analysis_criteria.id"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    value: Mapped[int]
    remark: Mapped[Words] = mapped_column(default="")
    at: Mapped[At] = mapped_column(default=now)

    __table_args__ = (
        UniqueConstraint("project_id", "criterion_id", "by_id"),
        CheckConstraint(f"value BETWEEN 0 AND {HIGHEST_SCORE}", name="value_on_the_scale"),
    )


class CheckItem(CampaignItem):
    """One point that the coordinator checks on each dossier of a call (beside its pieces)."""

    __tablename__ = "check_items"

    __table_args__ = (Index("ix_check_items_campaign", "campaign_id", "position"),)


class Check(Entity):
    """What was found of one point on one project."""

    __tablename__ = "checks"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("check_items.id"), index=True)
    found: Mapped[Checked] = mapped_column(one_of(Checked, "found"))
    remark: Mapped[Words] = mapped_column(default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[At] = mapped_column(default=now)

    __table_args__ = (UniqueConstraint("project_id", "item_id"),)


class Note(Entity):
    """Among those who instruct; never shown to applicants nor changed."""

    __tablename__ = "notes"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    text: Mapped[Words]
    at: Mapped[At] = mapped_column(default=now)

    __table_args__ = (Index("ix_notes_project", "project_id", "id"),)


# Who follows a project, of whatever institution: it stands among theirs on "Aujourd'hui".
project_followers = Table(
    "project_followers",
    Base.metadata,
    Column("project_id", ForeignKey("projects.id"), primary_key=True),
    Column("user_id", ForeignKey("users.id"), primary_key=True, index=True),
)
# Names of fields in history: what an action follows, and what it brings together with that (ids).
PREDECESSOR, MERGED = "predecessor_id", "merged"
# Other actions of an earlier year that this one brings together with its predecessor.
project_merges = Table(
    "project_merges",
    Base.metadata,
    Column("project_id", ForeignKey("projects.id"), primary_key=True),
    Column("predecessor_id", ForeignKey("projects.id"), primary_key=True, index=True),
)


class Operation(Entity):
    """What one person did in one go, on one line or on many: undone as it was done, in one go.
    The entries of history that it wrote name it."""

    __tablename__ = "operations"

    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[At] = mapped_column(default=now)
    kind: Mapped[str] = mapped_column(String(30))
    undone_at: Mapped[datetime | None] = mapped_column(Instant)

    by: Mapped[User] = relationship()

    __table_args__ = (Index("ix_operations_by", "by_id", "id"),)


class ProgrammingVersion(Entity):
    """A campaign's programming as it stood at a committee: all history up to `history_id`."""

    __tablename__ = "programming_versions"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    label: Mapped[Name]
    note: Mapped[Words] = mapped_column(default="")
    history_id: Mapped[int]
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[At] = mapped_column(default=now)

    by: Mapped[User] = relationship()

    __table_args__ = (UniqueConstraint("campaign_id", "label"),)


class Layout(Base):
    """How one person looks at a page of a contract (`domain.instruction.layouts`). `name`: of a view; empty
    for how the page is shown at first. `filters`: of the list, as in its address; of the grid, the funders
    that are `hidden`."""

    __tablename__ = "layouts"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id"), primary_key=True)
    page: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    columns: Mapped[list[str]] = mapped_column(JSON)
    filters: Mapped[dict[str, Any]] = mapped_column(JSON)
