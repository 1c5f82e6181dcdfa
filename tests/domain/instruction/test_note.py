"""Notes among those who instruct: who writes them, and that they stay."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from grants.database import db
from grants.domain.instruction import note
from grants.errors import DomainError, NotAllowed
from grants.models import Note, State
from tests.conftest import both
from tests.factories import world


@both
def test_a_note_is_for_who_instructs_the_project(app: Flask) -> None:
    w, elsewhere = world(), world()
    p, draft = w.project(), w.project(state=State.DRAFT)
    note.write(p, "  Vu sur place  ", by=w.state_instructor)
    note.write(p, "Vu sur place", by=w.state_instructor)  # the button pressed twice
    note.write(p, "Vu sur place", by=w.coordinator)
    texts = db.session.execute(select(Note.text, Note.by_id).order_by(Note.id)).all()
    assert texts == [("Vu sur place", w.state_instructor.id), ("Vu sur place", w.coordinator.id)]
    for by in (w.applicant, w.committee, w.administrator, elsewhere.coordinator):
        with pytest.raises(NotAllowed):
            note.write(p, "x", by=by)
    with pytest.raises(NotAllowed):
        note.write(draft, "x", by=w.coordinator)
    for text in ("  \n ", "x" * (note.LONGEST + 1)):
        with pytest.raises(DomainError):
            note.write(p, text, by=w.coordinator)
    assert db.session.scalar(select(func.count(Note.id))) == 2
