"""Documents as those who read dossiers see them: who may, and what the sheet lists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, Select, String, and_, bindparam, func, or_, select, type_coerce

from grants.database import db
from grants.models import CampaignPiece, Document, DocumentKind, Message, Project, Provenance, State, message_documents
from grants.models.base import Instant
from grants.queries.sheet.exchange import branch
from grants.words import word

# What an organisation sends so long after a deposit still serves it: pieces asked for, a bank
# account to be paid on.
SERVES = timedelta(days=365)


@dataclass(frozen=True)
class Readable:
    """A document with who may read it: members of `organisation_id`, and whoever instructs in
    one of `contract_ids`, where a dossier was deposited that it is part of."""

    document: Document
    organisation_id: int
    contract_ids: frozenset[int]


def readable(document_id: int) -> Readable | None:
    document = db.session.get(Document, document_id)
    if document is None:
        return None
    if document.organisation_id is None and document.project_id is None:
        return _of_a_message(document)
    rows = db.session.execute(
        select(Project.contract_id, Project.submitted_at, Project.state, Project.provenance).where(
            Project.state != State.DRAFT, Project.reference.is_not(None), _dossiers_of(document)
        )
    ).all()
    seen = frozenset(row.contract_id for row in rows if _is_part(document, row))
    return Readable(document, _organisation_of(document), seen)


def _of_a_message(document: Document) -> Readable | None:
    """Whoever reads the message reads its files."""
    of = db.session.execute(
        select(Project.organisation_id, Project.contract_id)
        .join(Message, Message.project_id == Project.id)
        .join(message_documents, message_documents.c.message_id == Message.id)
        .where(message_documents.c.document_id == document.id)
    ).one_or_none()
    return of and Readable(document, of.organisation_id, frozenset({of.contract_id}))


def _is_part(document: Document, of: Row[*tuple[Any, ...]]) -> bool:
    """As `sheet_documents` lists them."""
    sent, removed, until = of.submitted_at, document.removed_at, _until(of)
    if removed is not None and (sent is None or removed <= sent):
        return False
    kept = document.organisation_id is not None
    return not kept or (until is not None and document.uploaded_at <= until)


def _until(of: Project | Row[*tuple[Any, ...]]) -> datetime | None:
    """What its organisation sends until then is part of the deposited dossier; nothing of one
    that was imported, which never showed any."""
    if of.submitted_at is None or of.provenance is Provenance.IMPORTED:
        return None
    sent: datetime = of.submitted_at
    return sent if of.state is State.WITHDRAWN else sent + SERVES


def _dossiers_of(document: Document) -> ColumnElement[bool]:
    if document.project_id is not None:
        return Project.id == document.project_id
    return Project.organisation_id == document.organisation_id


def _organisation_of(document: Document) -> int:
    if document.organisation_id is not None:
        return document.organisation_id
    return db.session.scalars(select(Project.organisation_id).where(Project.id == document.project_id)).one()


def ids_by_hash(project: Project) -> dict[str, int]:
    """The files of a dossier and of its organisation, by what they contain; also those removed
    since, which its own members go on reading."""
    rows = db.session.execute(
        select(Document.sha256, Document.id).where(
            or_(Document.project_id == project.id, Document.organisation_id == project.organisation_id)
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
    return of_rows(db.session.execute(_OF_SHEET, about(project)))


def about(project: Project) -> dict[str, Any]:
    """What `sheet_documents` asks for."""
    return {"of": project.id, "bearer": project.organisation_id, "sent": project.submitted_at, "until": _until(project)}


def of_rows(rows: Iterable[Any]) -> list[SheetDocument]:
    """Out of the rows of `sheet_documents`, in the order of the call's pieces."""
    found = sorted(rows, key=lambda row: (row.under is None, row.under, row.kind, row.key))
    return [
        SheetDocument(
            row.key,
            row.label or _kind_in_words(row.kind),
            row.name,
            row.flag,
            row.due_on,
            row.at,
            row.answered_at is not None,
        )
        for row in found
    ]


def _kind_in_words(kind: str) -> str:
    return word(DocumentKind(kind)) if kind else "Pièce du dossier"


def sheet_documents() -> Select[*tuple[Any, ...]]:
    """To be read with what was said (`exchange.branches`)."""
    removed = Document.removed_at
    of = Document.project_id == bindparam("of", type_=Integer)
    kept = and_(
        Document.organisation_id == bindparam("bearer", type_=Integer),
        Document.uploaded_at <= bindparam("until", type_=Instant),
    )
    return (
        branch(
            "document",
            7,
            Document.id,
            at=Document.uploaded_at,
            name=Document.filename,
            due_on=Document.valid_until,
            answered_at=removed,
            flag=Document.size,
            under=CampaignPiece.position,
            label=func.coalesce(CampaignPiece.label, ""),
            kind=func.coalesce(type_coerce(Document.kind, String), ""),
        )
        .outerjoin(CampaignPiece, CampaignPiece.id == Document.piece_id)
        .where(or_(of, kept), or_(removed.is_(None), removed > bindparam("sent", type_=Instant)))
    )


_OF_SHEET = sheet_documents()
