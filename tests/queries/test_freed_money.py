"""The money of a withdrawn or inadmissible project is free: no page shows it as granted."""

from decimal import Decimal

from flask import Flask

from exports.programming_lists import data_table
from grants.database import db
from grants.domain.decisions.rules import Decision
from grants.domain.envelope import set_envelope
from grants.domain.workflow import advance
from grants.models import Outcome
from grants.queries.comparison.comparison import comparison
from grants.queries.figures import Gap
from grants.queries.programming.programming import programming
from grants.queries.project_filters import Filters
from grants.queries.projects.projects import rows
from grants.queries.sheet.sheet import columns_of
from tests import acts
from tests.conftest import both
from tests.factories import World, campaign, project, world


def followed(w: World):
    """An action accepted in 2025, and the dossier of 2026 that takes it up."""
    old = campaign(w.contract, [w.ville], year=2025)
    set_envelope(w.ville, [old], Decimal(9000), by=w.administrator)
    before = project(old, w.applicant, bearer=w.bearer, requested={w.ville: 3000})
    accepted = Decision(Outcome.ACCEPTED, Decimal(3000))
    acts.decide(before, w.ville, accepted, by=w.city_instructor)
    after = w.project({w.ville: 2000})
    after.predecessor_id = before.id
    db.session.flush()
    return before, after


@both
def test_what_was_granted_to_a_withdrawn_project_is_nowhere(app: Flask) -> None:
    w = world()
    before, after = followed(w)
    assert [c.granted_before for c in columns_of(after, after.predecessor) if c.funder.id == w.ville.id] == [3000]
    advance(before, "withdraw", by=w.coordinator, reason="Abandon")
    db.session.flush()
    (column,) = [c for c in columns_of(after, after.predecessor) if c.funder.id == w.ville.id]
    assert (column.asked_before, column.granted_before) == (3000, Gap.NOTHING)
    (lineage,) = comparison(w.contract, 2025, 2026).lineages
    assert (lineage.granted_a, lineage.granted_b) == (Gap.NOTHING, Gap.NOTHING)
    section = programming(w.contract, 2026).sections[0]
    assert section.rows[0].lines[w.ville.id].before is Gap.NOTHING


@both
def test_list_and_programming_of_its_own_year_say_the_same(app: Flask) -> None:
    w = world()
    before, _after = followed(w)
    advance(before, "withdraw", by=w.coordinator, reason="Abandon")
    db.session.flush()
    (listed,) = rows(w.contract.id, 2025, Filters())
    year = programming(w.contract, 2025)
    table = data_table(year)
    (line,) = table.lines
    granted = line.cells[[column.head for column in table.columns].index("Accordé")]
    assert listed.granted is granted is None
    assert year.sections[0].rows[0].granted == 0
