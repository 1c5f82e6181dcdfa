"""The demonstration: Villeneuve-la-Garenne's programming of 2021 and 2022 through the same
importers as a user's files, a call of this year that is over, and two open ones of the next year
(fictitious, in the years that follow the day on which it is loaded)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from flask import current_app
from sqlalchemy import select

from grants.database import begin_write, db
from grants.demo import opinions, papers, people, scripts, summer
from grants.demo.dossiers import DATA as DEMO
from grants.demo.dossiers import DOSSIERS, ENVELOPES
from grants.domain import importing
from grants.domain.campaign.campaign import closing, copy_campaign, opening
from grants.domain.campaign.campaign_list import LOOKED_AT
from grants.domain.campaign.opening import open_campaign
from grants.domain.contract import identifying
from grants.domain.contract.identity import IdentityTerms
from grants.domain.contract.notices import Notices, change_notices
from grants.domain.documents import document
from grants.domain.envelope import set_envelope
from grants.domain.importing.usual import add_usual
from grants.domain.programming.version import validate
from grants.errors import DomainError
from grants.french import today
from grants.models import Campaign, Contract, Setting, User, now
from grants.models.base import played_at
from grants.web import uploads

DATA = DEMO / "villeneuve-la-garenne"
DAYS_OPEN = 30
COMMITTEES = (
    "Comités techniques dans les six semaines qui suivent la clôture, comité de pilotage un mois"
    " plus tard (dates fictives)."
)
INTRODUCTION = (
    "Des actions qui profitent aux habitants du quartier prioritaire, entre le 1er janvier et le 31 décembre."
)
PRIORITIES = (
    "Les actions qui vont vers les habitants les plus éloignés des services, en soirée et pendant les"
    " vacances, et celles qui associent plusieurs porteurs (priorités fictives)."
)
# The town's name and site; the service's telephone and mail, and the logo, are fictitious.
IDENTITY = IdentityTerms(
    name="Ville de Villeneuve-la-Garenne",
    service="Service politique de la ville",
    address="Hôtel de ville\n92390 Villeneuve-la-Garenne",
    phone="01 99 00 00 00",
    email="politique-de-la-ville@demo.example",
    website="https://www.villeneuve92.com",
)
NOTICES = Notices(
    hours="du lundi au vendredi, de 9\u00a0h à 17\u00a0h (fictif)",
    publisher="le maire de Villeneuve-la-Garenne",
    host="Une machine de démonstration (fictif).",
    dpo="delegue-donnees@demo.example (adresse fictive)",
    accessibility="Ce site est une démonstration : aucun schéma pluriannuel n'a été écrit pour lui.",
)
BAND = (
    "Programmation réelle de Villeneuve-la-Garenne, 2021 et 2022 : les montants par axe sont ceux"
    " du rapport publié ; leur répartition entre les actions, toutes les demandes, une partie des"
    " intitulés de 2022, tous les dossiers des années suivantes, le téléphone et le courriel du"
    " service, et le logo, sont fictifs."
)


def load() -> list[str]:
    """Load it, or bring it up to date (its call is kept open); returns lines to print.

    Raises `DomainError` in production, or in a database that holds anything else.
    """
    if current_app.config["SETTINGS"].production:
        raise DomainError("La démonstration est refusée en production (GRANTS_ENV=production).")
    begin_write()
    by = importing.reprise_account()
    if db.session.get(Setting, "demonstration") is None:
        _refuse_other_data(by)
        _create(by)
    _keep_open()
    summer.add_campaign(_open_campaigns()[0], by=by)
    db.session.commit()
    return people.accounts_to_print()


def campaign_year() -> int:
    """Of the open calls, in a demonstration loaded today: their actions are all to come."""
    return today().year + 1


def _refuse_other_data(by: User) -> None:
    other = db.session.scalar(select(Contract.id).limit(1)) or db.session.scalar(
        select(User.id).where(User.id != by.id).limit(1)
    )
    if other:
        raise DomainError(
            "Cette base contient déjà autre chose : la démonstration n'y est pas chargée."
            " Choisissez une base vide (DATABASE_URL ou GRANTS_DATA_DIR)."
        )


def _create(by: User) -> None:
    year = campaign_year()
    with played_at(datetime(year - 2, 8, 25, 9, tzinfo=UTC)):
        staff = _published(by, year)
        [last] = _open_campaigns()
        open_campaign(last, by=by)
        papers.ask_and_send(last, staff, by=by)
        for kind in LOOKED_AT:
            add_usual(kind, last, by=by)
    scripts.play_last_year(last, staff)
    campaign = copy_campaign(last, year, by=by)
    campaign.opens_at = opening(today() - timedelta(days=20), None)
    campaign.closes_at = closing(today() + timedelta(days=DAYS_OPEN), None)
    campaign.committee_dates, campaign.introduction, campaign.priorities = COMMITTEES, INTRODUCTION, PRIORITIES
    open_campaign(campaign, by=by)
    for link in campaign.funders:
        amount = Decimal(ENVELOPES[link.funder.code])
        set_envelope(link.funder, [campaign], amount, by=by, source="fictif")
    for dossier in DOSSIERS:
        scripts.play(dossier, campaign, staff)
    scripts.go_on(campaign, staff)
    opinions.give(campaign, staff)
    db.session.add(Setting(key="demonstration", value=BAND))


def _published(by: User, year: int) -> people.DemoStaff:
    """What was published, its years validated, and who goes on with it."""
    contract = importing.import_contract(_prolonged_contract(year), by=by)
    importing.import_envelopes((DATA / "enveloppes.csv").read_bytes(), contract, by=by)
    for year in (2021, 2022):
        data = (DATA / f"programmation-{year}.csv").read_bytes()
        importing.import_programming(data, contract, by=by)
    site = identifying.locked()
    identifying.change(site, IDENTITY, by=by)
    with (DATA / "logo.png").open("rb") as logo:
        received = document.receive("logo.png", logo, uploads.storage(), uploads.terms())
    identifying.set_logo(received, uploads.storage(), by=by)
    change_notices(site, NOTICES, by=by)
    staff = people.create(contract, by=by)
    for past in db.session.scalars(select(Campaign).where(Campaign.closes_at.is_(None))):
        validate(past, by=staff.coordinator)
    return staff


def _prolonged_contract(year: int) -> bytes:
    """The published contract, prolonged to the open calls' `year`, with the call before them."""
    content = json.loads((DATA / "contrat.json").read_bytes())
    content["fin"] = year
    content["campagnes"].append(
        {
            "annee": year - 1,
            "dispositif": "Contrat de ville",
            "financeurs": list(ENVELOPES),
            "ouverture": f"{year - 2}-09-01",
            "cloture": f"{year - 2}-10-15",
        }
    )
    return json.dumps(content).encode()


def _open_campaigns() -> list[Campaign]:
    """Of the demonstration, those of its last year, the first that of the dossiers."""
    dated = select(Campaign).where(Campaign.closes_at.is_not(None)).order_by(Campaign.id)
    calls = list(db.session.scalars(dated))
    return [call for call in calls if call.year == calls[-1].year]


def _keep_open() -> None:
    """A demonstration loaded long ago takes deposits again."""
    for campaign in _open_campaigns():
        if campaign.closes_at and campaign.closes_at < now() + timedelta(days=7):
            campaign.closes_at = closing(today() + timedelta(days=DAYS_OPEN), None)
