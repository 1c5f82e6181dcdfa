"""The list: each filter, words, order, totals, neighbours, and its constant number of queries."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import event

from grants.database import db
from grants.domain.decisions.rules import Decision
from grants.domain.workflow import advance
from grants.models import Kind, Outcome, State
from grants.queries.project_filters import BesideState, DecisionFilter, Filters, Sort
from grants.queries.projects.choices import choices
from grants.queries.projects.projects import ListTotals, neighbours, rows, totals
from tests import acts
from tests.conftest import both
from tests.factories import World, campaign, organisation, project, world

pytestmark = both


def titles(w: World, **filters) -> list[str]:
    return [r.title for r in rows(w.contract.id, 2026, Filters(**filters))]


def summed(w: World, filters: Filters) -> ListTotals:
    return totals(w.contract.id, 2026, filters, choices(w.contract.id, 2026).funders)


def accept(w: World, p, amount: int) -> None:
    decision = Decision(Outcome.ACCEPTED, amount=Decimal(amount))
    acts.decide(p, w.cget, decision, by=w.state_instructor)


def test_drafts_other_years_and_other_contracts_are_not_listed(app: Flask) -> None:
    w, stranger = world(), world()
    w.project(title="Ici")
    w.project(title="Brouillon", state=State.DRAFT)
    draft = w.project(title="Retiré avant dépôt", state=State.DRAFT)
    advance(draft, "withdraw", by=w.applicant, reason="Erreur")
    stranger.project(title="Ailleurs")
    project(campaign(w.contract, [w.cget], year=2025), w.applicant, title="Avant")
    assert titles(w) == ["Ici"]
    assert summed(w, Filters()).count == 1


def test_each_filter(app: Flask) -> None:
    w = world()
    pillar, axis, _, employment, second = w.contract.themes
    club = organisation("Club d'échecs")
    other = campaign(w.contract, [w.cget], kind="VVV")
    a = w.project(title="A", bearer=club)
    w.project(title="B", theme_id=second.id, state=State.SUBMITTED)
    c = project(other, w.applicant, bearer=w.bearer, title="C", requested={w.cget: 10})
    c.kind = Kind.RENEWAL
    c.zones = w.contract.zones[:1]
    late = w.project(title="D", state=State.INCOMPLETE, requested={w.ville: 10})
    late.pieces_due_on = date(2020, 1, 1)
    db.session.flush()
    assert titles(w, campaign_id=other.id) == ["C"]
    assert titles(w, theme_id=employment.id) == ["B"]
    assert titles(w, theme_id=pillar.id) == titles(w, theme_id=axis.id) == ["A", "C", "D"]
    assert titles(w, zone_id=w.contract.zones[0].id) == ["C"]
    assert titles(w, organisation_id=club.id) == ["A"]
    assert titles(w, kind=Kind.RENEWAL) == ["C"]
    assert titles(w, state=State.SUBMITTED) == ["B"]
    assert titles(w, beside=BesideState.OVERDUE) == ["D"]
    assert titles(w, funder_id=w.ville.id) == ["A", "B", "D"]
    assert titles(w, funder_id=w.ville.id, words="club") == [a.title]


def test_what_is_wanted_of_decisions(app: Flask) -> None:
    w = world()
    won, lost, waiting = (w.project(title=t) for t in ("Retenu", "Refusé", "En attente"))
    w.project(title="Irrecevable", state=State.INADMISSIBLE)
    accept(w, won, 100)
    for funder, by in ((w.cget, w.state_instructor), (w.ville, w.city_instructor)):
        acts.decide(lost, funder, Decision(Outcome.REJECTED, reason="Non"), by=by)
    acts.propose(waiting, w.cget, Decimal(1), by=w.state_instructor)
    assert titles(w, wanted=DecisionFilter.RETAINED) == ["Retenu"]
    assert titles(w, wanted=DecisionFilter.NOT_RETAINED) == ["Refusé", "Irrecevable"]
    assert titles(w, wanted=DecisionFilter.TO_DECIDE) == ["Retenu", "En attente"]
    assert titles(w, wanted=DecisionFilter.TO_DECIDE, funder_id=w.cget.id) == ["En attente"]
    assert titles(w, wanted=DecisionFilter.TO_PROPOSE, funder_id=w.cget.id) == []
    assert titles(w, wanted=DecisionFilter.TO_NOTIFY, funder_id=w.cget.id) == ["Retenu", "Refusé"]
    assert titles(w, wanted=DecisionFilter.TO_CONFIRM) == []


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("été", ["Un Été à 100 %"]),
        ("ETE", ["Un Été à 100 %"]),
        ("club ete", ["Un Été à 100 %"]),
        ("100 %", ["Un Été à 100 %"]),
        ("%", []),
        ("_", []),
        ("/", []),
        ("ete jardin", []),
        ("'; DROP TABLE projects", []),
        ("2026-", ["Un Été à 100 %", "Jardin"]),
        ("   ", ["Un Été à 100 %", "Jardin"]),
        ("échecs", ["Un Été à 100 %"]),
    ],
)
def test_words_are_found_without_case_or_accents(app: Flask, words, found) -> None:
    w = world()
    summer = w.project(title="Un Été à 100 %", bearer=organisation("Club d'ÉCHECS"))
    garden = w.project(title="Jardin", bearer=organisation("Voisins"))
    # The next numbers may have a hundred in them.
    summer.reference, garden.reference = "2026-0001", "2026-0002"
    db.session.flush()
    assert titles(w, words=words) == found


def test_words_are_found_however_they_were_typed(app: Flask) -> None:
    w = world()
    title = "Chœur «\u00a0d\u2019été\u00a0» \u2013 Sport\u2011santé"
    p = w.project(title=title, bearer=organisation("Main d'Œuvre"))
    for words in (
        "choeur",
        "CHŒUR",
        "d'ete",
        "d\u2019été",
        "d'e\u0301te\u0301",
        "sport-sante",
        "sport\u00a0santé",
        "sport\u2014sante",
        "cho\u00adeur",
        "chœur\u200b d'été",
        "oeuvre",
        p.reference,
        "choeur d ete sport sante main d oeuvre",
        "\u200b",
    ):
        assert titles(w, words=words) == [title], words
    for words in ("«", "choeur d ete sport sante oeuvre main"):
        assert titles(w, words=words) == [], words


def test_order_ignores_case_and_accents_on_both_databases(app: Flask) -> None:
    w = world()
    zoo, ete, atelier = (w.project(title=t) for t in ("zoo", "Été", "atelier"))
    accept(w, ete, 300)
    accept(w, zoo, 200)
    assert titles(w, sort=Sort.TITLE) == ["atelier", "Été", "zoo"]
    assert titles(w, sort=Sort.GRANTED, descending=True) == ["Été", "zoo", "atelier"]
    assert titles(w, sort=Sort.GRANTED, descending=True, funder_id=w.ville.id)[0] == "zoo"
    assert atelier.title == titles(w, sort=Sort.TITLE, descending=True)[-1]


def test_amounts_are_of_the_chosen_funder_and_what_is_withdrawn_grants_nothing(app: Flask) -> None:
    w = world()
    p, gone = w.project(), w.project()
    accept(w, p, 4000)
    accept(w, gone, 1000)
    advance(gone, "withdraw", by=w.applicant, reason="Dissoute")
    of_all, of_state = (summed(w, f) for f in (Filters(), Filters(funder_id=w.cget.id)))
    assert (of_all.count, of_all.cost, of_all.requested) == (2, 20_000, 16_000)
    assert (of_all.granted, of_all.not_counting) == (4000, 8000)
    assert (of_state.requested, of_state.granted, of_state.not_counting) == (10_000, 4000, 5000)
    assert [(f.label, f.requested) for f in of_all.funders] == [("État – CGET", 10_000), ("Ville – VILLE", 6000)]
    listed = rows(w.contract.id, 2026, Filters(funder_id=w.cget.id))
    assert [(r.requested, r.granted) for r in listed] == [(5000, 4000), (5000, None)]
    assert sum(r.requested for r in rows(w.contract.id, 2026, Filters())) == of_all.requested


def test_pages_and_neighbours_follow_the_list(app: Flask) -> None:
    w = world()
    made = [w.project(requested={}) for _ in range(53)]
    f = Filters(sort=Sort.REFERENCE, descending=True)
    first, second = (rows(w.contract.id, 2026, f, page=n) for n in (1, 2))
    assert (len(first), len(second)) == (50, 3)
    assert second[-1].id == made[0].id
    around = neighbours(w.contract.id, 2026, f, made[1].id)
    assert around is not None
    assert (around.previous, around.next) == (made[2].id, made[0].id)
    assert (around.position, around.count) == (52, 53)
    assert around.inside


def test_who_decides_what_waits_goes_on_with_the_next(app: Flask) -> None:
    """What was just decided has left the list of what waits, and keeps its place between the others."""
    w = world()
    made = [w.project() for _ in range(3)]
    accept(w, made[1], 1000)
    f = Filters(wanted=DecisionFilter.TO_DECIDE, funder_id=w.cget.id)
    around = neighbours(w.contract.id, 2026, f, made[1].id)
    assert around is not None
    assert (around.previous, around.next, around.count) == (made[0].id, made[2].id, 2)
    assert not around.inside
    assert neighbours(w.contract.id, 2026, replace(f, words="rien"), made[1].id).count == 0


def test_choices_are_those_of_the_year(app: Flask) -> None:
    w = world()
    w.project(bearer=organisation("Étoile"))
    w.project(bearer=organisation("Astre"))
    campaign(w.contract, [w.cget], year=2025)
    found = choices(w.contract.id, 2026)
    assert list(found.campaigns) == [w.campaign.id]
    assert list(found.funders.values()) == ["État – CGET", "Ville – VILLE", "Région – REGION"]
    assert list(found.bearers.values()) == ["Astre", "Étoile"]
    assert [n.label for n in found.themes.values()] == [t.label for t in w.contract.themes]


def test_the_number_of_queries_is_constant(app: Flask) -> None:
    w = world()
    for _ in range(12):
        w.project()
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    rows(w.contract.id, 2026, Filters())
    summed(w, Filters())
    assert len(asked) == 3
