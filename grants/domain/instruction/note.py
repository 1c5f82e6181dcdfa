"""Notes among those who instruct: never changed, never shown to applicants."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from grants.database import db
from grants.domain.ledger import history
from grants.domain.workflow import lock
from grants.errors import DomainError
from grants.models import Note, Project, User, now
from grants.permissions import require

LONGEST = 5000
SAME_PRESS = timedelta(minutes=1)


def write(project: Project, text: str, *, by: User) -> Note:
    """Add a note; the same words of the same person again at once are the button pressed twice.
    Raises `NotAllowed` for who does not instruct the project, `DomainError` for no words or too
    many."""
    lock(project)
    require(by, "project.instruct", project, "Seules les personnes qui instruisent ce dossier y écrivent des notes.")
    text = text.strip()
    if not text:
        raise DomainError("Écrivez votre note.", "text")
    if len(text) > LONGEST:
        raise DomainError(f"Écrivez {LONGEST} caractères au plus.", "text")
    last = db.session.scalar(select(Note).where(Note.project_id == project.id).order_by(Note.id.desc()).limit(1))
    if last and (last.by_id, last.text) == (by.id, text) and last.at > now() - SAME_PRESS:
        return last
    made = Note(project_id=project.id, by_id=by.id, text=text)
    db.session.add(made)
    history.record(project, "note", by=by)
    db.session.flush()
    return made
