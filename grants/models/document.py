"""Files that people send: of an organisation (kept from year to year) or of one project."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.models.base import At, Base, Id, Instant, Name, now
from grants.models.people import User


class Document(Base):
    """A file in the storage under `storage_key` (random), with its original name and hash.

    `piece_id`: the piece of the call that it answers; `kind`: what it is, for an organisation's.
    """

    __tablename__ = "documents"

    id: Mapped[Id]
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"))
    piece_id: Mapped[int | None] = mapped_column(ForeignKey("campaign_pieces.id"))
    kind: Mapped[str] = mapped_column(String(30))
    filename: Mapped[Name]
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    storage_key: Mapped[str] = mapped_column(String(80), unique=True)
    valid_until: Mapped[date | None]
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    uploaded_at: Mapped[At] = mapped_column(default=now)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)

    uploaded_by: Mapped[User] = relationship()

    __table_args__ = (
        CheckConstraint(
            "(organisation_id IS NULL) <> (project_id IS NULL)", name="of_one_thing"
        ),
        CheckConstraint("size > 0", name="not_empty"),
        Index("ix_documents_organisation", "organisation_id"),
        Index("ix_documents_project", "project_id"),
    )
