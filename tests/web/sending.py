"""Files sent to the pages of a dossier, as browsers do."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from grants.database import db
from grants.domain.dossier import pieces
from grants.models import Document, Project
from tests import documents as files
from tests.factories import World, piece
from tests.web.dossiers import draft_of


@pytest.fixture
def folder(app: Flask) -> Path:
    """Where files lie; empty."""
    found = app.config["SETTINGS"].data_dir / "documents"
    found.mkdir(mode=0o700, exist_ok=True)
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
