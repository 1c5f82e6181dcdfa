"""What anybody reads before they have an account: home, and a page for each call."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from grants.database import db
from grants.domain.importing.usual import ask_usual_questions
from grants.models import Campaign, DocumentKind, MemberRole, Provenance, now
from tests.conftest import SignIn, both
from tests.factories import World, campaign, member, piece, world
from tests.web.dossiers import draft_of, fields_of
from tests.web.reading import plain
from tests.web.test_instruction import count_queries
from tests.web.typed_forms import send

HOSTILE = '<script>alert("x")</script>'


def moved(call: Campaign, opens: int, closes: int) -> None:
    """To so many days from now, and a bit."""
    at = now() + timedelta(hours=1)
    call.opens_at, call.closes_at = at + timedelta(days=opens), at + timedelta(days=closes)
    db.session.commit()


def test_home_shows_what_is_open_who_pays_and_for_how_long(w: World, sign_in: SignIn) -> None:
    moved(w.campaign, -9, 12)
    page = plain(sign_in(None).get("/").text)
    card = page[page.index('class="card-call"') :]
    card = card[: card.index("</li>")]
    assert "12<small>jours</small></b>" in card
    assert "État · Ville · Région" in card
    assert f'href="/appels/{w.campaign.id}"' in card
    assert f'href="/deposer/{w.campaign.id}"' in card


@both
def test_home_takes_the_same_queries_for_many_calls(app: Flask, sign_in: SignIn) -> None:
    w = world()
    moved(w.campaign, -9, 12)
    few, _ = count_queries(sign_in(None), "/")
    for opens in (-1, -2, 3):
        moved(campaign(w.contract, [w.cget, w.ville], kind=f"Appel {opens}"), opens, 5)
    moved(world().campaign, -9, 0)
    many, page = count_queries(sign_in(None), "/")
    assert few == many <= 6
    assert page.count("<h2>Appels à projets ouverts") == 2  # one a contract
    assert "dernier<br>jour" in page
    assert "Bientôt ouverts" in page


def test_when_nothing_is_open_home_says_when_and_whom_to_ask(w: World, sign_in: SignIn) -> None:
    moved(w.campaign, 5, 30)
    page = plain(sign_in(None).get("/").text)
    assert "Voici quand ouvrent les prochains" in page
    assert "ouvre le<br>" in page
    assert "/deposer/" not in page
    moved(w.campaign, -30, -5)
    page = plain(sign_in(None).get("/").text)
    assert "Les prochains seront annoncés ici" in page
    assert "Le service de la politique de la ville" in page
    assert "/appels/" not in page


def test_a_page_says_what_a_call_finances_and_asks(w: World, sign_in: SignIn) -> None:
    ask_usual_questions(w.campaign, "VVV", by=w.administrator)
    piece(w.campaign, "Statuts", kind=DocumentKind.STATUTES)
    piece(w.campaign, "Devis", required=False)
    w.campaign.introduction, w.campaign.priorities = "Des vacances\npour tous", "Les filles d'abord"
    w.campaign.committee_dates = "Comité en mars"
    moved(w.campaign, -9, 12)
    page = plain(sign_in(None).get(f"/appels/{w.campaign.id}").text)
    for said in (
        "Des vacances<br>pour tous",
        "Les filles d'abord",
        "au moins la moitié de filles",
        "1. Combattre les inégalités",
        "Nombre de nuits <span",
        "<li>Statuts (associations, bailleurs sociaux, autres organismes)</li>",
        'Devis <span class="muted">facultatif</span>',
        "Comité en mars",
        "Caravelle",
        "Un compte vous est demandé pour garder votre dossier et recevoir la réponse.",
        '<meta name="description" content="Des vacances pour tous">',
        f'<meta property="og:url" content="http://localhost/appels/{w.campaign.id}">',
    ):
        assert said in page, said
    assert f'href="/deposer/{w.campaign.id}"' in page


def test_before_and_after_a_call_says_so_and_takes_nothing(w: World, sign_in: SignIn) -> None:
    moved(w.campaign, 3, 9)
    page = plain(sign_in(None).get(f"/appels/{w.campaign.id}").text)
    assert "pas encore ouvert" in page
    assert "/deposer/" not in page
    moved(w.campaign, -9, -3)
    page = plain(sign_in(None).get(f"/appels/{w.campaign.id}").text)
    assert "Cet appel est clos" in page
    assert "/deposer/" not in page


def test_a_draft_is_shown_to_who_may_open_it_and_takes_nothing(w: World, sign_in: SignIn) -> None:
    """As applicants will see it; opened, anybody reads it, and taken back nobody again."""
    page, starts, opens = (f"{place}/{w.campaign.id}" for place in ("/appels", "/deposer", "/reglages/appels"))
    w.campaign.opened_at = None
    db.session.commit()
    for person in (None, w.applicant, w.city_instructor):
        client = sign_in(person)
        assert client.get(page).status_code == 404
        assert w.campaign.label not in client.get("/").text
    assert sign_in(w.applicant).get(starts).status_code == 404
    for person in (w.administrator, w.coordinator):
        client = sign_in(person)
        assert "Vous seul voyez cette page" in client.get(page).text
        assert f"{w.campaign.label} : les pièces à demander" in client.get(f"{opens}/ouvrir").text
    assert f"{opens}/ouvrir" in client.get("/contrats/ici").text
    assert "est ouvert" in send(client, f"{opens}/ouvrir")
    assert "déjà ouvert" in send(client, f"{opens}/ouvrir")
    assert f'href="/deposer/{w.campaign.id}"' in sign_in(None).get(page).text
    assert "plus ouvert" in send(sign_in(w.coordinator), f"{opens}/reprendre")
    assert sign_in(None).get(page).status_code == 404
    w.project().provenance = Provenance.IMPORTED
    db.session.commit()
    assert "est passé" in send(sign_in(w.coordinator), f"{opens}/ouvrir")
    assert sign_in(w.administrator).get(page).status_code == 404


def test_what_cannot_be_opened_or_taken_back_says_why(w: World, sign_in: SignIn) -> None:
    client, here = sign_in(w.coordinator), f"/reglages/appels/{w.campaign.id}"
    w.project()
    db.session.commit()
    assert "déjà déposés" in send(client, f"{here}/reprendre")
    bare = campaign(w.contract, [])
    dates, bare.opens_at, bare.closes_at, bare.opened_at = (bare.opens_at, bare.closes_at), None, None, None
    db.session.commit()
    assert "Vous seul voyez" in client.get(f"/appels/{bare.id}").text
    assert "ses dates" in send(client, f"/reglages/appels/{bare.id}/ouvrir")
    bare.opens_at, bare.closes_at = dates
    db.session.commit()
    assert "financeurs" in send(client, f"/reglages/appels/{bare.id}/ouvrir")


@both
def test_the_page_takes_the_same_queries_however_much_a_call_asks(app: Flask, sign_in: SignIn) -> None:
    w = world()
    moved(w.campaign, -9, 12)
    few, _ = count_queries(sign_in(None), f"/appels/{w.campaign.id}")
    ask_usual_questions(w.campaign, "VVV", by=w.administrator)
    for number in range(5):
        piece(w.campaign, f"Pièce {number}")
    db.session.commit()
    many, _ = count_queries(sign_in(None), f"/appels/{w.campaign.id}")
    assert few == many <= 8


def test_what_is_written_of_a_call_stays_text(w: World, sign_in: SignIn) -> None:
    call = w.campaign
    call.introduction = call.priorities = call.committee_dates = call.label = w.contract.label = HOSTILE
    w.state.label = w.cget.label = w.contract.zones[0].label = HOSTILE
    piece(call, HOSTILE).help = HOSTILE
    moved(call, -9, 12)
    for path in ("/", f"/appels/{call.id}"):
        page = sign_in(None).get(path).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page


def test_an_administrator_writes_the_priorities_and_next_year_has_them(w: World, admin, sign_in: SignIn) -> None:
    url = f"/reglages/appels/{w.campaign.id}"
    moved(w.campaign, -9, 12)
    typed = fields_of(admin, url) | {"priorities": "Aller vers\nles habitants", "funders": [w.cget.id, w.ville.id]}
    assert admin.post(url, data=typed).status_code == 302
    assert "Aller vers<br>les habitants" in sign_in(None).get(f"/appels/{w.campaign.id}").text
    admin.post(f"{url}/copier")
    copy = db.session.scalars(db.select(Campaign).filter_by(year=w.campaign.year + 1)).one()
    assert copy.priorities == "Aller vers\nles habitants"


@pytest.mark.slow
def test_an_editor_prepares_all_and_is_told_who_signs(w: World, sign_in: SignIn) -> None:
    draft = draft_of(w)
    editor, w.applicant.name = member(w.bearer, MemberRole.EDITOR), "Dominique <Martin>"
    db.session.commit()
    client, path = sign_in(editor), f"/mes-projets/{draft.id}"
    for section in ("projet", "public", "calendrier", "moyens", "budget", "demandes"):
        assert client.post(f"{path}/{section}", data=fields_of(client, f"{path}/{section}")).status_code == 302, section
    page = plain(client.get(f"{path}/deposer").text)
    assert f"Seul un signataire de {w.bearer.name} (Dominique &lt;Martin&gt;) peut" in page
    assert "Seul un signataire" not in sign_in(w.applicant).get(f"{path}/deposer").text
