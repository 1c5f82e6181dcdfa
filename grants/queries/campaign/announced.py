"""What anybody may read of calls once somebody has opened them: those that take dossiers or will, and
all that one page says of one."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import joinedload, selectinload

from grants.database import all_of, db
from grants.domain.campaign.campaign_part import parts_of
from grants.domain.campaign.criteria import Criterion, criteria_of
from grants.domain.campaign.opening import filled
from grants.domain.campaign.question import asked_questions
from grants.domain.documents.document import natures_with
from grants.domain.dossier.themes import offered
from grants.models import (
    Campaign,
    CampaignDocument,
    CampaignFunder,
    CampaignPiece,
    Funder,
    Nature,
    Project,
    Provenance,
    Question,
    Zone,
    now,
)

PAYERS = selectinload(Campaign.funders).joinedload(CampaignFunder.funder).joinedload(Funder.institution)


def open_now() -> list[ColumnElement[bool]]:
    """A call takes dossiers at this instant: conditions."""
    at = now()
    return [Campaign.opened_at.is_not(None), Campaign.opens_at <= at, Campaign.closes_at > at]


def in_preparation() -> list[ColumnElement[bool]]:
    """A draft, which somebody has to open: conditions."""
    imported = Project.provenance == Provenance.IMPORTED
    return [Campaign.opened_at.is_(None), ~exists().where(Project.campaign_id == Campaign.id, imported)]


def open_campaigns() -> list[Campaign]:
    """Those that take dossiers at this instant, with their contracts, the first to close first."""
    order = (Campaign.closes_at, Campaign.label)
    return all_of(select(Campaign).where(*open_now()).order_by(*order).options(joinedload(Campaign.contract)))


def announced_campaigns() -> list[Campaign]:
    """Those that are open or to come, with who pays, the first to close first. Two queries."""
    shown = (joinedload(Campaign.contract), PAYERS)
    to_close = select(Campaign).where(Campaign.opened_at.is_not(None), Campaign.closes_at > now())
    return all_of(to_close.order_by(Campaign.closes_at, Campaign.label).options(*shown))


@dataclass(frozen=True)
class CampaignPage:
    """`themes`: those that an action may be put in, by what stands above them. `pieces`: with the
    natures of organisation that each is asked of; none where it is asked of all."""

    campaign: Campaign
    themes: dict[str, list[str]]
    zones: list[str]
    questions: list[Question]
    criteria: list[Criterion]
    pieces: list[tuple[CampaignPiece, tuple[Nature, ...]]]
    documents: list[CampaignDocument]


def campaign_page(campaign_id: int) -> CampaignPage | None:
    """Nothing of one that an import has filled. Seven queries, and one of a draft."""
    shown = (joinedload(Campaign.contract), PAYERS, selectinload(Campaign.questions))
    call = db.session.get(Campaign, campaign_id, options=shown)
    if call is None or (call.opened_at is None and filled(call)):
        return None
    themes: dict[str, list[str]] = {}
    for theme in offered(call.contract_id, call.kind):
        themes.setdefault(theme.group, []).append(theme.label)
    zones = select(Zone.label).where(Zone.contract_id == call.contract_id, Zone.priority).order_by(Zone.position)
    pieces = [(piece, natures_with(piece.kind)) for piece in parts_of(CampaignPiece, call)]
    asked, documents = asked_questions(call.questions), parts_of(CampaignDocument, call)
    return CampaignPage(call, themes, all_of(zones), asked, criteria_of(call), pieces, documents)
