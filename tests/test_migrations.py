"""Migrations go up and down on both databases; models and schema agree; history is append-only."""

import pytest
from flask import Flask
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DatabaseError

from grants import schema
from grants.database import db
from grants.domain.instruction.layouts import GRID, PROJECTS, keep
from grants.domain.ledger import history
from grants.domain.workflow import advance
from grants.models import Document, Layout, OneTimeLink, Organisation, User, now
from tests.conftest import both
from tests.factories import document, organisation, user, world

pytestmark = both


@pytest.fixture(autouse=True)
def alembic(app: Flask) -> None:
    schema.bind(app)


@pytest.mark.slow
def test_down_to_nothing_and_up_again(app: Flask) -> None:
    downgrade(revision="base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
    upgrade()
    assert world().campaign.id


@pytest.mark.slow
def test_rows_survive_a_way_back_and_forth(app: Flask) -> None:
    w = world()
    w.project()
    history.record(w.projects[0], "note", by=w.coordinator)
    db.session.commit()
    count = "SELECT (SELECT count(*) FROM projects), (SELECT count(*) FROM history)"
    before = db.session.execute(text(count)).one()
    db.session.remove()
    downgrade(revision="0001")
    upgrade()
    assert db.session.execute(text(count)).one() == before
    with pytest.raises(DatabaseError, match="append-only"):
        db.session.execute(text("DELETE FROM history"))


@pytest.mark.slow
def test_what_one_looked_at_in_the_grid_comes_along_both_ways(app: Flask) -> None:
    w = world()
    keep(w.contract, GRID, ["demande", "accorde"], {"hidden": [w.cget.id]}, by=w.coordinator)
    keep(w.contract, PROJECTS, ["etat"], {"etat": "SUBMITTED"}, by=w.coordinator, name="Une vue")
    db.session.commit()
    hidden = [w.cget.id]
    db.session.remove()
    downgrade(revision="0014")
    assert db.session.execute(text("SELECT count(*) FROM grid_settings")).scalar_one() == 1
    db.session.remove()
    upgrade()
    [kept] = db.session.scalars(select(Layout)).all()
    assert (kept.page, kept.name) == ("grid", "")
    assert (kept.columns, kept.filters) == (["demande", "accorde"], {"hidden": hidden})


@pytest.mark.slow
def test_names_are_folded_anew_and_those_now_alike_told_apart(app: Flask) -> None:
    w = world()
    one, other = organisation("Été"), organisation("Autre")
    one.home_contract_id = other.home_contract_id = w.contract.id
    db.session.add_all([one, other])
    db.session.commit()
    ids, person = (one.id, other.id), w.applicant.id
    db.session.remove()
    downgrade(revision="0004")
    with db.engine.begin() as connection:
        connection.execute(text(f"UPDATE organisations SET name = 'Ete' WHERE id = {ids[1]}"))
    upgrade()
    keys = select(Organisation.name_key).where(Organisation.id.in_(ids)).order_by(Organisation.id)
    assert db.session.scalars(keys).all() == ["ete", f"ete {ids[1]}"]
    assert db.session.scalar(select(User.search_key).where(User.id == person))


def test_models_and_schema_do_not_drift(app: Flask) -> None:
    check()


def test_the_schema_holds_every_check_of_the_models(app: Flask) -> None:
    in_schema = {c["name"] for table in db.metadata.tables for c in inspect(db.engine).get_check_constraints(table)}
    in_models = {
        c.name
        for table in db.metadata.tables.values()
        for c in table.constraints
        if c.__class__.__name__ == "CheckConstraint"
    }
    assert {str(name) for name in in_models} == in_schema


@pytest.mark.parametrize("statement", ["UPDATE history SET reason = 'x'", "DELETE FROM history"])
def test_history_refuses_update_and_delete(app: Flask, statement: str) -> None:
    w = world()
    history.record(w.project(), "note", by=w.coordinator)
    db.session.commit()
    with pytest.raises(DatabaseError, match="append-only"):
        db.session.execute(text(statement))


@pytest.mark.slow
def test_who_chose_a_password_by_a_link_is_confirmed(app: Flask) -> None:
    by_link, by_sign_up = user(), user()
    by_link.email_confirmed_at = by_sign_up.email_confirmed_at = None
    used = {"token_hash": "x", "expires_at": now(), "used_at": now()}
    db.session.add(OneTimeLink(user_id=by_link.id, **used))
    db.session.commit()
    ids = by_link.id, by_sign_up.id
    db.session.remove()
    downgrade(revision="0003")
    upgrade()
    assert [bool(db.session.get_one(User, id).email_confirmed_at) for id in ids] == [True, False]


@pytest.mark.slow
def test_of_a_file_in_two_dossiers_the_copy_that_is_read_stays(app: Flask) -> None:
    """Back before corrections, each file had one row."""
    w = world()
    withdrawn, counting = w.project(), w.project()
    ids = [document(of, w.applicant).id for of in (withdrawn, counting, counting)]
    db.session.execute(text("UPDATE documents SET storage_key = 'one'"))
    advance(withdrawn, "withdraw", by=w.applicant, reason="Non")
    db.session.get_one(Document, ids[1]).removed_at = now()
    db.session.commit()
    db.session.remove()
    downgrade(revision="0007")
    assert db.session.scalars(text("SELECT id FROM documents")).all() == [ids[2]]
    db.session.remove()
    upgrade()
