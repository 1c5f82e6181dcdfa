"""Who changed what, when, on whose behalf, from what to what, and why; and the
journal of security. Append-only: triggers on both databases refuse update and delete (migrations
0001 and 0009)."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.models.base import At, Entity, Words, now
from grants.models.people import User


class HistoryEntry(Entity):
    """One changed value. `subject` is the table, `subject_id` the row; `project_id` is set for
    whatever belongs to a project, so that its whole history is one read."""

    __tablename__ = "history"

    at: Mapped[At] = mapped_column(default=now)
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    on_behalf_of_id: Mapped[int | None] = mapped_column(ForeignKey("institutions.id"))
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contracts.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"))
    funder_id: Mapped[int | None] = mapped_column(ForeignKey("funders.id"))
    subject: Mapped[str] = mapped_column(String(30))
    subject_id: Mapped[int]
    action: Mapped[str] = mapped_column(String(30))
    field: Mapped[str] = mapped_column(String(40), default="")
    old: Mapped[Words] = mapped_column(default="")
    new: Mapped[Words] = mapped_column(default="")
    reason: Mapped[Words] = mapped_column(default="")
    operation_id: Mapped[int | None] = mapped_column(ForeignKey("operations.id"))

    by: Mapped[User] = relationship()

    __table_args__ = (
        Index("ix_history_project", "project_id", "id"),
        Index("ix_history_contract_at", "contract_id", "at"),
        Index("ix_history_subject", "subject", "subject_id"),
        Index("ix_history_operation", "operation_id"),
    )


class SecurityEvent(Entity):
    """Who came in, was refused, got which role, took what out. Not history, because who is refused
    at the door is nobody that is known, and no dossier's.

    `email`: of whoever did it, or as typed at the door; `address`: of the internet; `kind`: as
    `domain.security` names it."""

    __tablename__ = "security_events"

    at: Mapped[At] = mapped_column(default=now)
    kind: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    email: Mapped[str] = mapped_column(String(254))
    address: Mapped[str] = mapped_column(String(45))
    detail: Mapped[Words]

    __table_args__ = (Index("ix_security_events_kind", "kind", "id"),)
