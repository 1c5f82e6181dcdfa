"""A version is what was committed when it was frozen; validation takes one, and may be lifted."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import select

from grants.database import begin_write, db
from grants.domain.decisions.rules import Decision
from grants.domain.instruction import on_behalf
from grants.domain.instruction.classification import Classification, reclassify
from grants.domain.ledger import history
from grants.domain.programming.version import freeze, lift, validate
from grants.domain.workflow import advance
from grants.errors import DomainError, NotAllowed
from grants.french import today
from grants.models import (
    Campaign,
    Funder,
    FundingLine,
    HistoryEntry,
    Kind,
    Organisation,
    Outcome,
    ProgrammingVersion,
    Project,
    User,
)
from grants.queries.programming.past import since
from grants.queries.programming.rows import Row, rows
from tests import acts
from tests.conftest import both
from tests.domain.test_envelope_races import both_at_once
from tests.factories import world

ACCEPT = Decision(Outcome.ACCEPTED, amount=Decimal(1000))


def test_a_name_is_taken_once_in_a_call(app: Flask) -> None:
    w = world()
    freeze(w.campaign, " Comité   technique ", by=w.coordinator, note=" Le 12 ")
    with pytest.raises(DomainError, match="déjà une version « Comité technique »") as refused:
        freeze(w.campaign, "comité technique", by=w.coordinator)
    assert refused.value.field == "label"
    for empty in ("", "  ", "x" * 251):
        with pytest.raises(DomainError):
            freeze(w.campaign, empty, by=w.coordinator)
    for other in (w.state_instructor, w.committee, w.administrator):
        with pytest.raises(NotAllowed):
            freeze(w.campaign, "Autre", by=other)
    [kept] = db.session.scalars(select(ProgrammingVersion))
    assert (kept.label, kept.note, kept.by_id) == ("Comité technique", "Le 12", w.coordinator.id)


def test_validation_takes_a_version_and_may_be_lifted_with_a_reason(app: Flask) -> None:
    w = world()
    validate(w.campaign, by=w.coordinator)
    with pytest.raises(DomainError) as refused:
        lift(w.campaign, " ", by=w.coordinator)
    assert refused.value.field == "reason"
    with pytest.raises(NotAllowed):
        lift(w.campaign, "Erreur", by=w.state_instructor)
    lift(w.campaign, "Validée par erreur", by=w.coordinator)
    assert w.campaign.validated_at is None
    with pytest.raises(DomainError, match="n'est pas validée"):
        lift(w.campaign, "Encore", by=w.coordinator)
    validate(w.campaign, by=w.coordinator)
    labels = db.session.scalars(select(ProgrammingVersion.label).order_by(ProgrammingVersion.id))
    assert labels.all() == ["Comité de pilotage", "Comité de pilotage (2)"]
    told = select(HistoryEntry.reason).where(HistoryEntry.action == "lift")
    assert set(db.session.scalars(told)) == {"Validée par erreur"}


def test_once_validated_each_change_has_a_reason(app: Flask) -> None:
    w = world()
    p = w.project({w.cget: 3000})
    acts.decide(p, w.cget, ACCEPT, by=w.state_instructor)
    q = w.project({w.cget: 3000})
    theme = next(t for t in w.contract.themes if t.number and t.id != p.theme_id)
    validate(w.campaign, by=w.coordinator)
    by = w.state_instructor
    without = [
        lambda: acts.propose(q, w.cget, Decimal(10), by=by),
        lambda: acts.decide(q, w.cget, ACCEPT, by=by),
        lambda: acts.decide(p, w.cget, Decision(Outcome.CANCELLED), by=by),
        lambda: acts.open_line(p, w.ville, "", by=w.city_instructor),
        lambda: reclassify(p, Classification(w.campaign.id, theme.id, Kind.NEW), by=w.coordinator),
        lambda: advance(p, "withdraw", by=w.coordinator),
    ]
    for change in without:
        with pytest.raises(DomainError, match=r"pourquoi|motif"):
            change()


def taken(call: int, coordinator: int, label: str) -> Callable[[], tuple[int, list[Row]]]:
    """Frozen just after an entry that was committed: its number is above those of whoever is still
    at it. Gives what was committed then as well."""

    def work() -> tuple[int, list[Row]]:
        campaign = db.session.get_one(Campaign, call)
        by = db.session.get_one(User, coordinator)
        history.record(campaign, "look", by=by, contract_id=campaign.contract_id)
        db.session.commit()
        begin_write()
        kept = freeze(campaign, label, by=by).history_id
        return kept, rows(campaign.contract, campaign.year)

    return work


@pytest.mark.slow
@both
def test_a_version_waits_for_those_who_write(app: Flask) -> None:
    """On PostgreSQL an entry of history has its number long before others see it."""
    w = world()
    p, bearer = w.project(), w.bearer.id
    theme = p.theme_id
    ids = p.id, w.cget.id, w.state_instructor.id, w.campaign.id, w.coordinator.id
    contract = w.contract
    db.session.commit()

    def decide(ready: Event) -> None:
        project, funder, by = (
            db.session.get_one(kind, id) for kind, id in zip((Project, Funder, User), ids[:3], strict=True)
        )
        acts.decide(project, funder, ACCEPT, by=by)
        ready.set()
        Event().wait(0.2)

    def receive(ready: Event) -> None:
        campaign, by = db.session.get_one(Campaign, ids[3]), db.session.get_one(User, ids[4])
        received = on_behalf.ReceivedDossier(
            "Arrivé", theme, Kind.NEW, Decimal(4000), ((ids[1], Decimal(100)),), today(), "Courrier"
        )
        on_behalf.record(campaign, db.session.get_one(Organisation, bearer), received, by=by)
        ready.set()
        Event().wait(0.2)

    for number, work in enumerate((decide, receive)):
        _, version = both_at_once(app, work, taken(ids[3], ids[4], f"Version {number}"))
        entry, stood = version
        db.session.rollback()
        assert rows(contract, 2026, since(contract.id, entry)) == stood
    assert len(rows(contract, 2026)) == 2


@both
def test_who_decides_waits_for_a_version(app: Flask) -> None:
    w = world()
    p, call, by = w.project(), w.campaign.id, w.coordinator.id
    ids = p.id, w.cget.id, w.state_instructor.id
    contract = w.contract
    db.session.commit()
    versions: list[int] = []

    def keep(ready: Event) -> None:
        campaign, user = db.session.get_one(Campaign, call), db.session.get_one(User, by)
        versions.append(freeze(campaign, "Arbitrage", by=user).history_id)
        ready.set()
        Event().wait(0.2)

    def decide() -> Outcome:
        project, funder, user = (
            db.session.get_one(kind, id) for kind, id in zip((Project, Funder, User), ids, strict=True)
        )
        return acts.decide(project, funder, ACCEPT, by=user).outcome

    _, outcome = both_at_once(app, keep, decide)
    assert outcome is Outcome.ACCEPTED
    db.session.rollback()
    line = rows(contract, 2026, since(contract.id, versions[0]))[0].lines[ids[1]]
    assert line.outcome is Outcome.PENDING
    assert (
        db.session.scalars(select(FundingLine.outcome).where(FundingLine.funder_id == ids[1])).one() is Outcome.ACCEPTED
    )
