"""Figures are kept while nothing changes them, and never a moment longer."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from itertools import count

import pytest
from flask import Flask
from sqlalchemy import event, text, update

from grants.database import RAISE, begin_write, db
from grants.models import Contract, Presence, Project, now
from grants.queries.programming.programming import Programming, programming
from grants.queries.project_filters import Filters
from grants.queries.projects.choices import choices
from grants.queries.projects.projects import rows, totals
from grants.queries.unchanged import lists, unchanged
from tests.conftest import both
from tests.factories import world
from tests.factories.world import World

pytestmark = both


@pytest.fixture(autouse=True)
def keeping(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Within one minute."""
    minute = now()
    monkeypatch.setattr("grants.queries.unchanged.now", lambda: minute)
    unchanged.most = 4
    unchanged.clear()
    lists.clear()
    yield
    unchanged.most = lists.most = 0


@pytest.fixture
def w(app: Flask) -> World:
    made = world()
    made.project()
    db.session.commit()
    return made


def read(w: World) -> Programming:
    return programming(db.session.get_one(Contract, w.contract.id), 2026)


def names(w: World) -> tuple[str, str]:
    [row] = read(w).sections[0].rows
    return row.bearer, row.title


def test_what_nothing_has_changed_is_kept(w: World) -> None:
    first = read(w)
    db.session.add(Presence(project_id=w.projects[0].id, user_id=w.applicant.id, page="", seen_at=now()))
    db.session.commit()
    assert read(w).sections is first.sections


@pytest.mark.parametrize("way", ["object", "statement", "text"])
def test_what_was_written_is_seen(w: World, way: str) -> None:
    """An organisation's name, which is of no contract, in each way of writing it."""
    read(w)
    bearer = w.projects[0].organisation
    if way == "object":
        bearer.name = "Neuf"
    elif way == "statement":
        db.session.execute(Project.__table__.update().values(title="Neuf"))
    else:
        db.session.execute(text("UPDATE organisations SET name = 'Neuf'"))
    assert "Neuf" in names(w)  # by who writes it
    db.session.rollback()
    assert "Neuf" not in names(w)
    db.session.execute(text("UPDATE organisations SET name = 'Autre'"))
    db.session.commit()
    assert "Autre" in names(w)


def test_the_number_is_raised_once_and_last(w: World) -> None:
    """Not at the end of a savepoint: whoever writes would wait for it to the end of this one."""
    said: list[str] = []
    listen = (db.engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    event.listen(*listen)
    with db.session.begin_nested():
        w.projects[0].title = "Neuf"
    w.projects[0].organisation.name = "Neuf"
    db.session.commit()
    event.remove(*listen)
    assert [one for one in said if "figures_version" in one] == said[-1:]


def test_levels_are_named_as_the_contract_that_was_read_first_names_them(w: World) -> None:
    """Renamed between this request's reading of the contract and of its figures."""
    old = db.session.get_one(Contract, w.contract.id)
    names = [f"{name} neuf" for name in old.level_names]
    with db.engine.begin() as another:
        another.execute(update(Contract).values(level_names=names))
        another.exec_driver_sql(RAISE)
    programming(old, 2026)
    db.session.rollback()
    assert read(w).levels.axis.endswith("neuf")


@pytest.mark.slow
def test_nobody_reads_what_is_older_than_their_request(app: Flask, w: World) -> None:
    """Two who write, each a project of theirs, beside three who read."""
    w.project()
    db.session.commit()
    ids, contract_id = [p.id for p in w.projects[:2]], w.contract.id
    committed = dict.fromkeys(ids, 0)
    old: list[str] = []

    def write(id: int) -> None:
        with app.app_context():
            for number in range(1, 26):
                begin_write()
                db.session.get_one(Project, id).title = str(number)
                db.session.commit()
                committed[id] = number

    def look(writing: list[bool]) -> None:
        with app.app_context():
            for _ in count():
                before, last = dict(committed), not writing
                found = programming(db.session.get_one(Contract, contract_id), 2026)
                titles = {row.id: row.title for row in found.sections[0].rows}
                old.extend(
                    f"{titles[id]} after {number}"
                    for id, number in before.items()
                    if number and int(titles[id]) < number
                )
                db.session.rollback()
                if last:
                    return

    with ThreadPoolExecutor(5) as pool:
        writing = [True]
        writers = [pool.submit(write, id) for id in ids]
        readers = [pool.submit(look, writing) for _ in range(3)]
        wait(writers)
        writing.clear()  # whatever became of them, or readers go on for ever
        for done in writers + readers:
            done.result()
    assert old == []


def test_lists_are_kept_as_long(w: World) -> None:
    lists.most = 8
    year = (w.contract.id, 2026)

    def titles() -> list[str]:
        offered = choices(*year)
        assert totals(*year, Filters(), offered.funders).count == len(w.projects)
        return [row.title for row in rows(*year, Filters(), page=1)]

    first = titles()
    shown = rows(*year, Filters(), page=1)
    db.session.rollback()
    assert rows(*year, Filters(), page=1) is shown
    w.projects[0].title = "Neuf"
    assert titles() == ["Neuf", *first[1:]]
    db.session.rollback()
    assert titles() == first
    w.project(title="Autre")
    db.session.commit()
    assert titles() == [*first, "Autre"]
