"""What anybody may read of calls once their dates are known: those that are open or will be, and
all that one page says of one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Executable, select
from sqlalchemy.orm import joinedload, selectinload

from grants.database import all_of, db
from grants.domain.call.criteria import Criterion, criteria_of
from grants.domain.call.question import asked_questions
from grants.domain.documents.document import natures_with
from grants.domain.dossier.themes import offered
from grants.models import (
    Campaign,
    CampaignFunder,
    CampaignPiece,
    Contract,
    Funder,
    Institution,
    Nature,
    Question,
    Zone,
    now,
)


class CallDates:
    """Of a call that has dates; `closes_at` is exclusive."""

    opens_at: datetime | None
    closes_at: datetime | None

    @property
    def to_come(self) -> bool:
        return self.opens_at is not None and self.opens_at > now()

    @property
    def open(self) -> bool:
        return not self.to_come and self.closes_at is not None and self.closes_at > now()

    @property
    def days_left(self) -> int:
        """Whole days; a call without dates is not open."""
        return (self.closes_at - now()).days if self.closes_at else 0


@dataclass(frozen=True)
class AnnouncedCall(CallDates):
    """`payers`: the institutions that take part."""

    payers: tuple[str, ...]
    id: int
    contract: str
    label: str
    year: int
    kind: str
    introduction: str
    opens_at: datetime | None
    closes_at: datetime | None


def open_now() -> list[ColumnElement[bool]]:
    """A call takes dossiers at this instant: conditions."""
    at = now()
    return [Campaign.opens_at <= at, Campaign.closes_at > at]


def open_campaigns() -> list[AnnouncedCall]:
    """Those that take dossiers at this instant, the first to close first."""
    return [call for call in announced_calls() if call.open]


def announced_calls() -> list[AnnouncedCall]:
    """Those that are open or to come, the first to close first. One query."""
    calls: dict[int, list[Any]] = {}
    payers: dict[int, dict[str, None]] = defaultdict(dict)
    for *call, payer in db.session.execute(_announced()):
        calls[call[0]] = call
        payers[call[0]] |= {payer: None} if payer else {}
    return [AnnouncedCall(tuple(payers[id]), *call) for id, call in calls.items()]


def _announced() -> Executable:
    return (
        select(
            Campaign.id,
            Contract.label,
            Campaign.label,
            Campaign.year,
            Campaign.kind,
            Campaign.introduction,
            Campaign.opens_at,
            Campaign.closes_at,
            Institution.label,
        )
        .join(Contract, Contract.id == Campaign.contract_id)
        .outerjoin(CampaignFunder, CampaignFunder.campaign_id == Campaign.id)
        .outerjoin(Funder, Funder.id == CampaignFunder.funder_id)
        .outerjoin(Institution, Institution.id == Funder.institution_id)
        .where(Campaign.closes_at > now())
        .order_by(Campaign.closes_at, Campaign.label, Campaign.id, Institution.position, Institution.id)
    )


@dataclass(frozen=True)
class AskedPiece:
    """`natures`: of the organisations that it is asked of; nothing where it is asked of all."""

    label: str
    help: str
    required: bool
    natures: tuple[Nature, ...]


@dataclass(frozen=True)
class CallPage(CallDates):
    """`payers`: the lines of credit that take part, with their institution. `themes`: those that an
    action may be put in, by what stands above them."""

    campaign: Campaign
    opens_at: datetime | None
    closes_at: datetime | None
    payers: list[str]
    themes: dict[str, list[str]]
    zones: list[str]
    questions: list[Question]
    criteria: list[Criterion]
    pieces: list[AskedPiece]


def call_page(campaign_id: int) -> CallPage | None:
    """Nothing for a call without dates: it is not announced, or was imported. Six queries."""
    funders = selectinload(Campaign.funders).joinedload(CampaignFunder.funder).joinedload(Funder.institution)
    shown = (joinedload(Campaign.contract), funders, selectinload(Campaign.questions))
    call = db.session.get(Campaign, campaign_id, options=shown)
    if call is None or call.opens_at is None:
        return None
    themes: dict[str, list[str]] = {}
    for theme in offered(call.contract_id, call.kind):
        themes.setdefault(theme.group, []).append(theme.label)
    zones = select(Zone.label).where(Zone.contract_id == call.contract_id, Zone.priority).order_by(Zone.position)
    pieces = select(CampaignPiece).where(CampaignPiece.campaign_id == call.id).order_by(CampaignPiece.position)
    return CallPage(
        call,
        call.opens_at,
        call.closes_at,
        [_payer(link.funder) for link in call.funders],
        themes,
        all_of(zones),
        asked_questions(call.questions),
        criteria_of(call),
        [AskedPiece(each.label, each.help, each.required, natures_with(each.kind)) for each in all_of(pieces)],
    )


def _payer(funder: Funder) -> str:
    """Its institution said once."""
    own, of = funder.label, funder.institution.label
    return own if of in own else f"{own} ({of})"
