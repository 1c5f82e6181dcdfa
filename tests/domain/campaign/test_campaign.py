"""Campaigns: dates typed in Paris, funders, versions, next year's copy."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
from flask import Flask

from grants.database import db
from grants.domain.campaign import campaign as rules
from grants.domain.campaign.campaign import CampaignTerms, closing, opening
from grants.errors import Conflict, DomainError
from grants.french import deadline
from grants.models import CampaignFunder, Envelope, HistoryEntry
from tests.conftest import both
from tests.factories import World, contract, institution, user, world

TERMS = CampaignTerms(
    2027,
    "Contrat de ville",
    "Contrat de ville 2027",
    "Bonjour",
    opening(date(2026, 10, 1), time(9)),
    closing(date(2026, 12, 15), None),
)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 12, 15), datetime(2026, 12, 15, 23, tzinfo=UTC)),
        (date(2026, 7, 1), datetime(2026, 7, 1, 22, tzinfo=UTC)),
        # The clocks change in the night before, and in the night of that day.
        (date(2027, 3, 27), datetime(2027, 3, 27, 23, tzinfo=UTC)),
        (date(2027, 3, 28), datetime(2027, 3, 28, 22, tzinfo=UTC)),
        (date(2026, 10, 24), datetime(2026, 10, 24, 22, tzinfo=UTC)),
        (date(2026, 10, 25), datetime(2026, 10, 25, 23, tzinfo=UTC)),
    ],
)
def test_the_last_day_counts_until_midnight_in_paris(day: date, expected: datetime) -> None:
    assert closing(day, None) == expected
    assert deadline(closing(day, None)).endswith("à 23\xa0h\xa059")


def test_the_last_minute_typed_still_counts() -> None:
    assert closing(date(2026, 12, 15), time(12, 0)) == datetime(2026, 12, 15, 11, 1, tzinfo=UTC)
    assert opening(date(2026, 12, 15), time(9)) == datetime(2026, 12, 15, 8, tzinfo=UTC)
    assert opening(None, time(9)) is None
    assert closing(None, None) is None


@pytest.mark.parametrize("year", [1, 1999, 2101, 9999])
def test_a_date_of_another_age_is_refused(year: int) -> None:
    for instant, field in ((opening, "opens_on"), (closing, "closes_on")):
        with pytest.raises(DomainError) as refusal:
            instant(date(year, 12, 31), None)
        assert refusal.value.field == field


@both
@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("label", {"label": " "}),
        ("kind", {"kind": " "}),
        ("year", {"year": 0}),
        ("year", {"year": 99999}),
        ("opens_on", {"opens_at": None}),
        ("closes_on", {"closes_at": None}),
        ("closes_on", {"closes_at": opening(date(2026, 9, 30), None)}),
        ("closes_on", {"closes_at": TERMS.opens_at}),
    ],
)
def test_terms_hold_together(app: Flask, field: str, change: dict) -> None:
    with pytest.raises(DomainError) as refusal:
        rules.create_campaign(contract(), replace(TERMS, **change), [], by=user())
    assert refusal.value.field == field


@both
def test_a_call_is_created_with_its_funders(app: Flask) -> None:
    by, of = user(), contract()
    state = institution(of, "État", "CGET", "PRE")
    made = rules.create_campaign(of, TERMS, state.funders, by=by)
    assert [link.funder.code for link in made.funders] == ["CGET", "PRE"]
    recorded = db.session.query(HistoryEntry).filter_by(subject="campaigns", contract_id=of.id)
    assert [(h.action, h.new) for h in recorded.order_by(HistoryEntry.id)] == [
        ("create", "Contrat de ville 2027"),
        ("funders", "CGET"),
        ("funders", "PRE"),
    ]
    with pytest.raises(DomainError) as taken:
        rules.create_campaign(of, replace(TERMS, label="CONTRAT de ville – 2027"), [], by=by)
    assert taken.value.field == "label"
    again = rules.create_campaign(of, replace(TERMS, year=2028, kind="CONTRAT-DE-VILLE"), [], by=by)
    assert again.kind == "Contrat de ville"
    stranger = institution(contract(), "Ville", "VILLE").funders[0]
    with pytest.raises(DomainError) as other:
        rules.create_campaign(of, replace(TERMS, label="Autre"), [stranger], by=by)
    assert other.value.field == "funders"


def terms_of(w: World, **change) -> CampaignTerms:
    call = w.campaign
    return replace(
        CampaignTerms(call.year, call.kind, call.label, call.introduction, call.opens_at, call.closes_at), **change
    )


@both
def test_dates_may_move_even_into_the_past(app: Flask) -> None:
    w = world()
    past = closing(date(2020, 1, 1), None)
    terms = terms_of(w, opens_at=opening(date(2019, 1, 1), None), closes_at=past)
    rules.change_campaign(w.campaign, terms, [w.cget], by=w.administrator)
    assert w.campaign.closes_at == past


@both
def test_a_call_changed_meanwhile_is_a_conflict_that_says_what_it_is_now(app: Flask) -> None:
    w = world()
    seen = w.campaign.version
    funders = [w.cget, w.ville]  # only the funders change
    rules.change_campaign(w.campaign, terms_of(w), funders, by=w.administrator, version=seen)
    with pytest.raises(Conflict, match=r"CGET, VILLE.*vérifiez"):
        rules.change_campaign(w.campaign, terms_of(w, label="Autre"), [], by=w.administrator, version=seen)


@both
def test_a_funder_that_is_asked_stays_and_the_year_too(app: Flask) -> None:
    w = world()
    w.project(requested={w.cget: 1000})
    with pytest.raises(DomainError, match="sollicité") as asked:
        rules.change_campaign(w.campaign, terms_of(w), [w.ville], by=w.administrator)
    assert asked.value.field == "funders"
    db.session.rollback()


@both
def test_the_year_stays_once_there_are_dossiers(app: Flask) -> None:
    w = world()
    w.project()
    with pytest.raises(DomainError) as year:
        rules.change_campaign(w.campaign, terms_of(w, year=2027), [w.cget, w.ville], by=w.administrator)
    assert year.value.field == "year"


@both
def test_a_funder_that_leaves_frees_its_envelope(app: Flask) -> None:
    w = world()
    rules.change_campaign(w.campaign, terms_of(w), [w.cget, w.ville], by=w.administrator)
    assert db.session.get(CampaignFunder, (w.campaign.id, w.reg.id)) is None
    assert db.session.query(Envelope).filter_by(funder_id=w.reg.id).count() == 0
    gone = db.session.query(HistoryEntry).filter_by(subject="envelopes", action="delete").one()
    assert (gone.old, gone.contract_id) == ("20000.00", w.contract.id)


@both
def test_next_years_copy_has_no_dates_and_no_envelopes(app: Flask) -> None:
    w = world()
    w.campaign.label = "Contrat de ville 2026"
    copy = rules.copy_campaign(w.campaign, 2027, by=w.administrator)
    assert (copy.label, copy.kind, copy.opens_at) == ("Contrat de ville 2027", "Contrat de ville", None)
    assert [(link.funder.code, link.envelope_id) for link in copy.funders] == [
        ("CGET", None),
        ("VILLE", None),
        ("REGION", None),
    ]
    with pytest.raises(DomainError, match="déjà ce nom"):
        rules.copy_campaign(w.campaign, 2027, by=w.administrator)
    with pytest.raises(DomainError, match="prolongez"):
        rules.copy_campaign(w.campaign, 2031, by=w.administrator)


def test_dates_stay_once_there_are_dossiers(app: Flask) -> None:
    """A call without dates is taken for an imported one, whose figures are public."""
    w = world()
    w.project()
    bare = terms_of(w, opens_at=None, closes_at=None)
    with pytest.raises(DomainError) as dates:
        rules.change_campaign(w.campaign, bare, [w.cget, w.ville], by=w.administrator)
    assert dates.value.field == "closes_at"
