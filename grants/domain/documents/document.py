"""Documents: received from people, kept under an organisation or a project, shown until removed.

`receive` looks at a file and stores it, without any transaction: it takes as long as the file is
big. `keep` then makes it a document. Who receives and does not commit removes it from the storage.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import IO, Any

from sqlalchemy import and_, delete, exists, func, or_, select

from grants.config import MEGABYTE, Uploads
from grants.database import db
from grants.domain.documents.media import recognise, safe_name
from grants.domain.ledger import history
from grants.errors import DomainError, NotAllowed
from grants.french import today
from grants.models import Document, DocumentKind, Nature, Organisation, Project, Provenance, User, now
from grants.permissions import refuse_strangers
from grants.scanning import scan
from grants.storage import Storage, StoredFile

LONGEST_YEARS = 10
ORPHAN_AGE = timedelta(days=1)
# A file removed by mistake can be had back from here by hand; that long it counts in the quota.
KEPT_REMOVED = timedelta(days=30)
MOST_REMOVED = 2  # times what a dossier may show
MOST_FORGOTTEN = 500  # at a time: nobody waits long behind it

_OF_ANY = (DocumentKind.POWER_OF_ATTORNEY, DocumentKind.OTHER)
_OF_BODIES = (DocumentKind.BANK_DETAILS, DocumentKind.ACCOUNTS, *_OF_ANY)
# What each nature of organisation has; a call asks for some of it (Cerfa 12156*06).
KINDS_OF: dict[Nature, tuple[DocumentKind, ...]] = {
    Nature.ASSOCIATION: tuple(DocumentKind),
    Nature.LANDLORD: (DocumentKind.STATUTES, *_OF_BODIES),
    Nature.PUBLIC_BODY: _OF_BODIES,
    Nature.MUNICIPAL_SERVICE: _OF_ANY,
    Nature.OTHER: tuple(DocumentKind),
}


def natures_with(kind: DocumentKind | None) -> tuple[Nature, ...]:
    """The natures of organisation that have such a document; nothing where all have."""
    having = tuple(nature for nature, kinds in KINDS_OF.items() if kind in kinds)
    return having if len(having) < len(KINDS_OF) else ()


@dataclass(frozen=True)
class ListedDocument:
    """A document, as pages list it. `valid_until`: its last day, for an organisation's."""

    id: int
    filename: str
    size: int
    valid_until: date | None
    uploaded_at: datetime
    uploaded_by: str

    @property
    def expired(self) -> bool:
        return self.valid_until is not None and self.valid_until < today()


KEPT = (Document.id, Document.filename, Document.size, Document.valid_until, Document.uploaded_at, User.name)


@dataclass(frozen=True)
class FileSlot:
    """A place for files: a piece of the call (`piece_id`), or a kind of document of the
    organisation. `name`: of its form field."""

    name: str
    label: str
    help: str
    required: bool
    kind: DocumentKind | None
    piece_id: int | None
    files: tuple[ListedDocument, ...]

    @property
    def filled(self) -> bool:
        return any(not file.expired for file in self.files)

    @property
    def what_to_do(self) -> str:
        """Where it is not filled."""
        if self.files:
            return f"« {self.label} » n'est plus valable : confirmez-le ou remplacez-le."
        return f"Envoyez la pièce demandée : {self.label}."


@dataclass(frozen=True)
class ReceivedFile:
    """A file that was looked at and stored; not a document yet."""

    filename: str
    media_type: str
    stored: StoredFile


def receive(name: str | None, content: IO[bytes], storage: Storage, terms: Uploads) -> ReceivedFile:
    """Raises `DomainError`: empty, too big, of a type that is not accepted, infected."""
    size = content.seek(0, os.SEEK_END)
    if not size:
        raise DomainError("Ce fichier est vide (0 octet) : vérifiez-le sur votre appareil, puis renvoyez-le.")
    if size > terms.most_bytes:
        raise DomainError(
            f"Ce fichier est trop lourd ({weight(size)}) : {weight(terms.most_bytes)} au"
            " plus. Enregistrez-le en plus petit (un PDF moins lourd, des photos réduites)."
        )
    media = recognise(content, name or "")
    if terms.clamd:
        content.seek(0)
        scan(content, terms.clamd)
    content.seek(0)
    return ReceivedFile(safe_name(name, media), media.type, storage.write(content))


def weight(size: int) -> str:
    """« 12 ko », « 1,3 Mo »; rounded up: a file just over a limit is seen to be over it."""
    if size < MEGABYTE / 10:
        return f"{math.ceil(size / 1024)} ko"
    tenths = math.ceil(size * 10 / MEGABYTE)
    return f"{tenths / 10:g} Mo".replace(".", ",")


class AlreadyThere(DomainError):
    """The very same file lies in that place: it is not kept twice."""

    def __init__(self, document_id: int) -> None:
        super().__init__("ce fichier y était déjà, il n'est pas gardé deux fois.")
        self.document_id = document_id


def refuse_twice(
    received: ReceivedFile,
    owner: Organisation | Project,
    *,
    kind: DocumentKind | None = None,
    piece_id: int | None = None,
) -> None:
    """Raises `AlreadyThere`."""
    column = Document.project_id if isinstance(owner, Project) else Document.organisation_id
    same = db.session.scalar(
        select(Document.id)
        .where(
            column == owner.id,
            Document.kind == kind,
            Document.piece_id == piece_id,
            Document.sha256 == received.stored.sha256,
            Document.removed_at.is_(None),
        )
        .limit(1)
    )
    if same is not None:
        raise AlreadyThere(same)


def keep(
    received: ReceivedFile,
    owner: Organisation | Project,
    *,
    by: User,
    total: int,
    kind: DocumentKind | None = None,
    piece_id: int | None = None,
) -> Document:
    """Make it a document of `owner`; that `by` may is the caller's to check, who holds its row
    locked. Raises `DomainError` where all the files of `owner` would weigh more than `total`, and
    where too many were removed of late."""
    is_project = isinstance(owner, Project)
    column = Document.project_id if is_project else Document.organisation_id
    is_shown = Document.removed_at.is_(None)
    shown, there = db.session.execute(
        select(func.sum(Document.size).filter(is_shown), func.sum(Document.size)).where(
            column == owner.id, or_(is_shown, Document.removed_at > now() - KEPT_REMOVED)
        )
    ).one()
    if (shown or 0) + received.stored.size > total:
        raise DomainError(f"Vos fichiers dépasseraient {weight(total)} en tout : retirez-en, ou réduisez-les.")
    if (there or 0) + received.stored.size > total * (1 + MOST_REMOVED):
        raise DomainError(
            f"Trop de fichiers ont été retirés depuis {KEPT_REMOVED.days} jours : gardez ceux qui"
            " sont là, envoyez-en un plus léger, ou attendez quelques jours."
        )
    document = named(
        received,
        by,
        organisation_id=None if is_project else owner.id,
        project_id=owner.id if is_project else None,
        piece_id=piece_id,
        kind=kind,
        valid_until=None if is_project else a_year_from(today()),
    )
    history.record(owner, "add_document", by=by, field="document", new=received.filename)
    db.session.flush()
    return document


def named(received: ReceivedFile, by: User, **links: Any) -> Document:
    """The row that names a stored file; `links`: what it belongs to, unless that links to it."""
    document = Document(
        filename=received.filename,
        media_type=received.media_type,
        size=received.stored.size,
        sha256=received.stored.sha256,
        storage_key=received.stored.key,
        uploaded_by_id=by.id,
        **links,
    )
    db.session.add(document)
    return document


def confirm(document: Document, until: date | None, *, by: User) -> None:
    """The organisation says that its document still holds, up to and including a day."""
    if document.organisation_id is None or document.removed_at is not None:
        raise NotAllowed("Ce document n'est pas (ou plus) de ceux que l'organisation garde.")
    organisation = db.session.get_one(Organisation, document.organisation_id)
    refuse_strangers(by, organisation)
    if until is None or not today() <= until <= _last_day():
        raise DomainError(f"Écrivez une date entre aujourd'hui et dans {LONGEST_YEARS} ans.", "valid_until")
    history.record(
        organisation,
        "confirm_document",
        by=by,
        field="document",
        old=document.valid_until,
        new=until,
        reason=document.filename,
    )
    document.valid_until = until
    db.session.flush()


def remove(document: Document, owner: Organisation | Project, *, by: User) -> None:
    """Nothing happens when it was removed already (the button pressed twice)."""
    refuse_strangers(by, owner)
    if document.removed_at is not None:
        return
    document.removed_at = now()
    history.record(owner, "remove_document", by=by, field="document", old=document.filename)
    db.session.flush()


def a_year_from(day: date) -> date:
    """The same day of next year (28 February after a 29th)."""
    return day.replace(year=day.year + 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _last_day() -> date:
    return date(today().year + LONGEST_YEARS, 12, 31)


def forget_removed() -> list[str]:
    """Delete the documents removed a while ago that no deposited dossier has shown since they
    came; the keys of their files, where no other document (of a copied dossier) names them. What
    a deposit froze was not removed then, so it is among those shown."""
    of_organisation = and_(
        Project.organisation_id == Document.organisation_id, Project.provenance != Provenance.IMPORTED
    )
    was_shown = exists().where(
        or_(Project.id == Document.project_id, of_organisation), Project.submitted_at <= Document.removed_at
    )
    old = select(Document.id).where(Document.removed_at < now() - KEPT_REMOVED, ~was_shown).limit(MOST_FORGOTTEN)
    gone = delete(Document).where(Document.id.in_(old)).returning(Document.storage_key)
    keys = set(db.session.scalars(gone))
    named = select(Document.storage_key).where(Document.storage_key.in_(keys))
    return sorted(keys.difference(db.session.scalars(named)))


def sweep(storage: Storage) -> int:
    """Remove the files that no document names, left by a server that was killed between storing
    and committing; how many there were. Raises `DomainError` where no document is known at all:
    this would be another database's storage."""
    known = set(db.session.scalars(select(Document.storage_key)))
    if not known:
        raise DomainError("Cette base ne nomme aucun document : rien n'est retiré.")
    orphans = [key for key in storage.older_than(ORPHAN_AGE) if key not in known]
    for key in orphans:
        storage.remove(key)
    return len(orphans)
