"""Several people, or one twice, at the same instant: no rule is outrun."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import sleep

import pytest
from flask import Flask
from sqlalchemy import func, select

from grants.database import begin_write, db
from grants.domain.accounts import accounts
from grants.domain.dossier import drafts
from grants.domain.ledger import history
from grants.domain.organisation import identity, members
from grants.domain.organisation.identity import Identity
from grants.errors import DomainError
from grants.models import Campaign, Membership, Nature, Organisation, Role, RoleGrant, User
from tests.conftest import both
from tests.factories import grant_role, member, user, world
from tests.factories import organisation as an_organisation

pytestmark = both


@pytest.fixture(autouse=True)
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time for another to come between what is checked and what is committed."""

    def record(*things: object, **more: object) -> None:
        sleep(0.1)
        told(*things, **more)

    told = history.record
    monkeypatch.setattr(history, "record", record)


def together(app: Flask, works: list[Callable[[], object]]) -> list[str]:
    """Each in its own transaction; "done" or "refused", sorted."""
    ready = Barrier(len(works))

    def run(work: Callable[[], object]) -> str:
        with app.app_context():
            ready.wait()
            begin_write()
            try:
                work()
            except DomainError:
                db.session.rollback()
                return "refused"
            db.session.commit()
            return "done"

    with ThreadPoolExecutor(len(works)) as pool:
        return sorted(pool.map(run, works))


def test_one_siret_is_founded_once(app: Flask) -> None:
    people = [user().id for _ in range(4)]
    db.session.commit()
    details = Identity("Écho", Nature.ASSOCIATION, "78467169500087")
    answers = together(app, [lambda i=i: identity.create(details, by=db.session.get(User, i)) for i in people])
    assert answers == ["done", "refused", "refused", "refused"]
    assert db.session.scalar(select(func.count(Organisation.id))) == 1


def test_two_last_signatories_do_not_both_leave(app: Flask) -> None:
    of = an_organisation()
    people = [member(of).id for _ in range(2)]
    db.session.commit()

    def leave(person_id: int) -> None:
        place = db.session.scalars(select(Membership).filter_by(user_id=person_id)).one()
        members.remove(place, by=place.user)

    assert together(app, [lambda i=i: leave(i) for i in people]) == ["done", "refused"]


def test_pressing_twice_begins_one_dossier(app: Flask) -> None:
    w = world()
    call, bearer, applicant = w.campaign.id, w.bearer.id, w.applicant.id
    db.session.commit()
    begun: list[int] = []

    def press() -> None:
        get = db.session.get_one
        by = get(User, applicant)
        begun.append(drafts.create(get(Campaign, call), get(Organisation, bearer), by=by).id)

    assert together(app, [press, press]) == ["done", "done"]
    assert len(set(begun)) == 1


def test_two_administrators_do_not_remove_each_other(app: Flask) -> None:
    people = [grant_role(user(), Role.ADMINISTRATOR) for _ in range(2)]
    for person in people:
        person.password_hash = "chosen"
    ids = [person.id for person in people]
    db.session.commit()

    def remove(by_id: int, other_id: int) -> None:
        held = db.session.scalars(select(RoleGrant).filter_by(user_id=other_id)).one()
        accounts.revoke(held, by=db.session.get(User, by_id))

    works = [lambda: remove(ids[0], ids[1]), lambda: remove(ids[1], ids[0])]
    assert together(app, works) == ["done", "refused"]
