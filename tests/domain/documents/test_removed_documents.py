"""Removed files count for a while, and are then deleted unless a deposited dossier showed them."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from grants import worker
from grants.config import MEGABYTE
from grants.database import db
from grants.domain import dossier
from grants.domain.documents import document as rules
from grants.domain.documents.media import PDF
from grants.domain.dossier import correction, pieces
from grants.errors import DomainError
from grants.models import Document, Organisation, Project, Provenance, now
from grants.storage import Storage, StoredFile
from tests.conftest import both
from tests.factories import World, complete_draft, document, piece, world

pytestmark = both
LONG_AGO = now() - timedelta(days=31)


@pytest.fixture
def w(app: Flask) -> World:
    return world()


def removed(of: Project | Organisation, w: World, at=LONG_AGO, **more) -> Document:
    made = document(of, w.applicant, **more)
    made.removed_at = at
    db.session.flush()
    return made


def left() -> set[int]:
    rules.forget_removed()
    return set(db.session.scalars(select(Document.id)))


def received(megabytes: int) -> rules.ReceivedFile:
    return rules.ReceivedFile("devis.pdf", PDF.type, StoredFile("k" * 40, megabytes * MEGABYTE, "0" * 64))


def test_a_removed_file_of_a_draft_goes_after_a_month(w: World) -> None:
    draft = complete_draft(w)
    shown = document(draft, w.applicant)
    of_late = removed(draft, w, now() - timedelta(days=29))
    removed(draft, w)
    removed(w.bearer, w)
    assert left() == {shown.id, of_late.id}


def test_what_a_deposit_showed_stays(w: World) -> None:
    draft = complete_draft(w)
    for of in (draft, w.bearer):
        removed(of, w, LONG_AGO - timedelta(days=2))
    shown = [document(of, w.applicant) for of in (draft, w.bearer)]
    dossier.submit(draft, by=w.applicant).submitted_at = LONG_AGO - timedelta(days=1)
    for each in shown:
        each.removed_at = LONG_AGO
    db.session.flush()
    assert left() == {each.id for each in shown}


def test_an_imported_dossier_showed_nothing(w: World) -> None:
    imported = dossier.submit(complete_draft(w), by=w.applicant)
    imported.provenance = Provenance.IMPORTED
    imported.submitted_at = LONG_AGO - timedelta(days=1)
    removed(w.bearer, w)
    assert left() == set()


def test_a_file_that_a_copied_dossier_names_too_stays_whole(app: Flask, w: World) -> None:
    """Removed from the copy, its row goes; the deposited dossier goes on naming the bytes."""
    settings = app.config["SETTINGS"]
    storage = Storage(settings.uploads.storage_url)
    draft = complete_draft(w)
    quote = document(draft, w.applicant, piece=piece(w.campaign))
    own = document(draft, w.applicant)
    quote.storage_key = storage.write(io.BytesIO(b"a quote")).key
    own.storage_key = storage.write(io.BytesIO(b"forgotten")).key
    own.removed_at = LONG_AGO
    key, gone = quote.storage_key, own.storage_key
    copy = correction.begin(dossier.submit(draft, by=w.applicant), by=w.applicant)
    copied = db.session.scalars(select(Document).where(Document.project_id == copy.id)).one()
    pieces.remove(copied, by=w.applicant)
    copied.removed_at = LONG_AGO
    db.session.commit()
    ids = quote.id, copied.id
    worker._hourly(settings)
    assert set(db.session.scalars(select(Document.id))) == {ids[0]}
    assert storage.open(key).read() == b"a quote"
    assert not (Path(storage.root) / gone).exists()


def test_removed_files_count_for_a_month(w: World) -> None:
    draft, total = complete_draft(w), 10 * MEGABYTE
    for days in (1, 2, 3):
        old = rules.keep(received(9), draft, by=w.applicant, total=total)
        old.removed_at = now() - timedelta(days=days)
        db.session.flush()
    with pytest.raises(DomainError, match="retirés depuis 30 jours"):
        rules.keep(received(9), draft, by=w.applicant, total=total)
    rules.keep(received(3), draft, by=w.applicant, total=total)
    with pytest.raises(DomainError, match="10 Mo en tout"):
        rules.keep(received(8), draft, by=w.applicant, total=total)
    old.removed_at = LONG_AGO
    db.session.flush()
    rules.keep(received(7), draft, by=w.applicant, total=total)
