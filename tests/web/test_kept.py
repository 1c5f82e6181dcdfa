"""What was sent without a session or with an old token comes back, filled, to who wrote it."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from grants.database import db
from grants.domain.accounts import passwords, sessions
from grants.domain.dossier import pieces
from grants.models import CheckItem, Message, Note, User, Zone
from grants.web import kept
from tests.conftest import SignIn
from tests.factories import World, piece
from tests.web.dossiers import draft_of, fields_of
from tests.web.grid import address
from tests.web.many import at, proposed

PASSWORD = "un mot de passe assez long"
WORDS = "Bonjour, voici <b>notre</b> réponse."
SHOWN = "voici &lt;b&gt;notre&lt;/b&gt; réponse."


@pytest.fixture(autouse=True)
def tokens(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = True


def lose(client: FlaskClient) -> None:
    with client.session_transaction() as cookie:
        cookie.clear()


def enter(client: FlaskClient, user: User, **more: str):
    """In a session of its own, as in another tab."""
    lose(client)
    user.password_hash = passwords.hash_password(PASSWORD)
    db.session.commit()
    page = fields_of(client, "/connexion") | {"email": user.email, "password": PASSWORD}
    return client.post("/connexion", data=page | more)


def entered(sign_in: SignIn, user: User) -> FlaskClient:
    client = sign_in(None)
    assert enter(client, user).status_code == 302
    return client


def kept_in(page) -> str:
    return re.search(r'name="kept" value="([^"]+)"', page.text)[1]


def given_back(client: FlaskClient, page):
    """As the page's one button does."""
    [path] = re.findall(r'action="([^"]+)" data-kept', page.text)
    return client.post(path.replace("&amp;", "&"), data={"kept": kept_in(page)})


def test_a_message_sent_without_a_session(w: World, sign_in: SignIn) -> None:
    project = w.project()
    db.session.commit()
    client, path = entered(sign_in, w.applicant), f"/mes-projets/{project.id}/messages"
    page = fields_of(client, path) | {"text": WORDS}
    lose(client)
    asked = client.post(path, data=page)
    assert asked.status_code == 401
    assert "pas perdu" in asked.text
    assert "réponse" not in asked.text, "nothing in clear before one is known"
    wrong = fields_of(client, "/connexion") | {"email": "x@example.org", "password": "x"}
    wrong = client.post("/connexion", data=wrong | {"kept": kept_in(asked)})
    back = enter(client, w.applicant, kept=kept_in(wrong))
    assert back.status_code == 200
    assert "réponse" not in back.text
    filled = given_back(client, back)
    assert (filled.status_code, SHOWN in filled.text) == (200, True)
    assert "Rien n'est encore enregistré" in filled.text
    assert db.session.query(Message).count() == 0
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', filled.text)[1]
    assert client.post(path, data={"text": WORDS, "csrf_token": token}).status_code == 302
    assert db.session.query(Message).one().text == WORDS
    assert "Rien n'est encore" not in client.get(path).text


def test_signed_in_again_in_another_tab(w: World, sign_in: SignIn) -> None:
    """At once: no need to say who one is."""
    project = w.project()
    db.session.commit()
    client, path = entered(sign_in, w.coordinator), f"/projets/{project.id}/notes?liste=mots%3Da"
    page = fields_of(client, path) | {"text": WORDS}
    lose(client)
    enter(client, w.coordinator)
    filled = client.post(path, data=page)
    assert (filled.status_code, SHOWN in filled.text) == (200, True)
    assert "no-store" in filled.headers["Cache-Control"]
    assert db.session.query(Note).count() == 0


def test_a_session_that_the_server_ended(w: World, sign_in: SignIn) -> None:
    project = w.project()
    db.session.commit()
    client, path = entered(sign_in, w.coordinator), f"/projets/{project.id}/notes"
    page = fields_of(client, path) | {"text": WORDS}
    sessions.forget_all(w.coordinator)
    db.session.commit()
    asked = client.post(path, data=page)
    assert asked.status_code == 401
    assert SHOWN in given_back(client, enter(client, w.coordinator, kept=kept_in(asked))).text


def test_nobody_else_is_given_them(w: World, sign_in: SignIn) -> None:
    project = w.project()
    db.session.commit()
    client, path = entered(sign_in, w.coordinator), f"/projets/{project.id}/notes"
    page = fields_of(client, path) | {"text": WORDS}
    lose(client)
    asked = client.post(path, data=page)
    other = enter(client, w.state_instructor, kept=kept_in(asked))
    assert "un autre compte" in other.text
    assert kept_in(other), "and who wrote them may still come"
    assert enter(client, w.state_instructor).status_code == 302
    for answer in (client.post(path, data=page), client.post(path, data={"kept": kept_in(asked)})):
        assert (answer.status_code, "réponse" in answer.text) == (401, False)
        assert "un autre compte que le vôtre" in answer.text


@pytest.mark.parametrize("token", ["", "x"])
def test_a_token_that_was_spoilt_on_its_way(w: World, sign_in: SignIn, token: str) -> None:
    """Issue 8: the page said to copy words that were not in it. The browser says whose page it was."""
    project = w.project()
    db.session.commit()
    client, path = entered(sign_in, w.coordinator), f"/projets/{project.id}/notes"
    filled = client.post(path, data={"text": WORDS, "csrf_token": token}, headers={"Origin": "http://localhost"})
    assert (filled.status_code, SHOWN in filled.text) == (200, True)
    assert db.session.query(Note).count() == 0
    for origin in ("https://evil.example", "null", "http://localhost.evil.example"):
        other = client.post(path, data={"text": WORDS, "csrf_token": token}, headers={"Origin": origin})
        assert (other.status_code, "réponse" in other.text) == (400, False)


def test_only_what_our_own_pages_sent(app: Flask, w: World, sign_in: SignIn) -> None:
    """A page of somebody else's cannot put words into a form of ours."""
    project = w.project()
    db.session.commit()
    path = f"/projets/{project.id}/notes"
    stranger = fields_of(sign_in(None), "/connexion")["csrf_token"]
    client = entered(sign_in, w.coordinator)
    for token in ("", "x", stranger):
        answer = client.post(path, data={"text": WORDS, "csrf_token": token})
        assert answer.status_code == (302 if token == stranger else 400)
        assert "réponse" not in answer.text
    assert client.post(path, data={"kept": "x"}).status_code == 400
    script = client.post(path, data={"text": WORDS}, headers={"Accept": "application/json"})
    assert (script.status_code, bool(script.json["token"])) == (400, True)


def test_they_are_kept_for_a_time(w: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    client, path = entered(sign_in, w.applicant), "/compte/nom"
    page = fields_of(client, path) | {"name": "Camille Roux"}
    lose(client)
    asked = client.post(path, data=page)
    monkeypatch.setattr(kept, "LIFE", -1)
    assert enter(client, w.applicant, kept=kept_in(asked)).status_code == 302


def test_signing_up(w: World, sign_in: SignIn) -> None:
    """Before there is an account; the password is typed again."""
    client = sign_in(None)
    page = fields_of(client, "/inscription?next=/mes-projets")
    lose(client)
    typed = {"name": "Inès Roux", "email": "ines@example.org", "password": "secret-secret"}
    filled = client.post("/inscription?next=/mes-projets", data=page | typed)
    assert filled.status_code == 200
    for words in ("Inès Roux", "ines@example.org"):
        assert f'value="{words}"' in filled.text
    assert "secret-secret" not in filled.text


def test_a_button_alone(w: World, sign_in: SignIn) -> None:
    """Pressed again: it was on the page that one is sent back to."""
    project = w.project()
    db.session.commit()
    client, path = entered(sign_in, w.coordinator), f"/projets/{project.id}"
    page = fields_of(client, path)
    enter(client, w.coordinator)
    headers = {"Referer": f"http://localhost{path}"}
    again = client.post(f"{path}/suivi", data=page | {"suivre": "oui"}, headers=headers)
    assert (again.status_code, again.location) == (302, path)
    assert "Recommencez" in client.get(path).text
    lose(client)
    assert client.post("/deconnexion", data=page).location == "/"


def test_a_page_that_has_closed_shows_them(w: World, sign_in: SignIn) -> None:
    project = draft_of(w)
    client, path = entered(sign_in, w.applicant), f"/mes-projets/{project.id}/public"
    page = fields_of(client, path) | {"audience": WORDS}
    project.state = "WITHDRAWN"
    enter(client, w.applicant)
    shown = client.post(path, data=page)
    assert SHOWN in shown.text
    assert "Copiez" in shown.text


def test_what_another_window_has_removed_is_said_to_be(w: World, sign_in: SignIn) -> None:
    quote = piece(w.campaign, "Devis")
    db.session.commit()
    client, path = entered(sign_in, w.administrator), f"/reglages/listes/pieces/{quote.id}"
    page = fields_of(client, path) | {"help": WORDS}
    quote.archived = True
    db.session.commit()
    gone = client.post(path, data=page)
    assert (gone.status_code, "a été retiré, ou n&#39;est plus ouvert" in gone.text) == (410, True)
    assert SHOWN in given_back(client, gone).text
    assert client.get(path).status_code == 404


def test_files_are_chosen_again(w: World, sign_in: SignIn) -> None:
    piece(w.campaign, "Devis")
    project = draft_of(w)
    client, path = entered(sign_in, w.applicant), f"/mes-projets/{project.id}/pieces"
    page = fields_of(client, path)
    enter(client, w.applicant)
    file = pieces.slots_of(project)[0].name
    filled = client.post(path, data=page | {file: (BytesIO(b"x"), "devis.pdf")})
    assert filled.status_code == 200
    assert "devis.pdf" in filled.text


@pytest.mark.slow
def test_every_kind_of_form_is_filled_again(w: World, sign_in: SignIn) -> None:
    project, draft = w.project(state="SUBMITTED"), draft_of(w)
    [one, *_] = proposed(w, 2)
    zone = Zone(contract_id=w.contract.id, label="Centre", position=1)
    point = CheckItem(campaign_id=w.campaign.id, label="Signé", position=1)
    db.session.add_all([zone, point])
    db.session.commit()
    forms = {
        w.applicant: {
            f"/mes-projets/{draft.id}/projet": ("description", WORDS),
            f"/mes-projets/{draft.id}/moyens": ("evaluation", WORDS),
            f"/mes-projets/{draft.id}/budget": ("a606", "12 OOO"),
            f"/mes-projets/{draft.id}/demandes": (f"funder_{w.cget.id}", "77"),
            f"/mes-projets/{draft.id}/retirer": ("reason", WORDS),
            f"/organisation/{w.bearer.id}/budget/2026": ("a606", "4321"),
            f"/organisation/{w.bearer.id}/identite": ("name", "Les Amis"),
            "/organisation/nouvelle?siret=12": ("name", "Les Amis"),
        },
        w.coordinator: {
            f"/projets/{one.id}/financeurs/{w.reg.id}/ouverture": ("raised_reason", WORDS),
            f"/projets/{one.id}/classement": ("reason", WORDS),
            f"/projets/{project.id}/controle": (f"remark_{point.id}", "à revoir"),
            f"/projets/{project.id}/pieces": ("text", WORDS),
            f"/projets/{project.id}/etapes/refuse": ("reason", WORDS),
            f"/appels/{w.campaign.id}/versions": ("note", WORDS),
        },
        w.state_instructor: {
            f"/projets/{one.id}/financeurs/{w.cget.id}": ("condition", WORDS),
            f"/projets/{one.id}/messages": ("text", WORDS),
            at(w, f"refuser-{w.cget.id}", one): ("reason", WORDS),
            address(w, f"/{w.cget.id}"): (f"p-{one.id}", "4321"),
        },
        w.administrator: {
            f"/reglages/contrats/{w.contract.slug}": ("service_text", WORDS),
            f"/reglages/quartiers/{zone.id}": ("label", "Nord"),
            f"/reglages/appels/{w.campaign.id}": ("introduction", WORDS),
            f"/reglages/financeurs/{w.cget.id}/enveloppe/2026": ("source", WORDS),
            "/reglages/comptes/ajouter": ("name", "Inès Roux"),
        },
    }
    for person, pages in forms.items():
        client = entered(sign_in, person)
        seen = {path: fields_of(client, path) for path in pages}
        enter(client, person)
        for path, (name, words) in pages.items():
            assert name in seen[path], (path, list(seen[path]))
            filled = client.post(path, data=seen[path] | {name: words})
            assert filled.status_code == 200, path
            expected = SHOWN if words is WORDS else f'value="{words}"'
            assert expected in filled.text, path
            assert "Rien n'est encore enregistré" in filled.text, path
