"""What the filters of the list offer in a contract's year."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import BindParameter, Executable, Select, bindparam, exists, func, literal, null, select, union_all

from grants.database import db
from grants.models import (
    Campaign,
    CampaignFunder,
    Funder,
    Institution,
    Organisation,
    Project,
    Role,
    RoleGrant,
    Theme,
    User,
    Zone,
    project_zones,
)
from grants.queries.project_filters import DEPOSITED_ONLY
from grants.queries.theme_tree import ThemeNode


@dataclass
class Choices:
    """What the filters of a year may be set to, in order; the whole theme tree for the rows.

    `years`: those of the contract that have a campaign; `people`: who instructs."""

    years: dict[int, str] = field(default_factory=dict)
    campaigns: dict[int, str] = field(default_factory=dict)
    funders: dict[int, str] = field(default_factory=dict)
    bearers: dict[int, str] = field(default_factory=dict)
    themes: dict[int, ThemeNode] = field(default_factory=dict)
    people: dict[int, str] = field(default_factory=dict)
    zones: dict[int, str] = field(default_factory=dict)


def choices(contract_id: int, year: int) -> Choices:
    """One query over campaigns, funders, bearers, people, themes and zones."""
    found = Choices()
    for what, key, label, number, parent_id, depth, _place, position, _name in db.session.execute(
        _CHOICES, {"contract_id": contract_id, "year": year}
    ):
        if what == "themes":
            found.themes[key] = ThemeNode(key, parent_id, depth, number, label, position)
        else:
            getattr(found, what)[key] = label
    return found


def without_zone(contract_id: int, year: int) -> int:
    """How many projects of a year name no zone: imported files do not tell."""
    placed = exists().where(project_zones.c.project_id == Project.id)
    found = select(func.count()).where(Project.contract_id == contract_id, Project.year == year, *DEPOSITED_ONLY)
    return db.session.scalar(found.where(~placed)) or 0


def _choices() -> Executable:
    contract_id: BindParameter[int] = bindparam("contract_id")
    year: BindParameter[int] = bindparam("year")
    ours = select(Campaign.id).where(Campaign.contract_id == contract_id, Campaign.year == year)
    themes = select(
        literal("themes").label("what"),
        Theme.id,
        Theme.label,
        Theme.number,
        Theme.parent_id,
        Theme.depth,
        literal(0).label("place"),
        Theme.position,
        literal("").label("name"),
    ).where(Theme.contract_id == contract_id)
    campaigns = select(
        literal("campaigns"), Campaign.id, Campaign.label, *[null()] * 3, literal(0), literal(0), Campaign.label
    ).where(Campaign.contract_id == contract_id, Campaign.year == year)
    years = select(
        literal("years"), Campaign.year, literal(""), *[null()] * 3, Campaign.year, literal(0), literal("")
    ).where(Campaign.contract_id == contract_id)
    funders = (
        select(
            literal("funders"),
            Funder.id,
            Funder.label,
            *[null()] * 3,
            Institution.position,
            Funder.position,
            literal(""),
        )
        .join(Institution, Institution.id == Funder.institution_id)
        .where(Funder.id.in_(select(CampaignFunder.funder_id).where(CampaignFunder.campaign_id.in_(ours))))
    )
    bearers = select(
        literal("bearers"),
        Organisation.id,
        Organisation.name,
        *[null()] * 3,
        literal(0),
        literal(0),
        Organisation.name_key,
    ).where(
        Organisation.id.in_(
            select(Project.organisation_id).where(
                Project.contract_id == contract_id, Project.year == year, *DEPOSITED_ONLY
            )
        )
    )
    people = select(
        literal("people"), User.id, User.name, *[null()] * 3, literal(0), literal(0), User.search_key
    ).where(User.active, User.id.in_(_instructing(contract_id)))
    zones = select(literal("zones"), Zone.id, Zone.label, *[null()] * 3, literal(0), Zone.position, literal("")).where(
        Zone.contract_id == contract_id
    )
    return union_all(themes, years, campaigns, funders, bearers, people, zones).order_by("place", "position", "name")


def _instructing(contract_id: BindParameter[int]) -> Select[int]:
    roles = (Role.INSTRUCTOR, Role.COORDINATOR)
    return select(RoleGrant.user_id).where(RoleGrant.contract_id == contract_id, RoleGrant.role.in_(roles))


_CHOICES = _choices()  # built once: building it takes longer than running it
