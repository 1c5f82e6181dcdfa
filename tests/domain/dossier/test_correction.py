"""A dossier corrected after its deposit, and one copied within its call, on both databases."""

from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask

from grants.database import db
from grants.domain import dossier
from grants.domain.dossier import correction, deposit, drafts
from grants.domain.dossier.answers import OrganisationAnswers, ProjectAnswers
from grants.domain.dossier.budget import BudgetAnswers, RequestAnswers, requests_of
from grants.domain.dossier.receipt import receipt_of
from grants.domain.dossier.sent import changes, deposits_of
from grants.domain.instruction import classification, lineage
from grants.domain.instruction.classification import Classification
from grants.domain.ledger.operation import operation
from grants.domain.undo.operation import undo
from grants.domain.workflow import advance
from grants.errors import Conflict, DomainError, Incomplete, NotAllowed
from grants.models import Campaign, Document, Kind, Mail, MemberRole, Project, State, now
from grants.queries.applicant.applicant import own_projects
from grants.queries.programming.past import last_entry, since
from grants.queries.sheet.history import history_of
from tests.conftest import both
from tests.factories import World, campaign, complete_draft, document, member, piece, project, theme, user, world

pytestmark = both


def deposited(w: World, **more) -> Project:
    return dossier.submit(complete_draft(w, title="Lire ensemble", **more), by=w.applicant)


def rewrite(draft: Project, by, **changed) -> None:
    stored = ProjectAnswers.of(draft)
    answers = ProjectAnswers(**{**vars(stored), **changed})
    drafts.save(draft, answers, by=by, seen=stored.fingerprint())


def ask(draft: Project, by, amounts: dict[int, int]) -> None:
    """Of these funders; the budget follows."""
    stored = RequestAnswers.of(draft)
    asked = tuple((id_, Decimal(euros)) for id_, euros in amounts.items())
    drafts.save(draft, RequestAnswers(asked), by=by, seen=stored.fingerprint())
    budget = BudgetAnswers.of(draft)
    own = Decimal(10_000 - sum(amounts.values()))
    lines = tuple((code, own if code == "756" else amount) for code, amount in budget.amounts)
    drafts.save(draft, BudgetAnswers(lines, ()), by=by, seen=budget.fingerprint())


def redeposit(draft: Project, w: World) -> Project:
    return deposit.sign_and_deposit(draft, commitment=True, by=w.applicant)


def close(call: Campaign) -> None:
    call.closes_at = now() - timedelta(minutes=1)
    db.session.flush()


def test_the_last_deposit_stands_until_the_correction_is_sworn_and_deposited(app: Flask) -> None:
    w = world()
    first = deposited(w)
    reference, at, sworn = first.reference, first.submitted_at, first.sworn_at
    editor = member(w.bearer, role=MemberRole.EDITOR)
    draft = correction.begin(first, by=editor)
    assert (draft.state, draft.reference, draft.sworn_at) == (State.DRAFT, None, None)
    rewrite(draft, editor, title="Lire et écrire", objectives="Écrire aussi")
    ask(draft, editor, {w.cget.id: 4000})
    assert first.title == "Lire ensemble"
    assert [(ln.funder_id, ln.requested) for ln in requests_of(first)] == [
        (w.cget.id, Decimal(3000)),
        (w.ville.id, Decimal(2000)),
    ]
    with pytest.raises(NotAllowed):
        dossier.submit(draft, by=editor)
    with pytest.raises(Incomplete):
        dossier.submit(draft, by=w.applicant)  # not sworn
    assert redeposit(draft, w) is first
    assert (first.reference, first.submitted_at, first.state) == (reference, at, State.SUBMITTED)
    assert (first.title, first.objectives) == ("Lire et écrire", "Écrire aussi")
    assert first.sworn_at > sworn
    lines = [(ln.funder_id, ln.requested) for ln in requests_of(first)]
    assert lines == [(w.cget.id, Decimal(4000))]
    assert sum(ln.amount for ln in first.budget if ln.account == "756") == Decimal(6000)
    assert [p.id for p in own_projects(w.applicant.id)] == [first.id]


def test_each_deposit_has_its_receipt_and_what_changed_is_told(app: Flask) -> None:
    w = world()
    first = deposited(w)
    draft = correction.begin(first, by=w.applicant)
    rewrite(draft, w.applicant, title="Lire et écrire")
    ask(draft, w.applicant, {w.cget.id: 4000})
    redeposit(draft, w)
    before, after = deposits_of(first)
    assert (before.reference, after.reference) == (first.reference, first.reference)
    assert before.at == first.submitted_at < after.at
    assert receipt_of(first, before).facts[2] == ("Action", "Lire ensemble")
    facts = dict(receipt_of(first, after).facts)
    assert facts["Action"] == "Lire et écrire"
    assert facts["Premier dépôt"].endswith("(il fait foi pour les délais)")
    told = {(each.label, each.before, each.after) for each in changes(before, after)}
    assert ("Titre de l'action", "Lire ensemble", "Lire et écrire") in told
    assert (w.ville.label, "2\u202f000\u00a0€", "") in told
    assert not changes(after, after)
    mails = db.session.query(Mail).filter_by(purpose="receipt", project_id=first.id).order_by(Mail.id).all()
    assert "La correction de votre dossier est arrivée" in mails[-1].text
    actions = [event.action for event in history_of(first.id, {}).events]
    assert "Corrigé et déposé de nouveau" in actions


def test_two_people_at_one_correction_share_it(app: Flask) -> None:
    w = world()
    first = deposited(w)
    draft = correction.begin(first, by=w.applicant)
    assert correction.begin(first, by=member(w.bearer)) is draft
    with pytest.raises(NotAllowed):
        correction.begin(first, by=user())
    redeposit(draft, w)
    with pytest.raises(NotAllowed):
        dossier.submit(draft, by=w.applicant)  # a second press
    assert len(deposits_of(first)) == 2
    assert correction.begin(first, by=w.applicant) is not draft


def test_what_the_coordinator_has_settled_stays(app: Flask) -> None:
    w = world()
    first = deposited(w)
    draft = correction.begin(first, by=w.applicant)
    elsewhere, own = theme(w.contract, "Ailleurs"), theme(w.contract, "Santé")
    kind = Classification(w.campaign.id, elsewhere.id, Kind.RENEWAL)
    classification.reclassify(first, kind, by=w.coordinator)
    rewrite(draft, w.applicant, applicant_theme_id=own.id)
    redeposit(draft, w)
    assert (first.theme_id, first.applicant_theme_id) == (elsewhere.id, own.id)
    assert first.kind is Kind.RENEWAL


def test_what_is_settled_after_a_correction_stays_too(app: Flask) -> None:
    w = world()
    first = deposited(w)
    was, elsewhere, own = first.theme_id, theme(w.contract, "Ailleurs"), theme(w.contract, "Santé")

    def classify(theme_id: int) -> None:
        classification.reclassify(first, Classification(w.campaign.id, theme_id, first.kind), by=w.coordinator)

    def correct() -> int:
        draft = correction.begin(first, by=w.applicant)
        rewrite(draft, w.applicant, applicant_theme_id=own.id)
        redeposit(draft, w)
        return first.theme_id

    classify(elsewhere.id)
    classify(was)  # taken back
    assert correct() == own.id
    classify(was)
    assert correct() == was


def test_where_nobody_has_settled_it_the_classification_follows(app: Flask) -> None:
    w = world()
    first = deposited(w)
    before = last_entry(w.contract.id, now())
    was = first.theme_id
    draft, own = correction.begin(first, by=w.applicant), theme(w.contract, "Santé")
    rewrite(draft, w.applicant, applicant_theme_id=own.id, title="Autre titre")
    ask(draft, w.applicant, {w.cget.id: 4500, w.ville.id: 2000})
    redeposit(draft, w)
    assert first.theme_id == own.id
    then = since(w.contract.id, before)
    values = then.rows["projects"][first.id,].values
    assert (values["theme_id"], values["title"]) == (was, "Lire ensemble")
    line = then.rows["funding_lines"][first.id, w.cget.id]
    assert line.values["requested"] == Decimal(3000)


def test_its_pieces_are_copied_and_come_back(app: Flask) -> None:
    w = world()
    asked = piece(w.campaign)
    made = complete_draft(w)
    quote, plan = document(made, w.applicant, piece=asked), document(made, w.applicant, piece=asked)
    first = dossier.submit(made, by=w.applicant)
    draft = correction.begin(first, by=w.applicant)
    copies = {d.storage_key: d for d in own_documents(draft)}
    assert copies.keys() == {quote.storage_key, plan.storage_key}
    dossier.pieces.remove(copies[quote.storage_key], by=w.applicant)
    document(draft, w.applicant, piece=asked).filename = "nouveau.pdf"
    db.session.flush()
    assert quote.removed_at is None
    redeposit(draft, w)
    assert quote.removed_at is not None
    names = {d.filename for d in own_documents(first) if d.removed_at is None}
    assert names == {plan.filename, "nouveau.pdf"}


def own_documents(project: Project) -> list[Document]:
    return db.session.query(Document).filter_by(project_id=project.id).all()


@pytest.mark.parametrize("ended", ["withdraw", "refuse"])
def test_what_was_withdrawn_or_refused_is_copied_within_its_call(app: Flask, ended) -> None:
    w = world()
    made = complete_draft(w, title="Lire ensemble")
    document(made, w.applicant, piece=piece(w.campaign))
    first = dossier.submit(made, by=w.applicant)
    advance(first, ended, by=w.applicant if ended == "withdraw" else w.coordinator, reason="Non")
    copy = correction.begin(first, by=w.applicant)
    assert correction.begin(first, by=w.applicant) is copy
    assert (copy.title, len(own_documents(copy))) == ("Lire ensemble", 1)
    again = redeposit(copy, w)
    assert again is copy
    assert again.reference != first.reference
    assert first.state is (State.WITHDRAWN if ended == "withdraw" else State.INADMISSIBLE)
    assert len(deposits_of(first)) == len(deposits_of(again)) == 1
    close(w.campaign)
    with pytest.raises(DomainError, match="clos"):
        correction.begin(first, by=w.applicant)


def test_a_predecessor_named_by_the_coordinator_stays(app: Flask) -> None:
    w = world()
    first = deposited(w)
    lineage.set_predecessors(first, [], by=w.coordinator)
    draft = correction.begin(first, by=w.applicant)
    with pytest.raises(Conflict):
        dossier.submit(draft, by=w.applicant, version=draft.version + 1)
    redeposit(draft, w)
    assert first.predecessor_id is None


def test_what_it_brings_together_stays_whole(app: Flask) -> None:
    """The first of several that the coordinator named is not taken for the applicant's own."""
    w = world()
    one, two = (project(campaign(w.contract, [w.cget], year=2025), w.applicant) for _ in range(2))
    first = deposited(w)
    first.kind, first.predecessor_id = Kind.RENEWAL, one.id
    db.session.flush()
    lineage.set_predecessors(first, [one.reference, two.reference], by=w.coordinator)
    draft = correction.begin(first, by=w.applicant)
    rewrite(draft, w.applicant, kind=Kind.NEW, predecessor_id=None)
    redeposit(draft, w)
    assert (first.predecessor_id, lineage.merged(first)) == (one.id, [two.id])


def test_what_the_coordinator_took_back_is_the_applicant_s_again(app: Flask) -> None:
    w = world()
    one, two = (project(campaign(w.contract, [w.cget], year=2025), w.applicant, bearer=w.bearer) for _ in range(2))
    first = deposited(w)
    with operation(w.contract.id, "link", by=w.coordinator) as linked:
        lineage.link_many(w.contract, {first.id: one.id}, by=w.coordinator)
    undo(linked.id, by=w.coordinator)
    draft = correction.begin(first, by=w.applicant)
    rewrite(draft, w.applicant, kind=Kind.RENEWAL, predecessor_id=two.id)
    redeposit(draft, w)
    assert first.predecessor_id == two.id


def test_confirming_the_organisation_leaves_the_oath(app: Flask) -> None:
    w = world()
    draft = complete_draft(w)
    draft.organisation_confirmed_at = None
    db.session.flush()
    seen = OrganisationAnswers.of(draft).fingerprint()
    assert not drafts.save(draft, OrganisationAnswers(True), by=w.applicant, seen=seen)
    assert draft.sworn_at is not None
    dossier.submit(draft, by=w.applicant)
