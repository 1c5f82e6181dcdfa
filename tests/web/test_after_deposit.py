"""After the deposit, as pages: who reads and writes what, forged requests, files that answer."""

from __future__ import annotations

import html
import io
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from grants.database import db
from grants.domain import dossier
from grants.domain.dossier.drafts import Section
from grants.domain.instruction import exchange, piece_request
from grants.domain.instruction.piece_request import PiecesWanted
from grants.models import Document, Judgement, Message, Opinion, PieceRequest, Project, State, now
from grants.web import uploads
from tests.conftest import SignIn, both
from tests.factories import World, member, organisation
from tests.web.dossiers import draft_of, fields_of, send

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
SOON = (now() + timedelta(days=10)).date()


def deposited(w: World) -> Project:
    project = dossier.submit(draft_of(w), by=w.applicant)
    db.session.commit()
    return project


def asked(w: World, *sections: Section) -> Project:
    project = deposited(w)
    wanted = PiecesWanted(("RIB",), SOON, {s: s.value for s in sections}, "Merci de répondre.")
    piece_request.ask(project, wanted, by=w.coordinator)
    db.session.commit()
    return project


def now_of(project_id: int) -> Project:
    db.session.rollback()
    return db.session.get_one(Project, project_id)


@pytest.mark.slow
def test_both_sides_read_and_write_and_nothing_internal_shows(w: World, sign_in: SignIn) -> None:
    project = deposited(w)
    db.session.add(
        Opinion(
            project_id=project.id,
            by_id=w.committee.id,
            body="Comité",
            judgement=Judgement.UNFAVOURABLE,
            remark="Secret du comité",
        )
    )
    db.session.commit()
    mine, theirs = f"/mes-projets/{project.id}", f"/projets/{project.id}"
    asking = sign_in(w.state_instructor).post(f"{theirs}/messages", data={"text": "<b>Qui ?</b>"})
    assert asking.location.startswith(theirs)
    page = sign_in(w.applicant).get(mine).text
    assert "&lt;b&gt;Qui ?&lt;/b&gt;" in page
    assert w.state_instructor.name in page
    assert "Secret du comité" not in page
    answer = sign_in(w.applicant).post(f"{mine}/messages", data={"text": "Nous."})
    assert answer.location.endswith("#echanges")
    sheet = sign_in(w.city_instructor).get(theirs).text
    assert sheet.index("Qui ?") < sheet.rindex("Nous.")
    for said, top in (("Qui ?", page), ("Nous.", sheet)):
        assert top.index(said) < top.index("répondre</a>") < top.index('id="echanges"')
    assert "Écrire au service" in sign_in(w.applicant).get(mine).text


def test_what_is_typed_is_kept_when_it_is_refused(w: World, sign_in: SignIn) -> None:
    project = deposited(w)
    client, url = sign_in(w.applicant), f"/mes-projets/{project.id}/messages"
    for text, words in (("", "Écrivez votre message"), ("x" * 5001, "au plus"), ("a\x00b", "invisible")):
        refused = client.post(url, data={"text": text})
        assert (refused.status_code, words in refused.text) == (422, True)
    assert "x" * 100 in client.post(url, data={"text": "x" * 5001}).text
    assert db.session.query(Message).count() == 0
    draft = draft_of(w)
    assert client.get(f"/mes-projets/{draft.id}/messages").status_code == 404
    assert client.post(f"/mes-projets/{draft.id}/messages", data={"text": "x"}).status_code == 404


@pytest.mark.slow
@both
def test_the_coordinator_asks_and_sees_the_answer(w: World, sign_in: SignIn) -> None:
    project = deposited(w)
    client, url = sign_in(w.coordinator), f"/projets/{project.id}/pieces"
    page = send(client, url, labels="")
    assert "au moins une pièce" in page.text
    stale = send(client, url, labels="RIB", version="1")
    assert "modifié entre-temps" in stale.text
    forged = send(client, url, labels="RIB", sections="inconnue")
    assert forged.status_code == 422
    assert now_of(project.id).state is State.SUBMITTED
    done = send(client, url, labels="RIB\n\n Statuts  signés ", sections=["calendrier"], text="Merci")
    assert done.status_code == 302, done.text
    request = db.session.query(PieceRequest).one()
    assert [item.label for item in request.items] == ["RIB", "Statuts signés"]
    assert request.sections == ["calendrier"]
    assert client.get(url).status_code == 404
    sheet = client.get(f"/projets/{project.id}").text
    for words in ("Statuts signés", "pas encore envoyée", "délai suspendu", "Reprendre l&#39;exam"):
        assert words in sheet.replace("'", "&#39;"), words


@pytest.mark.slow
def test_the_applicant_answers_and_only_what_is_asked(w: World, sign_in: SignIn) -> None:
    project = asked(w, Section.CALENDAR)
    client, path = sign_in(w.applicant), f"/mes-projets/{project.id}"
    assert f'href="{path}/pieces-demandees"' in client.get(path).text
    page = client.get(f"{path}/pieces-demandees").text
    assert "Merci de répondre." in page
    assert f'href="{path}/calendrier"' in page
    assert send(client, f"{path}/calendrier", schedule="Le mardi").location.endswith("/pieces-demandees")
    assert client.get(f"{path}/projet").location == path
    assert client.post(f"{path}/projet", data={"title": "Autre"}).status_code == 403
    lacking = client.post(f"{path}/pieces-demandees", data={"done": "1"})
    assert (lacking.status_code, "Il manque : RIB" in lacking.text) == (422, True)
    item = db.session.query(PieceRequest).one().items[0].id
    bad = client.post(f"{path}/pieces-demandees", data={f"item_{item}": (io.BytesIO(b""), "r.pdf")})
    assert (bad.status_code, "vide" in bad.text) == (422, True)
    sent = client.post(f"{path}/pieces-demandees", data={f"item_{item}": (io.BytesIO(PDF), "rib.pdf")})
    assert sent.status_code == 302, sent.text
    assert ">rib.pdf</a>. Un autre fichier" in client.get(f"{path}/pieces-demandees").text
    send(client, f"{path}/attestations", sworn="y", commitment="y")  # the calendar has changed
    assert client.post(f"{path}/pieces-demandees", data={"done": "1"}).location == path
    assert client.get(f"{path}/pieces-demandees").location == path
    again = client.post(f"{path}/calendrier", data={"schedule": "Le jeudi"})
    assert again.status_code == 403
    assert now_of(project.id).schedule == "Le mardi"
    coordinator = sign_in(w.coordinator)
    base = f"/contrats/{w.contract.slug}"
    assert "<p>réponse à relire</p>" in coordinator.get(base).text
    listed = coordinator.get(f"{base}/2026/projets?etat=repondu").text
    assert now_of(project.id).title in listed
    sheet = coordinator.get(f"/projets/{project.id}").text
    assert "rib.pdf" in sheet
    assert "tout envoyé" in sheet
    coordinator.post(f"/projets/{project.id}/etapes/complete", data={"version": now_of(project.id).version})
    assert now_of(project.id).state is State.SUBMITTED


@both
def test_a_file_refused_does_not_lose_the_one_that_it_replaces(app: Flask, w: World, sign_in: SignIn) -> None:
    project = asked(w)
    item = db.session.query(PieceRequest).one().items[0].id
    client, url = sign_in(w.applicant), f"/mes-projets/{project.id}/pieces-demandees"
    client.post(url, data={f"item_{item}": (io.BytesIO(PDF), "rib.pdf")})
    settings = app.config["SETTINGS"]
    few = replace(settings.uploads, total_bytes=len(PDF))
    app.config["SETTINGS"] = replace(settings, uploads=few)
    heavier = {f"item_{item}": (io.BytesIO(PDF + b"x"), "autre.pdf")}
    refused = client.post(url, data=heavier)
    assert (refused.status_code, "en tout" in refused.text) == (422, True)
    assert ">rib.pdf</a>. Un autre fichier" in client.get(url).text
    db.session.rollback()
    assert db.session.query(Document).one().removed_at is None


@pytest.mark.slow
def test_strangers_and_forged_answers(w: World, sign_in: SignIn) -> None:
    project, other = asked(w), asked(w)
    path = f"/mes-projets/{project.id}"
    foreign = next(r.items[0].id for r in db.session.query(PieceRequest) if r.project_id == other.id)
    data = {f"item_{foreign}": (io.BytesIO(PDF), "rib.pdf")}
    sign_in(w.applicant).post(f"{path}/pieces-demandees", data=data)
    db.session.rollback()
    assert all(r.items[0].document_id is None for r in db.session.query(PieceRequest))
    stranger = sign_in(member(organisation()))
    db.session.commit()
    for person in (stranger, sign_in(w.coordinator)):
        for url in ("messages", "pieces-demandees", "reconduire"):
            assert person.post(f"{path}/{url}", data={"text": "x"}).status_code == 403, url
    for url in ("messages", "pieces"):
        forged = sign_in(w.applicant).post(f"/projets/{project.id}/{url}", data={"text": "x"})
        assert forged.status_code == 403
    quiet = deposited(w)
    nothing = sign_in(w.applicant).post(f"/mes-projets/{quiet.id}/pieces-demandees", follow_redirects=True)
    assert "Aucune pièce n'est attendue" in html.unescape(nothing.text)


@pytest.mark.slow
def test_all_sent_takes_the_files_chosen_and_the_reasons(w: World, sign_in: SignIn) -> None:
    project = deposited(w)
    wanted = PiecesWanted(("RIB", "Bilan", "Statuts"), SOON, {}, "")
    piece_request.ask(project, wanted, by=w.coordinator)
    db.session.commit()
    client, path = sign_in(w.applicant), f"/mes-projets/{project.id}"
    rib, report, statutes = (item.id for item in db.session.query(PieceRequest).one().items)
    words = {**fields_of(client, f"{path}/pieces-demandees"), f"why_item_{report}": "L'assemblée est en mai"}
    words |= {"done": "1", f"item_{rib}": (io.BytesIO(PDF), "rib.pdf")}
    first = client.post(f"{path}/pieces-demandees", data=words)
    assert first.status_code == 422
    assert "Il manque : Statuts." in first.text
    page = html.unescape(client.get(f"{path}/pieces-demandees").text)
    assert ">rib.pdf</a>. Un autre fichier" in page
    assert "L'assemblée est en mai" in page
    words = {**fields_of(client, f"{path}/pieces-demandees"), "done": "1"}
    words = {name: html.unescape(text) for name, text in words.items()}
    words |= {f"item_{statutes}": (io.BytesIO(PDF + b"\n"), "statuts.pdf")}
    told = client.post(f"{path}/pieces-demandees", data=words, headers={"Accept": "application/json"})
    assert told.json == {"location": path}  # static/js/upload.js goes on to it
    assert "prévenu que vous avez tout envoyé" in client.get(path).text
    sheet = sign_in(w.coordinator).get(f"/projets/{project.id}").text
    sheet = html.unescape(sheet).replace("\xa0", " ")
    assert "le porteur ne l'a pas : « L'assemblée est en mai »" in sheet
    assert "statuts.pdf" in sheet


def test_two_members_answer_one_request(w: World, sign_in: SignIn) -> None:
    """A page opened before keeps what a colleague has written since; files come in whatever is asked."""
    project = deposited(w)
    piece_request.ask(project, PiecesWanted(("RIB", "Bilan"), SOON), by=w.coordinator)
    other = member(w.bearer)
    db.session.commit()
    rib, report = db.session.query(PieceRequest).one().items
    mine, theirs, url = sign_in(w.applicant), sign_in(other), f"/mes-projets/{project.id}/pieces-demandees"
    opened = fields_of(mine, url)
    assert send(theirs, url, **{f"why_item_{report.id}": "Voté en mai"}).status_code == 302
    assert mine.post(url, data={**opened, f"why_item_{rib.id}": "En banque"}).status_code == 302
    db.session.expire_all()
    assert (rib.reason, report.reason) == ("En banque", "Voté en mai")
    files = {f"item_{report.id}": (io.BytesIO(PDF), "bilan.pdf")}
    clash = mine.post(url, data={**opened, f"why_item_{report.id}": "Voté en juin", **files})
    assert (clash.status_code, "Voté en mai" in clash.text) == (422, True)
    assert ">bilan.pdf</a>. Un autre fichier" in clash.text
    lacking = mine.post(url, data={**fields_of(mine, url), f"why_item_{rib.id}": "", "done": "1"})
    assert lacking.status_code == 422
    again = re.search(r'name="version"[^>]*value="([^"]*)"', lacking.text)[1]
    typed = {"version": again, f"why_item_{rib.id}": "En banque", f"why_item_{report.id}": "Voté en mai"}
    assert mine.post(url, data={**typed, "done": "1"}).location == f"/mes-projets/{project.id}", "one's own is no clash"


def test_a_reason_changed_while_a_file_is_looked_at_is_asked_about(
    w: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = deposited(w)
    piece_request.ask(project, PiecesWanted(("RIB",), SOON), by=w.coordinator)
    other, take = member(w.bearer), uploads.take
    db.session.commit()
    [rib] = db.session.query(PieceRequest).one().items
    why, url = f"why_item_{rib.id}", f"/mes-projets/{project.id}/pieces-demandees"

    def meanwhile(*how: Any) -> int:
        piece_request.explain(project, {f"item_{rib.id}": "Perdu"}, by=other)
        db.session.commit()
        return take(*how)

    client = sign_in(w.applicant)
    opened = fields_of(client, url)
    monkeypatch.setattr(uploads, "take", meanwhile)
    clash = client.post(url, data={**opened, why: "En banque"})
    monkeypatch.undo()
    assert (clash.status_code, "entre-temps" in clash.text, "En banque" in clash.text) == (422, True, True)
    version = re.search(r'name="version"[^>]*value="([^"]*)"', clash.text)[1]
    again = client.post(url, data={"version": version, why: "En banque"})
    assert (again.status_code, "Perdu" in again.text) == (422, True)
    db.session.expire_all()
    assert rib.reason == "Perdu"


def test_one_thread_is_one_query_whatever_was_said(w: World, sign_in: SignIn) -> None:
    project = asked(w)
    for n in range(5):
        exchange.send(project, f"Message {n}", by=w.applicant, as_applicant=True)
    db.session.commit()
    page = sign_in(w.coordinator).get(f"/projets/{project.id}").text
    assert all(f"Message {n}" in page for n in range(5))
