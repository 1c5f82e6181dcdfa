"""What an applicant and whoever instructs say to each other on a deposited dossier."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import exists, func, or_, select

from grants.database import all_of, db
from grants.domain.documents.document import ReceivedFile, named, weight
from grants.domain.mail import mail
from grants.domain.workflow import lock
from grants.errors import DomainError, NotAllowed
from grants.models import Document, Message, Project, Role, RoleGrant, User, message_documents, now
from grants.permissions import instructs, is_member, was_deposited

SAME_PRESS = timedelta(minutes=5)  # an upload that was cut is sent again for that long


def send(
    project: Project, text: str, *, by: User, as_applicant: bool, files: Sequence[ReceivedFile] = (), total: int = 0
) -> Message:
    """Add a message with its files and tell the other side by e-mail; the same words again at once
    are the button pressed twice. `as_applicant`: on which side `by` writes (a person may have
    both). Raises `DomainError` where the files of that side would weigh more than `total` bytes:
    neither can keep the other from answering."""
    lock(project)
    if not (is_member if as_applicant else instructs)(by, project):
        raise NotAllowed("Vous ne pouvez pas écrire dans ce dossier.")
    if not was_deposited(project):
        raise DomainError("Ce dossier n'est pas encore déposé : personne ne vous lirait.", "text")
    if not text.strip():
        raise DomainError("Écrivez votre message.", "text")
    last = db.session.scalar(
        select(Message).where(Message.project_id == project.id).order_by(Message.id.desc()).limit(1)
    )
    pressed = (by.id, as_applicant, text.strip())
    if last and (last.by_id, last.from_applicant, last.text) == pressed and last.at > now() - SAME_PRESS:
        _attach(last, files, by, total)
        return last
    made = Message(project_id=project.id, by_id=by.id, from_applicant=as_applicant, text=text.strip())
    db.session.add(made)
    db.session.flush()
    _attach(made, files, by, total)
    _tell(project, made, by)
    return made


def _attach(message: Message, files: Sequence[ReceivedFile], by: User, total: int) -> None:
    """The same file twice under a message is kept once."""
    had = {document.sha256 for document in message.documents}
    new = {one.stored.sha256: one for one in files if one.stored.sha256 not in had}.values()
    there = db.session.scalar(
        select(func.sum(Document.size))
        .join(message_documents, message_documents.c.document_id == Document.id)
        .join(Message, Message.id == message_documents.c.message_id)
        .where(Message.project_id == message.project_id, Message.from_applicant == message.from_applicant)
    )
    if new and (there or 0) + sum(one.stored.size for one in new) > total:
        raise DomainError(
            f"Vos fichiers dans ces échanges dépasseraient {weight(total)} en tout :"
            " réduisez-les, ou envoyez-en moins.",
            "files",
        )
    message.documents.extend(named(one, by) for one in new)
    db.session.flush()


def _tell(project: Project, message: Message, by: User) -> None:
    if message.from_applicant:
        readers, link = _instructors(project), f"/projets/{project.id}#echanges"
    else:
        readers = mail.members(project.organisation)
        link = f"/mes-projets/{project.id}#echanges"
    for reader in readers:
        if reader.id != by.id:
            mail.queue("message", reader, project=project, who=by.name, link=link, files=len(message.documents))


def _instructors(project: Project) -> list[User]:
    """The coordinators, and who of the institutions has written here before."""
    wrote = exists().where(
        Message.project_id == project.id, Message.by_id == User.id, Message.from_applicant.is_(False)
    )
    return all_of(
        select(User)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(
            User.active,
            User.email_confirmed_at.is_not(None),
            RoleGrant.contract_id == project.contract_id,
            or_(RoleGrant.commune_id.is_(None), RoleGrant.commune_id == project.commune_id),
            or_(RoleGrant.role == Role.COORDINATOR, (RoleGrant.role == Role.INSTRUCTOR) & wrote),
        )
        .distinct()
        .order_by(User.id)
    )
