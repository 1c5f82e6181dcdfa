"""Beside the dossier: the decision, and what was done, deed by deed."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape

import pytest
from flask import Flask

from grants.database import db
from grants.domain.decisions.rules import Decision
from grants.domain.instruction import note
from grants.domain.ledger import history
from grants.models import Outcome
from tests import acts
from tests.conftest import SignIn, both
from tests.factories import world
from tests.web.reading import plain


@pytest.mark.slow
@both
def test_a_decision_beside_the_dossier_goes_the_way_of_its_own_page(app: Flask, sign_in: SignIn) -> None:
    w = world()
    p = w.project(requested={w.cget: 5000, w.ville: 700}, total_cost=Decimal(10_000))
    db.session.commit()
    client = sign_in(w.city_instructor)
    page = client.get(f"/projets/{p.id}?liste=mots%3Da").text
    send = f"/projets/{p.id}/financeurs/{w.ville.id}?liste=mots%3Da&fiche=oui"
    assert send.replace("&", "&amp;") in page
    version = re.search(r'name="version"[^>]*value="([^"]*)"', page[page.index('class="decision"') :])
    typed = {"choice": "ACCEPTED", "granted": "9000", "condition": "Un bilan", "version": unescape(version[1])}
    refused = client.post(send, data=typed)
    assert refused.status_code == 422
    shown = plain(refused.text)
    assert '<h2 id="historique">' in shown  # the sheet, not the decision's page
    assert 'href="#raised_reason"' in shown
    assert 'value="9000"' in shown
    assert "Un bilan</textarea>" in shown
    assert f"{w.ville.label}</h2>" in shown
    # More than asked, than the action costs and than the envelope holds: all of it at once, at its fields.
    beyond = client.post(send, data=typed | {"granted": "900 000 000"})
    for page in (beyond, client.post(send.replace("&fiche=oui", ""), data=typed | {"granted": "900 000 000"})):
        summary, errors = re.findall(r'href="#(raised_reason|granted)">[^<]*? : ([^<]*)<', plain(page.text)), []
        assert page.status_code == 422
        assert [at for at, _ in summary] == ["granted", "granted", "raised_reason"]
        for _, message in summary:
            errors += [message in plain(page.text).split('id="granted-erreur"')[1].split("<input")[0]]
        assert errors == [True, True, False]
    sent = client.post(send, data=typed | {"granted": "600"})
    assert sent.location == f"/projets/{p.id}?liste=mots%3Da"
    after = plain(client.get(sent.location).text)
    assert "Accordé 600 €" in after
    assert 'class="decision"' not in after
    assert plain(f'Réviser<span class="visually-hidden"> pour {w.ville.label}') in after


def test_a_long_history_is_folded_deed_by_deed(app: Flask, sign_in: SignIn) -> None:
    w = world()
    p = w.project()
    for n in range(9):
        note.write(p, f"Note {n}", by=w.coordinator if n % 2 else w.state_instructor)
    for field in ("beneficiaries", "beneficiaries_qpv", "year_of", "years_total"):
        history.record(p, "save", by=w.applicant, field=field, old="", new="1")
    db.session.commit()
    page = plain(sign_in(w.coordinator).get(f"/projets/{p.id}").text)
    assert re.search(r"<summary>\d+ de plus</summary>", page)
    assert "<summary>4 changements</summary>" in page


def test_a_line_that_its_institution_opened_has_no_amount_yet(app: Flask, sign_in: SignIn) -> None:
    w = world()
    p = w.project(requested={w.cget: 5000})
    db.session.commit()
    client = sign_in(w.city_instructor)
    opened = client.post(f"/projets/{p.id}/financeurs/{w.ville.id}/ouverture", data={"raised_reason": "Intérêt local"})
    assert opened.status_code == 302
    page = client.get(f"/projets/{p.id}")
    assert page.status_code == 200
    assert "si vous accordez" not in page.text


def test_what_would_be_left_counts_a_grant_made_meanwhile_once(app: Flask, sign_in: SignIn) -> None:
    w = world()
    p = w.project(requested={w.cget: 5000}, total_cost=Decimal(10_000))
    db.session.commit()
    client = sign_in(w.state_instructor)
    page = client.get(f"/projets/{p.id}").text
    version = re.search(r'name="version"[^>]*value="([^"]*)"', page[page.index('class="decision"') :])
    left = r"Reste <strong>([^<]*)</strong>[^<]*<span>([^<]*) si vous accordez 5"
    before = re.search(left, plain(page))
    acts.decide(p, w.cget, Decision(Outcome.ACCEPTED, amount=Decimal(5000)), by=w.state_instructor)
    db.session.commit()
    typed = {"choice": "ACCEPTED", "granted": "4000", "version": unescape(version[1])}
    refused = client.post(f"/projets/{p.id}/financeurs/{w.cget.id}?fiche=oui", data=typed)
    assert re.search(left, plain(refused.text)).groups() == (before[2], before[2])
