"""A correction, and what others do at the same instant, on both databases."""

from datetime import datetime
from threading import Barrier, Event, Thread

from flask import Flask

from grants.database import begin_write, db
from grants.domain import dossier
from grants.domain.dossier import correction, deposit
from grants.domain.dossier.sent import deposits_of
from grants.domain.programming.version import freeze
from grants.domain.workflow import advance
from grants.errors import DomainError
from grants.models import Campaign, Project, State, User, now
from tests.conftest import both
from tests.domain.dossier.test_correction import deposited, rewrite
from tests.domain.test_envelope_races import both_at_once
from tests.factories import complete_draft, world

pytestmark = both


def test_a_copy_is_deposited_and_a_version_frozen_at_once(app: Flask) -> None:
    """On PostgreSQL neither waits for what the other holds; a deposit is of when it was let in."""
    w = world()
    copies = []
    for title in ("Lire", "Écrire"):
        first = dossier.submit(complete_draft(w, title=title), by=w.applicant)
        advance(first, "withdraw", by=w.applicant, reason="Non")
        copies.append(correction.begin(first, by=w.applicant))
        copies[-1].sworn_at, copies[-1].sworn_by_id = now(), w.applicant.id
        copies[-1].commitment_at = now()
    ids, call = [copy.id for copy in copies], w.campaign.id
    applicant, coordinator = w.applicant.id, w.coordinator.id
    db.session.commit()

    def deposit_first(ready: Event) -> None:
        copy = db.session.get_one(Project, ids[0])
        correction.locked_original(copy)
        ready.set()
        Event().wait(0.3)
        dossier.submit(copy, by=db.session.get_one(User, applicant))

    def frozen(label: str) -> None:
        by = db.session.get_one(User, coordinator)
        freeze(db.session.get_one(Campaign, call), label, by=by)

    def freeze_first(ready: Event) -> datetime:
        frozen("Deuxième")
        ready.set()
        Event().wait(0.3)
        return now()

    def deposit_then() -> datetime | None:
        copy, by = db.session.get_one(Project, ids[1]), db.session.get_one(User, applicant)
        return deposit.deposit(copy, deposit.checked(copy, by=by), by=by).submitted_at

    both_at_once(app, deposit_first, lambda: frozen("Première"))
    frozen_at, deposited_at = both_at_once(app, freeze_first, deposit_then)
    assert deposited_at > frozen_at
    db.session.rollback()
    assert {copy.state for copy in copies} == {State.SUBMITTED}


def test_examining_and_correcting_at_once_one_of_them_wins(app: Flask) -> None:
    w = world()
    first = deposited(w)
    draft = correction.begin(first, by=w.applicant)
    rewrite(draft, w.applicant, title="Corrigé")
    db.session.commit()
    ids, version = (draft.id, first.id, w.applicant.id, w.coordinator.id), first.version
    start, refused = Barrier(2), []

    def at_once(what) -> None:
        with app.app_context():
            start.wait()
            try:
                begin_write()
                what()
                db.session.commit()
            except DomainError as error:
                refused.append(error)
                db.session.rollback()

    def get(model, id_):
        return db.session.get_one(model, id_)

    def correct() -> None:
        by = get(type(w.applicant), ids[2])
        deposit.sign_and_deposit(get(Project, ids[0]), commitment=True, by=by)

    def admit() -> None:
        by = get(type(w.applicant), ids[3])
        advance(get(Project, ids[1]), "admit", by=by, version=version)

    threads = [Thread(target=at_once, args=(what,)) for what in (correct, admit)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    db.session.rollback()
    assert len(refused) == 1
    corrected = len(deposits_of(first)) == 2
    assert (first.title == "Corrigé") is corrected
    assert (first.state is State.ADMISSIBLE) is not corrected
