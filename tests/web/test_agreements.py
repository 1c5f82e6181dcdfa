"""Agreements by their pages: set up, signed, amended, and the dossiers of the year made from them."""

from __future__ import annotations

import re
from decimal import Decimal

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from grants.database import db
from grants.domain import envelope
from grants.domain.decisions.rules import Decision
from grants.domain.organisation.merging import merge
from grants.models import Agreement, AgreementAction, Outcome, Project, State
from tests import acts
from tests.conftest import SignIn, both
from tests.factories import organisation, world
from tests.factories.agreements import agreement
from tests.web.reading import plain


def sent(client: FlaskClient, url: str, **fields):
    """With what the page says of what was seen."""
    seen = re.search(r'name="version"[^>]*value="([^"]*)"', client.get(url).text)
    return client.post(url, data={"version": seen[1] if seen else "", **fields}, follow_redirects=True)


@both
def test_the_whole_way(app: Flask, sign_in: SignIn) -> None:
    w = world()
    db.session.commit()
    client, year, theme = sign_in(w.coordinator), w.campaign.year, next(t for t in w.contract.themes if t.number)
    years = {"first_year": year, "last_year": year + 1}
    page = f"/reglages/contrats/{w.contract.slug}/conventions"
    sent(client, f"{page}/ajouter", organisation_id=w.bearer.id, title="Lire", number="7", **years)
    made = db.session.scalars(select(Agreement)).one()
    own = f"/reglages/conventions/{made.id}"
    action = {"title": "Lectures", "call_kind": w.campaign.kind, "theme_id": theme.id}
    assert "Écrivez maintenant ses montants" in sent(client, f"{own}/actions/ajouter", **action).text
    one = db.session.scalars(select(AgreementAction)).one()
    amounts = {f"expected_{w.cget.id}_{year}": "5 000", f"firm_{w.cget.id}_{year}": "4000"}
    wrong = sent(
        client, f"/reglages/conventions/actions/{one.id}", **action, **amounts | {f"firm_{w.cget.id}_{year}": "6k"}
    )
    assert wrong.status_code == 422
    assert "Ferme (6 000 €) n'est ni négatif" in plain(wrong.text)
    sent(client, f"/reglages/conventions/actions/{one.id}", **action, **amounts)
    sent(client, f"{own}/modifier", title="Lire", number="7", signed_on="01/12/2025", **years)
    assert "signée le 1" in client.get(own).text
    without = sent(
        client, f"/reglages/conventions/actions/{one.id}", **action, **amounts | {f"firm_{w.cget.id}_{year}": "3000"}
    )
    assert without.status_code == 422
    amended = amounts | {f"firm_{w.cget.id}_{year}": "3000", "reason": "Gel"}
    text = plain(sent(client, f"/reglages/conventions/actions/{one.id}", **action, **amended).text)
    assert "avenant 1 : Gel" in text
    assert "<s>4 000 €</s>" in text
    assert "Lire" in client.get(page).text
    assert "réservé aux conventions : 3 000 €" in _words(
        client.get(f"/contrats/{w.contract.slug}/{year}/enveloppes").text
    )
    done = client.post(f"/reglages/appels/{w.campaign.id}/conventions", data={"actions": one.id}, follow_redirects=True)
    assert "1 dossier de conventions" in done.text
    project = db.session.scalars(select(Project)).one()
    assert (project.state, acts.find(project, w.cget).granted) == (State.ADMISSIBLE, 3000)
    assert "Sous convention" in client.get(f"/projets/{project.id}").text
    assert project.reference in client.get(own).text
    assert "CPO 1/2" in client.get(f"/contrats/{w.contract.slug}/{year}/grille").text
    undo = re.search(r'action="([^"]*/annuler)"', done.text)
    assert undo
    client.post(undo[1])
    db.session.expire_all()
    assert project.state is State.WITHDRAWN
    assert envelope.reserved(envelope.locked_for(w.campaign.id, w.cget.id).id) == 3000


def test_one_that_was_merged_is_no_bearer(app: Flask, sign_in: SignIn) -> None:
    w = world()
    merge(organisation("Nom en double"), w.bearer, by=w.administrator)
    db.session.commit()
    page = plain(sign_in(w.coordinator).get(f"/reglages/contrats/{w.contract.slug}/conventions/ajouter").text)
    assert w.bearer.name in page
    assert "Nom en double" not in page


def test_opening_the_call_makes_them(app: Flask, sign_in: SignIn) -> None:
    """Said beforehand; not by who only administers."""
    w = world()
    agreement(w, {w.cget: (4000, 5000)})
    w.bearer = organisation()
    agreement(w, {w.ville: (0, 100)})
    w.campaign.opened_at = None
    db.session.commit()
    client, page = sign_in(w.coordinator), f"/reglages/appels/{w.campaign.id}/ouvrir"
    assert client.get(page).text.count("Lectures du soir") == 2
    assert "créés : 2" in client.post(page, follow_redirects=True).text
    assert db.session.scalars(select(Project.state)).all() == [State.ADMISSIBLE] * 2


def test_the_institution_confirms_what_was_granted_for_it(app: Flask, sign_in: SignIn) -> None:
    w = world()
    made = agreement(w, {w.cget: (4000, 5000)})
    db.session.commit()
    sign_in(w.coordinator).post(f"/reglages/appels/{w.campaign.id}/conventions", data={"actions": made.actions[0].id})
    project = db.session.scalars(select(Project)).one()
    line = acts.confirm(project, w.cget, by=w.state_instructor)
    assert (line.outcome, line.confirmed_by_id) == (Outcome.ACCEPTED, w.state_instructor.id)


def test_what_two_have_changed_is_asked(app: Flask, sign_in: SignIn) -> None:
    w = world()
    made = agreement(w, {w.cget: (4000, 5000)})
    db.session.commit()
    client, page = sign_in(w.coordinator), f"/reglages/conventions/{made.id}/modifier"
    says = {"number": "7", "first_year": 2026, "last_year": 2028, "signed_on": "2025-12-01"}
    seen = re.search(r'name="version"[^>]*value="([^"]*)"', client.get(page).text)
    assert seen
    sent(client, page, title="Un", **says)
    late = client.post(page, data={"version": seen[1], "title": "Deux", **says})
    assert late.status_code == 422
    db.session.expire_all()
    assert made.title == "Un"


def test_the_overview_says_the_share_under_agreement(app: Flask, sign_in: SignIn) -> None:
    """To the hundredth of a percent; no share of nothing."""
    w = world()
    made = agreement(w, {w.cget: (1000, 5000), w.ville: (0, 10)})
    db.session.commit()
    client = sign_in(w.coordinator)
    page = f"/contrats/{w.contract.slug}/{w.campaign.year}/programmation"
    assert "Réservé aux conventions" in client.get(page).text
    client.post(f"/reglages/appels/{w.campaign.id}/conventions", data={"actions": made.actions[0].id})
    other = w.project(requested={w.cget: 2000})
    acts.propose(other, w.cget, Decimal(2000), by=w.state_instructor)
    acts.decide(other, w.cget, Decision(Outcome.ACCEPTED, Decimal(2000)), by=w.state_instructor)
    db.session.commit()
    text = plain(client.get(page).text)
    row = text[text.index("Part sous convention") :].partition("</tr>")[0]
    assert re.findall(r"(?:[\d,]+ %|–|n\. c\.)", row)[:2] == ["33,33 %", "–"]
    assert "Réservé aux conventions" not in text


def test_a_constant_number_of_statements(app: Flask, sign_in: SignIn) -> None:
    w = world()
    agreement(w, {w.cget: (100, 200)})
    db.session.commit()
    client = sign_in(w.coordinator)
    pages = [
        f"/reglages/contrats/{w.contract.slug}/conventions",
        f"/reglages/appels/{w.campaign.id}/conventions",
        f"/contrats/{w.contract.slug}/{w.campaign.year}/enveloppes",
    ]
    counts = [_statements(client, page) for page in pages]
    for _ in range(3):
        w.bearer = organisation()
        agreement(w, {w.cget: (100, 200), w.ville: (10, 20)})
    db.session.commit()
    assert [_statements(client, page) for page in pages] == counts


def _words(page: str) -> str:
    return " ".join(plain(page).split())


def _statements(client: FlaskClient, page: str) -> int:
    seen = []
    client.get(page)

    def note(*args) -> None:
        seen.append(args[2])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert client.get(page).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)
