"""Files that are refused: with the reason, and the others kept."""

import html
import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from grants.config import MEGABYTE
from grants.database import db
from grants.domain.documents import document as rules
from grants.models import Project
from tests import documents as files
from tests.antivirus import antivirus
from tests.conftest import SignIn
from tests.factories import World, document
from tests.web.sending import draft, field_of, file, folder, page_of, rows, send

__all__ = ["draft", "folder"]  # fixtures

REFUSED = [
    (b"", "vide.pdf", "vide (0 octet)"),
    (files.PDF + bytes(10 * MEGABYTE + 1 - len(files.PDF)), "gros.pdf", "10 Mo"),
    (files.EXE, "statuts.PDF", "n'est pas celui d'un PDF"),
    (files.lying_directory(), "rapport.docx", "décompressé"),
    (files.archive(**{"a.exe": files.EXE}), "rapport.docx", "pas accepté"),
    (files.office(files.MACRO), "macro.docx", "contient des macros"),
    (b"<html>", "page.html", "Ce type de fichier n'est pas accepté"),
]


@pytest.mark.parametrize(("content", "name", "message"), REFUSED)
def test_refused_with_its_reason_and_the_others_kept(
    w: World, draft: Project, sign_in: SignIn, folder: Path, content: bytes, name: str, message: str
) -> None:
    sent = [file(files.PDF, "avant.pdf"), file(content, name), file(files.PNG, "après.png")]
    answer = send(sign_in(w.applicant), page_of(draft), **{field_of(draft): sent})
    assert answer.status_code == 422
    assert f"« {name} » : " in answer.text.replace("\u2019", "'")
    assert message in html.unescape(answer.text).replace("\u2019", "'")
    assert [d.filename for d in rows()] == ["avant.pdf", "après.png"]
    assert "avant.pdf" in answer.text
    assert {f.name for f in folder.iterdir()} == {d.storage_key for d in rows()}


def test_a_request_over_the_total_says_so_on_a_page(w: World, draft: Project, sign_in: SignIn) -> None:
    total = 63 * MEGABYTE
    answer = sign_in(w.applicant).post(
        page_of(draft),
        input_stream=io.BytesIO(bytes(total)),
        content_length=total,
        content_type="multipart/form-data; boundary=x",
    )
    assert answer.status_code == 413
    assert "60 Mo" in answer.text
    assert "10 Mo" in answer.text
    assert rows() == []


@pytest.mark.parametrize("who", ["nobody", "elsewhere"])
def test_other_pages_and_strangers_keep_the_small_limit(w: World, draft: Project, sign_in: SignIn, who: str) -> None:
    path = page_of(draft) if who == "nobody" else f"/mes-projets/{draft.id}/projet"
    client = sign_in(None if who == "nobody" else w.applicant)
    client.application.config["WTF_CSRF_ENABLED"] = True
    answer = send(client, path, x=file(bytes(3 * MEGABYTE)))
    assert answer.status_code == 413
    assert "2 Mo" in answer.text


def test_the_form_needs_its_token(w: World, draft: Project, sign_in: SignIn, app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    sent = file(files.PDF + bytes(5 * MEGABYTE))
    answer = send(sign_in(w.applicant), page_of(draft), **{field_of(draft): sent})
    assert answer.status_code == 400
    assert rows() == []


@pytest.mark.slow
def test_all_the_files_of_a_dossier_have_a_limit(w: World, draft: Project, sign_in: SignIn, folder: Path) -> None:
    client, nine = sign_in(w.applicant), files.PDF + bytes(9 * MEGABYTE)
    for first in (0, 3):
        sent = [file(nine + bytes(n), f"n{n}.pdf") for n in range(first, first + 3)]
        send(client, page_of(draft), **{field_of(draft): sent})
    answer = send(client, page_of(draft), **{field_of(draft): file(nine + b"6", "trop.pdf")})
    assert "dépasseraient 60 Mo en tout" in answer.text
    assert len(rows()) == 6
    assert len(list(folder.iterdir())) == 6


def test_what_arrived_is_said_beside_what_is_refused(w: World, draft: Project, sign_in: SignIn) -> None:
    both_kinds = [file(files.PDF, "bon.pdf"), file(files.EXE, "mauvais.pdf")]
    answer = send(sign_in(w.applicant), page_of(draft), **{field_of(draft): both_kinds})
    assert answer.status_code == 422
    told = answer.text.replace("\u00a0", " ")
    assert "Bien arrivé : « bon.pdf »." in told
    assert "« mauvais.pdf » :" in told


@pytest.mark.parametrize("typed", ["", "demain", "2020-01-01", "9999-12-31", "a\x00b"])
def test_a_date_that_is_none_changes_nothing(w: World, sign_in: SignIn, typed: str) -> None:
    kept = document(w.bearer, w.applicant, valid_until=date(2026, 1, 1))
    db.session.commit()
    client = sign_in(w.applicant)
    client.post(f"/documents/{kept.id}/confirmer", data={"valid_until": typed})
    assert rows()[0].valid_until == date(2026, 1, 1)
    assert "Écrivez une date" in client.get("/compte").text


def test_a_failure_leaves_no_file(
    w: World, draft: Project, sign_in: SignIn, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*args, **more):
        raise RuntimeError("the base is gone")

    monkeypatch.setattr(rules.history, "record", fails)
    with pytest.raises(RuntimeError):
        send(sign_in(w.applicant), page_of(draft), **{field_of(draft): file(files.PDF)})
    assert list(folder.iterdir()) == []


def test_nothing_writes_while_a_file_is_looked_at(
    w: World, draft: Project, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = []

    def look(*args):
        held.append(db.session.connection().get_execution_options().get("grants_write"))
        return real(*args)

    real = rules.recognise
    monkeypatch.setattr(rules, "recognise", look)
    send(sign_in(w.applicant), page_of(draft), **{field_of(draft): file(files.PDF)})
    assert held == [None]


def test_a_virus_is_refused_and_no_antivirus_is_told(
    w: World, draft: Project, sign_in: SignIn, folder: Path, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_clamd(at: str):
        settings = app.config["SETTINGS"]
        watched = replace(settings, uploads=replace(settings.uploads, clamd=at))
        monkeypatch.setitem(app.config, "SETTINGS", watched)
        sent = [file(files.PDF + files.EICAR, "virus.pdf"), file(files.PDF)]
        return send(sign_in(w.applicant), page_of(draft), **{field_of(draft): sent})

    with antivirus() as at:
        answer = with_clamd(at)
    assert "« virus.pdf » : L&#39;antivirus y a trouvé « Eicar-Test-Signature »" in answer.text
    assert [d.filename for d in rows()] == ["devis.pdf"]
    assert with_clamd("127.0.0.1:9").text.count("L&#39;antivirus ne répond pas") >= 2
    assert len(list(folder.iterdir())) == 1
