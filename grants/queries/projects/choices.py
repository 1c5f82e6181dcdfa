"""What the filters of the list offer in a contract's year."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import (
    BindParameter,
    Executable,
    Integer,
    Select,
    bindparam,
    cast,
    exists,
    func,
    literal,
    select,
    union_all,
)

from grants.database import all_as, db
from grants.models import (
    Campaign,
    CampaignFunder,
    Commune,
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
from grants.queries.project_filters import DEPOSITED_ONLY, Filters
from grants.queries.theme_tree import Labelled, ThemeNode, labelled
from grants.queries.unchanged import lists


@dataclass
class Choices:
    """What the filters of a year may be set to, in order; the whole theme tree for the rows.

    `years`: those of the contract that have a campaign; `people`: who instructs; `institutions`: by funder,
    its institution, and whether that delegates."""

    years: dict[int, str] = field(default_factory=dict)
    campaigns: dict[int, str] = field(default_factory=dict)
    funders: dict[int, str] = field(default_factory=dict)
    institutions: dict[int, tuple[int, bool]] = field(default_factory=dict)
    bearers: dict[int, str] = field(default_factory=dict)
    themes: dict[int, ThemeNode] = field(default_factory=dict)
    people: dict[int, str] = field(default_factory=dict)
    communes: dict[int, str] = field(default_factory=dict)
    zones: dict[int, str] = field(default_factory=dict)


def choices(contract_id: int, year: int) -> Choices:
    """One query over campaigns, funders, bearers, people, themes, communes and zones. Nobody may change them."""
    return lists.get(("choices", contract_id, year), lambda: _read(contract_id, year))


def _read(contract_id: int, year: int) -> Choices:
    options = Choices()
    for row in all_as(Labelled, _CHOICES, {"contract_id": contract_id, "year": year}):
        if row.what == "themes":
            options.themes[row.key] = row.theme
        else:
            getattr(options, row.what)[row.key] = row.label
        if row.what == "funders":
            options.institutions[row.key] = (row.owner_id or 0, bool(row.depth))
    if len(options.communes) < 2:
        options.communes.clear()
    return options


def unplaced(contract_id: int, year: int, filters: Filters) -> tuple[str, int]:
    """What is not known, in French, of how many projects of a year, where they are filtered by their
    zone or commune: imported files do not always tell."""
    if filters.zone_id:
        what, nowhere = "Quartier non connu", ~exists().where(project_zones.c.project_id == Project.id)
    elif filters.commune_id:
        what, nowhere = "Commune non connue", Project.commune_id.is_(None)
    else:
        return "", 0
    found = select(func.count()).where(Project.contract_id == contract_id, Project.year == year, *DEPOSITED_ONLY)
    return what, db.session.scalar(found.where(nowhere)) or 0


def _choices() -> Executable:
    contract_id: BindParameter[int] = bindparam("contract_id")
    year: BindParameter[int] = bindparam("year")
    ours = select(Campaign.id).where(Campaign.contract_id == contract_id, Campaign.year == year)
    tree = {"number": Theme.number, "owner_id": Theme.parent_id, "depth": Theme.depth, "position": Theme.position}
    themes = labelled("themes", Theme.id, Theme.label, **tree).where(Theme.contract_id == contract_id)
    years = labelled("years", Campaign.year, literal(""), place=-Campaign.year).where(
        Campaign.contract_id == contract_id
    )
    campaigns = labelled("campaigns", Campaign.id, Campaign.label, name=Campaign.label).where(Campaign.id.in_(ours))
    owner = {"owner_id": Funder.institution_id, "depth": cast(Institution.delegates, Integer)}
    funders = (
        labelled("funders", Funder.id, Funder.label, place=Institution.position, position=Funder.position, **owner)
        .join(Institution, Institution.id == Funder.institution_id)
        .where(Funder.id.in_(select(CampaignFunder.funder_id).where(CampaignFunder.campaign_id.in_(ours))))
    )
    deposited = (Project.contract_id == contract_id, Project.year == year, *DEPOSITED_ONLY)
    bearers = labelled("bearers", Organisation.id, Organisation.name, name=Organisation.name_key).where(
        Organisation.id.in_(select(Project.organisation_id).where(*deposited))
    )
    people = labelled("people", User.id, User.name, name=User.search_key).where(
        User.active, User.id.in_(_instructing(contract_id))
    )
    zones = labelled("zones", Zone.id, Zone.label, position=Zone.position).where(Zone.contract_id == contract_id)
    communes = labelled("communes", Commune.id, Commune.label, position=Commune.position).where(
        Commune.contract_id == contract_id
    )
    found = (themes, years, campaigns, funders, bearers, people, communes, zones)
    return union_all(*found).order_by("place", "position", "name")


def _instructing(contract_id: BindParameter[int]) -> Select[int]:
    roles = (Role.INSTRUCTOR, Role.COORDINATOR)
    return select(RoleGrant.user_id).where(RoleGrant.contract_id == contract_id, RoleGrant.role.in_(roles))


_CHOICES = _choices()  # built once: building it takes longer than running it
