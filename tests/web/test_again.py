"""Begun again or otherwise: renewal, dossiers received on paper, deposits allowed late."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient

from grants.database import db
from grants.domain import dossier
from grants.domain.campaign import late_permission
from grants.french import today
from grants.models import LatePermission, Organisation, Project, State, now
from tests.conftest import SignIn, both
from tests.factories import World, campaign
from tests.web.dossiers import draft_of, fields_of, send


def this_year(w: World):
    made = campaign(w.contract, [w.cget, w.ville], year=2027)
    db.session.commit()
    return made


def earlier(w: World) -> Project:
    project = dossier.submit(draft_of(w), by=w.applicant)
    db.session.commit()
    return project


@pytest.mark.slow
def test_an_unchanged_renewal_takes_three_answers(w: World, sign_in: SignIn) -> None:
    """The aim is 12 at most (issue 3): what is counted is each box, field or list that a person
    must touch, from « Mes projets » to the receipt."""
    before, call = earlier(w), this_year(w)
    client = sign_in(w.applicant)
    page = client.get("/mes-projets").text
    assert f'action="/mes-projets/{before.id}/reconduire"' in page
    opened = client.post(f"/mes-projets/{before.id}/reconduire", data={"campaign_id": call.id})
    draft = opened.location
    tasks = client.get(draft).text
    assert tasks.count(">à revoir<") == 4
    assert "À revoir." in client.get(f"{draft}/budget").text
    answers = {"organisation": {"confirmed": "y"}, "attestations": {"sworn": "y", "commitment": "y"}}
    for section, typed in answers.items():
        assert send(client, f"{draft}/{section}", **typed).status_code == 302
    assert sum(len(typed) for typed in answers.values()) == 3
    assert send(client, f"{draft}/deposer").location == f"{draft}/accuse"
    db.session.rollback()
    made = db.session.query(Project).filter_by(predecessor_id=before.id).one()
    assert made.state is State.SUBMITTED
    assert "reconduire" not in client.get("/mes-projets").text


def test_pressed_twice_it_is_one_draft(w: World, sign_in: SignIn) -> None:
    before, call = earlier(w), this_year(w)
    client, url = sign_in(w.applicant), f"/mes-projets/{before.id}/reconduire"
    first = client.post(url, data={"campaign_id": call.id}).location
    assert client.post(url, data={"campaign_id": call.id}).location == first
    page = client.get("/mes-projets").text
    assert f'href="{first}">Continuer<' in page
    assert "Reconduire" not in page


@pytest.mark.slow
def test_a_forged_call_is_told(w: World, sign_in: SignIn) -> None:
    before = earlier(w)
    client = sign_in(w.applicant)
    url = f"/mes-projets/{before.id}/reconduire"
    for sent in ("", "x", "-1", "99999", "9" * 40, "\x00"):
        page = client.post(url, data={"campaign_id": sent}, follow_redirects=True).text
        assert "n'existe pas" in unescape(page), sent
    here = client.post(url, data={"campaign_id": w.campaign.id}, follow_redirects=True).text
    assert "ne peut pas être reconduit" in here
    assert db.session.query(Project).count() == 1


def paper(w: World, client: FlaskClient, url: str, **more: object):
    theme = next(t for t in w.contract.themes if t.number)
    return send(
        client,
        url,
        **{
            "received_on": today().isoformat(),
            "theme_id": theme.id,
            "received_by": "papier de M. Petit",
            "title": "Chorale",
            "kind": "NEW",
            "total_cost": "5 000",
            f"funder_{w.cget.id}": "2000",
            **more,
        },
    )


@pytest.mark.slow
@both
def test_a_dossier_on_paper(w: World, sign_in: SignIn) -> None:
    client = sign_in(w.coordinator)
    base = f"/contrats/{w.contract.slug}/2026"
    assert f'href="{base}/dossier-recu"' in client.get(f"{base}/projets").text
    found = client.get(f"{base}/dossier-recu?appel={w.campaign.id}&mots={w.bearer.name}").text
    url = f"/appels/{w.campaign.id}/dossier-recu?organisation={w.bearer.id}"
    assert url in found
    over = paper(w, client, url, total_cost="1999")
    assert (over.status_code, "dépassent le coût" in over.text) == (422, True)
    assert "Chorale" in over.text
    done = paper(w, client, url)
    sheet = client.get(done.location).text
    assert "saisi pour le porteur par" in sheet
    assert "Sans attestation" in sheet
    mine = sign_in(w.applicant)
    assert f"Déposé pour vous par {w.coordinator.name}" in mine.get("/mes-projets").text
    path = f"/mes-projets/{done.location.rpartition('/')[2]}"
    assert "papier de M. Petit" in mine.get(path).text
    assert mine.get(f"{path}/accuse").status_code == 200
    url = f"{done.location}/pieces-recues"
    for content, words in ((b"", "vide"), (b"MZ rien", "accept")):
        refused = client.post(url, data={"files": (io.BytesIO(content), "lettre.pdf")})
        assert (refused.status_code, words in refused.text) == (422, True), refused.text
    pdf = (io.BytesIO(b"%PDF-1.4\n%%EOF\n"), "lettre.pdf")
    assert client.post(url, data={"files": pdf}).location.startswith(done.location)
    assert "lettre.pdf" in client.get(done.location).text
    assert mine.post(url, data={"files": (io.BytesIO(b"%PDF-1.4"), "x.pdf")}).status_code == 403
    own = earlier(w)
    stray = {"files": (io.BytesIO(b"a"), "a.pdf")}
    forged = client.post(f"/projets/{own.id}/pieces-recues", data=stray)
    assert forged.status_code == 404


def test_an_amount_far_beyond_an_envelope_is_asked_about(w: World, sign_in: SignIn) -> None:
    """As of an applicant, once, and the answer is for this amount."""
    client, field = sign_in(w.coordinator), f"funder_{w.cget.id}"
    url = f"/appels/{w.campaign.id}/dossier-recu?organisation={w.bearer.id}"
    typed = {"total_cost": "40 000 000", field: "30 001 500"}
    asked = paper(w, client, url, **typed)
    assert (asked.status_code, db.session.query(Project).count()) == (422, 0)
    assert f'href="#garder-{field}"' in asked.text
    [meant] = re.findall(r'name="garder-.*?value="(sur-[0-9a-f]+)"', asked.text)
    typed[f"garder-{field}"] = meant
    assert paper(w, client, url, **(typed | {field: "31 001 500"})).status_code == 422
    assert paper(w, client, url, **typed).status_code == 302


def test_all_that_lacks_is_said_at_once(w: World, sign_in: SignIn) -> None:
    client, url = sign_in(w.coordinator), f"/appels/{w.campaign.id}/dossier-recu"
    page = client.get(url).text
    assert page.index("Arrivé le") < page.index("Nom de l'organisation".replace("'", "&#39;"))
    told = client.post(url, data={"nature": "ASSOCIATION", "kind": "NEW"}).text
    told = told.replace("&#39;", "'").partition("error-summary")[2].partition("</div>")[0]
    for words in (
        "le jour où il est arrivé",
        "comment il est arrivé",
        "nom de l'organisation",
        "14 chiffres",
        "titre de l'action",
        "une orientation",
        "coût total",
    ):
        assert words in told, words


def test_a_dossier_of_an_unknown_organisation(w: World, sign_in: SignIn) -> None:
    client, url = sign_in(w.coordinator), f"/appels/{w.campaign.id}/dossier-recu"
    refused = paper(w, client, url, name="", nature="ASSOCIATION", siret="")
    assert "Indiquez le nom" in refused.text
    done = paper(w, client, url, name="Les Voisins", nature="ASSOCIATION", siret="73282932000074", total_cost="1")
    assert done.status_code == 422  # neither the dossier nor its organisation
    db.session.rollback()
    assert db.session.query(Organisation).filter_by(name="Les Voisins").count() == 0
    assert paper(w, client, url, name="Les Voisins", nature="ASSOCIATION", siret="73282932000074").status_code == 302
    for wrong in ("?organisation=0", "?organisation=99999", "?organisation=" + "9" * 30):
        assert client.get(url + wrong).status_code == 404
    assert sign_in(w.city_instructor).get(url).status_code == 403
    assert sign_in(w.administrator).post(url).status_code == 403


@pytest.mark.slow
def test_a_late_deposit_is_allowed_by_name_and_withdrawn(w: World, sign_in: SignIn) -> None:
    draft = draft_of(w)
    w.campaign.closes_at = now() - timedelta(days=1)
    db.session.commit()
    admin, client = sign_in(w.administrator), sign_in(w.applicant)
    start, path = f"/deposer/{w.campaign.id}", f"/mes-projets/{draft.id}"
    assert "Commencer le dossier" not in client.get(start).text
    base = f"/reglages/contrats/{w.contract.slug}/depots-tardifs"
    url = f"{base}/{w.bearer.id}"
    assert url in admin.get(f"{base}?mots={w.bearer.name}").text
    day = today() + timedelta(days=3)
    chosen = {"campaign_id": w.campaign.id, "closes_on": day.isoformat()}
    assert "Remplissez ce champ" in send(admin, url, **chosen).text
    past = send(admin, url, **{**chosen, "closes_on": "2020-01-01", "reason": "x"})
    assert "date à venir" in past.text
    assert send(admin, url, **chosen, reason="Panne du site").location == base
    assert "Panne du site" in admin.get(base).text
    assert "autorisé un dépôt tardif" in client.get(start).text
    assert start in client.get("/mes-projets").text
    assert "Terminer et déposer" in client.get("/mes-projets").text
    assert "23\u00a0h\u00a059" in client.get(path).text
    begun = client.post(start, data={"organisation_id": w.bearer.id})
    assert re.fullmatch(r"/mes-projets/\d+", begun.location)
    page = fields_of(client, f"{path}/deposer")
    given = db.session.query(LatePermission).one()
    assert admin.post(f"/reglages/depots-tardifs/{given.id}/retirer").location == base
    refused = client.post(f"{path}/deposer", data=page)
    assert (refused.status_code, "clos" in refused.text) == (422, True)
    late_permission.allow(w.campaign, w.bearer, now() + timedelta(days=1), "x", by=w.administrator)
    db.session.commit()
    assert send(client, f"{path}/deposer").location == f"{path}/accuse"
    assert sign_in(w.coordinator).get(base).status_code == 403
