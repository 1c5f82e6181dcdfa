"""Many at once: the page before, where what is ticked is seen and mended."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape

import pytest
from flask import Flask

from grants.database import db
from grants.domain.decisions.rules import Decision
from grants.models import Outcome
from tests import acts
from tests.factories import world
from tests.web.many import Clients, at, carried, confirm, line, proposed
from tests.web.reading import plain


def test_ticked_only_and_what_is_gone_is_said(app: Flask, sign_in: Clients) -> None:
    w, elsewhere = world(), world()
    ps, client = proposed(w), sign_in(w.state_instructor)
    foreign = elsewhere.project()
    db.session.commit()
    address = at(w, f"refuser-{w.cget.id}", ps[0], foreign)
    assert "1 dossier. Rien ne leur arrivera" in client.get(address).text
    assert confirm(client, address).status_code == 422  # without a reason
    assert confirm(client, address, reason="Hors critères").status_code == 302
    assert [line(p, w.cget).outcome.value for p in ps] == ["REJECTED", "PENDING", "PENDING"]


def test_the_list_changed_between_seeing_and_confirming(app: Flask, sign_in: Clients) -> None:
    w = world()
    ps, client = proposed(w), sign_in(w.state_instructor)
    address = at(w, f"accorder-{w.cget.id}")
    old = carried(client.get(address))
    acts.propose(ps[1], w.cget, Decimal(999), by=w.state_instructor)
    db.session.commit()
    answer = client.post(address, data=old)
    assert answer.status_code == 422
    assert ps[1].reference in answer.text.partition("Il y a un problème")[2].partition("</div>")[0]
    assert {line(p, w.cget).granted for p in ps} == {None}
    assert client.post(address, data=carried(answer)).status_code == 302
    assert line(ps[1], w.cget).granted == 999


def test_an_envelope_too_small_for_all_is_mended_in_place(app: Flask, sign_in: Clients) -> None:
    w = world(envelope=250)
    ps, client = proposed(w), sign_in(w.state_instructor)
    address = at(w, f"accorder-{w.cget.id}", *ps)
    page = client.get(address)
    assert "de trop" in page.text
    assert "Accorder (" not in page.text
    forced = client.post(address, data=carried(page))
    assert forced.status_code == 422
    assert "de trop" in forced.text.partition("Il y a un problème")[2].partition("</div>")[0]
    two = [str(p.id) for p in ps[:2]]
    again = client.post(address, data=carried(page) | {"projet": two, "recalculer": "1"})
    assert again.status_code == 200
    for said in ("<strong>2 dossiers</strong> sur 3", "200", "il restera 50", "Accorder (2"):
        assert said in plain(again.text)
    assert carried(again)["projet"] == two
    none = client.post(address, data={"recalculer": "1"})
    assert "aucun dossier n'est coché" in none.text.replace("&#39;", "'")
    assert "Accorder (" not in none.text
    assert {line(p, w.cget).granted for p in ps} == {None}
    done = client.post(address, data=carried(again), follow_redirects=True)
    assert "2 dossiers : accordés par" in plain(done.text)
    assert [line(p, w.cget).granted for p in ps] == [100, 100, None]


def test_only_what_was_counted_is_done(app: Flask, sign_in: Clients) -> None:
    w = world()
    ps, client = proposed(w), sign_in(w.state_instructor)
    address = at(w, f"refuser-{w.cget.id}", *ps)
    sent = carried(client.get(address)) | {"reason": "Hors critères"}
    answer = client.post(address, data=sent | {"projet": [str(ps[0].id)]})
    assert answer.status_code == 422
    assert "Le compte est refait" in answer.text
    assert "Hors critères</textarea>" in answer.text
    assert "Refuser (1" in plain(answer.text)
    assert {line(p, w.cget).outcome for p in ps} == {Outcome.PENDING}
    assert client.post(address, data=carried(answer) | {"reason": "x"}).status_code == 302
    assert [line(p, w.cget).outcome.value for p in ps] == ["REJECTED", "PENDING", "PENDING"]


@pytest.mark.slow
def test_the_way_back_keeps_the_ticks(app: Flask, sign_in: Clients) -> None:
    w = world()
    ps, client = proposed(w), sign_in(w.state_instructor)
    aside = w.project()  # nothing is proposed, but it was ticked
    db.session.commit()
    ticked = (*ps[:2], aside)
    address = at(w, f"accorder-{w.cget.id}", *ticked, nature="NEW", page="1")

    def back(page) -> str:
        return unescape(re.search(r'href="([^"]*)">Revenir à la liste', page.text)[1])

    def checked(address: str) -> list[str]:
        return re.findall(r'name="projet" value="(\d+)"[^>]* checked>', client.get(address).text)

    page = client.get(address)
    assert "nature=NEW" in back(page)
    assert checked(back(page)) == [str(p.id) for p in ticked]
    one = {"projet": str(ps[0].id), "recalculer": "1"}
    assert checked(back(client.post(address, data=one))) == [str(ps[0].id), str(aside.id)]
    everything = at(w, f"accorder-{w.cget.id}")
    assert "projet=" not in back(client.get(everything))
    assert checked(back(client.post(everything, data=one))) == [str(ps[0].id)]
    nothing_chosen = client.get(at(w, "", *ticked)).location
    assert checked(nothing_chosen) == [str(p.id) for p in ticked]
    done = client.post(address, data=carried(page)).location
    assert checked(done) == checked(done + "&projet=" + "9" * 30 + "&projet=x") == []


def test_what_is_notified_shows_its_condition(app: Flask, sign_in: Clients) -> None:
    w = world()
    p, q = w.project(), w.project()
    for one, condition in ((p, "Un bilan"), (q, "")):
        said = Decision(Outcome.ACCEPTED, Decimal(600), condition=condition)
        acts.decide(one, w.cget, said, by=w.state_instructor)
    db.session.commit()
    page = plain(sign_in(w.state_instructor).get(at(w, f"notifier-{w.cget.id}")).text)
    assert page.count("Condition : ") == page.count("Condition : Un bilan") == 1


def test_what_would_exceed_the_total_cost_is_left_out(app: Flask, sign_in: Clients) -> None:
    w = world()
    p = w.project(total_cost=1000, requested={w.cget: 600, w.ville: 600})
    acts.decide(p, w.ville, Decision(Outcome.ACCEPTED, Decimal(600)), by=w.city_instructor)
    for amount, applies in ((401, False), (400, True)):
        acts.propose(p, w.cget, Decimal(amount), by=w.state_instructor)
        db.session.commit()
        page = sign_in(w.state_instructor).get(at(w, f"accorder-{w.cget.id}")).text
        assert ("le coût total" in page) is not applies
        assert ("Accorder (1" in plain(page)) is applies
