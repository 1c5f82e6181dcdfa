"""Files sent by people: kept intact or refused with the reason, read by those entitled alone."""

import hashlib
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from grants.config import MEGABYTE
from grants.database import db
from grants.domain import document as rules
from grants.domain import dossier
from grants.domain.dossier import pieces
from grants.models import (
    Document,
    DocumentKind,
    HistoryEntry,
    Nature,
    Project,
    State,
    User,
)
from grants.web import uploads
from tests import documents as files
from tests.antivirus import antivirus
from tests.conftest import both
from tests.factories import World, document, piece
from tests.web.dossiers import applicants_world, draft_of, swear

SignIn = Callable[[User | None], FlaskClient]


@pytest.fixture
def w(app: Flask) -> World:
    return applicants_world()


@pytest.fixture
def folder(app: Flask) -> Path:
    """Where files lie; empty."""
    found = app.config["SETTINGS"].data_dir / "documents"
    for left in found.glob("*"):
        left.unlink()
    return found


@pytest.fixture
def draft(w: World) -> Project:
    piece(w.campaign, "Devis")
    return draft_of(w)


def send(client: FlaskClient, path: str, **fields):
    body, kind = files.multipart(**fields)
    return client.post(path, data=body, content_type=kind)


def file(content: bytes, name: str = "devis.pdf") -> tuple[bytes, str]:
    return (content, name)


def page_of(project: Project) -> str:
    return f"/mes-projets/{project.id}/pieces"


def field_of(project: Project) -> str:
    return pieces.slots_of(project)[0].name


def rows() -> list[Document]:
    return list(db.session.scalars(select(Document).order_by(Document.id)))


@both
def test_a_piece_is_sent_and_read_again(
    w: World, draft: Project, sign_in: SignIn, folder: Path
) -> None:
    client = sign_in(w.applicant)
    assert "Envoyez la pièce demandée : Devis" in client.get(f"{page_of(draft)}?verifier=1").text
    answer = send(client, page_of(draft), **{field_of(draft): file(files.PDF)})
    assert answer.location == f"/mes-projets/{draft.id}/attestations"
    (kept,) = rows()
    assert (kept.filename, kept.media_type) == ("devis.pdf", "application/pdf")
    assert kept.sha256 == hashlib.sha256(files.PDF).hexdigest()
    assert [f.name for f in folder.iterdir()] == [kept.storage_key]
    got = client.get(f"/documents/{kept.id}")
    assert got.data == files.PDF
    assert got.headers["Content-Disposition"] == "attachment; filename=devis.pdf"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Cache-Control"] == "no-store"
    assert got.content_length == len(files.PDF)
    assert "devis.pdf" in client.get(f"/mes-projets/{draft.id}/deposer").text


def test_a_call_that_asks_nothing_has_no_such_page(w: World, sign_in: SignIn) -> None:
    draft = draft_of(w)
    tasks = sign_in(w.applicant).get(f"/mes-projets/{draft.id}").text
    assert "/pieces" not in tasks
    assert sign_in(w.applicant).get(page_of(draft)).status_code == 200


def test_a_kind_is_asked_only_of_who_has_it(w: World) -> None:
    piece(w.campaign, "Statuts", kind=DocumentKind.STATUTES)
    draft = draft_of(w)
    assert [slot.label for slot in pieces.slots_of(draft)] == ["Statuts"]
    draft.organisation.nature = Nature.MUNICIPAL_SERVICE
    assert pieces.slots_of(draft) == []


REFUSED = [
    (b"", "vide.pdf", "vide (0 octet)"),
    (files.PDF + bytes(10 * MEGABYTE + 1 - len(files.PDF)), "gros.pdf", "10 Mo"),
    (files.EXE, "statuts.pdf", "pas accepté"),
    (files.lying_directory(), "rapport.docx", "décompressé"),
    (files.archive(**{"a.exe": files.EXE}), "rapport.docx", "pas accepté"),
    (files.office(files.MACRO), "macro.docx", "pas accepté"),
    (b"<html>", "page.png", "pas accepté"),
]


@pytest.mark.parametrize(("content", "name", "message"), REFUSED)
def test_refused_with_its_reason_and_the_others_kept(
    w: World, draft: Project, sign_in: SignIn, folder: Path, content: bytes, name: str,
    message: str,
) -> None:  # fmt: skip
    sent = [file(files.PDF, "avant.pdf"), file(content, name), file(files.PNG, "après.png")]
    answer = send(sign_in(w.applicant), page_of(draft), **{field_of(draft): sent})
    assert answer.status_code == 422
    assert f"« {name} » : " in answer.text.replace("\u2019", "'")
    assert message in answer.text
    assert [d.filename for d in rows()] == ["avant.pdf", "après.png"]
    assert "avant.pdf" in answer.text
    assert {f.name for f in folder.iterdir()} == {d.storage_key for d in rows()}


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../../tmp/evil.pdf", "evil.pdf"),
        ("..\\..\\evil.pdf", "evil.pdf"),
        ("é" * 196 + ".pdf", "é" * 196 + ".pdf"),
        ("a\x00b\u202efdp.pdf", "a b fdp.pdf"),
        ("l\nd.pdf", "l%0Ad.pdf"),
        ('g"u;i=l.pdf', 'g"u;i=l.pdf'),
        ("<b>.pdf", "<b>.pdf"),
    ],
)
def test_whatever_its_name_a_file_comes_back_intact(
    w: World, draft: Project, sign_in: SignIn, folder: Path, name: str, kept: str
) -> None:
    client, before = sign_in(w.applicant), set(folder.parent.parent.rglob("*"))
    sent = file(files.PDF, name)
    assert send(client, page_of(draft), **{field_of(draft): sent}).status_code == 302
    (row,) = rows()
    assert row.filename == kept
    got = client.get(f"/documents/{row.id}")
    assert hashlib.sha256(got.data).hexdigest() == row.sha256
    disposition = got.headers["Content-Disposition"]
    assert "\n" not in disposition
    assert unquote(disposition.rpartition("filename*=UTF-8''")[2] or kept)
    new = set(folder.parent.parent.rglob("*")) - before
    new = {found for found in new if ".sqlite3" not in found.name}
    assert new == {folder / row.storage_key}
    assert "<b>" not in client.get(page_of(draft)).text


def test_a_request_over_the_total_says_so_on_a_page(
    w: World, draft: Project, sign_in: SignIn
) -> None:
    total = 63 * MEGABYTE
    answer = sign_in(w.applicant).post(
        page_of(draft), input_stream=io.BytesIO(bytes(total)), content_length=total,
        content_type="multipart/form-data; boundary=x",
    )  # fmt: skip
    assert answer.status_code == 413
    assert "60 Mo" in answer.text
    assert "10 Mo" in answer.text
    assert rows() == []


@pytest.mark.parametrize("who", ["nobody", "elsewhere"])
def test_other_pages_and_strangers_keep_the_small_limit(
    w: World, draft: Project, sign_in: SignIn, who: str
) -> None:
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


def test_all_the_files_of_a_dossier_have_a_limit(
    w: World, draft: Project, sign_in: SignIn, folder: Path
) -> None:
    client, nine = sign_in(w.applicant), files.PDF + bytes(9 * MEGABYTE)
    for first in (0, 3):
        sent = [file(nine + bytes(n), f"n{n}.pdf") for n in range(first, first + 3)]
        send(client, page_of(draft), **{field_of(draft): sent})
    answer = send(client, page_of(draft), **{field_of(draft): file(nine + b"6", "trop.pdf")})
    assert "dépasseraient 60 Mo en tout" in answer.text
    assert len(rows()) == 6
    assert len(list(folder.iterdir())) == 6


def test_new_files_replace_where_the_box_is_ticked(
    w: World, draft: Project, sign_in: SignIn
) -> None:
    client, field = sign_in(w.applicant), field_of(draft)
    for name in ("un.pdf", "deux.pdf"):
        send(client, page_of(draft), **{field: file(files.PDF + name.encode(), name)})
    assert [f.filename for f in pieces.slots_of(draft)[0].files] == ["un.pdf", "deux.pdf"]
    refused = file(files.EXE, "virus.pdf")
    send(client, page_of(draft), **{field: refused, f"replace_{field}": "y"})
    assert len(pieces.slots_of(draft)[0].files) == 2
    send(client, page_of(draft), **{field: file(files.PDF, "3.pdf"), f"replace_{field}": "y"})
    assert [f.filename for f in pieces.slots_of(draft)[0].files] == ["3.pdf"]
    did = db.session.scalars(select(HistoryEntry.action).where(HistoryEntry.field == "document"))
    assert sorted(did) == ["add_document"] * 3 + ["remove_document"] * 2


def test_the_same_file_is_kept_once(w: World, draft: Project, sign_in: SignIn) -> None:
    client, field = sign_in(w.applicant), field_of(draft)

    def names() -> list[str]:
        return [kept.filename for kept in pieces.slots_of(draft)[0].files]

    send(client, page_of(draft), **{field: [file(files.PDF, "un.pdf"), file(files.PDF, "bis.pdf")]})
    assert names() == ["un.pdf"]
    assert "déjà, il n" in client.get(page_of(draft)).text
    other, again = file(files.PNG, "autre.png"), file(files.PDF, "un.pdf")
    replacing = {field: [again, other], f"replace_{field}": "y"}
    send(client, page_of(draft), **replacing)
    assert names() == ["un.pdf", "autre.png"]
    send(client, page_of(draft), **{field: again, f"replace_{field}": "y"})
    assert names() == ["un.pdf"]


def test_what_was_sent_is_read_again_from_the_dossier(
    w: World, draft: Project, sign_in: SignIn
) -> None:
    client = sign_in(w.applicant)
    send(client, page_of(draft), **{field_of(draft): file(files.PDF, "un.pdf")})
    swear(draft, w.applicant)
    dossier.submit(draft, by=w.applicant)
    db.session.commit()
    link = f'<a href="/documents/{rows()[0].id}">un.pdf</a>'
    assert link in client.get(f"/mes-projets/{draft.id}").text


def test_what_arrived_is_said_beside_what_is_refused(
    w: World, draft: Project, sign_in: SignIn
) -> None:
    both_kinds = [file(files.PDF, "bon.pdf"), file(files.EXE, "mauvais.pdf")]
    answer = send(sign_in(w.applicant), page_of(draft), **{field_of(draft): both_kinds})
    assert answer.status_code == 422
    told = answer.text.replace("\u00a0", " ")
    assert "Bien arrivé : « bon.pdf »." in told
    assert "« mauvais.pdf » :" in told


def test_removed_by_a_member_until_the_dossier_is_deposited(
    w: World, draft: Project, sign_in: SignIn
) -> None:
    client = sign_in(w.applicant)
    send(client, page_of(draft), **{field_of(draft): [file(files.PDF), file(files.PNG, "a.png")]})
    first, second = rows()
    assert client.post(f"/documents/{first.id}/retirer").location == page_of(draft)
    assert [f.id for f in pieces.slots_of(draft)[0].files] == [second.id]
    assert client.post(f"/mes-projets/{draft.id}/deposer").status_code in (302, 422)
    draft.state, draft.reference = State.SUBMITTED, "2026-0900"
    draft.submitted_at, draft.theme_id = draft.saved_at, draft.applicant_theme_id
    db.session.commit()
    assert client.post(f"/documents/{second.id}/retirer").status_code == 403
    sent = {f"piece_{second.piece_id}": file(files.PDF)}
    assert send(client, page_of(draft), **sent).status_code == 403
    assert [d.removed_at is None for d in rows()] == [False, True]


def test_the_organisation_s_documents_serve_every_year(w: World, sign_in: SignIn) -> None:
    asked = piece(w.campaign, "Vos statuts", kind=DocumentKind.STATUTES)
    draft = draft_of(w)
    client, page = sign_in(w.applicant), f"/organisation/{w.bearer.id}/documents"
    assert pieces.missing(pieces.slots_of(draft))
    answer = send(client, page, kind_STATUTES=file(files.PDF, "statuts.pdf"))
    assert answer.location == page
    (kept,) = rows()
    assert kept.valid_until == rules.a_year_from(rules.today())
    assert not pieces.missing(pieces.slots_of(draft))
    kept.valid_until = rules.today() - timedelta(days=1)
    db.session.commit()
    assert "n&#39;est plus valable" in client.get(page_of(draft)).text
    later = date(rules.today().year + 2, 6, 30)
    client.post(f"/documents/{kept.id}/confirmer", data={"valid_until": later.isoformat()})
    assert rows()[0].valid_until == later
    assert not pieces.missing(pieces.slots_of(draft))
    assert send(client, page_of(draft), **{f"piece_{asked.id}": file(files.PNG, "s.png")})
    assert [d.kind for d in rows()] == [DocumentKind.STATUTES] * 2


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


def test_files_that_no_document_names_are_swept(
    w: World, draft: Project, sign_in: SignIn, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(sign_in(w.applicant), page_of(draft), **{field_of(draft): file(files.PDF)})
    storage = uploads.Storage(str(folder))
    storage.write(io.BytesIO(b"left"))
    (folder / "half.part").write_bytes(b"half")
    assert rules.sweep(storage) == 0
    monkeypatch.setattr(rules, "ORPHAN_AGE", timedelta(0))
    assert rules.sweep(storage) == 2
    assert [f.name for f in folder.iterdir()] == [rows()[0].storage_key]


def test_a_virus_is_refused_and_no_antivirus_is_told(
    w: World, draft: Project, sign_in: SignIn, folder: Path, app: Flask,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
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
