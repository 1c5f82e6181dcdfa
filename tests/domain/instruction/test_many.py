"""Many at once: all of them or none, in one operation, undone in one go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import event, select, update

from grants.database import db
from grants.domain.decisions.notify import confirm
from grants.domain.decisions.rules import Decision
from grants.domain.instruction import many
from grants.domain.instruction.many import MOST
from grants.domain.instruction.piece_request import PiecesWanted
from grants.domain.instruction.project_many import admit_many, ask_many, follow_many
from grants.domain.ledger.operation import operation
from grants.domain.programming.version import validate
from grants.domain.undo.operation import undo
from grants.domain.workflow import lock
from grants.errors import Conflict, DomainError, NotAllowed
from grants.french import today
from grants.models import (
    Funder,
    Mail,
    Operation,
    Outcome,
    PieceRequest,
    Project,
    Role,
    State,
    User,
    now,
    project_followers,
)
from tests import acts
from tests.acts import decide_many, notify_many
from tests.conftest import both
from tests.factories import World, grant_role, member, organisation, user, world


def seen(projects: list[Project], funder: Funder | None = None) -> dict[int, int]:
    if funder is None:
        return {p.id: p.version for p in projects}
    return {p.id: acts.find(p, funder).version for p in projects}


def accept(amount: int) -> Decision:
    return Decision(Outcome.ACCEPTED, amount=Decimal(amount))


def done(w: World, by: User, work: Callable[[], object]) -> Operation:
    with operation(w.contract.id, "test", by=by) as made:
        work()
    return made


@contextmanager
def statements() -> Iterator[list[str]]:
    said: list[str] = []

    def note(_c, _cursor, statement, *_more) -> None:
        said.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield said
    event.remove(db.engine, "before_cursor_execute", note)


def purposes() -> Counter[str]:
    return Counter(db.session.scalars(select(Mail.purpose)))


@both
def test_accepted_together_and_undone_together(app: Flask) -> None:
    w = world()
    ps, by = [w.project() for _ in range(3)], w.state_instructor
    proposed = {p.id: Decision(None, Decimal(100)) for p in ps}
    decide_many(w.cget, proposed, seen(ps, w.cget), by=by)
    deed = done(w, by, lambda: decide_many(w.cget, {p.id: accept(100) for p in ps}, seen(ps, w.cget), by=by))
    assert [acts.find(p, w.cget).granted for p in ps] == [100, 100, 100]
    undo(deed.id, by=by)
    assert {acts.find(p, w.cget).outcome for p in ps} == {Outcome.PENDING}


@both
def test_the_envelope_must_have_room_for_all(app: Flask) -> None:
    w = world(envelope=250)
    ps, by = [w.project() for _ in range(3)], w.state_instructor
    with pytest.raises(DomainError, match=r"50.€ de trop"):
        decide_many(w.cget, {p.id: accept(100) for p in ps}, seen(ps, w.cget), by=by)
    assert {acts.find(p, w.cget).granted for p in ps} == {None}
    assert len(decide_many(w.cget, {p.id: accept(100) for p in ps[:2]}, seen(ps[:2], w.cget), by=by)) == 2


@both
def test_what_changed_since_it_was_seen_is_named(app: Flask) -> None:
    w = world()
    ps, by = [w.project() for _ in range(2)], w.state_instructor
    old = seen(ps, w.cget)
    acts.propose(ps[1], w.cget, Decimal(7), by=by)
    with pytest.raises(Conflict, match=ps[1].reference) as refused:
        decide_many(w.cget, {p.id: accept(100) for p in ps}, old, by=by)
    assert ps[0].reference not in refused.value.message


def test_each_refusal_names_its_projects(app: Flask) -> None:
    w = world()
    ps, by = [w.project() for _ in range(2)], w.state_instructor
    with pytest.raises(DomainError, match=f"{ps[0].reference} : .*dépasse le montant demandé"):
        decide_many(w.cget, {ps[0].id: accept(9000), ps[1].id: accept(1)}, seen(ps, w.cget), by=by)
    validate(w.campaign, by=w.coordinator)
    with pytest.raises(DomainError) as missing:
        decide_many(w.cget, {p.id: accept(1) for p in ps}, seen(ps, w.cget), by=by)
    assert missing.value.field == "revision_reason"


def test_forged_requests(app: Flask) -> None:
    w, elsewhere = world(), world()
    p, other = w.project(), elsewhere.project()
    p_seen = seen([p], w.cget)
    with pytest.raises(NotAllowed):
        decide_many(w.cget, {p.id: accept(1)}, p_seen, by=w.city_instructor)
    for ids in ({other.id: 1}, {p.id: 1, 999_999: 1}):
        with pytest.raises(NotAllowed):
            decide_many(w.cget, dict.fromkeys(ids, accept(1)), ids, by=w.state_instructor)
    for ids in ((), range(MOST + 1)):
        with pytest.raises(DomainError):
            follow_many(w.contract, ids, w.coordinator, by=w.coordinator, following=True)
    draft = w.project(state=State.DRAFT)
    with pytest.raises(DomainError):
        follow_many(w.contract, [draft.id], w.coordinator, by=w.coordinator, following=True)
    with pytest.raises(NotAllowed):
        admit_many(w.contract, seen([w.project(state=State.SUBMITTED)]), by=w.state_instructor)


@both
def test_notified_together_tells_each_member_once(app: Flask) -> None:
    w = world()
    other = organisation()
    alone = member(other)
    ps = [w.project(), w.project(), w.project(bearer=other)]
    by = w.state_instructor
    decide_many(w.cget, {p.id: accept(10) for p in ps}, seen(ps, w.cget), by=by)
    with pytest.raises(DomainError) as missing:
        notify_many(w.cget, seen(ps, w.cget), " ", date(2026, 3, 1), by=by)
    assert missing.value.field == "act_number"
    deed = done(w, by, lambda: notify_many(w.cget, seen(ps, w.cget), "ARR-1", date(2026, 3, 1), by=by))
    assert {acts.find(p, w.cget).act_number for p in ps} == {"ARR-1"}
    assert purposes() == {"decisions_notified": 1, "decision_notified": 1}
    [told] = db.session.query(Mail).filter_by(to=alone.email)
    assert (told.purpose, w.cget.label in told.text) == ("decision_notified", True)
    with pytest.raises(DomainError, match="ne s'annule pas"):
        undo(deed.id, by=by)


@both
def test_confirmed_together(app: Flask) -> None:
    w = world()
    ps = [w.project(requested={w.reg: 500}) for _ in range(2)]
    said = Decision(Outcome.ACCEPTED, amount=Decimal(10), typed_from="Courriel")
    decide_many(w.reg, {p.id: said for p in ps}, seen(ps, w.reg), by=w.coordinator)
    with pytest.raises(NotAllowed):
        confirm(w.reg, seen(ps, w.reg), by=w.coordinator)
    officer = grant_role(user(), Role.INSTRUCTOR, w.contract, w.region)
    deed = done(w, officer, lambda: confirm(w.reg, seen(ps, w.reg), by=officer))
    assert all(acts.find(p, w.reg).confirmed_by_id == officer.id for p in ps)
    undo(deed.id, by=officer)
    assert not any(acts.find(p, w.reg).confirmed_at for p in ps)


@both
def test_admission_is_undone_until_somebody_has_worked_on_it(app: Flask) -> None:
    w = world()
    ps, by = [w.project(state=State.SUBMITTED) for _ in range(2)], w.coordinator
    deed = done(w, by, lambda: admit_many(w.contract, seen(ps), by=by))
    assert {p.state for p in ps} == {State.ADMISSIBLE}
    proposed = done(w, w.state_instructor, lambda: acts.propose(ps[1], w.cget, Decimal(5), by=w.state_instructor))
    with pytest.raises(Conflict, match=ps[1].reference):
        undo(deed.id, by=by)
    undo(proposed.id, by=w.state_instructor)
    back = undo(deed.id, by=by)
    assert {lock(p).state for p in ps} == {State.SUBMITTED}
    undo(back.operation.id, by=by)
    assert {lock(p).state for p in ps} == {State.ADMISSIBLE}


@both
def test_pieces_asked_are_taken_back_and_told(app: Flask) -> None:
    w = world()
    other = organisation()
    member(other)
    ps = [w.project(state=State.SUBMITTED), w.project(state=State.SUBMITTED, bearer=other)]
    wanted = PiecesWanted(("RIB",), today() + timedelta(days=9), text="Merci")
    deed = done(w, w.coordinator, lambda: ask_many(w.contract, seen(ps), wanted, by=w.coordinator))
    sent = db.session.scalars(select(Mail).filter_by(project_id=ps[0].id)).one()
    sent.sent_at = now()
    back = undo(deed.id, by=w.coordinator)
    assert {(lock(p).state, p.state_reason, p.pieces_due_on) for p in ps} == {(State.SUBMITTED, "", None)}
    assert all(db.session.scalars(select(PieceRequest.closed_at)))
    assert purposes() == {"piece_request": 1, "piece_request_withdrawn": 1}
    undo(back.operation.id, by=w.coordinator)
    assert {(lock(p).state, p.pieces_due_on) for p in ps} == {(State.INCOMPLETE, wanted.due_on)}
    assert not any(db.session.scalars(select(PieceRequest.closed_at)))
    assert purposes() == {"piece_request": 3, "piece_request_withdrawn": 1}


@both
def test_pieces_answered_are_not_taken_back(app: Flask) -> None:
    w = world()
    p = w.project(state=State.SUBMITTED)
    wanted = PiecesWanted(("RIB",), today() + timedelta(days=9))
    by = w.coordinator
    deed = done(w, by, lambda: ask_many(w.contract, seen([p]), wanted, by=by))
    db.session.execute(update(PieceRequest).values(answered_at=now()))
    with pytest.raises(Conflict, match="répondu"):
        undo(deed.id, by=by)


@both
def test_followers(app: Flask) -> None:
    w = world()
    ps, by, person = [w.project() for _ in range(2)], w.coordinator, w.city_instructor
    follow_many(w.contract, [ps[0].id], person, by=by, following=True)
    deed = done(w, by, lambda: follow_many(w.contract, [p.id for p in ps], person, by=by, following=True))
    pairs = select(project_followers.c.project_id)
    assert set(db.session.scalars(pairs)) == {p.id for p in ps}
    back = undo(deed.id, by=by)
    assert set(db.session.scalars(pairs)) == {ps[0].id}
    undo(back.operation.id, by=by)
    gone = done(w, by, lambda: follow_many(w.contract, [p.id for p in ps], person, by=person, following=False))
    assert not set(db.session.scalars(pairs))
    undo(gone.id, by=by)
    assert set(db.session.scalars(pairs)) == {p.id for p in ps}
    with pytest.raises(DomainError, match="n'instruit pas"):
        follow_many(w.contract, [ps[0].id], w.applicant, by=by, following=True)


@both
def test_the_number_of_statements(app: Flask) -> None:
    """One a line to write it; what is read and locked does not grow with them."""
    w, reads = world(), []
    by = w.state_instructor
    for count in (1, 2, 12):
        ps = [w.project() for _ in range(count)]
        versions = seen(ps, w.cget)
        with statements() as said:
            deed = done(
                w,
                by,
                lambda ps=ps, versions=versions: decide_many(w.cget, {p.id: accept(1) for p in ps}, versions, by=by),
            )
            undo(deed.id, by=by)
        reads.append(len([s for s in said if not s.startswith("UPDATE funding_lines")]))
    assert reads[1] == reads[2] <= 26


def test_the_first_of_many_are_named() -> None:
    assert many.named(["1", "2"]) == "1, 2"
    assert many.named([str(n) for n in range(11)]).endswith(", 9 et 1 autre")
    assert many.named([str(n) for n in range(12)]).endswith(", 9 et 2 autres")
