"""The pieces of a dossier: what its call asks for, what was sent, what is missing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby
from typing import Any, ClassVar, Self

from sqlalchemy import and_, bindparam, or_, select

from grants.database import db
from grants.domain.documents import document
from grants.domain.documents.document import KEPT, KINDS_OF, FileSlot, ListedDocument, ReceivedFile
from grants.domain.dossier.drafts import Answers, Section, refuse_unless_writable
from grants.domain.locking import fresh
from grants.domain.workflow import lock
from grants.errors import DomainError, NotAllowed
from grants.models import CampaignPiece, Document, Organisation, Project, User, now
from grants.permissions import refuse_strangers
from grants.words import word

_ANSWERS = or_(
    and_(Document.project_id == bindparam("project"), Document.piece_id == CampaignPiece.id),
    and_(Document.organisation_id == bindparam("organisation"), Document.kind == CampaignPiece.kind),
)
_SLOTS = (
    select(CampaignPiece.id, CampaignPiece.label, CampaignPiece.help, CampaignPiece.required, CampaignPiece.kind, *KEPT)
    .outerjoin(Document, _ANSWERS & Document.removed_at.is_(None))
    .outerjoin(User, User.id == Document.uploaded_by_id)
    .where(
        CampaignPiece.campaign_id == bindparam("campaign"),
        CampaignPiece.archived.is_(False),
        CampaignPiece.kind.is_(None) | CampaignPiece.kind.in_(bindparam("kinds", expanding=True)),
    )
    .order_by(CampaignPiece.position, CampaignPiece.id, Document.id)
)


def slots_of(project: Project) -> list[FileSlot]:
    """What the call asks of an organisation of this nature, with what there is; one query."""
    rows = db.session.execute(
        _SLOTS,
        {
            "project": project.id,
            "organisation": project.organisation_id,
            "campaign": project.campaign_id,
            "kinds": KINDS_OF[project.organisation.nature],
        },
    ).all()
    return [
        FileSlot(
            f"piece_{piece_id}",
            label,
            help_,
            required,
            kind,
            piece_id,
            tuple(ListedDocument(*row[5:]) for row in group if row[5] is not None),
        )
        for (piece_id, label, help_, required, kind), group in groupby(rows, lambda row: row[:5])
    ]


def slots_of_organisation(organisation: Organisation) -> list[FileSlot]:
    """Whatever an organisation of this nature keeps from year to year; one query."""
    rows = db.session.execute(
        select(Document.kind, *KEPT)
        .join(User, User.id == Document.uploaded_by_id)
        .where(Document.organisation_id == organisation.id, Document.removed_at.is_(None))
        .order_by(Document.id)
    ).all()
    files: dict[Any, list[ListedDocument]] = {kind: [] for kind in KINDS_OF[organisation.nature]}
    for row in rows:
        files.setdefault(row[0], []).append(ListedDocument(*row[1:]))
    return [
        FileSlot(f"kind_{kind.value}", word(kind), "", False, kind, None, tuple(of_kind))
        for kind, of_kind in files.items()
    ]


def add(slot: FileSlot, received: ReceivedFile, to: Organisation | Project, *, by: User, total: int) -> None:
    """Keep a file in `slot`, as the organisation's or the project's own. Raises `NotAllowed`
    where `by` may not write, `AlreadyThere`, `DomainError` beyond `total` bytes or for a piece removed since."""
    if isinstance(to, Project):
        lock(to)
        refuse_unless_writable(to, Section.PIECES, by)
        to.saved_at = now()
    owner = _owner(slot, to)
    if isinstance(owner, Organisation):
        fresh(owner)
        refuse_strangers(by, owner)
    piece_id = None if slot.kind else slot.piece_id
    if piece_id and fresh(db.session.get_one(CampaignPiece, piece_id), shared=True).archived:
        raise DomainError(f"« {slot.label} » n'est plus demandé : rechargez la page.")
    document.refuse_twice(received, owner, kind=slot.kind, piece_id=piece_id)
    document.keep(received, owner, by=by, total=total, kind=slot.kind, piece_id=piece_id)


def _owner(slot: FileSlot, to: Organisation | Project) -> Organisation | Project:
    return to.organisation if slot.kind and isinstance(to, Project) else to


def remove(removed: Document, *, by: User) -> None:
    """Raises `NotAllowed` for a document of a dossier whose pieces may not be changed (now)."""
    if removed.project_id is None:
        organisation = db.session.get_one(Organisation, removed.organisation_id)
        document.remove(removed, organisation, by=by)
        return
    project = lock(db.session.get_one(Project, removed.project_id))
    refuse_unless_writable(project, Section.PIECES, by)
    document.remove(removed, project, by=by)
    project.saved_at = now()


def clear(slot: FileSlot, spared: Collection[int], *, by: User) -> None:
    """Remove what it holds but the documents `spared`: other files take its place."""
    for file in (each for each in slot.files if each.id not in spared):
        remove(db.session.get_one(Document, file.id), by=by)


def missing(slots: list[FileSlot]) -> list[FileSlot]:
    """Those that are required, and where nothing was sent or nothing holds any longer."""
    return [slot for slot in slots if slot.required and not slot.filled]


def for_reading(project: Project) -> list[tuple[str, str]]:
    """Each piece, with the names of its files."""
    return [(slot.label, ", ".join(file.filename for file in slot.files)) for slot in slots_of(project)]


@dataclass(frozen=True)
class PiecesAnswers(Answers):
    """What the task list knows of the section; files are sent, not written."""

    documents: tuple[int, ...]

    section: ClassVar[Section] = Section.PIECES

    @classmethod
    def of(cls, project: Project) -> Self:
        return cls(tuple(file.id for slot in slots_of(project) for file in slot.files))

    def write(self, project: Project, by: User) -> None:
        raise NotAllowed("Les pièces s'envoient comme des fichiers.")
