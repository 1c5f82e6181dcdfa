"""Sections of a draft: saved one by one, refused at the field, nobody's words overwritten."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask

from grants.database import db
from grants.domain import dossier
from grants.domain.dossier import drafts
from grants.domain.dossier.answers import (
    CalendarAnswers,
    OrganisationAnswers,
    ProjectAnswers,
    PublicAnswers,
    StatementsAnswers,
)
from grants.domain.dossier.budget import BudgetAnswers, OtherSubsidy, RequestAnswers, totals_of
from grants.domain.dossier.means import MeansAnswers, Staff
from grants.errors import Conflict, DomainError, NotAllowed
from grants.models import FundingLine, HistoryEntry, Kind, MemberRole, Nature, OtherFunding, Project, State
from tests.conftest import both
from tests.factories import complete_draft, complete_record, member, organisation, theme, user, world


def save(draft: Project, answers, by) -> bool:
    return drafts.save(draft, answers, by=by, seen=type(answers).of(draft).fingerprint())


@both
def test_a_draft_is_begun_in_an_open_call_by_a_member(app: Flask) -> None:
    w = world()
    draft = drafts.create(w.campaign, w.bearer, by=w.applicant)
    assert (draft.state, draft.year, draft.reference) == (State.DRAFT, w.campaign.year, None)
    assert drafts.create(w.campaign, w.bearer, by=w.applicant) is draft  # the button, twice
    save(draft, CalendarAnswers(None, None, "Le mercredi"), w.applicant)
    assert drafts.create(w.campaign, w.bearer, by=w.applicant) is not draft
    with pytest.raises(NotAllowed):
        drafts.create(w.campaign, w.bearer, by=user())


@both
def test_a_sworn_statement_falls_with_the_answers_it_was_made_on(app: Flask) -> None:
    w = world()
    draft, editor = complete_draft(w), member(w.bearer, MemberRole.EDITOR)
    seen = StatementsAnswers.of(draft).fingerprint()
    as_it_was = [kind.of(draft) for kind in (ProjectAnswers, BudgetAnswers, RequestAnswers)]
    assert not any(save(draft, same, editor) for same in as_it_was)
    assert not save(draft, StatementsAnswers(sworn=True, commitment=True), w.applicant)
    assert draft.sworn_at is not None
    other = replace(CalendarAnswers.of(draft), schedule="Le jeudi")
    assert save(draft, other, editor)
    assert (draft.sworn_at, draft.sworn_by_id) == (None, None)
    assert draft.commitment_at is not None
    assert not save(draft, replace(other, schedule="Le lundi"), editor)  # nothing left to fall
    with pytest.raises(Conflict):  # a statement page opened before
        drafts.save(draft, StatementsAnswers(True, True), by=w.applicant, seen=seen)


@both
def test_every_section_comes_back_as_it_was_saved(app: Flask) -> None:
    w = world()
    draft = drafts.create(w.campaign, w.bearer, by=w.applicant)
    leaf = next(t for t in w.contract.themes if t.number)
    complete_record(w.bearer, draft.year)
    answers = [
        OrganisationAnswers(True),
        ProjectAnswers("Lire", Kind.MULTIYEAR, 2, 3, None, leaf.id, (), "But", "Moyens"),
        PublicAnswers("Tous", 30, 0, (w.contract.zones[0].id,), "Ici"),
        CalendarAnswers(date(2026, 1, 1), date(2026, 2, 1), ""),
        MeansAnswers(
            "Une salle",
            (Staff("volunteers", 3, None), Staff("aided", 1, Decimal("0.5"))),
            "Présences",
            "Ada",
            "01 23 45 67 89",
            "ada@example.org",
        ),
        BudgetAnswers(
            (("601", Decimal("10.50")), ("864", Decimal(2)), ("870", Decimal(2))),
            (OtherSubsidy("CAF", Decimal(3), OtherFunding.OBTAINED),),
        ),
        RequestAnswers(((w.cget.id, Decimal(5)), (w.ville.id, Decimal("2.50")))),
        StatementsAnswers(sworn=True, commitment=True),
    ]
    for answer in answers:
        save(draft, answer, w.applicant)
    db.session.expire_all()
    assert [type(answer).of(draft) for answer in answers] == answers
    sums = totals_of(draft)
    assert (sums.cost, sums.other_income, sums.requested, sums.gap) == (
        Decimal("10.50"),
        Decimal(3),
        Decimal("7.50"),
        0,
    )
    assert draft.total_cost == Decimal("10.50")
    assert draft.sworn_by_id == w.applicant.id
    saved = [
        h.field
        for h in db.session.query(HistoryEntry).filter_by(project_id=draft.id, action="save").order_by(HistoryEntry.id)
    ]
    assert saved == [answer.section for answer in answers]


@both
def test_amounts_asked_change_and_go_with_their_history(app: Flask) -> None:
    w = world()
    draft = complete_draft(w)
    save(draft, RequestAnswers(((w.cget.id, Decimal(1)),)), w.applicant)
    [line] = db.session.query(FundingLine).filter_by(project_id=draft.id)
    assert (line.funder_id, line.requested) == (w.cget.id, Decimal(1))
    changes = {
        h.funder_id: (h.old, h.new)
        for h in db.session.query(HistoryEntry).filter_by(project_id=draft.id, field="requested")
    }
    assert changes == {w.cget.id: ("3000.00", "1.00"), w.ville.id: ("2000.00", "")}


def test_what_no_draft_may_hold_is_refused_at_its_field(app: Flask) -> None:
    w, elsewhere = world(), world()
    draft = complete_draft(w)
    project, public = ProjectAnswers.of(draft), PublicAnswers.of(draft)
    pre = theme(w.contract, "Parcours", number=1, position=9)
    pre.call_kind = "PRE"
    strangers = complete_draft(w, bearer=organisation())
    db.session.flush()
    calendar = CalendarAnswers(date(2026, 2, 1), date(2026, 1, 1), "")
    foreign_theme = next(t for t in elsewhere.contract.themes if t.number)
    refused = {
        "applicant_theme_id": [
            replace(project, applicant_theme_id=foreign_theme.id),
            replace(project, applicant_theme_id=pre.id),
            replace(project, applicant_theme_id=w.contract.themes[0].id),
        ],
        "predecessor_id": [
            replace(project, kind=Kind.RENEWAL, predecessor_id=draft.id),
            replace(project, kind=Kind.RENEWAL, predecessor_id=strangers.id),
        ],
        "year_of": [
            replace(project, kind=Kind.MULTIYEAR, years_total=3),
            replace(project, kind=Kind.MULTIYEAR, year_of=4, years_total=3),
        ],
        "years_total": [replace(project, kind=Kind.MULTIYEAR, year_of=1)],
        "zone_ids": [replace(public, zone_ids=(elsewhere.contract.zones[0].id,))],
        "beneficiaries_qpv": [replace(public, beneficiaries=1, beneficiaries_qpv=2)],
        "ends_on": [calendar],
        None: [RequestAnswers(((elsewhere.cget.id, Decimal(5)),)), BudgetAnswers((("999", Decimal(5)),), ())],
    }
    for field, wrong in refused.items():
        for answers in wrong:
            with pytest.raises(DomainError) as error:
                save(draft, answers, w.applicant)
            assert error.value.field == field, answers
    assert dossier.faults(draft) == []


@both
def test_a_renewal_follows_a_dossier_of_an_earlier_year(app: Flask) -> None:
    w = world()
    last = w.project(title="L'an dernier")
    w.campaign.year = 2026
    draft = complete_draft(w)
    answers = replace(ProjectAnswers.of(draft), kind=Kind.RENEWAL, predecessor_id=last.id)
    with pytest.raises(DomainError):  # the same year
        save(draft, answers, w.applicant)
    from tests.factories import campaign

    next_call = campaign(w.contract, [w.cget], year=2027)
    draft = drafts.create(next_call, w.bearer, by=w.applicant)
    save(draft, replace(answers, title="Suite"), w.applicant)
    assert draft.predecessor_id == last.id
    save(draft, replace(answers, kind=Kind.NEW), w.applicant)
    assert draft.predecessor_id is None


@both
def test_two_people_on_one_section_do_not_overwrite_each_other(app: Flask) -> None:
    w = world()
    draft = complete_draft(w)
    other = member(w.bearer, MemberRole.EDITOR)
    seen = CalendarAnswers.of(draft)
    public = PublicAnswers.of(draft)
    save(draft, replace(seen, schedule="Le mardi"), other)
    with pytest.raises(Conflict):
        drafts.save(draft, replace(seen, schedule="Le jeudi"), by=w.applicant, seen=seen.fingerprint())
    assert draft.schedule == "Le mardi"
    # Another section goes on undisturbed.
    drafts.save(draft, replace(public, place="Salle B"), by=w.applicant, seen=public.fingerprint())


@both
def test_nothing_is_saved_after_the_deposit_or_by_others(app: Flask) -> None:
    w = world()
    draft = complete_draft(w)
    for stranger in (user(), w.coordinator, w.administrator):
        with pytest.raises(NotAllowed):
            save(draft, CalendarAnswers(None, None, "x"), stranger)
    dossier.submit(draft, by=w.applicant)
    for answers in (CalendarAnswers(None, None, "x"), RequestAnswers(())):
        with pytest.raises(NotAllowed, match="brouillon"):
            save(draft, answers, w.applicant)


def test_statements_are_a_signatorys(app: Flask) -> None:
    w = world()
    draft = complete_draft(w)
    editor = member(w.bearer, MemberRole.EDITOR)
    with pytest.raises(NotAllowed, match="signataire"):
        save(draft, StatementsAnswers(True, True), editor)
    w.bearer.nature = Nature.MUNICIPAL_SERVICE
    save(draft, StatementsAnswers(True, True), w.applicant)
    assert draft.commitment_at is None  # not asked of a municipal service
