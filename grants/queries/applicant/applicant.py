"""What applicants see of their dossiers. A funder's decision leaves this module only once that
funder has notified it (rules 7); proposals, notes and opinions never do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, Executable, and_, case, func, null, or_, select
from sqlalchemy.orm import aliased

from grants.database import all_as, db, select_as
from grants.domain.dossier.correction import refuse_unless_depositable
from grants.errors import refusal_of
from grants.models import (
    IN_ITS_CALL,
    NOT_COUNTING,
    Campaign,
    CampaignFunder,
    Funder,
    FundingLine,
    HistoryEntry,
    LatePermission,
    Organisation,
    Outcome,
    Project,
    Provenance,
    State,
    User,
    now,
)
from grants.queries.administration.organisations import acting_for
from grants.queries.project_filters import ALL_SENT


@dataclass(frozen=True)
class FunderAnswer:
    """What one funder was asked, and what it has notified (nothing: `outcome` is empty). No
    `act_date` for what was imported: it was deposited and notified at once, at the import."""

    project_id: int
    funder: str
    requested: Decimal | None
    outcome: Outcome | None
    granted: Decimal | None
    reason: str | None
    condition: str | None
    redirected_to: str | None
    act_number: str | None
    act_date: date | None


@dataclass(frozen=True)
class OwnProject:
    """One dossier in the list of its applicant; `reason` is what the coordinator wrote."""

    answers: tuple[FunderAnswer, ...]
    id: int
    year: int
    title: str
    state: State
    reason: str
    pieces_due_on: date | None
    reference: str | None
    provenance: Provenance
    submitted_at: datetime | None
    saved_at: datetime
    campaign: str
    campaign_closes_at: datetime | None
    # When an administrator has allowed its organisation to be late.
    late_until: datetime | None
    organisation: str
    organisation_id: int
    # Typed for it by the coordinator, when that came by e-mail or on paper.
    received_on: date | None
    typed_by: str
    answered: bool
    # What it corrects, or begins again, and its state.
    copy_of_id: int | None
    copy_state: State | None
    # Who wants its signature.
    asked_by: str | None
    # When a funder's decision, or that it is inadmissible, was last told.
    told_at: datetime | None
    # Begun, and not deposited yet.
    correction: OwnProject | None = None
    # Of a correction: why it is not taken any more.
    refused: str = ""

    @property
    def corrects(self) -> bool:
        return self.state is State.DRAFT and self.copy_state not in (None, *NOT_COUNTING)

    @property
    def requested(self) -> Decimal:
        return sum((line.requested or Decimal(0) for line in self.answers), Decimal(0))

    @property
    def granted(self) -> Decimal:
        """What was notified, and holds (rules 4)."""
        counts = self.state not in NOT_COUNTING
        return sum((line.granted or Decimal(0) for line in self.answers if counts), Decimal(0))

    @property
    def closes_at(self) -> datetime | None:
        return max(filter(None, (self.campaign_closes_at, self.late_until)), default=None)

    @property
    def can_be_deposited(self) -> bool:
        """By its dates."""
        if self.state is not State.DRAFT or self.closes_at is None:
            return False
        return not self.refused if self.corrects else now() < self.closes_at


def twin_of(project: Project) -> Project | None:
    """Another dossier of the same organisation in the same call, whose title differs by its typing
    at most: one deposited rather than a draft."""
    return db.session.scalar(
        select(Project)
        .where(
            Project.campaign_id == project.campaign_id,
            Project.id.not_in((project.id, project.copy_of_id or 0)),
            func.coalesce(Project.copy_of_id, 0) != project.id,
            Project.organisation_id == project.organisation_id,
            Project.title_key == project.title_key,
            Project.title_key != "",
            Project.state != State.WITHDRAWN,
        )
        .order_by(Project.reference.is_(None), Project.id)
        .limit(1)
    )


_Original, _Asker = aliased(Project), aliased(User)
_ASKED_BY = (
    select(_Asker.name)
    .join(HistoryEntry, HistoryEntry.by_id == _Asker.id)
    .where(HistoryEntry.project_id == Project.id, HistoryEntry.action == "ask_signature")
    .order_by(HistoryEntry.id.desc())
    .limit(1)
    .scalar_subquery()
)
_TOLD_AT = (
    select(func.max(HistoryEntry.at))
    .where(HistoryEntry.project_id == Project.id, HistoryEntry.action.in_(("notify", "refuse")))
    .scalar_subquery()
)
# A correction that was deposited, or given up.
_COPY_OVER = and_(Project.copy_of_id.is_not(None), Project.state == State.WITHDRAWN, Project.reference.is_(None))


def own_projects(user_id: int) -> list[OwnProject]:
    """Those of all organisations where the membership is approved, the latest year first; a
    correction under way goes with what it corrects."""
    read, lines = all_as(OwnProject, _own_projects(user_id)), dict[int, list[FunderAnswer]]()
    for answer in _answers(Project.organisation_id.in_(acting_for(user_id))):
        lines.setdefault(answer.project_id, []).append(answer)
    own = [replace(project, answers=tuple(lines.get(project.id, ()))) for project in read]
    drafts = {each.id: each for each in own if each.corrects}
    refused = {
        draft.id: refusal_of(refuse_unless_depositable, draft)
        for draft in (db.session.scalars(select(Project).where(Project.id.in_(drafts))) if drafts else ())
    }
    corrections = {each.copy_of_id: replace(each, refused=refused[id]) for id, each in drafts.items()}
    return [replace(each, correction=corrections.get(each.id)) for each in own if not each.corrects]


def _own_projects(user_id: int) -> Executable:
    return (
        select_as(
            OwnProject,
            Project,
            reason=Project.state_reason,
            campaign=Campaign.label,
            campaign_closes_at=case((Campaign.opened_at.is_not(None), Campaign.closes_at)),
            late_until=LatePermission.until,
            organisation=Organisation.name,
            typed_by=User.name,
            answered=ALL_SENT,
            copy_state=_Original.state,
            answers=null(),
            asked_by=_ASKED_BY,
            told_at=_TOLD_AT,
        )
        .join(Campaign, Campaign.id == Project.campaign_id)
        .join(User, User.id == Project.created_by_id)
        .outerjoin(
            LatePermission,
            (LatePermission.campaign_id == Project.campaign_id)
            & (LatePermission.organisation_id == Project.organisation_id)
            & LatePermission.withdrawn_at.is_(None),
        )
        .join(Organisation, Organisation.id == Project.organisation_id)
        .outerjoin(_Original, _Original.id == Project.copy_of_id)
        .where(Project.organisation_id.in_(acting_for(user_id)), ~_COPY_OVER)
        .order_by(Project.year.desc(), Project.saved_at.desc(), Project.id.desc())
    )


def answers_to(project_id: int) -> list[FunderAnswer]:
    """What each funder was asked for one dossier, and has notified."""
    return _answers(Project.id == project_id)


def _answers(scope: ColumnElement[bool]) -> list[FunderAnswer]:
    """A line that an institution opened by itself appears only with its notified decision."""
    line, notified = FundingLine, FundingLine.notified_at.is_not(None)
    decision = (line.outcome, line.granted, line.reason, line.condition, line.redirected_to, line.act_number)
    seen = {column.key: case((notified, column)) for column in decision}
    seen["act_date"] = case((notified & (line.notified_at != Project.submitted_at), line.act_date))
    return all_as(
        FunderAnswer,
        select_as(FunderAnswer, FundingLine, funder=Funder.label, **seen)
        .join(Project, Project.id == FundingLine.project_id)
        .join(Funder, Funder.id == FundingLine.funder_id)
        .join(CampaignFunder, IN_ITS_CALL)
        .where(scope, notified | FundingLine.requested.is_not(None))
        .order_by(FundingLine.project_id, CampaignFunder.position),
    )


@dataclass(frozen=True)
class OpenDraft:
    id: int
    title: str
    organisation: str


def drafts_in(campaign_id: int, user_id: int) -> list[OpenDraft]:
    """Those that the person's organisations have begun in this call; corrections are none."""
    return all_as(
        OpenDraft,
        select_as(OpenDraft, Project, organisation=Organisation.name)
        .join(Organisation, Organisation.id == Project.organisation_id)
        .outerjoin(_Original, _Original.id == Project.copy_of_id)
        .where(
            Project.campaign_id == campaign_id,
            Project.state == State.DRAFT,
            Project.organisation_id.in_(acting_for(user_id)),
            or_(_Original.id.is_(None), _Original.state.in_(NOT_COUNTING)),
        )
        .order_by(Project.id),
    )


def own_organisations(user_id: int) -> list[tuple[int, str]]:
    """Those where the membership is approved: id and name."""
    rows = db.session.execute(
        select(Organisation.id, Organisation.name)
        .where(Organisation.id.in_(acting_for(user_id)))
        .order_by(Organisation.name)
    )
    return [(id_, name) for id_, name in rows]
