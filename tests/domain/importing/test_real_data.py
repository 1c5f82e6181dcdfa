"""The city's report comes out of its own files."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from grants.database import db
from grants.domain.importing import import_contract, import_envelopes, import_programming, reprise_account
from grants.models import (
    Base,
    Campaign,
    CampaignFunder,
    Envelope,
    Funder,
    FundingLine,
    HistoryEntry,
    Outcome,
    Project,
    Provenance,
    State,
    Theme,
)
from tests.conftest import both
from tests.domain.importing.real import TABLES, content, contract_and_envelopes, import_all, lines, written

CITY = "Contrat de ville"


def counts() -> dict[str, int]:
    return {
        table.name: db.session.scalar(select(func.count()).select_from(table)) or 0
        for table in Base.metadata.sorted_tables
    }


def retained(year: int, kind: str) -> Counter[bool]:
    rows = db.session.execute(
        select(Project.id, func.count(FundingLine.granted))
        .join(Campaign, Campaign.id == Project.campaign_id)
        .outerjoin(FundingLine, FundingLine.project_id == Project.id)
        .where(Project.year == year, Campaign.kind == kind)
        .group_by(Project.id)
    )
    return Counter(granted > 0 for _, granted in rows)


def granted_by_axis(year: int, kind: str) -> dict[tuple[str, str], int]:
    """By axis (the pillar's own name where it has none) and funder."""
    themes = {theme.id: theme for theme in db.session.scalars(select(Theme))}
    sums: Counter[tuple[str, str]] = Counter()
    for theme_id, code, amount in db.session.execute(
        select(Project.theme_id, Funder.code, FundingLine.granted)
        .join(FundingLine, FundingLine.project_id == Project.id)
        .join(Funder, Funder.id == FundingLine.funder_id)
        .join(Campaign, Campaign.id == Project.campaign_id)
        .where(Project.year == year, Campaign.kind == kind, FundingLine.granted.is_not(None))
    ):
        theme = themes[theme_id]
        while theme.depth > 1:
            theme = themes[theme.parent_id]
        sums[theme.label, code] += int(amount)
    return dict(sums)


@both
def test_the_published_figures_come_out(app: Flask) -> None:
    _, _, reports = import_all()
    assert [(r.created, r.unchanged) for r in reports] == [(84, 0), (86, 0)]
    assert retained(2021, CITY) == {True: 62, False: 5}
    assert retained(2022, CITY) == {True: 62, False: 11}
    assert retained(2021, "Ville Vie Vacances") == {True: 5}
    assert retained(2021, "Réussite éducative (PRE)") == {True: 12}
    for index, year in enumerate((2021, 2022)):
        sums = granted_by_axis(year, CITY)
        for axis, funders in TABLES["comparatif_montants"].items():
            for code, amounts in funders.items():
                assert sums[axis, code] == amounts[index], (year, axis, code)
    by_code = db.session.execute(
        select(Funder.code, func.sum(FundingLine.granted))
        .join(FundingLine)
        .join(Project, Project.id == FundingLine.project_id)
        .where(Project.year == 2021)
        .group_by(Funder.code)
    )
    published = {k: v for k, v in TABLES["enveloppes_2021"].items() if k != "TOTAL"}
    assert {row[0]: row[1] for row in by_code} == published


@both
def test_the_same_again_changes_nothing(app: Flask) -> None:
    contract, by, _ = import_all()
    before = counts()
    assert import_contract(content("contrat.json"), by=by).id == contract.id
    report = import_envelopes(content("enveloppes.csv"), contract, by=by)
    assert (report.created, report.updated, report.unchanged) == (0, 0, 12)
    for year, many in ((2021, 84), (2022, 86)):
        report = import_programming(content(f"programmation-{year}.csv"), contract, by=by)
        assert (report.created, report.unchanged) == (0, many)
    db.session.flush()
    assert counts() == before


@both
def test_a_dry_run_writes_nothing(app: Flask) -> None:
    contract, by = contract_and_envelopes()
    before = counts()
    report = import_programming(content("programmation-2021.csv"), contract, by=by, dry_run=True)
    db.session.flush()
    assert report.created == 84
    assert counts() == before


def test_a_decision_proves_itself(app: Flask) -> None:
    _, by, _ = import_all()
    project = db.session.scalars(select(Project).order_by(Project.id).offset(1)).first()
    assert project.title == "Atelier FLE ALPHA"
    assert (project.reference, project.state) == ("2021-0002", State.ADMISSIBLE)
    assert project.provenance is Provenance.IMPORTED
    assert project.total_cost == Decimal(31200)
    assert project.source_note == (
        "Intitulé : publié. Porteur : publié. Montants : réparti ou fictif :"
        " le rapport ne publie que les totaux par axe."
    )
    line = db.session.scalars(
        select(FundingLine).join(Funder).where(FundingLine.project_id == project.id, Funder.code == "CGET")
    ).one()
    assert (line.requested, line.granted, line.outcome) == (2500, 2000, Outcome.ACCEPTED)
    assert line.decided_by == reprise_account()
    assert line.notified_at
    assert (line.act_number, line.reason) == ("Reprise", "")
    entries = db.session.scalars(
        select(HistoryEntry).where(HistoryEntry.project_id == project.id).order_by(HistoryEntry.id)
    ).all()
    assert [(e.subject, e.field, e.new) for e in entries] == [
        ("projects", "state", "ADMISSIBLE"),
        ("funding_lines", "granted", "2000.00"),
        ("funding_lines", "granted", "7000.00"),
        ("funding_lines", "granted", "5500.00"),
    ]
    assert {e.by_id for e in entries} == {by.id}


def test_refusals_carry_their_own_reasons(app: Flask) -> None:
    import_all()
    reasons = Counter(db.session.scalars(select(FundingLine.reason).where(FundingLine.outcome == Outcome.REJECTED)))
    assert set(reasons) == {"répartition entre financeurs (fictif)", "Motif non publié"}
    assert reasons["répartition entre financeurs (fictif)"] == 16


def test_lineages_run_from_one_year_to_the_next(app: Flask) -> None:
    import_all()
    renewed = db.session.scalars(select(Project).where(Project.year == 2022, Project.predecessor_id.is_not(None))).all()
    assert len(renewed) == sum(1 for row in lines(2022) if row["predecesseur"])
    assert all(p.predecessor.year == 2021 for p in renewed)
    assert all(p.predecessor.organisation_id == p.organisation_id for p in renewed)


def test_both_years_may_be_one_file_even_backwards(app: Flask) -> None:
    contract, by = contract_and_envelopes()
    report = import_programming(written(lines(2022) + lines(2021), ","), contract, by=by)
    assert report.created == 170
    linked = select(func.count()).where(Project.predecessor_id.is_not(None))
    assert db.session.scalar(linked) == sum(1 for row in lines(2022) if row["predecesseur"])


def test_names_are_compared_as_people_mean_them(app: Flask) -> None:
    contract, by = contract_and_envelopes()
    rows = lines(many=6)
    import_programming(written(rows), contract, by=by)
    rows[5]["porteur"] = "  couleurs d’avenir "
    rows[5]["intitule"] = "ACCOMPAGNEMENT  du Conseil\u00a0citoyen"
    rows[5]["orientation"] = rows[5]["orientation"].upper()
    bom = b"\xef\xbb\xbf" + written(rows, ",")
    assert import_programming(bom, contract, by=by).unchanged == 6


@pytest.mark.slow
def test_a_file_of_many_lines_asks_few_questions(app: Flask) -> None:
    contract, by = contract_and_envelopes()
    reprise_account()
    asked: list[int] = []
    event.listen(db.engine, "before_cursor_execute", lambda *_: asked.append(1))
    import_programming(written(lines(many=5)), contract, by=by)
    few = len(asked)
    asked.clear()
    import_programming(written(lines()), contract, by=by)
    # Each more pair of call and funder has its envelope locked and summed.
    pairs = db.session.scalar(select(func.count()).select_from(CampaignFunder)) or 0
    assert len(asked) <= few + 2 * pairs


@pytest.mark.parametrize("year", [2021, 2022])
def test_envelopes_are_spent_to_the_last_euro(app: Flask, year: int) -> None:
    import_all()
    left = {
        code: amount - spent
        for code, amount, spent in db.session.execute(
            select(Funder.code, Envelope.amount, func.sum(FundingLine.granted))
            .join(Envelope, Envelope.funder_id == Funder.id)
            .join(CampaignFunder, CampaignFunder.envelope_id == Envelope.id)
            .join(Campaign, Campaign.id == CampaignFunder.campaign_id)
            .join(FundingLine, (FundingLine.campaign_id == Campaign.id) & (FundingLine.funder_id == Funder.id))
            .where(Campaign.year == year)
            .group_by(Funder.code, Envelope.amount)
        )
    }
    assert set(left.values()) == {0}
