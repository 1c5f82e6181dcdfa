"""Reminders of drafts: a week and a day before the closing, once each, to who can do something."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select

from grants.database import db
from grants.domain.contract.identity import blank
from grants.domain.dossier import reminders
from grants.french import deadline
from grants.models import Mail, MemberRole, Project, State, now
from tests import factories
from tests.conftest import both
from tests.factories import World


@pytest.fixture
def w(app: Flask) -> World:
    return factories.world()


def draft(w: World, closes_in: timedelta, age: timedelta = timedelta(days=9)) -> Project:
    w.campaign.closes_at = now() + closes_in
    made = w.project(state=State.DRAFT)
    made.created_at = now() - age
    db.session.flush()
    return made


def told() -> list[str]:
    return sorted(db.session.scalars(select(Mail.to)))


@both
def test_a_week_before_and_a_day_before_once_each(app: Flask) -> None:
    w = factories.world()
    draft(w, timedelta(days=6))
    assert reminders.queue_due() == 1
    assert reminders.queue_due() == 0
    w.campaign.closes_at = now() + timedelta(hours=20)
    assert reminders.queue_due() == 1
    assert reminders.queue_due() == 0
    assert told() == [w.applicant.email] * 2


@pytest.mark.parametrize(
    ("closes_in", "count"),
    [(timedelta(days=8), 0), (timedelta(days=7), 1), (timedelta(hours=1), 1), (-timedelta(1), 0)],
)
def test_only_before_the_closing(w: World, closes_in: timedelta, count: int) -> None:
    draft(w, closes_in)
    assert reminders.queue_due() == count


def test_a_draft_begun_in_the_last_week_hears_of_the_last_day_only(w: World) -> None:
    draft(w, timedelta(days=6), age=timedelta(hours=1))
    assert reminders.queue_due() == 0
    w.campaign.closes_at = now() + timedelta(hours=20)
    assert reminders.queue_due() == 1


def test_a_prolonged_call_reminds_again(w: World) -> None:
    draft(w, timedelta(days=3))
    assert reminders.queue_due() == 1
    w.campaign.closes_at = now() + timedelta(days=5)
    db.session.flush()
    assert reminders.queue_due() == 1


def test_who_began_it_and_who_signs_are_told_and_nobody_else(w: World) -> None:
    editor, other = (factories.member(w.bearer, MemberRole.EDITOR) for _ in range(2))
    gone = factories.member(w.bearer)
    gone.active = False
    begun = draft(w, timedelta(days=3))
    begun.created_by_id = editor.id
    db.session.flush()
    reminders.queue_due()
    assert told() == sorted([editor.email, w.applicant.email])
    assert other.email not in told()


def test_what_is_deposited_is_not_reminded_of(w: World) -> None:
    draft(w, timedelta(days=3)).state = State.WITHDRAWN
    w.project()
    assert reminders.queue_due() == 0


def test_the_reads_do_not_grow_with_the_drafts(w: World) -> None:
    def reads() -> int:
        seen: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        db.session.flush()
        db.session.expire_all()
        event.listen(db.engine, "before_cursor_execute", note)
        reminders.queue_due()
        event.remove(db.engine, "before_cursor_execute", note)
        return len([s for s in seen if s.startswith("SELECT")])

    db.session.add(blank())  # whose head the mails bear
    draft(w, timedelta(days=3))
    few = reads()
    for _ in range(5):
        draft(w, timedelta(days=3))
    assert reads() <= few


def test_the_closing_is_said_as_people_read_it(w: World) -> None:
    made = draft(w, timedelta(days=3))
    reminders.queue_due()
    mail = db.session.scalars(select(Mail)).one()
    assert made.title in mail.subject
    assert deadline(w.campaign.closes_at) in mail.text
    assert f"/mes-projets/{made.id}\n" in mail.text
