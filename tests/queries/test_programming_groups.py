"""Sections, pillars and axes of a programming, whatever the levels of the contract."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask import Flask

from grants.database import db
from grants.domain.decisions.rules import Decision
from grants.models import Outcome
from grants.queries.comparison.comparison import comparison
from grants.queries.comparison.lineage import Fate
from grants.queries.figures import Gap
from grants.queries.programming.programming import programming
from tests import acts
from tests.factories import World, campaign, project, theme, world


def accept(w: World, p, amount: int, **more) -> None:
    decision = Decision(Outcome.ACCEPTED, amount=Decimal(amount), **more)
    acts.decide(p, w.cget, decision, by=w.state_instructor)


def section(w: World):
    return programming(w.contract, 2026).sections[0]


@pytest.mark.parametrize("names", [["Orientation"], ["Orientation", "Objectif"]])
def test_a_contract_without_pillars_has_one_subtotal_a_root(app: Flask, names) -> None:
    w = world()
    w.contract.level_names = names
    root = theme(w.contract, "Transition écologique", number=1, position=9)
    below = theme(w.contract, "Agir pour la nature", parent=root, number=2, position=10)
    below.archived = True
    p = w.project(theme_id=below.id)
    w.project(theme_id=root.id)
    accept(w, p, 500)
    pillars = section(w).pillars
    assert [pillar.node.label for pillar in pillars] == ["Transition écologique"]
    assert not pillars[0].has_axes
    assert [o.node.label if o.node else None for o in pillars[0].axes[0].orientations] == [None, "Agir pour la nature"]
    assert programming(w.contract, 2026).levels.above == "Orientation"


def test_a_pillar_without_axis_stands_beside_those_with(app: Flask) -> None:
    w = world()
    pillar, _axis, orientation, _employment, obstacles = w.contract.themes
    for of in (pillar, orientation, obstacles):
        accept(w, w.project(theme_id=of.id), 100)
    first, second = section(w).pillars
    assert [a.node.label for a in first.axes] == ["Cohésion sociale", "Éducation"]
    assert first.has_axes
    assert not second.has_axes
    assert second.sums.granted[w.cget.id] == 100
    compared = comparison(w.contract, 2025, 2026).kinds[0].groups
    assert [a.label for a in compared[0].lines] == ["Sans axe", "Éducation"]
    assert compared[0].subtotal
    assert compared[1].subtotal is None


def test_years_without_a_call_are_not_communicated(app: Flask) -> None:
    w = world()
    accept(w, w.project(), 100)
    total = comparison(w.contract, 1990, 2026).kinds[0].total
    assert (total.actions.a, total.actions.b) == (Gap.UNKNOWN, 1)
    assert total.amounts[w.cget.id].difference is Gap.UNKNOWN
    assert comparison(w.contract, 1990, 1991).kinds == ()
    same = comparison(w.contract, 2026, 2026).kinds[0].total.amounts[w.cget.id]
    assert (same.difference, same.growth) == (0, 0)


def test_an_action_that_changes_kind_of_call_is_listed_once(app: Flask) -> None:
    w = world()
    summer = campaign(w.contract, [w.ville], year=2027, kind="VVV")
    first = w.project()
    accept(w, first, 1000)
    project(summer, w.applicant, bearer=w.bearer).predecessor_id = first.id
    db.session.flush()
    found = [(line.kind, line.fate) for line in comparison(w.contract, 2026, 2027).lineages]
    assert found == [("VVV", Fate.UNDECIDED)]
