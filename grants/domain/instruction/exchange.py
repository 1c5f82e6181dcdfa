"""What an applicant and whoever instructs say to each other on a deposited dossier."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import exists, or_, select

from grants.database import db
from grants.domain.mail import mail
from grants.errors import DomainError, NotAllowed
from grants.models import Message, Project, Role, RoleGrant, User, now
from grants.permissions import instructs, is_member, was_deposited

SAME_PRESS = timedelta(minutes=1)


def send(project: Project, text: str, *, by: User, as_applicant: bool) -> Message:
    """Add a message and tell the other side by e-mail; the same words again at once are the
    button pressed twice. `as_applicant`: on which side `by` writes (a person may have both)."""
    if not (is_member if as_applicant else instructs)(by, project):
        raise NotAllowed("Vous ne pouvez pas écrire dans ce dossier.")
    if not was_deposited(project):
        raise DomainError("Ce dossier n'est pas encore déposé : personne ne vous lirait.", "text")
    if not text.strip():
        raise DomainError("Écrivez votre message.", "text")
    last = db.session.scalar(
        select(Message)
        .where(Message.project_id == project.id)
        .order_by(Message.id.desc())
        .limit(1)
    )
    if last and (last.by_id, last.text) == (by.id, text.strip()) and last.at > now() - SAME_PRESS:
        return last
    made = Message(
        project_id=project.id, by_id=by.id, from_applicant=as_applicant, text=text.strip()
    )
    db.session.add(made)
    db.session.flush()
    _tell(project, made, by)
    return made


def _tell(project: Project, message: Message, by: User) -> None:
    if message.from_applicant:
        readers, link = _instructors(project), f"/projets/{project.id}#echanges"
    else:
        readers = mail.members(project.organisation)
        link = f"/mes-projets/{project.id}#echanges"
    for reader in readers:
        if reader.id != by.id:
            mail.queue("message", reader, project=project, who=by.name, link=link)


def _instructors(project: Project) -> list[User]:
    """The coordinators, and who of the institutions has written here before."""
    wrote = exists().where(
        Message.project_id == project.id,
        Message.by_id == User.id,
        Message.from_applicant.is_(False),
    )
    return list(
        db.session.scalars(
            select(User)
            .join(RoleGrant, RoleGrant.user_id == User.id)
            .where(
                User.active,
                User.email_confirmed_at.is_not(None),
                RoleGrant.contract_id == project.contract_id,
                or_(
                    RoleGrant.role == Role.COORDINATOR,
                    (RoleGrant.role == Role.INSTRUCTOR) & wrote,
                ),
            )
            .distinct()
            .order_by(User.id)
        )
    )
