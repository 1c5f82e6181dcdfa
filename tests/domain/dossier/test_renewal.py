"""A dossier of an earlier year taken up again, on both databases."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask

from grants.database import db
from grants.domain import dossier
from grants.domain.campaign.campaign import copy_campaign
from grants.domain.dossier import drafts
from grants.domain.dossier.answers import CalendarAnswers
from grants.domain.dossier.renewal import renew
from grants.domain.workflow import advance
from grants.errors import DomainError, NotAllowed
from grants.models import AnswerType, CrossTheme, FundingLine, HistoryEntry, Kind, Project, Question, State, now
from grants.queries.applicant.again import renewals
from tests.conftest import both
from tests.factories import World, campaign, complete_draft, member, organisation, world

pytestmark = both


def next_year(w: World, **more):
    return campaign(w.contract, more.pop("funders", [w.cget, w.ville]), year=2027, **more)


def earlier(w: World) -> Project:
    """Deposited last year, with something in each field."""
    made = complete_draft(w, requested={w.cget: 3000, w.ville: 2000})
    made.schedule, made.means, made.staff = "Le mercredi", "Deux salles", {"volunteers": {}}
    made.starts_on, made.ends_on = date(2028, 2, 29).replace(year=2026, day=28), date(2026, 12, 15)
    cross = CrossTheme(contract_id=w.contract.id, label="Jeunesse", position=1)
    db.session.add(cross)
    made.cross_themes = [cross]
    return dossier.submit(made, by=w.applicant)


def test_everything_written_is_copied_and_nothing_sworn(app: Flask) -> None:
    w = world()
    before, call = earlier(w), next_year(w)
    draft = renew(before, call, by=w.applicant)
    for name in (
        "title",
        "objectives",
        "description",
        "audience",
        "beneficiaries",
        "place",
        "schedule",
        "means",
        "staff",
        "total_cost",
        "zones",
        "cross_themes",
    ):
        assert getattr(draft, name) == getattr(before, name), name
    assert (draft.state, draft.kind, draft.predecessor_id) == (State.DRAFT, Kind.RENEWAL, before.id)
    assert draft.applicant_theme_id == before.theme_id
    assert (draft.starts_on, draft.ends_on) == (date(2027, 2, 28), date(2027, 12, 15))
    assert [(b.account, b.amount) for b in draft.budget] == [(b.account, b.amount) for b in before.budget]
    lines = db.session.query(FundingLine).filter_by(project_id=draft.id)
    assert {(n.funder_id, n.requested) for n in lines} == {(w.cget.id, Decimal(3000)), (w.ville.id, Decimal(2000))}
    told = db.session.query(HistoryEntry).filter_by(project_id=draft.id, field="requested")
    assert {(entry.funder_id, entry.new) for entry in told} == {(w.cget.id, "3000.00"), (w.ville.id, "2000.00")}
    assert (draft.sworn_at, draft.commitment_at, draft.organisation_confirmed_at) == (None,) * 3
    assert draft.to_review == ["public", "calendrier", "budget", "demandes"]
    assert {(f.section, f.field) for f in dossier.faults(draft)} == {
        ("organisation", "confirmed"),
        ("attestations", "sworn"),
        ("attestations", "commitment"),
    }


def test_a_page_saved_is_read_over(app: Flask) -> None:
    w = world()
    draft = renew(earlier(w), next_year(w), by=w.applicant)
    same = CalendarAnswers.of(draft)
    drafts.save(draft, same, by=w.applicant, seen=same.fingerprint())
    assert draft.to_review == ["public", "budget", "demandes"]


def test_the_draft_begun_before_is_opened_instead(app: Flask) -> None:
    w = world()
    before, call = earlier(w), next_year(w)
    first = renew(before, call, by=w.applicant)
    assert renew(before, call, by=member(w.bearer)) is first
    [offer] = renewals(w.applicant.id)[before.id]
    assert (offer.campaign_id, offer.draft_id) == (call.id, first.id)
    advance(first, "withdraw", by=w.applicant, reason="Refait")
    second = renew(before, call, by=w.applicant)
    assert second is not first


def test_a_theme_and_funders_that_are_gone_are_left_out(app: Flask) -> None:
    w = world()
    before = earlier(w)
    before.theme.archived = True
    draft = renew(before, next_year(w, funders=[w.cget]), by=w.applicant)
    assert draft.applicant_theme_id is None
    [line] = db.session.query(FundingLine).filter_by(project_id=draft.id)
    assert line.funder_id == w.cget.id


def test_what_is_archived_goes_to_no_later_call_or_dossier(app: Flask) -> None:
    w = world()
    before = earlier(w)
    kept = before.zones[1:]
    before.zones[0].archived = before.cross_themes[0].archived = w.cget.archived = True
    db.session.flush()
    later = copy_campaign(w.campaign, 2027, by=w.administrator)
    assert w.cget not in [link.funder for link in later.funders]
    assert w.ville in [link.funder for link in later.funders]
    draft = renew(before, next_year(w), by=w.applicant)
    assert (draft.zones, draft.cross_themes) == (kept, [])


def test_answers_follow_questions_asked_in_the_same_words(app: Flask) -> None:
    w = world()
    before, call = earlier(w), next_year(w)
    old, new = [], []
    for of, made in ((w.campaign, old), (call, new)):
        for n, label in enumerate(("Âges", f"Propre à {of.year}")):
            question = Question(campaign_id=of.id, label=label, type=AnswerType.TEXT, position=n)
            db.session.add(question)
            made.append(question)
    db.session.flush()
    before.answers = {str(old[0].id): "6 à 12 ans", str(old[1].id): "non"}
    draft = renew(before, call, by=w.applicant)
    assert draft.answers == {str(new[0].id): "6 à 12 ans"}


def test_what_cannot_be_renewed(app: Flask) -> None:
    w, elsewhere = world(), world()
    before, call = earlier(w), next_year(w)
    other_kind = next_year(w, kind="VVV")
    for wrong in (other_kind, w.campaign, campaign(elsewhere.contract, [], year=2027)):
        with pytest.raises(DomainError, match="ne peut pas être reconduit"):
            renew(before, wrong, by=w.applicant)
    for person in (w.coordinator, member(organisation()), w.administrator):
        with pytest.raises(NotAllowed):
            renew(before, call, by=person)
    with pytest.raises(DomainError, match="ne peut pas être reconduit"):
        renew(complete_draft(w), call, by=w.applicant)
    call.closes_at = now() - timedelta(hours=1)
    with pytest.raises(DomainError, match="clos"):
        renew(before, call, by=w.applicant)


def test_an_action_deposited_again_is_not_offered_any_more(app: Flask) -> None:
    w = world()
    before, call = earlier(w), next_year(w)
    assert [r.campaign_id for r in renewals(w.applicant.id)[before.id]] == [call.id]
    assert renewals(w.coordinator.id) == {}
    draft = renew(before, call, by=w.applicant)
    draft.organisation_confirmed_at = draft.sworn_at = draft.commitment_at = now()
    dossier.submit(draft, by=w.applicant)
    assert renewals(w.applicant.id) == {}
    with pytest.raises(DomainError, match=draft.reference):
        renew(before, call, by=w.applicant)
