"""What is said between applicant and instructors: messages, and pieces asked for."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, Column, ForeignKey, Index, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.models.base import At, Base, Entity, Instant, Name, Words, now
from grants.models.document import Document
from grants.models.people import User

message_documents = Table(
    "message_documents",
    Base.metadata,
    Column("document_id", ForeignKey("documents.id"), primary_key=True),
    Column("message_id", ForeignKey("messages.id"), nullable=False, index=True),
)


class Message(Entity):
    """Seen, with its files, by the applicant and by whoever instructs the project; never changed.

    Its files are documents of its own, neither the project's nor the organisation's."""

    __tablename__ = "messages"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    from_applicant: Mapped[bool]
    text: Mapped[Words]
    at: Mapped[At] = mapped_column(default=now)

    by: Mapped[User] = relationship()
    documents: Mapped[list[Document]] = relationship(secondary=message_documents, order_by=Document.id)

    __table_args__ = (Index("ix_messages_project", "project_id", "id"),)


class PieceRequest(Entity):
    """Pieces asked for with a deadline: while it is open, the clock of the implicit decision
    stands still (CRPA L114-5). `sections`: pages of the dossier that are open again."""

    __tablename__ = "piece_requests"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    asked_at: Mapped[At] = mapped_column(default=now)
    due_on: Mapped[date]
    text: Mapped[Words] = mapped_column(default="")
    sections: Mapped[list[str]] = mapped_column(JSON, default=list)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)

    items: Mapped[list[PieceRequestItem]] = relationship(order_by="PieceRequestItem.id")

    __table_args__ = (Index("ix_piece_requests_project", "project_id"),)


class PieceRequestItem(Entity):
    """One piece asked for, and what answers it: a document, or the `reason` why there is none."""

    __tablename__ = "piece_request_items"

    request_id: Mapped[int] = mapped_column(ForeignKey("piece_requests.id"), index=True)
    label: Mapped[Name]
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"))
    reason: Mapped[Words] = mapped_column(default="")

    document: Mapped[Document | None] = relationship()
