"""Dossiers older than the rule go whole, and nothing else does."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DatabaseError

from grants.database import db
from grants.domain import envelope
from grants.domain.ledger import history, retention
from grants.french import today
from grants.models import Base, Document, HistoryEntry, Mail, Message, Project, message_documents
from tests.conftest import both
from tests.factories import World, campaign, document, project, world
from tests.factories.agreements import agreement

YEARS = 10
OLD = today().year - YEARS - 1

pytestmark = both


def rows() -> dict[str, int]:
    counted = {t.name: db.session.scalar(select(func.count()).select_from(t)) for t in Base.metadata.sorted_tables}
    return {name: count for name, count in counted.items() if name not in ("figures_version", "numbers")}


def full(w: World, year: int) -> Project:
    """A dossier with a bit of everything."""
    of = campaign(w.contract, [w.cget], year=year, open_now=False)
    made = project(of, w.applicant, bearer=w.bearer, requested={w.cget: 100})
    made.zones.append(w.contract.zones[0])
    paper, sent = document(made, w.applicant), document(made, w.applicant)
    sent.project_id = None
    message = Message(project_id=made.id, by_id=w.applicant.id, from_applicant=True, text="Voici")
    db.session.add_all(
        [message, Mail(to="a@example.org", project_id=made.id, purpose="x", subject="", text="", html="")]
    )
    db.session.flush()
    db.session.execute(message_documents.insert().values(document_id=sent.id, message_id=message.id))
    history.record(made, "note", by=w.coordinator)
    paper.storage_key, sent.storage_key = f"{year}-1", f"{year}-2"
    db.session.flush()
    return made


def test_old_dossiers_go_whole_and_the_others_stay(app: Flask) -> None:
    w = world()
    kept = full(w, OLD + 1)
    db.session.commit()
    before = rows()
    old, other = full(w, OLD), full(w, OLD - 1)
    old_id, old.predecessor_id = old.id, other.id
    kept.predecessor_id = old.id
    db.session.commit()
    assert [(row.year, row.dossiers) for row in retention.old_years(YEARS)] == [(OLD - 1, 1), (OLD, 1)]
    files = retention.purge(YEARS, by=w.administrator)
    db.session.commit()
    assert files == [f"{year}-{n}" for year in (OLD - 1, OLD) for n in (1, 2)]
    after = rows()
    assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == {
        "campaigns": 2,
        "campaign_funders": 2,
        "history": 3,
    }
    assert db.session.get_one(Project, kept.id).predecessor_id is None
    left = select(HistoryEntry.field, HistoryEntry.old, HistoryEntry.reason, HistoryEntry.by_id)
    told = db.session.execute(left.where(HistoryEntry.action == "retention").order_by(HistoryEntry.id)).all()
    assert told == [(str(year), "1", "conservés 10 ans", w.administrator.id) for year in (OLD - 1, OLD)]
    lost = db.session.execute(left.where(HistoryEntry.project_id == kept.id, HistoryEntry.action == "predecessor"))
    assert lost.all() == [("predecessor_id", str(old_id), "dossiers conservés 10 ans", w.administrator.id)]
    assert retention.purge(YEARS, by=w.administrator) == []


def test_what_an_agreement_paid_for_is_not_held_anew(app: Flask) -> None:
    w = world()
    made = agreement(w, {w.cget: (4000, 5000)})
    own = envelope.locked_for(w.campaign.id, w.cget.id).id
    paid = w.project()
    paid.agreement_action_id = made.actions[0].id
    db.session.flush()
    assert envelope.reserved(own) == 0
    retention.purge(today().year - w.campaign.year - 1, by=w.administrator)
    db.session.commit()
    assert db.session.scalar(select(func.count(Project.id))) == 0
    assert envelope.reserved(own) == 0


def test_history_is_closed_again(app: Flask) -> None:
    w = world()
    full(w, OLD)
    retention.purge(YEARS, by=w.administrator)
    db.session.commit()
    for change in (delete(HistoryEntry), update(HistoryEntry).values(old="")):
        with pytest.raises(DatabaseError, match="append-only"):
            db.session.execute(change)
        db.session.rollback()


def test_a_file_that_a_later_dossier_names_stays(app: Flask) -> None:
    w = world()
    full(w, OLD)
    later = full(w, OLD + 1)
    db.session.execute(update(Document).where(Document.project_id == later.id).values(storage_key=f"{OLD}-1"))
    assert retention.purge(YEARS, by=w.administrator) == [f"{OLD}-2"]
