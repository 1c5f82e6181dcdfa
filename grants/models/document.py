"""Files that people send: of an organisation (kept from year to year), of one project, or of what
links to them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.models.base import At, Entity, Instant, Name, now, one_of
from grants.models.people import User


class DocumentKind(StrEnum):
    """What an organisation keeps here from year to year (Cerfa 12156*06, attachments)."""

    STATUTES = "STATUTES"
    LEADERS = "LEADERS"
    BANK_DETAILS = "BANK_DETAILS"
    ACCOUNTS = "ACCOUNTS"
    AUDITOR_REPORT = "AUDITOR_REPORT"
    ACTIVITY_REPORT = "ACTIVITY_REPORT"
    POWER_OF_ATTORNEY = "POWER_OF_ATTORNEY"
    OTHER = "OTHER_DOCUMENT"  # words are keyed by value: `Nature.OTHER` has "OTHER"


class Document(Entity):
    """A file in the storage under `storage_key` (random; the copy of a dossier names the same
    files), with its original name and hash.

    Of neither organisation nor project is what a link names: the files of a message.
    `kind`: what an organisation's is; `piece_id`: the piece of the call that a project's answers.
    `valid_until`: its last day. A removed one is only hidden: a deposited dossier showed it.
    """

    __tablename__ = "documents"

    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"))
    piece_id: Mapped[int | None] = mapped_column(ForeignKey("campaign_pieces.id"))
    kind: Mapped[DocumentKind | None] = mapped_column(one_of(DocumentKind, "kind"))
    filename: Mapped[Name]
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    storage_key: Mapped[str] = mapped_column(String(80), index=True)
    valid_until: Mapped[date | None]
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    uploaded_at: Mapped[At] = mapped_column(default=now)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)

    uploaded_by: Mapped[User] = relationship()

    __table_args__ = (
        CheckConstraint("organisation_id IS NULL OR project_id IS NULL", name="of_one_thing"),
        CheckConstraint("(organisation_id IS NULL) = (kind IS NULL)", name="kind_of_an_organisation_s"),
        CheckConstraint("size > 0", name="not_empty"),
        Index("ix_documents_organisation", "organisation_id"),
        Index("ix_documents_project", "project_id"),
    )
