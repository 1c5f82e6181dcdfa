"""Opinions on a project: of instructors and committees, never shown to applicants."""

from __future__ import annotations

from grants.database import db
from grants.domain import history
from grants.errors import DomainError, NotAllowed
from grants.models import Judgement, Opinion, Project, User
from grants.permissions import can, instructs

INSTRUCTOR = "Instructeur"
COMMITTEES = ("Comité technique", "Conseil citoyen")


def bodies(project: Project, user: User) -> tuple[str, ...]:
    """In whose name this user may speak: who only reads the tables does not instruct."""
    return (INSTRUCTOR, *COMMITTEES) if instructs(user, project) else COMMITTEES


def give(project: Project, body: str, judgement: Judgement, remark: str, *, by: User) -> Opinion:
    """An opinion is never changed: who thinks otherwise since gives another one. Raises
    `DomainError` when anything but a favourable one says nothing, `NotAllowed` for strangers."""
    if not can(by, "project.give_opinion", project):
        raise NotAllowed("Vous ne pouvez pas donner d'avis sur ce dossier.")
    if body not in bodies(project, by):
        raise DomainError("Choisissez au nom de qui vous donnez cet avis.", "body")
    if judgement is not Judgement.FAVOURABLE and not remark.strip():
        raise DomainError("Dites en quelques mots pourquoi.", "remark")
    opinion = Opinion(
        project_id=project.id, by_id=by.id, body=body, judgement=judgement, remark=remark.strip()
    )
    db.session.add(opinion)
    history.record(
        project, "opinion", by=by, field="opinion", new=judgement, reason=remark.strip()
    )
    db.session.flush()
    return opinion
