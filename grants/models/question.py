"""What a call asks beyond the common dossier: questions and pieces, set up as data."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from grants.models.base import Entity, Name, Words, one_of
from grants.models.document import DocumentKind


class AnswerType(StrEnum):
    TEXT = "TEXT"
    NUMBER = "NUMBER"
    CHOICE = "CHOICE"
    YES_NO = "YES_NO"


# How the answer to a YES_NO is stored, shown, and asked for by a condition.
YES_NO = ("oui", "non")


class Question(Entity):
    """One question of a campaign. `shown_if_id`, `shown_if_answer`: shown only when that other
    question has that answer. `choices`: of a CHOICE. `archived`: asked no longer, but dossiers
    have answered it."""

    __tablename__ = "questions"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    label: Mapped[Name]
    help: Mapped[Words] = mapped_column(default="")
    type: Mapped[AnswerType] = mapped_column(one_of(AnswerType, "type"))
    choices: Mapped[list[str]] = mapped_column(JSON, default=list)
    required: Mapped[bool] = mapped_column(default=False)
    shown_if_id: Mapped[int | None] = mapped_column(ForeignKey("questions.id"))
    shown_if_answer: Mapped[Name] = mapped_column(default="")
    archived: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int]

    @property
    def options(self) -> list[str]:
        """The answers to choose from; none where the answer is written."""
        return list(YES_NO) if self.type is AnswerType.YES_NO else self.choices

    __table_args__ = (
        Index("ix_questions_campaign", "campaign_id", "position"),
        CheckConstraint("shown_if_id <> id", name="not_shown_by_itself"),
    )


class CampaignPiece(Entity):
    """A document that a campaign asks for: the project's own, or one of a `kind` that the
    organisation keeps from year to year (asked only where its nature has such documents)."""

    __tablename__ = "campaign_pieces"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    label: Mapped[Name]
    help: Mapped[Words] = mapped_column(default="")
    required: Mapped[bool] = mapped_column(default=True)
    kind: Mapped[DocumentKind | None] = mapped_column(one_of(DocumentKind, "kind"))
    position: Mapped[int]

    __table_args__ = (Index("ix_campaign_pieces_campaign", "campaign_id", "position"),)
