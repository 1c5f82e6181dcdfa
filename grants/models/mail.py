"""The outbox: mails are written with what they tell of, in one transaction, and sent later."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from grants.models.base import At, Entity, Instant, Name, Words, now


class Mail(Entity):
    """One mail to one person. `unique_key`: what must not be told twice (a reminder).

    `taken_at`: a worker is at it; `given_up_at`: refused for good, or tried too often.
    """

    __tablename__ = "mails"

    to: Mapped[str] = mapped_column(String(254))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"))
    purpose: Mapped[str] = mapped_column(String(40))
    subject: Mapped[Name]
    text: Mapped[Words]
    html: Mapped[Words]
    unique_key: Mapped[str | None] = mapped_column(String(120), unique=True)
    created_at: Mapped[At] = mapped_column(default=now)
    due_at: Mapped[At] = mapped_column(default=now)
    taken_at: Mapped[datetime | None] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    given_up_at: Mapped[datetime | None] = mapped_column(Instant)
    last_error: Mapped[Words] = mapped_column(default="")

    __table_args__ = (
        CheckConstraint("sent_at IS NULL OR given_up_at IS NULL", name="sent_or_given_up"),
        Index("ix_mails_due", "sent_at", "given_up_at", "due_at"),
    )
