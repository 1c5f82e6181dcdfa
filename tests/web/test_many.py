"""Many at once, in the pages: confirmed, undone; and what could go wrong."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from grants.database import db
from grants.domain.decisions.rules import Decision
from grants.domain.programming.version import validate
from grants.french import today
from grants.models import HistoryEntry, Outcome, PieceRequest, Role, State, User, project_followers
from tests import acts
from tests.factories import World, grant_role, user, world
from tests.web.many import Clients, at, carried, confirm, line, proposed
from tests.web.test_instruction import count_queries


def test_accepted_as_proposed_and_undone(app: Flask, sign_in: Clients) -> None:
    w = world()
    ps, client = proposed(w), sign_in(w.state_instructor)
    bare = w.project(title="Sans proposition")
    db.session.commit()
    listed = client.get(f"/contrats/{w.contract.slug}/2026/projets").text
    assert f'value="accorder-{w.cget.id}"' in listed
    assert f'value="accorder-{w.ville.id}"' not in listed
    address = at(w, f"accorder-{w.cget.id}")
    page = client.get(address)
    assert "<strong>3 dossiers</strong>" in page.text
    assert "300" in page.text
    left_out = page.text.partition("Laissés de côté")[2].partition("</section>")[0]
    assert "Sans proposition" in left_out
    assert "rien n'est proposé" in left_out.replace("&#39;", "'")
    answer = client.post(address, data=carried(page), follow_redirects=True)
    assert "3 dossiers" in answer.text
    assert {line(p, w.cget).granted for p in ps} == {Decimal(100)}
    assert line(bare, w.cget).outcome is Outcome.PENDING
    client.post(re.search(r'action="([^"]*/annuler)"', answer.text)[1])
    assert {line(p, w.cget).granted for p in ps} == {None}


@pytest.mark.slow
def test_forged_requests_change_nothing(app: Flask, sign_in: Clients) -> None:
    w, elsewhere = world(), world()
    ps, client = proposed(w, 1), sign_in(w.state_instructor)
    foreign = elsewhere.project()
    db.session.commit()
    entries = select(HistoryEntry.id)
    before = len(db.session.scalars(entries).all())
    for what in (
        f"accorder-{w.ville.id}",
        f"accorder-{elsewhere.cget.id}",
        "recevables",
        f"confier-{w.applicant.id}",
        "x",
        "accorder-",
        "confier-99999999999",
    ):
        one = {"chosen": f"{ps[0].id}:1", "projet": ps[0].id}
        assert client.post(at(w, what), data=one).status_code == 302
    for chosen in (
        f"{foreign.id}:1",
        "",
        "1",
        "a:b",
        "9" * 30 + ":1",
        f"{ps[0].id}:0",
        ",".join(f"{n}:1" for n in range(1, 502)),
    ):
        ticked = [pair.partition(":")[0] for pair in chosen.split(",")]
        answer = client.post(at(w, f"refuser-{w.cget.id}"), data={"chosen": chosen, "projet": ticked, "reason": "x"})
        assert answer.status_code == 422, chosen
    assert len(db.session.scalars(entries).all()) == before


def test_a_validated_programming_asks_why(app: Flask, sign_in: Clients) -> None:
    w = world()
    ps, client = proposed(w, 2), sign_in(w.state_instructor)
    validate(w.campaign, by=w.coordinator)
    db.session.commit()
    address = at(w, f"accorder-{w.cget.id}")
    assert confirm(client, address).status_code == 422
    assert confirm(client, address, revision_reason="Comité du 3").status_code == 302
    assert line(ps[0], w.cget).granted == 100


def test_a_whole_list_is_notified_and_only_that_funder_is_seen(app: Flask, sign_in: Clients) -> None:
    w = world()
    ps, client = proposed(w, 2), sign_in(w.state_instructor)
    for p in ps:
        acts.decide(p, w.cget, Decision(Outcome.ACCEPTED, Decimal(123)), by=w.state_instructor)
        acts.decide(p, w.ville, Decision(Outcome.ACCEPTED, Decimal(456)), by=w.city_instructor)
    db.session.commit()
    filters = {"financeur": str(w.cget.id), "decision": "a-notifier"}
    listed = client.get(f"/contrats/{w.contract.slug}/2026/projets", query_string=filters).text
    assert "Notifier 2 décisions" in listed
    address = at(w, f"notifier-{w.cget.id}", **filters)
    act = {"act_number": "ARR-7", "act_date": today().isoformat()}
    assert confirm(client, address, **act | {"act_date": "2011-01-01"}).status_code == 422
    assert confirm(client, address, **act).status_code == 302
    seen = sign_in(w.applicant).get(f"/mes-projets/{ps[1].id}").text
    assert "123" in seen
    assert "456" not in seen


@pytest.fixture
def officer(app: Flask) -> tuple[World, User]:
    w = world()
    return w, grant_role(user("Région"), Role.INSTRUCTOR, w.contract, w.region)


@pytest.mark.slow
def test_what_is_to_be_confirmed_first_is_not_to_be_notified(officer, sign_in: Clients) -> None:
    """Issue 8: the coordinator was sent to a page where there was nothing to notify."""
    w, person = officer
    p, client, home = w.project(requested={w.reg: 500}), sign_in(w.coordinator), f"/contrats/{w.contract.slug}"
    acts.decide(p, w.reg, Decision(Outcome.ACCEPTED, Decimal(5), typed_from="Courriel"), by=w.coordinator)
    db.session.commit()
    notify = "decision=a-notifier"
    assert (notify in client.get(home).text, "a-confirmer" in client.get(home).text) == (False, True)
    listed = f"{home}/2026/projets?financeur={w.reg.id}&{notify}"
    assert p.title not in client.get(listed).text
    acts.confirm(p, w.reg, by=person)
    db.session.commit()
    assert notify in client.get(home).text
    assert "Notifier 1 décision" in client.get(listed).text


@pytest.mark.slow
def test_typed_for_us_and_confirmed_in_one_press(officer, sign_in: Clients) -> None:
    w, person = officer
    ps = [w.project(requested={w.reg: 500}) for _ in range(2)]
    db.session.commit()
    coordinator, theirs = sign_in(w.coordinator), sign_in(person)
    source = {"typed_from": "Courriel du 3 mars"}
    address = at(w, f"proposer-{w.reg.id}")
    assert confirm(coordinator, address).status_code == 422
    assert confirm(coordinator, address, **source).status_code == 302
    assert confirm(coordinator, at(w, f"accorder-{w.reg.id}"), **source).status_code == 302
    filters = {"financeur": str(w.reg.id), "decision": "a-confirmer"}
    listed = theirs.get(f"/contrats/{w.contract.slug}/2026/projets", query_string=filters).text
    assert "Confirmer 2 montants saisis pour nous" in listed
    address = at(w, f"confirmer-{w.reg.id}", **filters)
    assert "Courriel du 3 mars" in theirs.get(address).text
    assert "Confirmer 2" not in coordinator.get(f"/contrats/{w.contract.slug}/2026/projets", query_string=filters).text
    assert confirm(theirs, address).status_code == 302
    assert {line(p, w.reg).confirmed_by_id for p in ps} == {person.id}


def test_the_coordinator_admits_and_asks_for_pieces(app: Flask, sign_in: Clients) -> None:
    w = world()
    ps = [w.project(state=State.SUBMITTED) for _ in range(4)]
    db.session.commit()
    client = sign_in(w.coordinator)
    assert confirm(client, at(w, "recevables", *ps[:2])).status_code == 302
    due = (today() + timedelta(days=10)).isoformat()
    assert confirm(client, at(w, "pieces"), labels="", due_on=due).status_code == 422
    assert confirm(client, at(w, "pieces"), labels="RIB\nStatuts", due_on=due).status_code == 302
    db.session.expire_all()
    assert [p.state.name for p in ps] == ["ADMISSIBLE"] * 2 + ["INCOMPLETE"] * 2
    request = db.session.scalars(select(PieceRequest)).first()
    assert [item.label for item in request.items] == ["RIB", "Statuts"]


def test_followed_by(app: Flask, sign_in: Clients) -> None:
    w = world()
    ps = [w.project(title=f"Suivie {n}") for n in range(2)]
    w.project(title="Autre")
    db.session.commit()
    client, person = sign_in(w.state_instructor), w.city_instructor
    assert confirm(client, at(w, f"confier-{person.id}", *ps)).status_code == 302
    assert len(db.session.execute(select(project_followers)).all()) == 2
    page = f"/contrats/{w.contract.slug}/2026/projets"
    for who, value in ((client, person.id), (sign_in(person), "moi")):
        listed = who.get(page, query_string={"suivi": value}).text
        assert "Suivie 1" in listed
        assert "Autre" not in listed
    assert confirm(client, at(w, f"reprendre-{person.id}", ps[0])).status_code == 302
    assert len(db.session.execute(select(project_followers)).all()) == 1


def test_the_page_before_is_a_constant_number_of_queries(app: Flask, sign_in: Clients) -> None:
    w, counts = world(), []
    client = sign_in(w.state_instructor)
    for _ in range(2):
        proposed(w, 6)
        counts.append(count_queries(client, at(w, f"accorder-{w.cget.id}"))[0])
    assert counts[0] == counts[1] <= 9
