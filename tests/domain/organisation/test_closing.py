"""An account closed for good: what is the person's own goes, what they did stays under a number."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import String, Text, cast, or_, select

from grants.database import db
from grants.domain import importing
from grants.domain.accounts import accounts
from grants.domain.instruction.layouts import GRID, keep
from grants.domain.ledger import history
from grants.domain.mail import mail
from grants.domain.organisation import closing
from grants.errors import DomainError, NotAllowed
from grants.models import Base, HistoryEntry, MemberRole, Role, RoleGrant
from tests.conftest import both
from tests.factories import grant_role, member, user, world

# What may not be changed, or is read by the administrator alone for a year.
LOGS = {"history", "security_events"}

pytestmark = both


def named(*words: str) -> list[str]:
    """The tables and columns in which one of these words stands."""
    found = []
    for table in Base.metadata.sorted_tables:
        for column in table.c:
            texts = isinstance(column.type, String | Text) and table.name not in LOGS
            if texts and db.session.scalar(
                select(column).where(or_(*(cast(column, Text).contains(word) for word in words))).limit(1)
            ):
                found.append(f"{table.name}.{column.name}")
    return found


def test_nothing_of_the_person_is_left_but_what_they_did(app: Flask) -> None:
    w = world()
    person = grant_role(member(w.bearer, MemberRole.EDITOR), Role.INSTRUCTOR, w.contract, w.city)
    person.name, person.email = "Nadège Quelconque", "nadege@quelconque.example"
    project = w.project()
    history.record(project, "note", by=person)
    keep(w.contract, GRID, [], {}, by=person)
    mail.queue("decision_notified", person, project=project, funder="État")
    accounts.new_link(person, by=person)
    db.session.flush()
    closing.close(person, by=person)
    db.session.commit()
    assert named("Quelconque", "quelconque") == []
    assert (person.name, person.active, person.password_hash) == (f"compte fermé n° {person.id}", False, None)
    assert (person.roles, person.memberships) == ([], [])
    entry = db.session.scalars(select(HistoryEntry).where(HistoryEntry.project_id == project.id)).one()
    assert entry.by.name == f"compte fermé n° {person.id}"
    with pytest.raises(DomainError, match="à personne"):
        accounts.set_active(person, True, by=w.administrator)
    with pytest.raises(DomainError, match="à personne"):
        closing.close(importing.reprise_account(), by=w.administrator)


def test_who_is_needed_stays(app: Flask) -> None:
    w = world()
    w.administrator.password_hash = "x"
    with pytest.raises(DomainError, match="dernier administrateur"):
        closing.close(w.administrator, by=w.administrator)
    with pytest.raises(DomainError, match=f"« {w.bearer.name} » : C'est le dernier signataire"):
        closing.close(w.applicant, by=w.applicant)


def test_an_administrator_does_it_for_another_nobody_else(app: Flask) -> None:
    w = world()
    person = grant_role(user("Parti"), Role.COMMITTEE, w.contract)
    with pytest.raises(NotAllowed):
        closing.close(person, by=w.coordinator)
    closing.close(person, by=w.administrator)
    assert db.session.scalar(select(RoleGrant).where(RoleGrant.user_id == person.id)) is None
