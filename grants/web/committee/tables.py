"""The tables of a programming as its pages show them, of today or of a past moment."""

from __future__ import annotations

from typing import Any

from exports.overview_tables import overview_tables
from exports.programming_lists import rejected_table
from exports.programming_tables import SectionTable
from exports.table import state
from grants.queries.programming.programming import Programming
from grants.web.committee.screen import screen


def tables(figures: Programming) -> dict[str, Any]:
    """By the names under which `committee/_programming.html` knows them."""
    return {
        "state": state(figures.validated_at, figures.dated),
        "overview": [screen(table) for table in overview_tables(figures)],
        "sections": [
            (section.kind, state(section.validated_at, section.dated),
             screen(SectionTable(section, figures.levels).table()))
            for section in figures.sections
        ],
        "rejected": screen(rejected_table(figures)) if figures.rejected.actions else None,
    }  # fmt: skip
