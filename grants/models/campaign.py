"""A call for projects: what it asks beyond the common dossier, gives to read, its funders and their envelopes."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from grants.models.base import Base, Entity, Euros, Instant, Name, Words, now, one_of
from grants.models.contract import Contract, Funder
from grants.models.document import Document, DocumentKind


class EnvelopeStatus(StrEnum):
    PROVISIONAL = "PROVISIONAL"
    NOTIFIED = "NOTIFIED"


class AnswerType(StrEnum):
    TEXT = "TEXT"
    NUMBER = "NUMBER"
    CHOICE = "CHOICE"
    YES_NO = "YES_NO"


# How the answer to a YES_NO is stored, shown, and asked for by a condition.
YES_NO = ("oui", "non")


class CampaignItem(Entity):
    """What a call is set up with, in the order of `position`; `archived`: no longer."""

    __abstract__ = True

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    label: Mapped[Name]
    help: Mapped[Words] = mapped_column(default="")
    archived: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int]


class Question(CampaignItem):
    """One question of a campaign. `shown_if_id`, `shown_if_answer`: shown only when that other
    question has that answer. `choices`: of a CHOICE."""

    __tablename__ = "questions"

    type: Mapped[AnswerType] = mapped_column(one_of(AnswerType, "type"))
    choices: Mapped[list[str]] = mapped_column(JSON, default=list)
    required: Mapped[bool] = mapped_column(default=False)
    shown_if_id: Mapped[int | None] = mapped_column(ForeignKey("questions.id"))
    shown_if_answer: Mapped[Name] = mapped_column(default="")

    @property
    def options(self) -> list[str]:
        """The answers to choose from; none where the answer is written."""
        return list(YES_NO) if self.type is AnswerType.YES_NO else self.choices

    __table_args__ = (
        Index("ix_questions_campaign", "campaign_id", "position"),
        CheckConstraint("shown_if_id <> id", name="not_shown_by_itself"),
    )


class CampaignPiece(CampaignItem):
    """A document that a campaign asks for: the project's own, or one of a `kind` that the
    organisation keeps from year to year (asked only where its nature has such documents)."""

    __tablename__ = "campaign_pieces"

    required: Mapped[bool] = mapped_column(default=True)
    kind: Mapped[DocumentKind | None] = mapped_column(one_of(DocumentKind, "kind"))

    __table_args__ = (Index("ix_campaign_pieces_campaign", "campaign_id", "position"),)


class CampaignDocument(CampaignItem):
    """A file that a campaign gives to read: rules, notes, models to fill in. It goes with the file,
    some time after it was removed."""

    __tablename__ = "campaign_documents"

    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), unique=True)

    document: Mapped[Document] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (Index("ix_campaign_documents_campaign", "campaign_id", "position"),)


class Campaign(Entity):
    """One call ("VVV été 2021"). `closes_at` is exclusive; an imported call has no dates.

    `validated_at`: the steering committee has voted; later changes are revisions with a reason.
    """

    __tablename__ = "campaigns"

    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id"))
    year: Mapped[int]
    kind: Mapped[str] = mapped_column(String(80))
    label: Mapped[Name]
    introduction: Mapped[Words] = mapped_column(default="")
    # What its funders look for in this year.
    priorities: Mapped[Words] = mapped_column(default="")
    # What a dossier's figures should reach: rows of `domain.campaign.criteria.Criterion`.
    criteria: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    opens_at: Mapped[datetime | None] = mapped_column(Instant)
    closes_at: Mapped[datetime | None] = mapped_column(Instant)
    # Since when it is no draft any more: announced, and taking dossiers between its dates. What an import has filled
    # never was: it is past.
    opened_at: Mapped[datetime | None] = mapped_column(Instant)
    # When the committees meet, in plain words: it stands on the receipt beside the legal date.
    committee_dates: Mapped[Words] = mapped_column(default="")
    # A deposited dossier may be corrected until its examination begins, also after the closing;
    # otherwise until the closing.
    correct_until_examined: Mapped[bool] = mapped_column(default=False)
    # It pays for what an organisation does as a whole: nothing of one action is asked.
    operating: Mapped[bool] = mapped_column(default=False)
    validated_at: Mapped[datetime | None] = mapped_column(Instant)
    validated_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(default=1)

    contract: Mapped[Contract] = relationship()
    funders: Mapped[list[CampaignFunder]] = relationship(back_populates="campaign", order_by="CampaignFunder.position")
    questions: Mapped[list[Question]] = relationship(order_by=Question.position)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
    __table_args__ = (
        UniqueConstraint("contract_id", "year", "label"),
        UniqueConstraint("id", "contract_id", "year"),
        CheckConstraint("closes_at > opens_at", name="closes_after_it_opens"),
        CheckConstraint("(opens_at IS NULL) = (closes_at IS NULL)", name="both_dates_or_none"),
    )

    @property
    def to_come(self) -> bool:
        return self.opened_at is not None and self.opens_at is not None and self.opens_at > now()

    @property
    def open(self) -> bool:
        return bool(self.opened_at and self.closes_at and self.closes_at > now() and not self.to_come)

    @property
    def days_left(self) -> int:
        """Whole days; a call without dates is not open."""
        return (self.closes_at - now()).days if self.closes_at else 0


class Envelope(Entity):
    """What a funder may grant over one or several campaigns."""

    __tablename__ = "envelopes"

    funder_id: Mapped[int] = mapped_column(ForeignKey("funders.id"))
    amount: Mapped[Euros]
    status: Mapped[EnvelopeStatus] = mapped_column(one_of(EnvelopeStatus, "status"))
    dated_on: Mapped[date | None]
    source: Mapped[Words] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)

    funder: Mapped[Funder] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
    __table_args__ = (UniqueConstraint("id", "funder_id"), CheckConstraint("amount >= 0", name="amount_not_negative"))


class CampaignFunder(Base):
    """A funder takes part in a campaign, from one envelope (or none yet: nothing granted)."""

    __tablename__ = "campaign_funders"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    funder_id: Mapped[int] = mapped_column(ForeignKey("funders.id"), primary_key=True)
    envelope_id: Mapped[int | None]
    position: Mapped[int]

    campaign: Mapped[Campaign] = relationship(back_populates="funders")
    funder: Mapped[Funder] = relationship()
    envelope: Mapped[Envelope | None] = relationship(viewonly=True)

    __table_args__ = (
        ForeignKeyConstraint(["envelope_id", "funder_id"], ["envelopes.id", "envelopes.funder_id"]),
        Index("ix_campaign_funders_envelope", "envelope_id"),
    )


class ReferenceCounter(Base):
    """The last number given to a dossier of a contract and year (`2021-0042`)."""

    __tablename__ = "reference_counters"

    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]
