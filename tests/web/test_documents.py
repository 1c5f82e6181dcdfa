"""Files sent by people are kept intact, and read by those entitled alone."""

import hashlib
import io
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from sqlalchemy import select

from grants.database import db
from grants.domain import dossier
from grants.domain.documents import document as rules
from grants.domain.dossier import pieces
from grants.french import today
from grants.models import DocumentKind, HistoryEntry, Nature, Project, State
from grants.web import uploads
from tests import documents as files
from tests.conftest import SignIn, both
from tests.factories import World, piece
from tests.web.dossiers import draft_of, swear
from tests.web.sending import draft, field_of, file, folder, page_of, rows, send

__all__ = ["draft", "folder"]  # fixtures


@both
def test_a_piece_is_sent_and_read_again(w: World, draft: Project, sign_in: SignIn, folder: Path) -> None:
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


NAMES = {
    "../../../tmp/evil.pdf": "evil.pdf",
    "..\\..\\evil.pdf": "evil.pdf",
    "é" * 196 + ".pdf": "é" * 196 + ".pdf",
    "a\x00b\u202efdp.pdf": "a b fdp.pdf",
    "l\nd.pdf": "l%0Ad.pdf",
    'g"u;i=l.pdf': 'g"u;i=l.pdf',
    "<b>.pdf": "<b>.pdf",
}


@pytest.mark.slow
def test_whatever_its_name_a_file_comes_back_intact(w: World, draft: Project, sign_in: SignIn, folder: Path) -> None:
    client, known = sign_in(w.applicant), set(folder.parent.parent.rglob("*"))
    for name, kept in NAMES.items():
        sent = file(files.PDF + name.encode(), name)
        assert send(client, page_of(draft), **{field_of(draft): sent}).status_code == 302, name
        row = rows()[-1]
        assert row.filename == kept
        got = client.get(f"/documents/{row.id}")
        assert hashlib.sha256(got.data).hexdigest() == row.sha256, name
        disposition = got.headers["Content-Disposition"]
        assert "\n" not in disposition
        assert unquote(disposition.rpartition("filename*=UTF-8''")[2] or kept)
    new = {path for path in set(folder.parent.parent.rglob("*")) - known if ".sqlite3" not in path.name}
    assert new == {folder / row.storage_key for row in rows()}
    assert "<b>.pdf" not in client.get(page_of(draft)).text


def test_new_files_replace_where_the_box_is_ticked(w: World, draft: Project, sign_in: SignIn) -> None:
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


def test_what_was_sent_is_read_again_from_the_dossier(w: World, draft: Project, sign_in: SignIn) -> None:
    client = sign_in(w.applicant)
    send(client, page_of(draft), **{field_of(draft): file(files.PDF, "un.pdf")})
    swear(draft, w.applicant)
    dossier.submit(draft, by=w.applicant)
    db.session.commit()
    link = f'<a href="/documents/{rows()[0].id}">un.pdf</a>'
    assert link in client.get(f"/mes-projets/{draft.id}").text


def test_removed_by_a_member_until_the_dossier_is_deposited(w: World, draft: Project, sign_in: SignIn) -> None:
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
    assert kept.valid_until == rules.a_year_from(today())
    assert not pieces.missing(pieces.slots_of(draft))
    kept.valid_until = today() - timedelta(days=1)
    db.session.commit()
    assert "n&#39;est plus valable" in client.get(page_of(draft)).text
    later = date(today().year + 2, 6, 30)
    client.post(f"/documents/{kept.id}/confirmer", data={"valid_until": later.isoformat()})
    assert rows()[0].valid_until == later
    assert not pieces.missing(pieces.slots_of(draft))
    assert send(client, page_of(draft), **{f"piece_{asked.id}": file(files.PNG, "s.png")})
    assert [d.kind for d in rows()] == [DocumentKind.STATUTES] * 2


def test_files_that_no_document_names_are_swept(
    w: World, draft: Project, sign_in: SignIn, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(sign_in(w.applicant), page_of(draft), **{field_of(draft): file(files.PDF)})
    storage = uploads.Storage(str(folder))
    storage.write(io.BytesIO(b"left"))
    (folder / "half.part").write_bytes(b"half")
    files.date_by_process(folder)
    assert rules.sweep(storage) == 0
    monkeypatch.setattr(rules, "ORPHAN_AGE", timedelta(0))
    assert rules.sweep(storage) == 2
    assert [f.name for f in folder.iterdir()] == [rows()[0].storage_key]
