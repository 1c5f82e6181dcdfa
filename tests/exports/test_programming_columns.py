"""A column of the programming is one entry."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select

from exports import programming_columns as columns
from exports.programming_lists import data_table
from exports.programming_tables import SectionTable, without_empty
from exports.table import HEADINGS, Table, Unit
from grants.database import db
from grants.domain.dossier.shown import record_changes, shown
from grants.models import HistoryEntry
from grants.queries.figures import figure, part
from grants.queries.programming.past import PRESENT, since
from grants.queries.programming.programming import programming
from grants.web.committee.screen import screen
from tests.factories import world


def test_it_stands_on_page_paper_and_data_and_in_the_past(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = columns.ProgrammingColumn(
        "% demandé",
        lambda x: part(columns.REQUESTED.whole(x.row), figure(x.row.total_cost)),
        Unit.PERCENT,
        7.5,
        lambda sums: part(columns.REQUESTED.sum(sums), sums.total_cost),
        data=9,
    )
    monkeypatch.setattr(columns, "FIGURES", (asked, *columns.FIGURES))
    w = world()
    project = w.project({w.cget: 3000}, total_cost=10_000)
    then = db.session.scalar(select(func.max(HistoryEntry.id))) or 0
    before = shown(project)
    project.total_cost = Decimal(6000)
    record_changes(project, before, by=w.coordinator)
    db.session.flush()
    for past, share in ((PRESENT, 50), (since(w.contract.id, then), 30)):
        made = programming(w.contract, 2026, past)
        table = SectionTable(made.sections[0], made.levels).table()
        assert ("% demandé", "number") in screen(table).heads
        of_all = [share, share, share]  # its row; presented, of axis and pillar
        assert _under("% demandé", without_empty(table))[:3] == of_all
        assert _under("% demandé", data_table(made)) == [share]


def _under(head: str, table: Table) -> list[object]:
    """What stands there, but for nothing."""
    at = [column.head for column in table.columns].index(head)
    lines = [line for line in table.lines if line.level not in HEADINGS]
    assert {len(line.cells) for line in lines} == {len(table.columns)}
    return [line.cells[at] for line in lines if isinstance(line.cells[at], Decimal)]
