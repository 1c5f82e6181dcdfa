"""What is said between applicant and instructors: messages, and pieces asked for."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.models.base import At, Base, Id, Instant, Name, Words, now
from grants.models.document import Document
from grants.models.people import User


class Message(Base):
    """Seen by the applicant and by whoever instructs the project; never changed."""

    __tablename__ = "messages"

    id: Mapped[Id]
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    from_applicant: Mapped[bool]
    text: Mapped[Words]
    at: Mapped[At] = mapped_column(default=now)

    by: Mapped[User] = relationship()

    __table_args__ = (Index("ix_messages_project", "project_id", "id"),)


class PieceRequest(Base):
    """Pieces asked for with a deadline: while it is open, the clock of the implicit decision
    stands still (CRPA L114-5). `sections`: pages of the dossier that are open again."""

    __tablename__ = "piece_requests"

    id: Mapped[Id]
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    asked_at: Mapped[At] = mapped_column(default=now)
    due_on: Mapped[date]
    text: Mapped[Words] = mapped_column(default="")
    sections: Mapped[list[str]] = mapped_column(JSON, default=list)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)

    asked_by: Mapped[User] = relationship()
    items: Mapped[list[PieceRequestItem]] = relationship(order_by="PieceRequestItem.id")

    __table_args__ = (Index("ix_piece_requests_project", "project_id"),)


class PieceRequestItem(Base):
    """One piece asked for, and what answers it: a document, or the `reason` why there is none."""

    __tablename__ = "piece_request_items"

    id: Mapped[Id]
    request_id: Mapped[int] = mapped_column(ForeignKey("piece_requests.id"), index=True)
    label: Mapped[Name]
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"))
    reason: Mapped[Words] = mapped_column(default="")

    document: Mapped[Document | None] = relationship()
