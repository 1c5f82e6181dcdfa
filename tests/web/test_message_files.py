"""Files that come with messages: looked at as all others, read by those who read the message."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from grants.database import db
from grants.domain import dossier
from grants.models import Document, Mail, MemberRole, Message, Project
from tests import documents as files
from tests.conftest import SignIn, both
from tests.factories import World, member, organisation, world
from tests.web.dossiers import draft_of
from tests.web.sending import file, folder, send

__all__ = ["folder"]


def deposited(w: World) -> Project:
    project = dossier.submit(draft_of(w), by=w.applicant)
    db.session.commit()
    return project


def sent_files() -> list[Document]:
    found = db.session.scalars(select(Document).order_by(Document.id))
    return [one for one in found if one.project_id is None and one.organisation_id is None]


@pytest.mark.slow
@both
def test_who_reads_the_message_reads_its_files_and_nobody_changes_them(w: World, sign_in: SignIn, folder: Path) -> None:
    project, elsewhere = deposited(w), world("autre")
    people = {
        "editor": member(w.bearer, MemberRole.EDITOR),
        "other member": member(organisation()),
        "instructor": w.state_instructor,
        "coordinator": w.coordinator,
        "committee": w.committee,
        "administrator": w.administrator,
        "elsewhere": elsewhere.state_instructor,
    }
    db.session.commit()
    theirs, mine = f"/projets/{project.id}", f"/mes-projets/{project.id}"
    pair = [file(files.PDF, "modèle.pdf"), file(files.PNG, "plan.png")]
    answer = send(sign_in(w.state_instructor), f"{theirs}/messages", text="Le modèle.", files=pair)
    assert answer.location.endswith(f"{theirs}#echanges")
    first, second = sent_files()
    for person, page in ((w.applicant, mine), (w.coordinator, theirs)):
        shown = sign_in(person).get(page).text
        assert shown.count(f'/documents/{first.id}">modèle.pdf') == 1
        assert shown.count(f'/documents/{second.id}">plan.png') == 1
    mail = db.session.scalars(select(Mail).where(Mail.purpose == "message")).first()
    assert "2 fichiers sont joints au message." in mail.text
    assert "modèle" not in mail.text + mail.html
    may = {n for n, p in people.items() if sign_in(p).get(f"/documents/{first.id}").status_code == 200}
    assert may == {"editor", "instructor", "coordinator"}
    for deed in ("retirer", "confirmer"):
        assert sign_in(w.applicant).post(f"/documents/{first.id}/{deed}").status_code == 403
    assert sign_in(w.applicant).get(f"/documents/{first.id}").data == files.PDF


def test_a_refused_file_keeps_the_words_and_leaves_nothing(w: World, sign_in: SignIn, folder: Path) -> None:
    project, client = deposited(w), sign_in(w.applicant)
    at = f"/mes-projets/{project.id}/messages"
    page = send(client, at, text="Voici nos devis.", files=[file(files.PDF), file(files.EXE, "virus.exe")])
    assert page.status_code == 422
    assert "Voici nos devis.</textarea>" in page.text
    assert "« virus.exe »" in page.text
    assert "Rien n&#39;est parti" in page.text
    assert not db.session.scalars(select(Message)).all()
    assert not list(folder.glob("*"))
    page = send(client, at, text="", files=[file(files.PDF)])
    assert (page.status_code, list(folder.glob("*"))) == (422, [])


def test_sent_again_after_a_cut_it_is_one_message_with_each_file_once(
    app: Flask, w: World, sign_in: SignIn, folder: Path
) -> None:
    project, client = deposited(w), sign_in(w.applicant)
    for _ in range(2):
        page = send(client, f"/mes-projets/{project.id}/messages", text="Voici.", files=[file(files.PDF)])
        assert page.status_code == 302
        [there] = sent_files()
        there.size = app.config["SETTINGS"].uploads.total_bytes
        db.session.commit()
    assert len(db.session.scalars(select(Message)).all()) == 1
    assert [each.name for each in folder.glob("*")] == [each.storage_key for each in sent_files()]


def test_the_files_of_each_side_of_an_exchange_have_their_own_quota(
    app: Flask, w: World, sign_in: SignIn, folder: Path
) -> None:
    project, client = deposited(w), sign_in(w.applicant)
    at = f"/mes-projets/{project.id}/messages"
    send(client, at, text="Un.", files=[file(files.PDF)])
    [there] = sent_files()
    there.size = app.config["SETTINGS"].uploads.total_bytes
    db.session.commit()
    page = send(client, at, text="Deux.", files=[file(files.PNG)])
    assert (page.status_code, "en tout" in page.text, "Deux." in page.text) == (422, True, True)
    assert len(list(folder.glob("*"))) == 1
    assert send(client, at, text="Deux.").status_code == 302
    theirs = f"/projets/{project.id}/messages"
    answer = send(sign_in(w.coordinator), theirs, text="Trois.", files=[file(files.PNG)])
    assert answer.status_code == 302
