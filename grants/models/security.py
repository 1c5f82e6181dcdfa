"""The journal of security: who came in, who was refused, who got which role, who took what out.

Append-only as history is (triggers, migration 0009). Beside it, because who is refused at the door
is nobody that is known, and no dossier's."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from grants.models.base import At, Entity, Words, now


class SecurityEvent(Entity):
    """`email`: of whoever did it, or as typed at the door; `address`: of the internet; `kind`: as
    `domain.security` names it."""

    __tablename__ = "security_events"

    at: Mapped[At] = mapped_column(default=now)
    kind: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    email: Mapped[str] = mapped_column(String(254))
    address: Mapped[str] = mapped_column(String(45))
    detail: Mapped[Words]

    __table_args__ = (Index("ix_security_events_kind", "kind", "id"),)
