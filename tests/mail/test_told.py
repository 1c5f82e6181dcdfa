"""Who is told of what, in the transaction of what happened."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from grants.database import db
from grants.domain.campaign import late_permission
from grants.domain.decisions.rules import Decision
from grants.domain.dossier import deposit
from grants.domain.organisation import members
from grants.domain.organisation.merging import merge, undo
from grants.models import Mail, MemberRole, Outcome, now
from tests import acts, factories
from tests.factories import World


@pytest.fixture
def w(app: Flask) -> World:
    return factories.world()


def told(purpose: str) -> list[str]:
    db.session.flush()
    return sorted(db.session.scalars(select(Mail.to).where(Mail.purpose == purpose)))


def test_the_signatories_get_the_receipt(w: World) -> None:
    second = factories.member(w.bearer)
    factories.member(w.bearer, MemberRole.EDITOR)
    draft = deposit.submit(factories.complete_draft(w), by=w.applicant)
    assert told("receipt") == sorted([w.applicant.email, second.email])
    mail = db.session.scalars(select(Mail)).first()
    assert mail
    assert mail.project_id == draft.id
    assert str(draft.reference) in mail.subject
    assert f"/mes-projets/{draft.id}/accuse" in mail.text


def test_the_members_hear_of_a_decision_but_not_what_it_is(w: World) -> None:
    editor = factories.member(w.bearer, MemberRole.EDITOR)
    project = w.project()
    decision = Decision(Outcome.ACCEPTED, amount=Decimal(1234))
    acts.decide(project, w.cget, decision, by=w.state_instructor)
    assert told("decision_notified") == []
    acts.notify(project, w.cget, "A-1", date(2026, 3, 1), by=w.state_instructor)
    assert told("decision_notified") == sorted([w.applicant.email, editor.email])
    text = db.session.scalars(select(Mail.text)).first()
    assert text
    assert w.cget.label in text
    assert "234" not in text
    assert "accord" not in text


def test_the_members_hear_who_asks_and_who_asked_hears_the_answer(w: World) -> None:
    newcomer = factories.user()
    asked = members.ask_to_join(w.bearer, by=newcomer)
    assert told("membership_requested") == [w.applicant.email]
    members.approve(asked, MemberRole.SIGNATORY, by=w.applicant)
    assert told("membership_approved") == [newcomer.email]


def test_the_members_of_both_hear_that_they_act_together(w: World) -> None:
    gone = factories.organisation("Doublon")
    people = [factories.member(gone), factories.member(gone, MemberRole.EDITOR), w.applicant]
    everybody = sorted(each.email for each in people)
    done = merge(gone, w.bearer, by=w.administrator)
    assert told("organisations_merged") == everybody
    undo(done, by=w.administrator)
    assert told("organisations_merged") == sorted(everybody * 2)


def test_the_members_hear_that_they_may_still_deposit(w: World) -> None:
    w.campaign.closes_at = now() - timedelta(hours=1)
    late_permission.allow(w.campaign, w.bearer, now() + timedelta(days=2), "panne", by=w.administrator)
    assert told("late_permission") == [w.applicant.email]


def test_who_left_or_is_closed_or_waits_is_not_written_to(w: World) -> None:
    closed = factories.member(w.bearer)
    closed.active = False
    members.ask_to_join(w.bearer, by=factories.user())
    draft = factories.complete_draft(w)
    deposit.submit(draft, by=w.applicant)
    assert told("receipt") == [w.applicant.email]
