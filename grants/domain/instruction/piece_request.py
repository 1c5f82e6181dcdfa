"""Pieces asked of an applicant after the deposit: only what is asked for is open again, and the
clock of the implicit decision stands still meanwhile (CRPA L114-5)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import selectinload

from grants.database import db
from grants.domain.documents import document
from grants.domain.documents.document import FileSlot, ReceivedFile
from grants.domain.dossier.checks import faults
from grants.domain.dossier.drafts import Section, open_sections
from grants.domain.ledger import history
from grants.domain.mail import mail
from grants.domain.workflow import lock, move
from grants.errors import DomainError, Incomplete
from grants.french import today
from grants.models import Mail, PieceRequest, PieceRequestItem, Project, User, now
from grants.permissions import refuse_strangers

MOST_PIECES = 20
LONGEST_LABEL = 250
SLOT = "item_"
ASKED = "piece_request"  # the purpose of its mail
# What a change of these pages may unbalance is told on the page of the requests.
MONEY = (Section.BUDGET, Section.REQUESTS)


@dataclass(frozen=True)
class PiecesWanted:
    """`sections`: the pages open again, each with its title; `text`: said to the applicant."""

    labels: tuple[str, ...]
    due_on: date | None
    sections: dict[Section, str] = field(default_factory=dict)
    text: str = ""

    @property
    def names(self) -> list[str]:
        pages = [f"la page « {title} » à revoir" for title in self.sections.values()]
        return [*self.labels, *pages]


def ask(project: Project, wanted: PiecesWanted, *, by: User, version: int | None = None) -> PieceRequest:
    """Ask, and tell the members by e-mail. Raises `DomainError` at the field when nothing is
    asked, or by a day that is past."""
    check(wanted)
    lock(project, version)
    made = request_pieces(project, wanted, mail.members(project.organisation), by=by)
    db.session.flush()
    return made


def request_pieces(project: Project, wanted: PiecesWanted, members: list[User], *, by: User) -> PieceRequest:
    """`ask` for who has checked `wanted` and holds the lock; the caller flushes."""
    reason = " ; ".join(filter(None, [*wanted.names, wanted.text.strip()]))
    move(project, "ask_pieces", by=by, reason=reason, due_on=wanted.due_on)
    made = PieceRequest(
        project_id=project.id,
        asked_by_id=by.id,
        due_on=wanted.due_on,
        text=wanted.text.strip(),
        sections=[s.value for s in wanted.sections],
        items=[PieceRequestItem(label=label) for label in wanted.labels],
    )
    db.session.add(made)
    _tell(members, project, wanted.names, made)
    return made


def _tell(members: list[User], project: Project, items: list[str], request: PieceRequest) -> None:
    facts = {"items": items, "text": request.text, "due_on": request.due_on}
    link = f"/mes-projets/{project.id}/pieces-demandees"
    mail.queue_all(ASKED, members, project=project, link=link, **facts)


def check(wanted: PiecesWanted) -> None:
    if not wanted.labels and not wanted.sections:
        raise DomainError("Écrivez au moins une pièce, ou cochez une page à revoir.", "labels")
    if len(wanted.labels) > MOST_PIECES:
        raise DomainError(f"Demandez {MOST_PIECES} pièces au plus à la fois.", "labels")
    if any(len(label) > LONGEST_LABEL for label in wanted.labels):
        raise DomainError(f"Écrivez {LONGEST_LABEL} caractères au plus par pièce.", "labels")
    if wanted.due_on is None:
        raise DomainError("Indiquez la date limite de réponse.", "due_on")
    first = today()
    if not first <= wanted.due_on <= first.replace(year=first.year + 1, day=1):
        raise DomainError("Choisissez une date à venir, dans l'année.", "due_on")


def open_request(project: Project) -> PieceRequest | None:
    """The one that the coordinator has not closed."""
    return db.session.scalar(
        select(PieceRequest).where(PieceRequest.project_id == project.id, PieceRequest.closed_at.is_(None))
    )


def answered(project_ids: Collection[int]) -> set[int]:
    """Those whose applicant has sent something that the open request asks for, or said so."""
    sent = exists().where(
        PieceRequestItem.request_id == PieceRequest.id,
        or_(PieceRequestItem.document_id.is_not(None), PieceRequestItem.reason != ""),
    )
    return set(
        db.session.scalars(
            select(PieceRequest.project_id).where(
                PieceRequest.project_id.in_(project_ids),
                PieceRequest.closed_at.is_(None),
                or_(PieceRequest.answered_at.is_not(None), sent),
            )
        )
    )


def take_back(projects: Collection[Project], since: datetime) -> None:
    """Close what was asked `since`. Its mails that have not left never will; whoever got one is
    told that nothing is waited for any more."""
    if not projects:
        return
    by_id = {project.id: project for project in projects}
    db.session.execute(
        update(PieceRequest)
        .where(PieceRequest.project_id.in_(by_id), PieceRequest.closed_at.is_(None))
        .values(closed_at=now())
    )
    told = and_(Mail.purpose == ASKED, Mail.project_id.in_(by_id), Mail.created_at >= since)
    db.session.execute(delete(Mail).where(told, Mail.sent_at.is_(None), Mail.taken_at.is_(None)))
    for project_id, member in db.session.execute(
        select(Mail.project_id, User).join(User, User.id == Mail.user_id).where(told)
    ).all():
        mail.queue("piece_request_withdrawn", member, project=by_id[project_id or 0])


def ask_again(projects: Collection[Project]) -> None:
    """What was taken back last is asked again, with its own date."""
    if not projects:
        return
    people = mail.members_of({project.organisation_id for project in projects})
    by_id = {project.id: project for project in projects}
    last = select(func.max(PieceRequest.id)).where(PieceRequest.project_id.in_(by_id)).group_by(PieceRequest.project_id)
    for request in db.session.scalars(
        select(PieceRequest).where(PieceRequest.id.in_(last)).options(selectinload(PieceRequest.items))
    ):
        request.closed_at = None
        project = by_id[request.project_id]
        items = [item.label for item in request.items] or [project.state_reason]
        _tell(people[project.organisation_id], project, items, request)


def slots_of(request: PieceRequest) -> list[FileSlot]:
    """A place for a file for each piece asked for."""
    return [FileSlot(f"{SLOT}{item.id}", item.label, "", True, None, None, ()) for item in request.items]


def add(slot: FileSlot, received: ReceivedFile, project: Project, *, by: User, total: int) -> None:
    """This file is the piece asked for, instead of the one sent before."""
    request = unanswered(project, by=by)
    item = next((i for i in request.items if f"{SLOT}{i.id}" == slot.name), None)
    if item is None:
        raise DomainError("Cette pièce n'est plus demandée.")
    if item.document is not None:
        document.remove(item.document, project, by=by)
    kept = document.keep(received, project, by=by, total=total)
    item.document_id = kept.id
    db.session.flush()
    db.session.expire(item, ["document"])


def explain(project: Project, reasons: Mapping[str, str], *, by: User) -> None:
    """Why a piece is not sent, by the name of its slot: an answer as good as a file."""
    for item in unanswered(project, by=by).items:
        item.reason = reasons.get(f"{SLOT}{item.id}", item.reason).strip()
    db.session.flush()


def finish(project: Project, *, by: User) -> None:
    """ "J'ai tout envoyé": nothing is open any more until the coordinator has looked. Raises
    `DomainError` that names a piece not sent, `Incomplete` with what a page lacks."""
    request = unanswered(project, by=by)
    if lacking := [item.label for item in request.items if not _sent(item)]:
        raise DomainError(
            f"Il manque : {', '.join(lacking)}. Pour chaque pièce, envoyez un fichier, ou écrivez"
            " pourquoi vous ne l'avez pas."
        )
    pages = set(open_sections(project))
    if pages & set(MONEY):
        pages |= set(MONEY)
    if found := [fault for fault in faults(project) if fault.section in pages]:
        raise Incomplete("Il reste des réponses à compléter.", list(found))
    request.answered_at = now()
    history.record(project, "answer_pieces", by=by)
    db.session.flush()


def _sent(item: PieceRequestItem) -> bool:
    return bool(item.reason) or (item.document is not None and item.document.removed_at is None)


def unanswered(project: Project, *, by: User) -> PieceRequest:
    """What is asked of the project, which is locked. Raises `DomainError` where nothing is."""
    lock(project)
    refuse_strangers(by, project)
    request = open_request(project)
    if request is None or request.answered_at is not None:
        raise DomainError("Aucune pièce n'est attendue pour ce dossier en ce moment.")
    return request
