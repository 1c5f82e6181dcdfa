"""Deposits allowed late, and dossiers that the coordinator types, on both databases."""

from contextlib import nullcontext
from datetime import datetime, time, timedelta
from decimal import Decimal

import pytest
from flask import Flask

from grants.database import db
from grants.domain import dossier
from grants.domain.campaign import late_permission
from grants.domain.dossier import drafts
from grants.domain.dossier.deposit import implicit_rejection
from grants.domain.instruction import on_behalf
from grants.domain.instruction.on_behalf import ReceivedDossier
from grants.domain.organisation.identity import Identity
from grants.domain.workflow import advance
from grants.errors import DomainError, NotAllowed
from grants.french import PARIS, today
from grants.models import (
    FundingLine,
    HistoryEntry,
    Kind,
    LatePermission,
    Mail,
    Nature,
    Organisation,
    Project,
    Provenance,
    State,
    now,
)
from tests.conftest import both
from tests.factories import World, complete_draft, member, organisation, world


def closed(w: World) -> None:
    w.campaign.closes_at = now() - timedelta(days=3)
    db.session.flush()


def allow(w: World, **days: float) -> LatePermission:
    return late_permission.allow(
        w.campaign, w.bearer, now() + timedelta(**(days or {"days": 2})), "Panne du site", by=w.administrator
    )


def paper(w: World, **changes) -> ReceivedDossier:
    theme = next(t for t in w.contract.themes if t.number)
    values = {
        "title": "Chorale",
        "theme_id": theme.id,
        "kind": Kind.NEW,
        "total_cost": Decimal(5000),
        "requested": ((w.cget.id, Decimal(2000)),),
        "received_on": today(),
        "received_by": "courriel de Mme Diallo",
    }
    return ReceivedDossier(**{**values, **changes})


@both
def test_an_exception_opens_the_call_for_one_organisation(app: Flask) -> None:
    w = world()
    draft, other = complete_draft(w), organisation()
    closed(w)
    with pytest.raises(DomainError, match="clos"):
        dossier.submit(draft, by=w.applicant)
    given = allow(w)
    stranger = member(other)
    with pytest.raises(DomainError, match="clos"):
        drafts.create(w.campaign, other, by=stranger)
    assert drafts.create(w.campaign, w.bearer, by=w.applicant).state is State.DRAFT
    dossier.submit(draft, by=w.applicant)
    assert draft.state is State.SUBMITTED
    entry = db.session.query(HistoryEntry).filter_by(subject="late_permissions").one()
    assert (entry.by_id, entry.reason) == (w.administrator.id, "Panne du site")
    told = db.session.query(Mail).filter_by(purpose="late_permission").all()
    assert [mail.to for mail in told] == [w.applicant.email]
    given.until = now()
    db.session.flush()
    with pytest.raises(DomainError, match="clos"):
        dossier.submit(complete_draft(w), by=w.applicant)


@both
def test_a_withdrawn_exception_stops_working(app: Flask) -> None:
    w = world()
    closed(w)
    given = allow(w)
    late_permission.withdraw(given, by=w.administrator)
    with pytest.raises(DomainError, match="clos"):
        drafts.create(w.campaign, w.bearer, by=w.applicant)
    with pytest.raises(DomainError, match="déjà retirée"):
        late_permission.withdraw(given, by=w.administrator)
    again = allow(w, days=5)
    assert again.id == given.id
    assert drafts.create(w.campaign, w.bearer, by=w.applicant)
    actions = [
        e.action for e in db.session.query(HistoryEntry).filter_by(subject="late_permissions").order_by(HistoryEntry.id)
    ]
    assert actions == ["allow_late", "withdraw_late", "allow_late"]


def test_only_an_administrator_with_a_reason_and_a_later_date(app: Flask) -> None:
    w = world()
    later = w.campaign.closes_at + timedelta(days=1)
    for person in (w.coordinator, w.applicant, w.state_instructor):
        with pytest.raises(NotAllowed):
            late_permission.allow(w.campaign, w.bearer, later, "x", by=person)
        with pytest.raises(NotAllowed):
            late_permission.withdraw(LatePermission(), by=person)
    for until, reason, field in (
        (later, " ", "reason"),
        (None, "x", "closes_on"),
        (w.campaign.closes_at, "x", "closes_on"),
    ):
        with pytest.raises(DomainError) as refused:
            late_permission.allow(w.campaign, w.bearer, until, reason, by=w.administrator)
        assert refused.value.field == field
    w.campaign.opens_at = w.campaign.closes_at = None
    with pytest.raises(DomainError, match="jamais été ouvert"):
        late_permission.allow(w.campaign, w.bearer, later, "x", by=w.administrator)


@both
def test_a_dossier_on_paper_becomes_a_deposited_one(app: Flask) -> None:
    w = world()
    received_on = today() - timedelta(days=5)
    project = on_behalf.record(w.campaign, w.bearer, paper(w, received_on=received_on), by=w.coordinator)
    assert (project.state, project.provenance) == (State.SUBMITTED, Provenance.TYPED)
    assert project.reference == f"{w.campaign.year}-0001"
    assert (project.sworn_at, project.commitment_at, project.state_reason) == (None, None, "")
    assert project.created_by_id == w.coordinator.id
    [line] = db.session.query(FundingLine).filter_by(project_id=project.id)
    assert line.requested == 2000
    entry = db.session.query(HistoryEntry).filter_by(project_id=project.id, action="receive").one()
    assert w.bearer.name in entry.reason
    assert "Mme Diallo" in entry.reason
    assert implicit_rejection(project).day in (received_on.day, 28, 29, 30)
    assert [m.to for m in db.session.query(Mail).filter_by(purpose="receipt")] == [w.applicant.email]
    advance(project, "admit", by=w.coordinator)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title"),
        ({"theme_id": None}, "theme_id"),
        ({"theme_id": 0}, "theme_id"),
        ({"kind": Kind.MULTIYEAR}, "kind"),
        ({"received_by": ""}, "received_by"),
        ({"total_cost": None}, "total_cost"),
        ({"total_cost": Decimal(1999)}, "total_cost"),
        ({"requested": ()}, None),
        ({"requested": ((0, Decimal(5)),)}, None),
        ({"received_on": None}, "received_on"),
    ],
)
def test_what_is_missing_on_paper_is_told_at_its_field(app: Flask, change, field) -> None:
    w = world()
    with pytest.raises(DomainError) as refused:
        on_behalf.record(w.campaign, w.bearer, paper(w, **change), by=w.coordinator)
    assert refused.value.field == field


def test_the_day_of_receipt_counts_not_today(app: Flask) -> None:
    w = world()
    closed(w)
    last = w.campaign.closes_at.astimezone(PARIS).date()
    for day in (today(), today() + timedelta(days=1), today() - timedelta(days=30)):
        with pytest.raises(DomainError) as refused:
            on_behalf.record(w.campaign, w.bearer, paper(w, received_on=day), by=w.coordinator)
        assert refused.value.field == "received_on"
    assert on_behalf.record(w.campaign, w.bearer, paper(w, received_on=last), by=w.coordinator)
    allow(w)
    late = paper(w, received_on=today(), title="Autre")
    assert on_behalf.record(w.campaign, w.bearer, late, by=w.coordinator)


def test_the_last_day_is_in_time_and_the_next_is_not(app: Flask) -> None:
    """The closing instant is midnight after it, which is exclusive."""
    w = world()
    last = today() - timedelta(days=2)
    w.campaign.closes_at = datetime.combine(last + timedelta(days=1), time(0), PARIS)
    for after in (1, 2):
        with pytest.raises(DomainError, match="après la clôture"):
            on_behalf.record(w.campaign, w.bearer, paper(w, received_on=last + timedelta(days=after)), by=w.coordinator)
    assert on_behalf.record(w.campaign, w.bearer, paper(w, received_on=last), by=w.coordinator)


@pytest.mark.parametrize("late", [False, True])
def test_a_call_is_open_from_its_first_instant_to_before_its_last(
    app: Flask, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    w, moment = world(), timedelta(microseconds=1)
    closes_at = allow(w, days=40).until if late else w.campaign.closes_at
    for at, fails in (
        (w.campaign.opens_at - moment, "ouvrira"),
        (w.campaign.opens_at, ""),
        (closes_at - moment, ""),
        (closes_at, "est clos"),
    ):
        monkeypatch.setattr(drafts, "now", lambda at=at: at)
        with pytest.raises(DomainError, match=fails) if fails else nullcontext():
            drafts.refuse_unless_open(w.campaign, w.bearer)


@both
def test_only_the_coordinator_and_never_twice(app: Flask) -> None:
    w, elsewhere = world(), world()
    for person in (w.administrator, w.applicant, w.city_instructor, elsewhere.coordinator):
        with pytest.raises(NotAllowed):
            on_behalf.record(w.campaign, w.bearer, paper(w), by=person)
    on_behalf.record(w.campaign, w.bearer, paper(w), by=w.coordinator)
    with pytest.raises(DomainError, match="déjà là"):
        on_behalf.record(w.campaign, w.bearer, paper(w), by=w.coordinator)
    draft = complete_draft(w)
    with pytest.raises(NotAllowed):  # an applicant's own draft is theirs to deposit
        advance(draft, "receive", by=w.coordinator, reason="x")
    assert db.session.query(Project).filter_by(state=State.SUBMITTED).count() == 1


@both
def test_an_organisation_without_an_account(app: Flask) -> None:
    w = world()
    who = Identity("Les Voisins", Nature.ASSOCIATION, siret="73282932000074")
    made = on_behalf.new_bearer(who, w.contract, by=w.coordinator)
    assert (made.name, made.memberships) == ("Les Voisins", [])
    again = Identity("Les  VOISINS", Nature.MUNICIPAL_SERVICE)
    with pytest.raises(DomainError, match="existe déjà"):
        on_behalf.new_bearer(again, w.contract, by=w.coordinator)
    with pytest.raises(DomainError) as refused:
        on_behalf.new_bearer(Identity("Z", Nature.ASSOCIATION), w.contract, by=w.coordinator)
    assert refused.value.field == "siret"
    with pytest.raises(NotAllowed):
        on_behalf.new_bearer(who, w.contract, by=w.applicant)
    assert db.session.query(Organisation).filter_by(name="Les Voisins").count() == 1
