"""The means of an action, its evaluation and who answers for it; asking for the signature."""

import pytest
from flask import Flask
from sqlalchemy import select

from grants.database import db
from grants.domain import dossier
from grants.domain.dossier import deposit, drafts
from grants.domain.dossier.answers import OrganisationAnswers
from grants.domain.dossier.means import MeansAnswers, Staff, staff_in_words
from grants.errors import DomainError, Incomplete, NotAllowed
from grants.models import Mail, MemberRole
from tests.conftest import both
from tests.factories import complete_draft, complete_record, member, organisation, world


def means(*staff: Staff, email: str = "") -> MeansAnswers:
    return MeansAnswers("Une salle", staff, "Présences", "Ada", "01 23 45 67 89", email)


def save(draft, answers, by) -> None:
    drafts.save(draft, answers, by=by, seen=type(answers).of(draft).fingerprint())


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        (means(Staff("employees", 2, None), Staff("permanent", 3, None)), "staff_permanent_count"),
        (means(Staff("volunteers", 1, 2)), "staff_volunteers_fte"),
        (means(email="ada"), "in_charge_email"),
    ],
)
def test_what_no_draft_may_hold(app: Flask, answers: MeansAnswers, field: str) -> None:
    w = world()
    draft = complete_draft(w)
    with pytest.raises(DomainError) as refused:
        save(draft, answers, w.applicant)
    assert refused.value.field == field


def test_evaluation_and_person_in_charge_are_needed_the_table_is_not(app: Flask) -> None:
    draft = complete_draft(world())
    assert dossier.faults(draft) == []
    draft.evaluation = draft.in_charge_name = draft.in_charge_phone = ""
    lacks = [(f.section, f.field) for f in dossier.faults(draft)]
    assert lacks == [("moyens", "evaluation"), ("moyens", "in_charge_name"), ("moyens", "in_charge_phone")]


def test_the_table_in_words(app: Flask) -> None:
    stored = {
        "service": {"count": None, "fte": "1.50"},
        "volunteers": {"count": 1200, "fte": None},
        "employees": {"count": 2, "fte": "0.60"},
        "unknown": {"count": 1},
    }
    assert staff_in_words(stored).split("\n") == [
        "Bénévoles : 1\u202f200",
        "Salariés : 2 (0,6 ETP)",
        "Volontaires (service civique) : 1,5 ETP",
    ]
    assert staff_in_words({}) == ""


@both
def test_only_a_complete_record_is_confirmed(app: Flask) -> None:
    w = world()
    draft = drafts.create(w.campaign, w.bearer, by=w.applicant)
    with pytest.raises(DomainError, match="Complétez d'abord"):
        save(draft, OrganisationAnswers(True), w.applicant)
    complete_record(w.bearer, draft.year)
    save(draft, OrganisationAnswers(True), w.applicant)
    assert w.bearer.confirmed_at is not None
    assert draft.organisation_confirmed_at is not None


def unsigned(w):
    draft = complete_draft(w)
    draft.sworn_at = draft.sworn_by_id = draft.commitment_at = None
    return draft


@both
def test_who_prepares_asks_each_signatory_once_a_day(app: Flask) -> None:
    w = world()
    draft = unsigned(w)
    editor, second = member(w.bearer, MemberRole.EDITOR), member(w.bearer)
    closed = member(w.bearer)
    closed.active = False
    for _ in range(2):
        assert deposit.ask_signature(draft, by=editor) == [w.applicant, second]
    mails = db.session.scalars(select(Mail).order_by(Mail.id)).all()
    assert [mail.to for mail in mails] == [w.applicant.email, second.email]
    assert all(f"/mes-projets/{draft.id}/deposer" in mail.text for mail in mails)


@both
def test_the_signature_is_asked_for_a_finished_dossier_by_a_member(app: Flask) -> None:
    w = world()
    draft = unsigned(w)
    with pytest.raises(NotAllowed):
        deposit.ask_signature(draft, by=member(organisation()))
    draft.title = ""
    with pytest.raises(Incomplete):
        deposit.ask_signature(draft, by=w.applicant)
    draft.title = "Lire"
    w.applicant.active = False
    with pytest.raises(DomainError, match="Aucun signataire"):
        deposit.ask_signature(draft, by=w.applicant)
    w.applicant.active = True
    draft.sworn_at = draft.commitment_at = draft.created_at
    draft.sworn_by_id = w.applicant.id
    dossier.submit(draft, by=w.applicant)
    with pytest.raises(NotAllowed):
        deposit.ask_signature(draft, by=w.applicant)
