"""Everything about one project, in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from sqlalchemy import BindParameter, Executable, Select, bindparam, func, select, union_all
from sqlalchemy.orm import aliased, contains_eager, joinedload

from grants.database import all_as, db
from grants.domain.dossier.communes import finances
from grants.domain.envelope import slices
from grants.models import (
    NOT_COUNTING,
    Campaign,
    CampaignFunder,
    Commune,
    CrossTheme,
    Envelope,
    Funder,
    FundingLine,
    Institution,
    Outcome,
    Project,
    State,
    Theme,
    User,
    Zone,
    project_communes,
    project_cross_themes,
    project_zones,
)
from grants.permissions import reads_tables
from grants.queries.figures import Figure
from grants.queries.programming.rows import granted_before
from grants.queries.sheet.budget import ZERO, BesideBudget, budget_beside
from grants.queries.sheet.history import History, history_of
from grants.queries.sheet.relatives import Relative, relatives
from grants.queries.sheet.voices import Voices, voices
from grants.queries.theme_tree import Labelled, ThemeNode, labelled


@dataclass(frozen=True)
class FunderMoney:
    """One funder: this year's line if it was asked or opened, and last year's money.

    `in_campaign`: it takes part in the campaign; otherwise only the predecessor had it. `left`: euros
    on its `envelope`, below zero after a cut; nothing where it has none.
    """

    funder: Funder
    line: FundingLine | None
    in_campaign: bool
    asked_before: Decimal | None
    granted_before: Figure
    envelope: Decimal | None
    left: Decimal | None

    @property
    def meant(self) -> Decimal:
        """What its decision would grant: as proposed, or as asked; zero where neither is said."""
        return (self.line and (self.line.proposed or self.line.requested)) or ZERO

    @property
    def left_after(self) -> Decimal | None:
        """Of the envelope, once that is granted in place of what the line has."""
        granted = (self.line and self.line.granted) or ZERO
        return None if self.left is None else self.left + granted - self.meant


@dataclass(frozen=True)
class SheetTotals:
    """Euros of all columns; nothing where none has any. Of the predecessor's what counts."""

    asked_before: Decimal | None
    granted_before: Decimal | None
    requested: Decimal | None
    proposed: Decimal | None
    granted: Decimal | None

    @classmethod
    def of(cls, columns: list[FunderMoney]) -> Self:
        lines = [column.line for column in columns if column.line]
        return cls(
            _sum(column.asked_before for column in columns),
            _sum(c.granted_before for c in columns if isinstance(c.granted_before, Decimal)),
            _sum(line.requested for line in lines),
            _sum(line.proposed for line in lines),
            _sum(line.granted for line in lines),
        )


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, ZERO) if known else None


@dataclass
class Labels:
    """Words for the ids around a project. `themes` is the contract's whole tree; those in
    lists by project: this one and its predecessor."""

    themes: dict[int, ThemeNode]
    campaigns: dict[int, str]
    communes: dict[int, str]
    other_communes: dict[int, list[str]]
    zones: dict[int, list[str]]
    cross_themes: dict[int, list[str]]

    def path(self, theme_id: int | None) -> str:
        """`Cohésion sociale › Éducation › 1. Combattre les inégalités`."""
        titles: list[str] = []
        while theme_id is not None and (node := self.themes.get(theme_id)):
            titles.insert(0, node.title)
            theme_id = node.parent_id
        return " › ".join(titles)


@dataclass(frozen=True)
class ProjectSheet:
    """`before`: the predecessor, where its reader reads it."""

    before: Project | None
    columns: list[FunderMoney]
    totals: SheetTotals
    budget: BesideBudget
    relatives: list[Relative]
    history: History
    labels: Labels
    voices: Voices


def sheet(project: Project, reader: User) -> ProjectSheet:
    """Six queries; the project itself and its predecessor come with the project."""
    before = known_predecessor(project, reader)
    labels = labels_of(project)
    names = {"theme_id": {key: labels.path(key) for key in labels.themes}, "campaign_id": labels.campaigns}
    names["commune_id"] = labels.communes
    around = relatives(project, reader)
    names["predecessor_id"] = {each.id: each.reference or "" for each in around}
    columns = columns_of(project, before)
    totals = SheetTotals.of(columns)
    budget = budget_beside(project, before, totals.requested or ZERO, totals.asked_before or ZERO)
    history = history_of(project.id, names)
    return ProjectSheet(before, columns, totals, budget, around, history, labels, voices(project, reader))


def known_predecessor(project: Project, reader: User | None) -> Project | None:
    before = project.predecessor
    return before if before and reads_tables(reader, before) else None


def columns_of(project: Project, before: Project | None) -> list[FunderMoney]:
    """Every funder of the call that may finance it, and whoever gave to the predecessor, in the contract's order."""
    records = db.session.execute(
        _COLUMNS,
        {
            "contract_id": project.contract_id,
            "campaign_id": project.campaign_id,
            "project_id": project.id,
            "before_id": before.id if before else 0,
        },
    )
    return [
        FunderMoney(
            funder,
            line,
            campaign_id is not None,
            requested,
            granted_before(state, outcome, granted, in_campaign=then is not None),
            amount,
            None if amount is None else amount - (drawn or ZERO) - (held or ZERO),
        )
        for funder, line, campaign_id, requested, outcome, granted, state, then, amount, drawn, held in records
        if line or outcome or finances(funder, project)
    ]


_Columns = Select[
    Funder,
    FundingLine,
    int,
    Decimal | None,
    Outcome,
    Decimal | None,
    State,
    int,
    Decimal,
    Decimal | None,
    Decimal | None,
]


def _columns() -> _Columns:
    before, predecessor, then = aliased(FundingLine), aliased(Project), aliased(CampaignFunder)
    line, counted, link = aliased(FundingLine), aliased(Project), aliased(CampaignFunder)
    drawn = (
        select(func.sum(line.granted))
        .join(counted, counted.id == line.project_id)
        .join(link, (link.campaign_id == line.campaign_id) & (link.funder_id == line.funder_id))
        .where(link.envelope_id == CampaignFunder.envelope_id, counted.state.not_in(NOT_COUNTING))
        .correlate(CampaignFunder)
    )
    own = slices().subquery()
    held = select(func.sum(own.c.firm)).where(own.c.envelope_id == CampaignFunder.envelope_id)
    return (
        select(
            Funder,
            FundingLine,
            CampaignFunder.campaign_id,
            before.requested,
            before.outcome,
            before.granted,
            predecessor.state,
            then.campaign_id,
            Envelope.amount,
            drawn.scalar_subquery(),
            held.correlate(CampaignFunder).scalar_subquery(),
        )
        .join(Funder.institution)
        .options(contains_eager(Funder.institution), joinedload(FundingLine.decided_by))
        .outerjoin(
            CampaignFunder,
            (CampaignFunder.funder_id == Funder.id) & (CampaignFunder.campaign_id == bindparam("campaign_id")),
        )
        .outerjoin(Envelope, Envelope.id == CampaignFunder.envelope_id)
        .outerjoin(
            FundingLine, (FundingLine.funder_id == Funder.id) & (FundingLine.project_id == bindparam("project_id"))
        )
        .outerjoin(before, (before.funder_id == Funder.id) & (before.project_id == bindparam("before_id")))
        .outerjoin(predecessor, predecessor.id == bindparam("before_id"))
        .outerjoin(then, (then.funder_id == Funder.id) & (then.campaign_id == predecessor.campaign_id))
        .where(
            Funder.contract_id == bindparam("contract_id"),
            (CampaignFunder.campaign_id.is_not(None)) | (before.id.is_not(None)),
        )
        .order_by(Institution.position, Funder.position)
    )


_COLUMNS = _columns()


def labels_of(project: Project) -> Labels:
    """One query over themes, the year's campaigns, communes, and what both projects list."""
    labels = Labels({}, {}, {}, defaultdict(list), defaultdict(list), defaultdict(list))
    years = {"contract_id": project.contract_id, "year": project.year}
    for row in all_as(Labelled, _LABELS, years | {"of": project.id, "before": project.predecessor_id or 0}):
        if row.what == "themes":
            labels.themes[row.key] = row.theme
        elif row.owner_id is None:
            getattr(labels, row.what)[row.key] = row.label
        else:
            getattr(labels, row.what)[row.owner_id].append(row.label)
    return labels


def _labels() -> Executable:
    contract_id: BindParameter[int] = bindparam("contract_id")
    year: BindParameter[int] = bindparam("year")
    both: tuple[BindParameter[int], ...] = (bindparam("of"), bindparam("before"))
    in_zones, in_cross, in_communes = project_zones.c, project_cross_themes.c, project_communes.c
    tree = {"number": Theme.number, "owner_id": Theme.parent_id, "depth": Theme.depth, "position": Theme.position}
    zone = {"owner_id": in_zones.project_id, "position": Zone.position}
    cross = {"owner_id": in_cross.project_id, "position": CrossTheme.position}
    other = {"owner_id": in_communes.project_id, "position": Commune.position}
    return union_all(
        labelled("themes", Theme.id, Theme.label, **tree).where(Theme.contract_id == contract_id),
        labelled("campaigns", Campaign.id, Campaign.label, position=Campaign.id).where(
            Campaign.contract_id == contract_id, Campaign.year == year
        ),
        labelled("zones", Zone.id, Zone.label, **zone)
        .join(project_zones, in_zones.zone_id == Zone.id)
        .where(in_zones.project_id.in_(both)),
        labelled("communes", Commune.id, Commune.label, position=Commune.position).where(
            Commune.contract_id == contract_id
        ),
        labelled("other_communes", Commune.id, Commune.label, **other)
        .join(project_communes, in_communes.commune_id == Commune.id)
        .where(in_communes.project_id.in_(both)),
        labelled("cross_themes", CrossTheme.id, CrossTheme.label, **cross)
        .join(project_cross_themes, in_cross.cross_theme_id == CrossTheme.id)
        .where(in_cross.project_id.in_(both)),
    ).order_by("position")


_LABELS = _labels()
