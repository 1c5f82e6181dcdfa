"""Where a deposited project stands: theme, new or renewed, campaign.

The applicant's own choice (`applicant_theme_id`) and words are kept (rules, states).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, select

from grants.database import db
from grants.domain.dossier.shown import record_changes, shown
from grants.domain.dossier.themes import ThemeChoice, offered
from grants.domain.ledger import history
from grants.domain.locking import fresh
from grants.domain.workflow import lock
from grants.errors import DomainError
from grants.models import Campaign, CampaignFunder, Contract, Funder, FundingLine, Kind, Project, State, User
from grants.permissions import require

OPEN_STATES = (State.SUBMITTED, State.INCOMPLETE, State.ADMISSIBLE)
MOST_YEARS = 10


@dataclass(frozen=True)
class Classification:
    """`year_of` and `years_total` are for `MULTIYEAR` alone ("2e année sur 3")."""

    campaign_id: int
    theme_id: int
    kind: Kind
    year_of: int | None = None
    years_total: int | None = None
    commune_id: int | None = None


def reclassify(
    project: Project, wanted: Classification, *, by: User, reason: str = "", version: int | None = None
) -> Project:
    """Raises `DomainError` at the field for what cannot be: a theme or a campaign of elsewhere,
    a campaign without one of the project's funders, money already granted; a missing `reason`
    once a programming is validated."""
    lock(project, version)
    require(by, "project.coordinate", project, "Seul le chef de projet peut reclasser un dossier.")
    if project.state not in OPEN_STATES:
        raise DomainError("L'état du dossier ne permet pas (ou plus) de le reclasser.")
    campaign = _campaign(project, wanted.campaign_id)
    _check_theme(project, campaign, wanted.theme_id)
    commune_id = checked_commune(campaign.contract, wanted.commune_id)
    years = _years(wanted)
    calls = sorted({project.campaign, campaign}, key=lambda call: call.id)
    _keep_asked(project, commune_id, by)
    validated = {call.id for call in calls if fresh(call, shared=True).validated_at}
    if validated and not reason.strip():
        raise DomainError("La programmation est validée : indiquez le motif.", "reason")
    for field, value in (
        ("campaign_id", campaign.id),
        ("theme_id", wanted.theme_id),
        ("kind", wanted.kind),
        ("commune_id", commune_id),
        ("year_of", years[0]),
        ("years_total", years[1]),
    ):
        history.change(project, "reclassify", field, value, by=by, reason=reason.strip())
    db.session.flush()
    db.session.expire_all()  # the database has carried the campaign over to the lines
    return project


def checked_commune(contract: Contract, commune_id: int | None) -> int | None:
    """Raises `DomainError` unless it is one of a contract that has several, or none of another."""
    known: list[int | None] = [commune.id for commune in contract.named_communes]
    if commune_id not in (known or [None]):
        raise DomainError("Choisissez la commune de l'action dans la liste.", "commune_id")
    return commune_id


def _keep_asked(project: Project, commune_id: int | None, by: User) -> None:
    """A dossier that leaves a commune whose funders it asks goes on naming it: no request is lost."""
    left = project.commune
    if left is None or left.id == commune_id:
        return
    asked = exists().where(
        FundingLine.project_id == project.id, FundingLine.funder_id == Funder.id, Funder.commune_id == left.id
    )
    if db.session.scalar(select(asked)) and left not in project.other_communes:
        before = shown(project)
        project.other_communes = [*project.other_communes, left]
        record_changes(project, before, by=by)


def _campaign(project: Project, campaign_id: int) -> Campaign:
    campaign = db.session.get(Campaign, campaign_id)
    if campaign is None or (campaign.contract_id, campaign.year) != (project.contract_id, project.year):
        raise DomainError("Cet appel n'est pas de ce contrat et de cette année.", "campaign_id")
    if campaign.id != project.campaign_id:
        _check_move(project, campaign)
    return campaign


def _check_move(project: Project, campaign: Campaign) -> None:
    lines = db.session.scalars(select(FundingLine).where(FundingLine.project_id == project.id)).all()
    if any(line.granted is not None for line in lines):
        raise DomainError("De l'argent est déjà accordé à ce dossier : annulez d'abord ces décisions.", "campaign_id")
    there = set(db.session.scalars(select(CampaignFunder.funder_id).where(CampaignFunder.campaign_id == campaign.id)))
    missing = [line.funder.label for line in lines if line.funder_id not in there]
    if missing:
        raise DomainError(
            f"{', '.join(missing)} ne participe pas à l'appel « {campaign.label} », mais est sollicité par ce dossier.",
            "campaign_id",
        )


def theme_choices(project: Project) -> list[ThemeChoice]:
    """What the calls of the project's year offer; where it stands now comes first when they do
    not (an archived theme)."""
    kinds = db.session.scalars(
        select(Campaign.kind)
        .where(Campaign.contract_id == project.contract_id, Campaign.year == project.year)
        .order_by(Campaign.kind != project.campaign.kind, Campaign.kind)
    )
    found = {each.id: each for kind in kinds for each in offered(project.contract_id, kind)}
    if project.theme and project.theme_id not in found:
        return [ThemeChoice(project.theme.id, project.theme.label, ""), *found.values()]
    return list(found.values())


def _check_theme(project: Project, campaign: Campaign, theme_id: int) -> None:
    if (theme_id, campaign.id) == (project.theme_id, project.campaign_id):
        return
    if theme_id not in {each.id for each in offered(project.contract_id, campaign.kind)}:
        raise DomainError(
            f"L'appel « {campaign.label} » ne propose pas ce classement : choisissez-en un autre.", "theme_id"
        )


def _years(wanted: Classification) -> tuple[int | None, int | None]:
    if wanted.kind is not Kind.MULTIYEAR:
        return None, None
    if wanted.years_total is None or not 1 <= wanted.years_total <= MOST_YEARS:
        raise DomainError(f"Indiquez sur combien d'années (de 1 à {MOST_YEARS}).", "years_total")
    if wanted.year_of is None or not 1 <= wanted.year_of <= wanted.years_total:
        raise DomainError("Indiquez de quelle année il s'agit.", "year_of")
    return wanted.year_of, wanted.years_total
