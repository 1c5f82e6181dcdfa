"""The deposit: what was sent, frozen; who may still deposit late; who is at a dossier now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from grants.models.base import At, Entity, Instant, Words, now


class Submission(Entity):
    """The dossier as it was sent, read only from then on; `sha256` of its canonical JSON. One
    more for each correction that was deposited: the last one counts."""

    __tablename__ = "submissions"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[At] = mapped_column(default=now)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    sha256: Mapped[str] = mapped_column(String(64))


class LatePermission(Entity):
    """An organisation may deposit in a call until later than the others, by name and reason."""

    __tablename__ = "late_permissions"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    until: Mapped[At]
    reason: Mapped[Words]
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[At] = mapped_column(default=now)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (UniqueConstraint("campaign_id", "organisation_id"),)


class Presence(Entity):
    """A person with a page of a dossier open since `since`, seen last at `seen_at`."""

    __tablename__ = "presences"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    page: Mapped[str] = mapped_column(String(40), default="")
    since: Mapped[At] = mapped_column(default=now)
    seen_at: Mapped[At] = mapped_column(default=now)

    __table_args__ = (UniqueConstraint("project_id", "user_id"),)
