"""Files sent at once to a real server: each stored intact or refused with its reason (300 of them
in soak/test_uploads.py)."""

import hashlib
import http.client
import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask

from grants.config import MEGABYTE
from grants.database import db
from grants.domain.dossier import pieces
from grants.models import Document
from tests import documents as files
from tests.factories import piece
from tests.serving import Caller, Served, caller, environment, served, signed
from tests.web.dossiers import applicants_world, draft_of

AT_ONCE, DOSSIERS = 32, 6


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[Served]:
    env = environment(database_url, tmp_path) | {"GRANTS_UPLOAD_MAX_MB": "1"}
    with served(env) as running:
        yield running


def ask(server: Served, person: Caller, path: str, **fields) -> tuple[int, bytes]:
    """A GET, or a POST of `fields`."""
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    headers = {"Cookie": person.cookie}
    if fields:
        body, headers["Content-Type"] = files.multipart(csrf_token=person.token, **fields)
        line.request("POST", path, body, headers)
    else:
        line.request("GET", path, headers=headers)
    answer = line.getresponse()
    found = answer.status, answer.read()
    line.close()
    return found


@pytest.mark.slow
def test_sixty_at_once_and_a_body_far_too_large(app: Flask, server: Served, tmp_path: Path) -> None:
    send_at_once(60, app, server, tmp_path)
    send_far_too_much(app, server)


def send_at_once(count: int, app: Flask, server: Served, folder: Path) -> None:
    """A tenth of them of a type that is not accepted, a tenth too big."""
    w = applicants_world()
    piece(w.campaign, "Devis")
    drafts = [draft_of(w, title=f"Action {n}") for n in range(DOSSIERS)]
    field = pieces.slots_of(drafts[0])[0].name
    person, chance = caller(app, signed(w.applicant)), random.Random(1)
    pages = [f"/mes-projets/{draft.id}/pieces" for draft in drafts]
    db.session.rollback()
    content = [files.PDF + chance.randbytes(chance.randrange(60_000)) for _ in range(count)]
    for n in range(0, count, 10):
        content[n] = files.EXE
        content[n + 1] = files.PDF + bytes(MEGABYTE)
    sent = {n: hashlib.sha256(one).hexdigest() for n, one in enumerate(content)}

    def send(n: int) -> tuple[int, bytes]:
        """Sent again where too many write at once, as the page's script does."""
        to = pages[n % DOSSIERS]
        for wait in (0.5, 1, 2, 4, 8):
            answer = ask(server, person, to, **{field: (content[n], f"../n{n}.pdf")})
            if answer[0] != 503:
                break
            time.sleep(wait)
        return answer

    with ThreadPoolExecutor(AT_ONCE) as at_once:
        answers = list(at_once.map(send, range(count)))
    assert Counter(status for status, _ in answers) == {302: count * 8 // 10, 422: count * 2 // 10}
    for n, (status, body) in enumerate(answers):
        assert status == (422 if n % 10 < 2 else 302)
        assert n % 10 != 0 or "pas accepté".encode() in body
        assert n % 10 != 1 or b"trop lourd" in body
    rows = db.session.query(Document.id, Document.filename, Document.sha256).all()
    assert {(r.filename, r.sha256) for r in rows} == {(f"n{n}.pdf", sent[n]) for n in range(count) if n % 10 > 1}
    with ThreadPoolExecutor(AT_ONCE) as at_once:
        got = list(at_once.map(lambda r: ask(server, person, f"/documents/{r.id}")[1], rows))
    assert [hashlib.sha256(one).hexdigest() for one in got] == [r.sha256 for r in rows]
    assert len(list((folder / "documents").iterdir())) == count * 8 // 10
    assert not list(folder.rglob("n*.pdf"))


def send_far_too_much(app: Flask, server: Served) -> None:
    """It still gets its page."""
    w = applicants_world()
    piece(w.campaign, "Devis")
    draft = draft_of(w)
    field = pieces.slots_of(draft)[0].name
    path, person = f"/mes-projets/{draft.id}/pieces", caller(app, signed(w.applicant))
    db.session.rollback()
    status, page = ask(server, person, path, **{field: (bytes(80 * MEGABYTE), "film.pdf")})
    assert status == 413
    assert b"60 Mo" in page
    assert ask(server, person, path)[0] == 200
