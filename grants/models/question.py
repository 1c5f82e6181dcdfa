"""What a call asks beyond the common dossier: questions and pieces, set up as data."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from grants.models.base import Base, Id, Name, Words, one_of


class AnswerType(StrEnum):
    TEXT = "TEXT"
    NUMBER = "NUMBER"
    CHOICE = "CHOICE"
    YES_NO = "YES_NO"


class Question(Base):
    """One question of a campaign. `shown_if_id`, `shown_if_answer`: shown only when that other
    question has that answer. `choices`: of a CHOICE."""

    __tablename__ = "questions"

    id: Mapped[Id]
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    label: Mapped[Name]
    help: Mapped[Words] = mapped_column(default="")
    type: Mapped[AnswerType] = mapped_column(one_of(AnswerType, "type"))
    choices: Mapped[list[str]] = mapped_column(JSON, default=list)
    required: Mapped[bool] = mapped_column(default=False)
    shown_if_id: Mapped[int | None] = mapped_column(ForeignKey("questions.id"))
    shown_if_answer: Mapped[Name] = mapped_column(default="")
    position: Mapped[int]

    __table_args__ = (
        Index("ix_questions_campaign", "campaign_id", "position"),
        CheckConstraint("shown_if_id <> id", name="not_shown_by_itself"),
    )


class CampaignPiece(Base):
    """A document that a campaign asks for; `kind` is one of `domain.pieces.KINDS` or free."""

    __tablename__ = "campaign_pieces"

    id: Mapped[Id]
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    label: Mapped[Name]
    help: Mapped[Words] = mapped_column(default="")
    required: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int]

    __table_args__ = (Index("ix_campaign_pieces_campaign", "campaign_id", "position"),)
