"""What a dossier needs before it is deposited, asked of the domain on both databases."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import update

from grants.database import db
from grants.domain import dossier
from grants.domain.dossier import deposit, drafts
from grants.errors import Conflict, DomainError, Incomplete, NotAllowed
from grants.models import (
    BudgetLine,
    FundingLine,
    HistoryEntry,
    MemberRole,
    Nature,
    OtherFunding,
    Project,
    Side,
    State,
    now,
)
from tests.conftest import both
from tests.factories import complete_draft, member, theme, user, world


def fields(project: Project) -> list[tuple[str, str]]:
    return [(fault.section, fault.field) for fault in dossier.faults(project)]


@both
def test_a_complete_dossier_is_deposited(app: Flask) -> None:
    w = world()
    draft = complete_draft(w)
    before = now()
    dossier.submit(draft, by=w.applicant, version=draft.version)
    assert draft.state is State.SUBMITTED
    assert draft.reference == f"{draft.year}-0001"
    assert draft.theme_id == draft.applicant_theme_id
    assert draft.total_cost == Decimal(10_000)
    assert before <= draft.submitted_at <= now()
    entry = db.session.query(HistoryEntry).filter_by(project_id=draft.id, action="submit").one()
    assert (entry.old, entry.new, entry.by_id) == ("DRAFT", "SUBMITTED", w.applicant.id)


@both
def test_references_follow_each_other(app: Flask) -> None:
    w = world()
    made = [dossier.submit(complete_draft(w), by=w.applicant).reference for _ in range(3)]
    assert [reference[-4:] for reference in made] == ["0001", "0002", "0003"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"organisation_confirmed_at": None}, ("organisation", "confirmed")),
        ({"title": ""}, ("projet", "title")),
        ({"applicant_theme_id": None}, ("projet", "applicant_theme_id")),
        ({"objectives": ""}, ("projet", "objectives")),
        ({"description": ""}, ("projet", "description")),
        ({"audience": ""}, ("public", "audience")),
        ({"beneficiaries": None}, ("public", "beneficiaries")),
        ({"beneficiaries": 0, "beneficiaries_qpv": 0}, ("public", "beneficiaries")),
        ({"beneficiaries_qpv": None}, ("public", "beneficiaries_qpv")),
        ({"zones": []}, ("public", "zone_ids")),
        ({"starts_on": None}, ("calendrier", "starts_on")),
        ({"ends_on": None}, ("calendrier", "ends_on")),
        ({"starts_on": date(2030, 1, 1), "ends_on": date(2030, 2, 1)}, ("calendrier", "starts_on")),
        ({"starts_on": date(2020, 1, 1), "ends_on": date(2025, 12, 31)}, ("calendrier", "ends_on")),
        ({"sworn_at": None}, ("attestations", "sworn")),
        ({"commitment_at": None}, ("attestations", "commitment")),
    ],
)
def test_each_missing_answer_is_a_fault_at_its_field(app: Flask, change, fault) -> None:
    w = world()
    draft = complete_draft(w)
    assert fields(draft) == []
    for name, value in change.items():
        setattr(draft, name, value)
    assert fields(draft) == [fault]
    with pytest.raises(Incomplete) as refused:
        dossier.submit(draft, by=w.applicant)
    assert [(f[0], f[1]) for f in refused.value.faults] == [fault]
    assert (draft.state, draft.reference) == (State.DRAFT, None)


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ([], ("budget", "expenses")),
        ([(Side.EXPENSE, "641", 5000), (Side.EXPENSE, "864", 1)], ("budget", "in_kind")),
        ([(Side.EXPENSE, "641", 4999)], ("demandes", "balance")),
        ([(Side.EXPENSE, "641", 6000)], ("demandes", "balance")),
        ([(Side.EXPENSE, "641", 5000), (Side.INCOME, "70", 1)], ("demandes", "balance")),
    ],
)
def test_the_budget_must_balance(app: Flask, lines, fault) -> None:
    w = world()
    draft = complete_draft(w)
    draft.budget = [BudgetLine(side=side, account=account, amount=Decimal(amount)) for side, account, amount in lines]
    assert fault in fields(draft)
    with pytest.raises(Incomplete):
        dossier.submit(draft, by=w.applicant)


def test_requests_above_the_total_cost_say_so(app: Flask) -> None:
    w = world()
    draft = complete_draft(w, requested={w.cget: 10_000})
    draft.budget[0].amount = Decimal("9999.99")
    [fault] = dossier.faults(draft)
    assert (fault.field, "plus que le coût total" in fault.message) == ("balance", True)


def test_at_least_one_request(app: Flask) -> None:
    w = world()
    assert fields(complete_draft(w, requested={})) == [("demandes", "balance")]
    assert fields(complete_draft(w, requested={w.cget: 0})) == [("demandes", "balance")]


def test_a_refused_subsidy_is_no_income(app: Flask) -> None:
    w = world()
    draft = complete_draft(w)
    draft.budget.append(
        BudgetLine(
            side=Side.INCOME, account="74", label="Fondation", amount=Decimal(900), other_funding=OtherFunding.REFUSED
        )
    )
    assert fields(draft) == []
    draft.budget[-1].other_funding = OtherFunding.ASKED
    assert fields(draft) == [("demandes", "balance")]


def test_a_public_body_makes_no_commitment(app: Flask) -> None:
    w = world()
    draft = complete_draft(w)
    draft.commitment_at = None
    draft.organisation.nature = Nature.PUBLIC_BODY
    draft.organisation.siret = "78467169500087"
    assert fields(draft) == []


def test_an_organisation_names_itself(app: Flask) -> None:
    w = world()
    draft = complete_draft(w)
    draft.organisation.siret, draft.organisation.representative_name = None, ""
    assert fields(draft) == [("organisation", "details")] * 2
    draft.organisation.nature = Nature.MUNICIPAL_SERVICE
    assert fields(draft) == [("organisation", "details")]


@both
def test_a_theme_archived_since_is_refused(app: Flask) -> None:
    w = world()
    draft = complete_draft(w)
    next(t for t in w.contract.themes if t.id == draft.applicant_theme_id).archived = True
    db.session.flush()
    assert fields(draft) == [("projet", "applicant_theme_id")]


@pytest.mark.parametrize(
    ("opens", "closes", "message"),
    [(-10, -1, "clos"), (-10, 0, "clos"), (1, 10, "ouvrira"), (None, None, "pas ouvert")],
)
def test_outside_the_open_period(app: Flask, opens, closes, message) -> None:
    w = world()
    draft = complete_draft(w)
    at = now()
    w.campaign.opens_at = None if opens is None else at + timedelta(days=opens)
    w.campaign.closes_at = None if closes is None else at + timedelta(days=closes)
    with pytest.raises(DomainError, match=message):
        dossier.submit(draft, by=w.applicant)
    with pytest.raises(DomainError, match=message):
        drafts.create(w.campaign, w.bearer, by=w.applicant)
    assert draft.state is State.DRAFT


def test_only_a_signatory_deposits(app: Flask) -> None:
    w = world()
    draft = complete_draft(w)
    editor = member(w.bearer, MemberRole.EDITOR)
    for person, words in ((editor, "signataire"), (w.coordinator, "membre"), (user(), "membre")):
        with pytest.raises(NotAllowed, match=words):
            dossier.submit(draft, by=person)


@both
def test_a_dossier_changed_since_it_was_checked_is_not_deposited(app: Flask) -> None:
    w = world()
    draft = complete_draft(w)
    seen = draft.version
    draft.place = "Ailleurs"
    db.session.flush()
    with pytest.raises(Conflict):
        dossier.submit(draft, by=w.applicant, version=seen)


@both
def test_a_dossier_changed_while_it_was_read_is_not_deposited(app: Flask) -> None:
    w = world()
    draft = complete_draft(w)
    ready = deposit.checked(draft, by=w.applicant)
    other = update(Project).where(Project.id == draft.id).values(version=Project.version + 1)
    db.session.execute(other.execution_options(synchronize_session=False))
    with pytest.raises(Conflict):
        deposit.deposit(draft, ready, by=w.applicant)


@both
def test_a_call_that_closes_while_the_dossier_is_read(app: Flask) -> None:
    w = world()
    draft = complete_draft(w)
    ready = deposit.checked(draft, by=w.applicant)
    w.campaign.closes_at = now()
    with pytest.raises(DomainError, match="clos"):
        deposit.deposit(draft, ready, by=w.applicant)


@both
def test_a_dossier_is_deposited_once(app: Flask) -> None:
    w = world()
    draft = complete_draft(w)
    dossier.submit(draft, by=w.applicant)
    with pytest.raises(NotAllowed, match="brouillon"):
        dossier.submit(draft, by=w.applicant)


@pytest.mark.parametrize(
    ("received", "rejected"),
    [((2026, 1, 15), (2026, 3, 15)), ((2026, 12, 31), (2027, 2, 28)), ((2026, 11, 30), (2027, 1, 30))],
)
def test_silence_means_rejection_after_two_months(app: Flask, received, rejected) -> None:
    at = now().replace(year=received[0], month=received[1], day=received[2], hour=12)
    assert deposit.implicit_rejection(Project(submitted_at=at)) == date(*rejected)


def test_nothing_asked_is_proposed_or_granted(app: Flask) -> None:
    w = world()
    draft = complete_draft(w)
    dossier.submit(draft, by=w.applicant)
    for line in db.session.query(FundingLine).filter_by(project_id=draft.id):
        assert (line.proposed, line.granted, line.notified_at) == (None, None, None)


def test_themes_reserved_for_another_kind(app: Flask) -> None:
    from grants.domain.dossier.themes import offered

    w = world()
    free = [choice.label for choice in offered(w.contract.id, "Contrat de ville")]
    assert free == ["1. Combattre les inégalités", "1. Lever les freins"]
    axis = next(t for t in w.contract.themes if t.label == "Éducation")
    reserved = theme(w.contract, "Parcours", parent=axis, number=1, position=6)
    reserved.call_kind = "PRE"
    theme(w.contract, "Objectif", parent=reserved, position=7)
    db.session.flush()
    assert [choice.id for choice in offered(w.contract.id, "PRE")] == [reserved.id]
    assert [choice.label for choice in offered(w.contract.id, "Contrat de ville")] == free
    assert [choice.group for choice in offered(w.contract.id, "VVV")] == ["Cohésion sociale › Éducation", "Emploi"]


def test_an_imported_association_is_asked_its_siret(app: Flask) -> None:
    """Its RNA does not stand for it; a municipal service can do without."""
    w = world()
    draft = complete_draft(w)
    draft.organisation.siret = None
    [fault] = dossier.faults(draft)
    assert (fault.section, fault.message) == ("organisation", "Indiquez le numéro SIRET.")
    draft.organisation.nature = Nature.MUNICIPAL_SERVICE
    assert dossier.faults(draft) == []
