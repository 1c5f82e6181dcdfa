"""Opinions on a project: of instructors and committees, never shown to applicants."""

from __future__ import annotations

from sqlalchemy import select

from grants.database import db
from grants.domain.ledger import history
from grants.domain.workflow import lock
from grants.errors import DomainError
from grants.models import Judgement, Opinion, Project, State, User
from grants.permissions import instructs, require

INSTRUCTOR = "Instructeur"
OVER = (State.WITHDRAWN, State.CLOSED)
COMMITTEES = ("Comité technique", "Conseil citoyen")


def bodies(project: Project, user: User) -> tuple[str, ...]:
    """In whose name this user may speak: who only reads the tables does not instruct."""
    return (INSTRUCTOR, *COMMITTEES) if instructs(user, project) else COMMITTEES


def give(project: Project, body: str, judgement: Judgement, remark: str, *, by: User) -> Opinion:
    """An opinion is never changed: who thinks otherwise since gives another one. Raises
    `DomainError` when anything but a favourable one says nothing, when it says the same again, or
    the project is over; `NotAllowed` for strangers."""
    lock(project)
    require(by, "project.give_opinion", project, "Vous ne pouvez pas donner d'avis sur ce dossier.")
    if body not in bodies(project, by):
        raise DomainError("Choisissez au nom de qui vous donnez cet avis.", "body")
    if project.state in OVER:
        raise DomainError("Ce dossier est retiré ou clos : il n'attend plus d'avis.")
    if judgement is not Judgement.FAVOURABLE and not remark.strip():
        raise DomainError("Dites en quelques mots pourquoi.", "remark")
    if (judgement, remark.strip()) == _last(project, body, by):
        raise DomainError("Vous avez déjà donné cet avis.")
    opinion = Opinion(project_id=project.id, by_id=by.id, body=body, judgement=judgement, remark=remark.strip())
    db.session.add(opinion)
    history.record(project, "opinion", by=by, field="opinion", new=judgement, reason=remark.strip())
    db.session.flush()
    return opinion


def _last(project: Project, body: str, by: User) -> tuple[Judgement, str] | None:
    """What this user has said last of the project in the name of this body."""
    row = db.session.execute(
        select(Opinion.judgement, Opinion.remark)
        .where(Opinion.project_id == project.id, Opinion.by_id == by.id, Opinion.body == body)
        .order_by(Opinion.id.desc())
        .limit(1)
    ).first()
    return (row.judgement, row.remark) if row else None
