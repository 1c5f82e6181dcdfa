"""Documents as those who read dossiers see them: who may, and what the sheet lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_, select

from grants.database import db
from grants.models import CampaignPiece, Document, Project, State
from grants.words import word


@dataclass(frozen=True)
class Readable:
    """A document with who may read it: members of `organisation_id`, and whoever instructs in
    one of `contract_ids`, where a dossier was deposited that showed it."""

    document: Document
    organisation_id: int
    contract_ids: frozenset[int]


def readable(document_id: int) -> Readable | None:
    document = db.session.get(Document, document_id)
    if document is None:
        return None
    rows = db.session.execute(
        select(Project.organisation_id, Project.contract_id, Project.submitted_at).where(
            Project.state != State.DRAFT, Project.reference.is_not(None), _dossiers_of(document)
        )
    ).all()
    seen = frozenset(
        row.contract_id
        for row in rows
        if document.removed_at is None
        or (row.submitted_at is not None and row.submitted_at < document.removed_at)
    )
    return Readable(document, _organisation_of(document), seen)


def _dossiers_of(document: Document) -> ColumnElement[bool]:
    if document.project_id is not None:
        return Project.id == document.project_id
    return Project.organisation_id == document.organisation_id


def _organisation_of(document: Document) -> int:
    if document.organisation_id is not None:
        return document.organisation_id
    return db.session.scalars(
        select(Project.organisation_id).where(Project.id == document.project_id)
    ).one()


def ids_by_hash(project: Project) -> dict[str, int]:
    """The files of a dossier and of its organisation, by what they contain; also those removed
    since, which its own members go on reading."""
    rows = db.session.execute(
        select(Document.sha256, Document.id).where(
            or_(
                Document.project_id == project.id,
                Document.organisation_id == project.organisation_id,
            )
        )
    )
    return {row.sha256: row.id for row in rows}


@dataclass(frozen=True)
class SheetDocument:
    """`label`: what it is; `replaced`: since the deposit, by a newer one or by nothing."""

    id: int
    label: str
    filename: str
    size: int
    valid_until: date | None
    uploaded_at: datetime
    replaced: bool


def of_sheet(project: Project) -> list[SheetDocument]:
    """The dossier's own documents, and those of its organisation: what there was at the deposit
    and what came since. One query."""
    removed = Document.removed_at
    rows = db.session.execute(
        select(
            Document.id, CampaignPiece.label, Document.kind, Document.filename, Document.size,
            Document.valid_until, Document.uploaded_at, removed,
        )
        .outerjoin(CampaignPiece, CampaignPiece.id == Document.piece_id)
        .where(
            or_(
                Document.project_id == project.id,
                Document.organisation_id == project.organisation_id,
            ),
            or_(removed.is_(None), removed > project.submitted_at),
        )
        .order_by(CampaignPiece.position, Document.kind, Document.id)
    )  # fmt: skip
    return [
        SheetDocument(
            id_, label or (word(kind) if kind else "Pièce du dossier"), filename, size, until, at,
            removed_at is not None,
        )
        for id_, label, kind, filename, size, until, at, removed_at in rows
    ]  # fmt: skip
