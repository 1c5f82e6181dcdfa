"""What the settings pages list and count: contracts, the theme tree, calls."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import and_, func, or_, select

from grants.database import all_as, db, select_as
from grants.domain.campaign.campaign import copied_label
from grants.domain.campaign.question import answer_counts
from grants.french import today
from grants.models import (
    Campaign,
    CampaignFunder,
    Contract,
    Funder,
    LatePermission,
    Organisation,
    Project,
    State,
    Theme,
    User,
    now,
)
from grants.names import fold
from grants.queries.campaign.announced import in_preparation

# A copy that is not deposited (a correction) is no dossier of its own.
_DOSSIER = or_(Project.copy_of_id.is_(None), Project.reference.is_not(None))


@dataclass(frozen=True)
class ContractRow:
    id: int
    slug: str
    label: str
    start_year: int
    end_year: int


def contracts() -> list[ContractRow]:
    return all_as(ContractRow, select_as(ContractRow, Contract).order_by(Contract.label))


@dataclass(frozen=True)
class ThemeRow:
    """`projects`: dossiers classified there. `first`, `last`: among its siblings."""

    id: int
    depth: int
    number: int | None
    label: str
    call_kind: str | None
    archived: bool
    projects: int
    first: bool
    last: bool


def theme_tree(contract_id: int) -> list[ThemeRow]:
    """The whole tree in its order, archived themes too."""
    used = (
        select(Project.theme_id, func.count().label("projects"))
        .where(Project.contract_id == contract_id)
        .group_by(Project.theme_id)
        .subquery()
    )
    return all_as(
        ThemeRow,
        select_as(
            ThemeRow,
            Theme,
            projects=func.coalesce(used.c.projects, 0),
            first=func.lag(Theme.id).over(partition_by=Theme.parent_id, order_by=(Theme.position, Theme.id)).is_(None),
            last=func.lead(Theme.id).over(partition_by=Theme.parent_id, order_by=(Theme.position, Theme.id)).is_(None),
        )
        .outerjoin(used, used.c.theme_id == Theme.id)
        .where(Theme.contract_id == contract_id)
        .order_by(Theme.position, Theme.id),
    )


@dataclass(frozen=True)
class CampaignRow:
    """`copied`: the year after has the same call already; `draft`: nobody has opened it, and no import filled it."""

    id: int
    year: int
    kind: str
    label: str
    opens_at: datetime | None
    closes_at: datetime | None
    opened_at: datetime | None
    projects: int
    draft: bool
    funders: str = ""
    copied: bool = False


def campaigns(contract_id: int) -> list[CampaignRow]:
    """The calls of a contract, the latest year first."""
    projects = select(func.count()).where(Project.campaign_id == Campaign.id).scalar_subquery()
    rows = all_as(
        CampaignRow,
        select_as(CampaignRow, Campaign, projects=projects, draft=and_(*in_preparation()))
        .where(Campaign.contract_id == contract_id)
        .order_by(Campaign.year.desc(), Campaign.kind, Campaign.label),
    )
    codes = _funder_codes(contract_id)
    known = {(row.year, fold(row.label)) for row in rows}

    def copied(year: int, label: str) -> bool:
        return (year + 1, fold(copied_label(label, year, year + 1))) in known

    return [replace(row, funders=", ".join(codes.get(row.id, [])), copied=copied(row.year, row.label)) for row in rows]


def _funder_codes(contract_id: int) -> dict[int, list[str]]:
    codes: dict[int, list[str]] = {}
    for campaign_id, code in db.session.execute(
        select(CampaignFunder.campaign_id, Funder.code)
        .join(Funder, Funder.id == CampaignFunder.funder_id)
        .where(Funder.contract_id == contract_id)
        .order_by(CampaignFunder.position, Funder.id)
    ):
        codes.setdefault(campaign_id, []).append(code)
    return codes


@dataclass(frozen=True)
class CampaignChoice:
    id: int
    year: int
    label: str


def undrawn_campaigns(funder_id: int) -> list[CampaignChoice]:
    """The calls of a funder that have no envelope yet, the latest first."""
    return all_as(
        CampaignChoice,
        select_as(CampaignChoice, Campaign)
        .join(CampaignFunder, CampaignFunder.campaign_id == Campaign.id)
        .where(CampaignFunder.funder_id == funder_id, CampaignFunder.envelope_id.is_(None))
        .order_by(Campaign.year.desc(), Campaign.label),
    )


def undrawn_lines(contract_id: int) -> str:
    """What calls of this year and later lack, as a file of envelopes whose amounts are to be filled in."""
    undrawn = db.session.execute(
        select(Campaign.year, Campaign.kind, Campaign.label, Funder.code)
        .join(CampaignFunder, CampaignFunder.campaign_id == Campaign.id)
        .join(Funder, Funder.id == CampaignFunder.funder_id)
        .where(Campaign.contract_id == contract_id, Campaign.year >= today().year, CampaignFunder.envelope_id.is_(None))
        .order_by(Campaign.year, Campaign.label, CampaignFunder.position)
    )
    heading = "annee\tdispositif\tcampagne\tfinanceur\tmontant\tstatut"
    return "\n".join(
        [heading, *(f"{year}\t{kind}\t{label}\t{code}\t\tprovisoire" for year, kind, label, code in undrawn)]
    )


def kinds(contract_id: int) -> list[str]:
    """The kinds of call that the contract has had, or reserved a theme for."""
    called = select(Campaign.kind).where(Campaign.contract_id == contract_id)
    reserved = select(Theme.call_kind).where(Theme.contract_id == contract_id, Theme.call_kind.is_not(None))
    return sorted(k for k in db.session.scalars(called.union(reserved)) if k)


def closing_campaigns(contract_id: int) -> list[tuple[int, str]]:
    """The calls that were opened, the latest to close first: id and label."""
    rows = db.session.execute(
        select(Campaign.id, Campaign.label)
        .where(Campaign.contract_id == contract_id, Campaign.opened_at.is_not(None))
        .order_by(Campaign.closes_at.desc())
    )
    return [(id_, label) for id_, label in rows]


@dataclass(frozen=True)
class LateRow:
    id: int
    organisation: str
    campaign: str
    until: datetime
    reason: str
    by: str
    at: datetime
    withdrawn_at: datetime | None

    @property
    def over(self) -> bool:
        return self.until <= now()


def late_permissions(contract_id: int) -> list[LateRow]:
    """The newest first, withdrawn ones too."""
    others = {"organisation": Organisation.name, "campaign": Campaign.label, "by": User.name}
    return all_as(
        LateRow,
        select_as(LateRow, LatePermission, **others)
        .join(Campaign, Campaign.id == LatePermission.campaign_id)
        .join(Organisation, Organisation.id == LatePermission.organisation_id)
        .join(User, User.id == LatePermission.by_id)
        .where(Campaign.contract_id == contract_id)
        .order_by(LatePermission.at.desc(), LatePermission.id.desc()),
    )


def dated_campaigns(contract_id: int, year: int) -> list[tuple[int, str]]:
    """Those of a year that take or took dossiers here (neither drafts nor what was imported)."""
    rows = db.session.execute(
        select(Campaign.id, Campaign.label)
        .where(Campaign.contract_id == contract_id, Campaign.year == year, Campaign.opened_at.is_not(None))
        .order_by(Campaign.label)
    )
    return [(id_, label) for id_, label in rows]


def dossiers_of(campaign: Campaign) -> tuple[int, int]:
    """How many there are, and how many of them are drafts."""
    drafts = func.count().filter(Project.state == State.DRAFT)
    counts = select(func.count(), drafts).where(Project.campaign_id == campaign.id, _DOSSIER)
    there, begun = db.session.execute(counts).one()
    return there, begun


def answers_received(campaign: Campaign) -> Counter[int]:
    """How many dossiers have answered each question, drafts too."""
    return answer_counts(campaign, _DOSSIER)
