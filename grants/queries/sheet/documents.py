"""Documents as those who read dossiers see them: who may, and what the sheet lists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Integer, String, and_, bindparam, func, or_, select, type_coerce

from grants.database import all_as, db
from grants.models import (
    Campaign,
    CampaignDocument,
    CampaignPiece,
    Document,
    DocumentKind,
    Message,
    Project,
    Provenance,
    State,
    message_documents,
)
from grants.models.base import Instant
from grants.queries.sheet.exchange import Branch, BranchRow, branch
from grants.words import word

# What an organisation sends so long after a deposit still serves it: pieces asked for, a bank
# account to be paid on.
SERVES = timedelta(days=365)


@dataclass(frozen=True)
class Readable:
    """A document with who may read it: members of `organisation_id`, and whoever instructs one of the
    deposited `projects` that it is part of; or, of a `campaign`, everybody once that is announced."""

    document: Document
    organisation_id: int | None
    projects: tuple[Project, ...]
    campaign: Campaign | None = None


def readable(document_id: int) -> Readable | None:
    document = db.session.get(Document, document_id)
    if document is None:
        return None
    if document.organisation_id is None and document.project_id is None:
        return _of_a_message(document) or _of_a_campaign(document)
    deposits = db.session.scalars(
        select(Project).where(Project.state != State.DRAFT, Project.reference.is_not(None), _dossiers_of(document))
    )
    seen = tuple(p for p in deposits if _is_part(document, p.submitted_at, p.state, p.provenance))
    return Readable(document, _organisation_of(document), seen)


def _of_a_message(document: Document) -> Readable | None:
    """Whoever reads the message reads its files."""
    project = db.session.scalar(
        select(Project)
        .join(Message, Message.project_id == Project.id)
        .join(message_documents, message_documents.c.message_id == Message.id)
        .where(message_documents.c.document_id == document.id)
    )
    return Readable(document, project.organisation_id, (project,)) if project else None


def _of_a_campaign(document: Document) -> Readable | None:
    named = select(Campaign).join(CampaignDocument).where(CampaignDocument.document_id == document.id)
    campaign = db.session.scalar(named)
    return Readable(document, None, (), campaign) if campaign else None


def _is_part(document: Document, sent: datetime | None, state: State, provenance: Provenance) -> bool:
    """As `sheet_documents` lists them."""
    removed, until = document.removed_at, _until(sent, state, provenance)
    if removed is not None and (sent is None or removed <= sent):
        return False
    kept = document.organisation_id is not None
    return not kept or (until is not None and document.uploaded_at <= until)


def _until(sent: datetime | None, state: State, provenance: Provenance) -> datetime | None:
    """What its organisation sends until then is part of the deposited dossier; nothing of one
    that was imported, which never showed any."""
    if sent is None or provenance is Provenance.IMPORTED:
        return None
    return sent if state is State.WITHDRAWN else sent + SERVES


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
    return of_rows(all_as(BranchRow, _OF_SHEET, about(project)))


def about(project: Project) -> dict[str, int | datetime | None]:
    """What `sheet_documents` asks for."""
    sent = project.submitted_at
    until = _until(sent, project.state, project.provenance)
    return {"of": project.id, "bearer": project.organisation_id, "sent": sent, "until": until}


def of_rows(rows: Iterable[BranchRow]) -> list[SheetDocument]:
    """Out of the rows of `sheet_documents`, in the order of the call's pieces."""
    ordered = sorted(rows, key=lambda row: (row.under is None, row.under, row.kind, row.key))
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
        for row in ordered
    ]


def _kind_in_words(kind: str) -> str:
    return word(DocumentKind(kind)) if kind else "Pièce du dossier"


def sheet_documents() -> Branch:
    """To be read with what was said (`exchange.branches`)."""
    removed = Document.removed_at
    own = Document.project_id == bindparam("of", type_=Integer)
    kept = and_(
        Document.organisation_id == bindparam("bearer", type_=Integer),
        Document.uploaded_at <= bindparam("until", type_=Instant),
    )
    return (
        branch(
            "document",
            7,
            Document,
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
        .where(or_(own, kept), or_(removed.is_(None), removed > bindparam("sent", type_=Instant)))
    )


_OF_SHEET = sheet_documents()
