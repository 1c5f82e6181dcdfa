"""Rules 3 to 7, asked of the domain itself."""

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from grants.database import db
from grants.domain.accounts import accounts
from grants.domain.decisions import notify
from grants.domain.decisions.lines import read
from grants.domain.decisions.rules import Decision
from grants.domain.workflow import advance
from grants.errors import Conflict, DomainError, NotAllowed
from grants.models import HistoryEntry, Outcome, Role, now
from tests import acts
from tests.acts import notify_many
from tests.conftest import both
from tests.factories import grant_role, user, world

pytestmark = both


def accept(amount: int, **more) -> Decision:
    return Decision(Outcome.ACCEPTED, amount=Decimal(amount), **more)


def test_an_accepted_amount_is_granted_and_recorded(app: Flask) -> None:
    w = world()
    p = w.project()
    line = acts.decide(p, w.cget, accept(4000), by=w.state_instructor)
    assert (line.granted, line.outcome) == (Decimal(4000), Outcome.ACCEPTED)
    fields = {
        h.field: (h.old, h.new) for h in db.session.query(HistoryEntry).filter_by(project_id=p.id, funder_id=w.cget.id)
    }
    assert fields["granted"] == ("", "4000.00")
    assert fields["outcome"] == ("PENDING", "ACCEPTED")


def test_another_institution_cannot_write(app: Flask) -> None:
    w = world()
    p = w.project()
    for call in (
        lambda: acts.decide(p, w.cget, accept(1), by=w.city_instructor),
        lambda: acts.propose(p, w.cget, Decimal(1), by=w.city_instructor),
        lambda: acts.propose(p, w.cget, Decimal(1), by=w.coordinator),
        lambda: acts.notify(p, w.cget, "A1", None, by=w.committee),
        lambda: acts.open_line(p, w.reg, "x", by=w.administrator),
    ):
        with pytest.raises(NotAllowed):
            call()


def test_an_envelope_is_never_exceeded_but_proposals_may(app: Flask) -> None:
    w = world(envelope=6000)
    first, second = w.project(), w.project()
    acts.propose(first, w.cget, Decimal(5000), by=w.state_instructor)
    acts.propose(second, w.cget, Decimal(5000), by=w.state_instructor)
    acts.decide(first, w.cget, accept(5000), by=w.state_instructor)
    with pytest.raises(DomainError, match="dépassée"):
        acts.decide(second, w.cget, accept(1001), by=w.state_instructor)
    acts.decide(second, w.cget, accept(1000), by=w.state_instructor)
    advance(first, "withdraw", by=w.applicant, reason="Association dissoute")
    acts.decide(second, w.cget, accept(5000, revision_reason="Reliquat"), by=w.state_instructor)


def test_the_reason_of_a_proposal_above_what_was_asked_holds_for_its_grant(app: Flask) -> None:
    w = world()
    p = w.project()
    by = w.state_instructor
    with pytest.raises(DomainError, match="demandé"):
        acts.propose(p, w.cget, Decimal(5500), by=by)
    acts.propose(p, w.cget, Decimal(5500), by=by, raised_reason="Quartier ajouté")
    assert acts.decide(p, w.cget, accept(5500), by=by).raised_reason == "Quartier ajouté"
    q = w.project()
    acts.propose(q, w.cget, Decimal(5500), by=by, raised_reason="Quartier ajouté")
    assert acts.propose(q, w.cget, Decimal(5000), by=by).raised_reason == ""


def test_no_more_than_asked_unless_raised_with_a_reason(app: Flask) -> None:
    w = world()
    p = w.project()
    with pytest.raises(DomainError, match="demandé") as refused:
        acts.decide(p, w.cget, accept(5001), by=w.state_instructor)
    assert refused.value.field == "raised_reason"
    acts.decide(p, w.cget, accept(5001, raised_reason="Report du PRE"), by=w.state_instructor)
    with pytest.raises(DomainError, match="coût total"):
        acts.decide(p, w.ville, accept(6000, raised_reason="Plus large"), by=w.city_instructor)


def test_a_decision_changes_only_with_a_reason_and_is_not_notified_any_more(app: Flask) -> None:
    w = world()
    p = w.project()
    acts.decide(p, w.cget, accept(1000), by=w.state_instructor)
    line = acts.notify(p, w.cget, "2026-12", date(2026, 11, 1), by=w.state_instructor)
    assert line.notified_at
    refuse = Decision(Outcome.REJECTED, reason="Hors critères")
    with pytest.raises(DomainError) as missing:
        acts.decide(p, w.cget, refuse, by=w.state_instructor)
    assert missing.value.field == "revision_reason"
    line = acts.decide(
        p, w.cget, Decision(Outcome.REJECTED, reason="Hors critères", revision_reason="Comité"), by=w.state_instructor
    )
    assert (line.granted, line.notified_at, line.act_number) == (None, None, "")


def test_on_behalf_needs_its_source_and_is_confirmed(app: Flask) -> None:
    w = world()
    p = w.project(requested={w.reg: 2000})
    with pytest.raises(DomainError) as missing:
        acts.decide(p, w.reg, accept(2000), by=w.coordinator)
    assert missing.value.field == "typed_from"
    line = acts.decide(p, w.reg, accept(2000, typed_from="Courriel du 3 novembre"), by=w.coordinator)
    assert line.typed_from
    assert line.confirmed_at is None
    officer = grant_role(user(), Role.INSTRUCTOR, w.contract, w.region)
    assert acts.confirm(p, w.reg, by=officer).confirmed_at


def test_history_says_on_whose_behalf(app: Flask) -> None:
    w = world()
    p = w.project(requested={w.reg: 2000, w.cget: 500})
    acts.decide(p, w.reg, accept(2000, typed_from="Courriel"), by=w.coordinator)
    acts.decide(p, w.cget, accept(500), by=w.state_instructor)
    acts.open_line(p, w.ville, "Oubli", by=w.city_instructor)
    entries = db.session.query(HistoryEntry).filter(
        HistoryEntry.project_id == p.id, HistoryEntry.funder_id.is_not(None)
    )
    assert {(e.funder_id, e.on_behalf_of_id) for e in entries} == {
        (w.reg.id, w.region.id),
        (w.cget.id, None),
        (w.ville.id, None),
    }
    [opened] = [e for e in entries if e.action == "open"]
    assert (opened.new, opened.reason) == ("Oubli", "Oubli")


def test_a_condition_stands_until_another_is_said(app: Flask) -> None:
    w = world()
    p = w.project()
    acts.decide(p, w.cget, accept(4000, condition="Bilan reçu"), by=w.state_instructor)
    for said, stands in ((None, "Bilan reçu"), ("", "")):
        again = accept(3000, condition=said, revision_reason="Comité")
        assert acts.decide(p, w.cget, again, by=w.state_instructor).condition == stands


def test_a_line_changed_meanwhile_is_a_conflict(app: Flask) -> None:
    w = world()
    p = w.project()
    seen = acts.propose(p, w.cget, Decimal(1), by=w.state_instructor).version
    acts.propose(p, w.cget, Decimal(2), by=w.state_instructor)
    with pytest.raises(Conflict, match="2"):
        acts.propose(p, w.cget, Decimal(3), by=w.state_instructor, version=seen)


def test_an_old_reason_does_not_cover_a_new_raise(app: Flask) -> None:
    w = world()
    p = w.project(requested={w.cget: 1000})
    raised = accept(1500, raised_reason="Report du PRE")
    acts.decide(p, w.cget, raised, by=w.state_instructor)
    with pytest.raises(DomainError, match="demandé"):
        acts.decide(p, w.cget, accept(9000, revision_reason="Comité"), by=w.state_instructor)


def test_what_was_withdrawn_is_not_notified(app: Flask) -> None:
    w = world()
    p = w.project()
    acts.decide(p, w.cget, accept(1000), by=w.state_instructor)
    advance(p, "withdraw", by=w.applicant, reason="Dissoute")
    with pytest.raises(DomainError, match="retiré"):
        acts.notify(p, w.cget, "A1", date(2026, 11, 1), by=w.state_instructor)


def test_the_coordinator_notifies_only_what_the_institution_here_has_confirmed(app: Flask) -> None:
    """The first dossier before it has anybody here, the others once it has."""
    w = world()
    first, one, two = (w.project(requested={w.reg: 2000}) for _ in range(3))
    for p in (first, one, two):
        acts.decide(p, w.reg, accept(1000, typed_from="Courriel"), by=w.coordinator)

    def tell(*told) -> None:
        found = read(told, [w.reg]).values()
        seen = {line.project_id: line.version for line in found}
        notify_many(w.reg, seen, "A1", date(2026, 11, 1), by=w.coordinator, typed_from="Lettre")

    tell(first)
    instructor = grant_role(user("Région"), Role.INSTRUCTOR, w.contract, w.region)
    with pytest.raises(DomainError, match="confirmer"):
        acts.notify(one, w.reg, "A1", date(2026, 11, 1), by=w.coordinator, typed_from="Lettre")
    with pytest.raises(DomainError, match="confirm"):
        tell(one, two)
    acts.confirm(one, w.reg, by=instructor)
    tell(one)
    acts.notify(two, w.reg, "A1", date(2026, 11, 1), by=instructor)


def test_an_institution_whose_people_have_left_confirms_nothing_any_more(app: Flask) -> None:
    w = world()
    p = w.project(requested={w.reg: 2000})
    instructor = grant_role(user("Région"), Role.INSTRUCTOR, w.contract, w.region)
    acts.decide(p, w.reg, accept(1000, typed_from="Courriel"), by=w.coordinator)
    assert notify.confirms_first(w.reg, w.coordinator)
    instructor.email_confirmed_at = None  # nor do people who have not come yet
    assert not notify.confirms_first(w.reg, w.coordinator)
    instructor.email_confirmed_at = now()
    assert notify.confirms_first(w.reg, w.coordinator)
    accounts.set_active(instructor, False, by=w.administrator)
    told = acts.notify(p, w.reg, "A1", date(2026, 11, 1), by=w.coordinator, typed_from="Lettre")
    assert told.notified_at


def test_the_source_of_a_notification_on_behalf_is_kept(app: Flask) -> None:
    w = world()
    p = w.project(requested={w.reg: 2000})
    acts.decide(p, w.reg, accept(1000, typed_from="Courriel"), by=w.coordinator)
    acts.notify(p, w.reg, "A1", date(2026, 11, 1), by=w.coordinator, typed_from="Délibération reçue")
    reasons = db.session.scalars(select(HistoryEntry.reason).filter_by(action="notify")).all()
    assert set(reasons) == {"Délibération reçue"}
