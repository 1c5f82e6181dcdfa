"""What an applicant may begin besides the open calls: renewals, and deposits allowed late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from grants.database import all_as, db, select_as
from grants.models import DEPOSITED, Campaign, LatePermission, Organisation, Project, State, now, project_merges
from grants.queries.administration.organisations import acting_for


@dataclass(frozen=True)
class LateOrganisation:
    """May still deposit in one call, `until` (exclusive)."""

    id: int
    name: str
    until: datetime


@dataclass(frozen=True)
class LateCampaign:
    campaign_id: int
    label: str
    year: int
    organisation: str
    until: datetime


@dataclass(frozen=True)
class Renewal:
    """An open call in which a dossier of before may be taken up; `draft_id`: begun already."""

    campaign_id: int
    campaign: str
    year: int
    draft_id: int | None


def late_organisations(campaign_id: int, user_id: int) -> list[LateOrganisation]:
    return all_as(
        LateOrganisation,
        select_as(LateOrganisation, Organisation, LatePermission)
        .join(LatePermission, LatePermission.organisation_id == Organisation.id)
        .where(
            LatePermission.campaign_id == campaign_id, *_still_allowed(), _mine(LatePermission.organisation_id, user_id)
        )
        .order_by(Organisation.name),
    )


def late_campaigns(user_id: int) -> list[LateCampaign]:
    """Closed for the others, the first to end first."""
    return all_as(
        LateCampaign,
        select_as(LateCampaign, Campaign, LatePermission, campaign_id=Campaign.id, organisation=Organisation.name)
        .join(LatePermission, LatePermission.campaign_id == Campaign.id)
        .join(Organisation, Organisation.id == LatePermission.organisation_id)
        .where(Campaign.closes_at <= now(), *_still_allowed(), _mine(LatePermission.organisation_id, user_id))
        .order_by(LatePermission.until),
    )


def renewals(user_id: int) -> dict[int, list[Renewal]]:
    """By past dossier: the open calls of the same contract and kind. Not where a later year has
    taken the action up already, or this call has it deposited."""
    call, theirs, again = aliased(Campaign), aliased(Campaign), aliased(Project)
    rows = db.session.execute(
        select(Project.id, call.id, call.label, call.year, again.id)
        .join(theirs, theirs.id == Project.campaign_id)
        .join(call, (call.contract_id == theirs.contract_id) & (call.kind == theirs.kind) & (call.year > theirs.year))
        .outerjoin(
            LatePermission,
            (LatePermission.campaign_id == call.id)
            & (LatePermission.organisation_id == Project.organisation_id)
            & LatePermission.withdrawn_at.is_(None),
        )
        .outerjoin(
            again, (again.predecessor_id == Project.id) & (again.campaign_id == call.id) & (again.state == State.DRAFT)
        )
        .where(
            _mine(Project.organisation_id, user_id),
            Project.state.in_(DEPOSITED),
            Project.reference.is_not(None),
            call.opened_at.is_not(None),
            call.opens_at <= now(),
            or_(call.closes_at > now(), LatePermission.until > now()),
            ~_taken_up(),
        )
        .order_by(call.closes_at, again.id)
    )
    found: dict[int, list[Renewal]] = {}
    for project_id, campaign_id, label, year, draft_id in rows:
        found.setdefault(project_id, []).append(Renewal(campaign_id, label, year, draft_id))
    return found


def _taken_up() -> ColumnElement[bool]:
    """By a dossier that follows this one alone, or brings it together with others."""
    successor, merged = aliased(Project), project_merges.c
    stands = (successor.state.in_(DEPOSITED), successor.state != State.WITHDRAWN)
    return or_(
        exists().where(successor.predecessor_id == Project.id, *stands),
        exists().where(merged.predecessor_id == Project.id, successor.id == merged.project_id, *stands),
    )


def _still_allowed() -> tuple[ColumnElement[bool], ...]:
    return LatePermission.withdrawn_at.is_(None), LatePermission.until > now()


def _mine(organisation_id: InstrumentedAttribute[int], user_id: int) -> ColumnElement[bool]:
    return organisation_id.in_(acting_for(user_id))
