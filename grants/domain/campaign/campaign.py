"""Calls for projects: their dates, their funders, and next year's copied from last year's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm.attributes import flag_modified

from grants.database import copy_as, db
from grants.domain.campaign.campaign_list import copy_items
from grants.domain.campaign.question import copy_questions
from grants.domain.contract.contract import FIRST_YEAR, LAST_YEAR, known_kind, lock
from grants.domain.envelope import release
from grants.domain.ledger import history
from grants.domain.locking import fresh
from grants.errors import Conflict, DomainError
from grants.french import PARIS, deadline, instant
from grants.models import Campaign, CampaignFunder, Contract, Envelope, Funder, FundingLine, Project, User
from grants.names import same

LAST_MINUTE = time(23, 59)


@dataclass(frozen=True)
class CampaignTerms:
    """`closes_at` is exclusive. Both instants or none (a call whose dates are not known yet).
    `committee_dates`: when the committees meet, in plain words. `correct_until_examined`: what is
    deposited may be corrected until its examination begins, rather than until the closing.
    `operating`: it pays for organisations as a whole, for no action."""

    year: int
    kind: str
    label: str
    introduction: str = ""
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    committee_dates: str = ""
    correct_until_examined: bool = False
    priorities: str = ""
    operating: bool = False


def opening(on: date | None, at: time | None) -> datetime | None:
    """The instant of a date and time typed in Paris; midnight without a time."""
    return None if on is None else _instant(on, at or time(0), "opens_on")


def closing(on: date | None, last_minute: time | None) -> datetime | None:
    """The exclusive instant after the last day and minute that still count, typed in Paris.

    Without a time the whole day counts: "jusqu'au 15 décembre à 23 h 59" is the next midnight.
    """
    if on is None:
        return None
    return _instant(on, last_minute or LAST_MINUTE, "closes_on") + timedelta(minutes=1)


def _instant(on: date, at: time, field: str) -> datetime:
    if not FIRST_YEAR <= on.year <= LAST_YEAR:
        raise DomainError(f"Vérifiez l'année de cette date : {on.year}.", field)
    # To UTC before any sum: in Paris two days of the year do not have 24 hours.
    return datetime.combine(on, at, PARIS).astimezone(UTC)


def create_campaign(contract: Contract, terms: CampaignTerms, funders: Iterable[Funder], *, by: User) -> Campaign:
    """Raises `DomainError` for a year outside the contract, a label taken that year, dates in
    disorder, or a funder of another contract."""
    lock(contract)
    campaign = Campaign(contract=contract, **asdict(_checked(contract, terms)))
    db.session.add(campaign)
    db.session.flush()
    history.record(campaign, "create", by=by, field="label", new=campaign.label)
    _set_funders(campaign, list(funders), by)
    return campaign


def change_campaign(
    campaign: Campaign, terms: CampaignTerms, funders: Iterable[Funder], *, by: User, version: int | None = None
) -> None:
    """Dates may move at any time. Raises as `create_campaign`, and `Conflict` when somebody
    changed it since `version`; a funder asked by a dossier stays."""
    lock(campaign.contract)
    fresh(campaign, key_share=True)
    if version is not None and campaign.version != version:
        raise Conflict(
            f"Cet appel a été modifié entre-temps : il dit maintenant {_describe(campaign)}."
            " Votre saisie est gardée ci-dessous : vérifiez-la, puis enregistrez à nouveau pour"
            " la faire valoir."
        )
    terms = _checked(campaign.contract, terms, campaign)
    if terms.year != campaign.year and _project_count(campaign):
        raise DomainError("Des dossiers existent déjà pour cet appel : son année ne change plus.", "year")
    if terms.operating != campaign.operating and _project_count(campaign):
        raise DomainError("Des dossiers existent déjà pour cet appel : ce qu'il finance ne change plus.", "operating")
    if terms.closes_at is None and campaign.closes_at and campaign.opened_at:
        raise DomainError("Cet appel est ouvert : il garde ses dates.", "closes_at")
    history.change_each(campaign, "update", asdict(terms), by=by)
    _set_funders(campaign, list(funders), by)


def copy_campaign(campaign: Campaign, year: int, *, by: User) -> Campaign:
    """The same call for another year: kind, label, introduction, priorities, funders that are not
    archived, questions, criteria, pieces, checklist and analysis grid; no dates, no envelopes. Raises
    `DomainError` when that year has a call of this name already."""
    label = copied_label(campaign.label, campaign.year, year)
    later = {"opens_at": None, "closes_at": None, "committee_dates": ""}
    terms = copy_as(CampaignTerms, campaign, year=year, label=label, **later)
    funders = [link.funder for link in campaign.funders if not link.funder.archived]
    copy = create_campaign(campaign.contract, terms, funders, by=by)
    copy_questions(campaign, copy, by=by)
    copy_items(campaign, copy, by=by)
    return copy


def copied_label(label: str, year: int, to: int) -> str:
    """The name of a call of `year`, copied for another."""
    return label.replace(str(year), str(to))


def _describe(campaign: Campaign) -> str:
    dates = "sans dates"
    if campaign.opens_at:
        dates = f"ouvert le {instant(campaign.opens_at)}, {deadline(campaign.closes_at)}"
    funders = ", ".join(link.funder.code for link in campaign.funders) or "aucun financeur"
    return f"« {campaign.label} » ({campaign.kind} {campaign.year}), {dates}, {funders}"


def _project_count(campaign: Campaign) -> int:
    statement = select(func.count()).where(Project.campaign_id == campaign.id)
    return db.session.scalar(statement) or 0


def _checked(contract: Contract, terms: CampaignTerms, own: Campaign | None = None) -> CampaignTerms:
    label, kind = " ".join(terms.label.split()), known_kind(contract, terms.kind, own)
    if not label:
        raise DomainError("Indiquez le nom de l'appel.", "label")
    if not kind:
        raise DomainError("Indiquez le dispositif, par exemple Contrat de ville.", "kind")
    if not contract.start_year <= terms.year <= contract.end_year:
        raise DomainError(
            f"Le contrat va de {contract.start_year} à {contract.end_year} : écrivez une de ces"
            " années, ou prolongez d'abord le contrat.",
            "year",
        )
    _check_dates(terms)
    for other in db.session.scalars(
        select(Campaign).where(Campaign.contract_id == contract.id, Campaign.year == terms.year)
    ):
        if other is not own and same(other.label, label):
            raise DomainError(f"Un appel de {terms.year} a déjà ce nom.", "label")
    return replace(
        terms,
        kind=kind,
        label=label,
        introduction=terms.introduction.strip(),
        committee_dates=terms.committee_dates.strip(),
        priorities=terms.priorities.strip(),
    )


def _check_dates(terms: CampaignTerms) -> None:
    if terms.opens_at is None and terms.closes_at is not None:
        raise DomainError("Indiquez aussi la date d'ouverture.", "opens_on")
    if terms.opens_at is not None and terms.closes_at is None:
        raise DomainError("Indiquez aussi le dernier jour.", "closes_on")
    if terms.opens_at and terms.closes_at and terms.closes_at <= terms.opens_at:
        raise DomainError("L'appel fermerait avant d'ouvrir : vérifiez les dates.", "closes_on")


# The funders of a call


def _set_funders(campaign: Campaign, wanted: list[Funder], by: User) -> None:
    """Exactly these funders take part, in the order of the contract."""
    links = {link.funder_id: link for link in campaign.funders}
    for funder_id, link in links.items():
        if funder_id not in {funder.id for funder in wanted}:
            _remove_funder(campaign, link, by)
    for funder in wanted:
        if funder.contract_id != campaign.contract_id:
            raise DomainError("Ce financeur n'est pas de ce contrat.", "funders")
        if funder.id not in links:
            db.session.add(CampaignFunder(campaign_id=campaign.id, funder_id=funder.id, position=funder.position))
            _record_funder(campaign, funder, by, new=funder.code)
    if set(links) != {funder.id for funder in wanted}:
        flag_modified(campaign, "label")  # raises the version: a funder is part of what it says
    db.session.flush()
    db.session.expire(campaign, ["funders"])


def _remove_funder(campaign: Campaign, link: CampaignFunder, by: User) -> None:
    """Its envelope no longer covers this call (and goes when it covered no other)."""
    funder = link.funder
    asked = select(FundingLine.id).where(FundingLine.campaign_id == campaign.id, FundingLine.funder_id == funder.id)
    if db.session.scalar(asked.limit(1)):
        raise DomainError(
            f"{funder.label} est sollicité par des dossiers de cet appel : il ne peut plus en être retiré.", "funders"
        )
    if link.envelope_id is not None:
        release(db.session.get_one(Envelope, link.envelope_id), [campaign], by=by)
    db.session.delete(link)
    _record_funder(campaign, funder, by, old=funder.code)


def _record_funder(campaign: Campaign, funder: Funder, by: User, old: str = "", new: str = "") -> None:
    history.record(campaign, "funders", by=by, field="funder", old=old, new=new, funder_id=funder.id)
