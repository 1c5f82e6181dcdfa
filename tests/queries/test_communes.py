"""A programming and a comparison cut by commune: whatever the cut, the sums are the same."""

from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from grants.database import db
from grants.domain.instruction.classification import Classification, reclassify
from grants.models import HistoryEntry, Project
from grants.queries.comparison.comparison import comparison
from grants.queries.comparison.slots import By, Measure
from grants.queries.figures import known
from grants.queries.programming.groups import NOWHERE
from grants.queries.programming.past import since
from grants.queries.programming.programming import Cut, Programming, programming
from tests.factories import World, campaign, project, two_communes, world
from tests.queries.test_programming_groups import accept

# Of a dossier: its year, commune (or none), theme, whether it was granted something.
DOSSIERS = st.lists(
    st.tuples(st.sampled_from((2025, 2026)), st.integers(0, 2), st.integers(0, 4), st.booleans()), max_size=8
)


def scene(dossiers, levels: list[str]) -> World:
    w = world()
    w.contract.level_names = levels
    last = campaign(w.contract, [w.cget], year=2025)
    places = [None, *(commune.id for commune in two_communes(w.contract))]
    for place, (year, commune, theme, granted) in enumerate(dossiers):
        call = w.campaign if year == 2026 else last
        made = project(call, w.applicant, requested={w.cget: 900}, theme_id=w.contract.themes[theme].id)
        made.commune_id = places[commune]
        if granted and year == 2026:
            accept(w, made, 100 + place)
    db.session.flush()
    return w


def sums(figures: Programming) -> list[Decimal]:
    """Asked, then granted, of all; the same from each level of the groups."""
    found = []
    for section in figures.sections:
        both = [
            (sum(sums.requested.values()), sum(sums.granted.values()), sums.actions)
            for sums in (section.presented, section.total)
        ]
        for groups in (section.pillars, [axis for pillar in section.pillars for axis in pillar.axes]):
            if section.counts.undecided:
                assert sum(sum(each.presented.requested.values()) for each in groups) == both[0][0]
            assert sum(sum(each.sums.granted.values()) for each in groups) == both[1][1]
        found += [both[0][0], both[1][1], Decimal(both[0][2])]
    return found


@pytest.mark.parametrize(
    "levels", [["Pilier", "Axe", "Orientation"], pytest.param(["Thématique"], marks=pytest.mark.slow)]
)
@settings(max_examples=6)
@given(DOSSIERS)
def test_sums_are_the_same_by_commune_and_by_theme(app: Flask, levels: list[str], dossiers) -> None:
    try:
        w = scene(dossiers, levels)
        whole = programming(w.contract, 2026)
        assert sums(programming(w.contract, 2026, cut=Cut(by_commune=True))) == sums(whole)
        of_each = [sums(programming(w.contract, 2026, cut=Cut(commune.id))) for commune in w.contract.communes]
        nowhere = [row for section in whole.sections for row in section.rows if not row.commune]
        asked = sum(row.requested for row in nowhere)
        assert sum(each[0] for each in of_each) + asked == sums(whole)[0]
        by_theme, by_commune = (comparison(w.contract, 2025, 2026, by) for by in (By.AXIS, By.COMMUNE))
        for one, other in zip(by_theme.kinds, by_commune.kinds, strict=True):
            assert one.total == other.total
            assert sum(line.actions.b for line in other.lines) == one.total.actions.b
            assert sum((known(line.all.b) for line in other.lines), Decimal(0)) == known(one.total.all.b)
    finally:
        db.session.rollback()


def test_communes_stand_above_themes_in_their_order(app: Flask) -> None:
    w = scene([(2026, 0, 2, True), (2026, 2, 2, True), (2026, 1, 4, True), (2026, 1, 2, True)], ["Pilier", "Axe", "X"])
    [section] = programming(w.contract, 2026, cut=Cut(by_commune=True)).sections
    assert [pillar.node.label for pillar in section.pillars] == ["Metz", "Woippy", NOWHERE]
    labels = [axis.node.label for axis in section.pillars[0].axes]
    assert labels == ["Cohésion sociale › Éducation", "Emploi"]
    alone = programming(w.contract, 2026, cut=Cut(w.contract.communes[1].id))
    assert [row.commune for row in alone.sections[0].rows] == ["Woippy"]
    assert alone.as_of.startswith("Woippy seulement")


def test_funders_of_other_communes_are_no_columns_of_one(app: Flask) -> None:
    w = scene([(2026, 1, 2, True)], ["Pilier", "Axe", "X"])
    metz, woippy = w.contract.communes
    w.ville.commune_id, w.reg.commune_id = woippy.id, metz.id
    db.session.flush()
    codes = [[funder.code for funder in programming(w.contract, 2026, cut=Cut(c.id)).funders] for c in (metz, woippy)]
    assert codes == [["CGET", "REGION"], ["CGET", "VILLE"]]


def test_a_past_programming_has_the_communes_of_its_day(app: Flask) -> None:
    w = scene([(2026, 1, 2, False)], ["Pilier", "Axe", "X"])
    [row] = programming(w.contract, 2026).sections[0].rows
    entry = db.session.scalar(select(func.max(HistoryEntry.id))) or 0
    metz, woippy = w.contract.communes
    wanted = Classification(w.campaign.id, row.theme_id, row.kind, commune_id=woippy.id)
    reclassify(db.session.get_one(Project, row.id), wanted, by=w.coordinator)
    now, then = programming(w.contract, 2026), programming(w.contract, 2026, since(w.contract.id, entry), "Avant")
    assert [figures.sections[0].rows[0].commune for figures in (now, then)] == ["Woippy", "Metz"]
    cut = programming(w.contract, 2026, since(w.contract.id, entry), "Avant", Cut(metz.id))
    assert [len(section.rows) for section in cut.sections] == [1]


def test_what_becomes_of_an_action_is_told_of_all_communes(app: Flask) -> None:
    w = scene([(2025, 1, 2, False), (2026, 2, 2, True)], ["Pilier", "Axe", "X"])
    before, after = db.session.scalars(select(Project).order_by(Project.year))
    after.predecessor_id = before.id
    db.session.flush()
    metz = w.contract.communes[0]
    cut = comparison(w.contract, 2025, 2026, By.NATURE, Measure.DEPOSITED, commune_id=metz.id)
    assert [(line.label, line.all.a) for line in cut.kinds[0].lines] == [("Reconduites", 900)]
