"""Everything about one project, in a constant number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Select,
    String,
    bindparam,
    case,
    func,
    literal,
    null,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import aliased, contains_eager, joinedload

from grants.database import db
from grants.models import (
    NOT_COUNTING,
    Campaign,
    CampaignFunder,
    CrossTheme,
    Funder,
    FundingLine,
    Institution,
    Judgement,
    Opinion,
    Project,
    State,
    Theme,
    User,
    Zone,
    project_cross_themes,
    project_zones,
)
from grants.queries.exchange import Thread, branches, thread_in, without_request
from grants.queries.history import History, history_of
from grants.queries.project_filters import DEPOSITED_ONLY, amount_granted
from grants.queries.theme_tree import Node


@dataclass(frozen=True)
class Column:
    """One funder: this year's line if it was asked or opened, and last year's money.

    `in_call`: it takes part in the campaign; otherwise only the predecessor had it.
    """

    funder: Funder
    line: FundingLine | None
    in_call: bool
    asked_before: Decimal | None
    granted_before: Decimal | None


@dataclass(frozen=True)
class Sibling:
    """Another project of the same bearer in the same contract and year; euros."""

    id: int
    reference: str
    title: str
    state: State
    requested: Decimal | None
    granted: Decimal | None


@dataclass(frozen=True)
class OpinionRow:
    at: datetime
    by: str
    body: str
    judgement: Judgement
    remark: str


@dataclass
class Labels:
    """Words for the ids around a project. `themes` is the contract's whole tree."""

    themes: dict[int, Node]
    campaigns: dict[int, str]
    zones: list[str]
    cross_themes: list[str]

    def path(self, theme_id: int | None) -> str:
        """`Cohésion sociale › Éducation › 1. Combattre les inégalités`."""
        titles: list[str] = []
        while theme_id is not None and (node := self.themes.get(theme_id)):
            titles.insert(0, node.title)
            theme_id = node.parent_id
        return " › ".join(titles)


@dataclass(frozen=True)
class Sheet:
    columns: list[Column]
    siblings: list[Sibling]
    opinions: list[OpinionRow]
    history: History
    labels: Labels
    thread: Thread


def sheet(project: Project) -> Sheet:
    """Five queries; the project itself, its budget and its predecessor come with the project."""
    labels = labels_of(project)
    names = {
        "theme_id": {key: labels.path(key) for key in labels.themes},
        "campaign_id": labels.campaigns,
    }
    if project.predecessor:
        names["predecessor_id"] = {project.predecessor.id: project.predecessor.reference or ""}
    said, opinions = _voices(project.id)
    return Sheet(
        columns_of(project), siblings_of(project), opinions,
        history_of(project.id, names), labels, said,
    )  # fmt: skip


def columns_of(project: Project) -> list[Column]:
    """Every funder of the call, and whoever gave to the predecessor, in the contract's order."""
    records = db.session.execute(
        _COLUMNS,
        {
            "contract_id": project.contract_id,
            "campaign_id": project.campaign_id,
            "project_id": project.id,
            "before_id": project.predecessor_id or 0,
        },
    )
    return [
        Column(funder, line, in_call is not None, asked, granted)
        for funder, line, in_call, asked, granted in records
    ]


def _columns() -> Select[*tuple[Any, ...]]:
    before, predecessor = aliased(FundingLine), aliased(Project)
    return (
        select(
            Funder, FundingLine, CampaignFunder.campaign_id, before.requested,
            case((predecessor.state.not_in(NOT_COUNTING), before.granted)),
        )
        .join(Funder.institution)
        .options(contains_eager(Funder.institution), joinedload(FundingLine.decided_by))
        .outerjoin(
            CampaignFunder,
            (CampaignFunder.funder_id == Funder.id)
            & (CampaignFunder.campaign_id == bindparam("campaign_id")),
        )
        .outerjoin(
            FundingLine,
            (FundingLine.funder_id == Funder.id)
            & (FundingLine.project_id == bindparam("project_id")),
        )
        .outerjoin(
            before,
            (before.funder_id == Funder.id) & (before.project_id == bindparam("before_id")),
        )
        .outerjoin(predecessor, predecessor.id == before.project_id)
        .where(
            Funder.contract_id == bindparam("contract_id"),
            (CampaignFunder.campaign_id.is_not(None)) | (before.id.is_not(None)),
        )
        .order_by(Institution.position, Funder.position)
    )


_COLUMNS = _columns()


def siblings_of(project: Project) -> list[Sibling]:
    records = db.session.execute(
        select(
            Project.id, Project.reference, Project.title, Project.state,
            func.sum(FundingLine.requested), func.sum(amount_granted()),
        )
        .outerjoin(FundingLine, FundingLine.project_id == Project.id)
        .where(
            Project.organisation_id == project.organisation_id,
            Project.contract_id == project.contract_id,
            Project.year == project.year,
            Project.id != project.id,
            *DEPOSITED_ONLY,
        )
        .group_by(Project.id)
        .order_by(Project.reference)
    )  # fmt: skip
    return [Sibling(*record) for record in records]


def opinions_on(project_id: int) -> list[OpinionRow]:
    """The newest first."""
    records = db.session.execute(
        select(Opinion.at, User.name, Opinion.body, Opinion.judgement, Opinion.remark)
        .join(User, User.id == Opinion.by_id)
        .where(Opinion.project_id == project_id)
        .order_by(Opinion.id.desc())
    )
    return [OpinionRow(*record) for record in records]


def _voices(project_id: int) -> tuple[Thread, list[OpinionRow]]:
    """What is said with the applicant, and the opinions that they never see: one query."""
    rows = db.session.execute(_VOICES, {"of": project_id}).all()
    opinions = [
        OpinionRow(row.at, row.name, row.label, Judgement(row.kind), row.text)
        for row in rows
        if row.what == "opinion"
    ]
    return thread_in(row for row in rows if row.what != "opinion"), opinions[::-1]


def _opinions() -> Select[*tuple[Any, ...]]:
    """In the columns of `exchange.branches`."""
    return (
        select(
            literal("opinion"), literal(3), Opinion.id, Opinion.at, User.name, Opinion.remark,
            *without_request(), literal(0), null(), null(), Opinion.body,
            type_coerce(Opinion.judgement, String),
        )
        .join(User, User.id == Opinion.by_id)
        .where(Opinion.project_id == bindparam("of"))
    )  # fmt: skip


_VOICES = union_all(*branches(), _opinions()).order_by("place", "key")


def labels_of(project: Project) -> Labels:
    """One query over themes, the year's campaigns, and the project's zones and cross themes."""
    found = Labels({}, {}, [], [])
    for what, key, label, number, parent_id, depth, position in db.session.execute(
        _LABELS, {"contract_id": project.contract_id, "year": project.year, "of": project.id}
    ):
        if what == "theme":
            found.themes[key] = Node(key, parent_id, depth, number, label, position)
        elif what == "campaign":
            found.campaigns[key] = label
        else:
            (found.zones if what == "zone" else found.cross_themes).append(label)
    return found


def _labels() -> CompoundSelect[*tuple[Any, ...]]:
    contract_id: BindParameter[int] = bindparam("contract_id")
    year: BindParameter[int] = bindparam("year")
    project_id: BindParameter[int] = bindparam("of")
    blank = [null()] * 3
    return union_all(
        select(
            literal("theme").label("what"), Theme.id, Theme.label, Theme.number,
            Theme.parent_id, Theme.depth, Theme.position.label("place"),
        ).where(Theme.contract_id == contract_id),
        select(literal("campaign"), Campaign.id, Campaign.label, *blank, Campaign.id).where(
            Campaign.contract_id == contract_id, Campaign.year == year
        ),
        select(literal("zone"), Zone.id, Zone.label, *blank, Zone.position)
        .join(project_zones, project_zones.c.zone_id == Zone.id)
        .where(project_zones.c.project_id == project_id),
        select(literal("cross"), CrossTheme.id, CrossTheme.label, *blank, CrossTheme.position)
        .join(project_cross_themes, project_cross_themes.c.cross_theme_id == CrossTheme.id)
        .where(project_cross_themes.c.project_id == project_id),
    ).order_by("place")  # fmt: skip


_LABELS = _labels()
