"""Synthetic projects in the shape of real ones, for measuring: at most 500 a campaign, then more
years, then more contracts (written in bulk, with the checks of the database alone)."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, insert, select, update

from grants.database import begin_write, db
from grants.demo import DATA
from grants.domain import importing
from grants.models import (
    Campaign,
    CampaignFunder,
    Contract,
    Envelope,
    EnvelopeStatus,
    Funder,
    FundingLine,
    Kind,
    Organisation,
    Outcome,
    Project,
    Provenance,
    ReferenceCounter,
    State,
    Theme,
    User,
    now,
)

PER_CAMPAIGN = 500
YEARS = tuple(range(2017, 2027))
CODES = ("CGET", "VILLE", "DEPT")
TEXT = "Des ateliers réguliers, ouverts aux habitants du quartier et préparés avec eux. " * 6


def add(count: int) -> None:
    """Add `count` projects over as many synthetic contracts as that takes; beside the
    demonstration."""
    begin_write()
    contract_file, by = (DATA / "contrat.json").read_bytes(), importing.reprise_account()
    chance = random.Random(2022)
    already = db.session.scalar(select(func.count()).select_from(Contract).where(Contract.slug.like("synthese-%")))
    number = already or 0
    for left in range(count, 0, -PER_CAMPAIGN * len(YEARS)):
        number += 1
        contract = _contract(contract_file, number, by)
        _fill(contract, min(left, PER_CAMPAIGN * len(YEARS)), chance, by)
        db.session.flush()
    db.session.commit()


def _contract(contract_file: bytes, number: int, by: User) -> Contract:
    content = json.loads(contract_file)
    content |= {
        "slug": f"synthese-{number}",
        "libelle": f"Contrat de synthèse {number}",
        "fin": YEARS[-1],
        "campagnes": [{"annee": year, "dispositif": "Contrat de ville", "financeurs": list(CODES)} for year in YEARS],
    }
    return importing.import_contract(json.dumps(content).encode(), by=by)


def _fill(contract: Contract, count: int, chance: random.Random, by: User) -> None:
    themes = list(
        db.session.scalars(
            select(Theme.id).where(
                Theme.contract_id == contract.id, Theme.number.is_not(None), Theme.call_kind.is_(None)
            )
        )
    )
    bearers = list(db.session.scalars(select(Organisation.id).where(Organisation.home_contract_id == contract.id)))
    campaigns = db.session.scalars(
        select(Campaign).where(Campaign.contract_id == contract.id).order_by(Campaign.year.desc())
    )
    for campaign in campaigns:
        batch = min(count, PER_CAMPAIGN)
        count -= batch
        if batch:
            _fill_campaign(campaign, batch, themes, bearers, chance, by)


def _fill_campaign(
    campaign: Campaign, count: int, themes: list[int], bearers: list[int], chance: random.Random, by: User
) -> None:
    rows = [_project(campaign, n, themes, bearers, chance, by) for n in range(1, count + 1)]
    ids = db.session.scalars(insert(Project).returning(Project.id, sort_by_parameter_order=True), rows).all()
    db.session.add(ReferenceCounter(contract_id=campaign.contract_id, year=campaign.year, last=count))
    funders = db.session.scalars(
        select(Funder).where(Funder.contract_id == campaign.contract_id, Funder.code.in_(CODES))
    ).all()
    lines = [line for project_id in ids for line in _lines(campaign.id, project_id, funders, chance, by)]
    _envelopes(campaign, funders, lines)
    db.session.execute(insert(FundingLine), lines)


def _project(
    campaign: Campaign, number: int, themes: list[int], bearers: list[int], chance: random.Random, by: User
) -> dict[str, Any]:
    theme_id = chance.choice(themes)
    beneficiaries = chance.randint(20, 400)
    return {
        "campaign_id": campaign.id,
        "contract_id": campaign.contract_id,
        "year": campaign.year,
        "organisation_id": chance.choice(bearers),
        "reference": f"{campaign.year}-{number:04}",
        "state": State.ADMISSIBLE,
        "title": f"Action de synthèse {campaign.year} n° {number}",
        "kind": chance.choice((Kind.NEW, Kind.RENEWAL)),
        "theme_id": theme_id,
        "applicant_theme_id": theme_id,
        "provenance": Provenance.IMPORTED,
        "objectives": TEXT,
        "description": TEXT,
        "audience": TEXT,
        "beneficiaries": beneficiaries,
        "beneficiaries_qpv": beneficiaries // 2,
        "starts_on": date(campaign.year, 1, 15),
        "ends_on": date(campaign.year, 12, 15),
        "total_cost": Decimal(chance.randint(60, 800) * 100),
        "created_by_id": by.id,
        "submitted_at": now(),
    }


def _lines(
    campaign_id: int, project_id: int, funders: Any, chance: random.Random, by: User
) -> Iterator[dict[str, Any]]:
    for funder in funders:
        requested = Decimal(chance.randint(5, 20) * 100)
        outcome = chance.choice((Outcome.ACCEPTED, Outcome.ACCEPTED, Outcome.REJECTED, Outcome.PENDING))
        decided = outcome is not Outcome.PENDING
        yield {
            "project_id": project_id,
            "campaign_id": campaign_id,
            "funder_id": funder.id,
            "requested": requested,
            "proposed": requested - 100,
            "outcome": outcome,
            "granted": requested - 200 if outcome is Outcome.ACCEPTED else None,
            "reason": "Hors critères" if outcome is Outcome.REJECTED else "",
            "decided_by_id": by.id if decided else None,
            "decided_at": now() if decided else None,
        }


def _envelopes(campaign: Campaign, funders: Any, lines: list[dict[str, Any]]) -> None:
    for funder in funders:
        total = sum(x["granted"] or 0 for x in lines if x["funder_id"] == funder.id)
        envelope = Envelope(funder_id=funder.id, amount=Decimal(total) + 50_000, status=EnvelopeStatus.NOTIFIED)
        db.session.add(envelope)
        db.session.flush()
        db.session.execute(
            update(CampaignFunder)
            .where(CampaignFunder.campaign_id == campaign.id, CampaignFunder.funder_id == funder.id)
            .values(envelope_id=envelope.id)
        )
