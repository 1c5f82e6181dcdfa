"""Members of an organisation: who asks, answers, takes in, leaves."""

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from grants.database import db
from grants.domain.accounts.roles import grant_first
from grants.domain.organisation import members as domain
from grants.domain.organisation import profile
from grants.domain.organisation.identity import Identity
from grants.errors import DomainError, NotAllowed
from grants.models import HistoryEntry, MemberRole, Membership, Organisation, Role, User
from grants.permissions import can, is_signatory
from grants.queries.administration import organisations as queries
from tests.conftest import both
from tests.factories import grant_role, member, user
from tests.factories import organisation as an_organisation


def place(of: Organisation, who: User) -> Membership:
    statement = select(Membership).filter_by(organisation_id=of.id, user_id=who.id)
    return db.session.scalars(statement).one()


def asks(of: Organisation) -> tuple[User, Membership]:
    person = user()
    return person, domain.ask_to_join(of, by=person)


@both
def test_who_asks_sees_nothing_before_the_answer(app: Flask) -> None:
    of = an_organisation()
    signatory = member(of)
    person, asked = asks(of)
    for action in ("organisation.read", "organisation.edit"):
        assert not can(person, action, of)
    assert not can(person, "membership.approve", asked)
    with pytest.raises(NotAllowed):
        domain.approve(asked, MemberRole.SIGNATORY, by=person)
    domain.approve(asked, MemberRole.EDITOR, by=signatory)
    db.session.expire(person)
    assert can(person, "organisation.read", of)


def test_nobody_asks_twice(app: Flask) -> None:
    of = an_organisation()
    person, _ = asks(of)
    with pytest.raises(DomainError, match="attend une réponse"):
        domain.ask_to_join(of, by=person)


@both
def test_what_the_database_refuses_for_another_reason_is_no_double(app: Flask) -> None:
    """Issue 8: any refusal was told as "already a member", "already this role"."""
    of, person = an_organisation(), user()
    for write in (
        lambda: domain.ask_to_join(Organisation(id=of.id + 999), by=person),
        lambda: grant_first(User(id=person.id + 999)),
    ):
        with pytest.raises(IntegrityError):
            write()
    assert domain.ask_to_join(of, by=person).role is MemberRole.EDITOR, "the transaction goes on"


@both
def test_a_declined_request_leaves_a_trace_and_may_be_made_again(app: Flask) -> None:
    of = an_organisation()
    person, asked = asks(of)
    domain.decline(asked, by=member(of))
    actions = db.session.scalars(
        select(HistoryEntry.action).filter_by(subject="memberships").order_by(HistoryEntry.id)
    ).all()
    assert actions == ["ask", "decline"]
    domain.ask_to_join(of, by=person)


@both
def test_an_answer_is_given_once(app: Flask) -> None:
    of = an_organisation()
    signatory = member(of)
    _, asked = asks(of)
    domain.approve(asked, MemberRole.EDITOR, by=signatory)
    for again in (
        lambda: domain.approve(asked, MemberRole.SIGNATORY, by=signatory),
        lambda: domain.decline(asked, by=signatory),
    ):
        with pytest.raises(DomainError, match="déjà membre"):
            again()


def test_who_only_asks_has_no_role_to_change(app: Flask) -> None:
    of = an_organisation()
    _, asked = asks(of)
    with pytest.raises(DomainError, match="pas encore membre"):
        domain.change_role(asked, MemberRole.SIGNATORY, by=member(of))
    assert (asked.role, asked.approved_at) == (MemberRole.EDITOR, None)


@both
def test_putting_out_who_asks_is_a_decline(app: Flask) -> None:
    of = an_organisation()
    person, asked = asks(of)
    domain.remove(asked, by=member(of))
    domain.remove(domain.ask_to_join(of, by=person), by=person)  # takes it back
    actions = db.session.scalars(
        select(HistoryEntry.action).filter_by(subject="memberships").order_by(HistoryEntry.id)
    ).all()
    assert actions == ["ask", "decline", "ask", "remove"]


def test_members_of_another_organisation_answer_nothing(app: Flask) -> None:
    of, stranger = an_organisation(), member(an_organisation())
    signatory = member(of)
    _, asked = asks(of)
    for forbidden in (
        lambda: domain.approve(asked, MemberRole.EDITOR, by=stranger),
        lambda: domain.decline(asked, by=stranger),
        lambda: domain.change_role(place(of, signatory), MemberRole.EDITOR, by=stranger),
        lambda: domain.remove(place(of, signatory), by=stranger),
        lambda: profile.save(of, Identity.of(of), by=stranger, seen=""),
    ):
        with pytest.raises(NotAllowed):
            forbidden()


def test_an_editor_takes_in_editors_only(app: Flask) -> None:
    of = an_organisation()
    editor, signatory = member(of, MemberRole.EDITOR), member(of)
    _, asked = asks(of)
    for forbidden in (
        lambda: domain.approve(asked, MemberRole.SIGNATORY, by=editor),
        lambda: domain.change_role(place(of, editor), MemberRole.SIGNATORY, by=editor),
        lambda: domain.remove(place(of, signatory), by=editor),
    ):
        with pytest.raises(NotAllowed):
            forbidden()
    domain.approve(asked, MemberRole.EDITOR, by=editor)
    domain.remove(place(of, editor), by=editor)
    assert not can(editor, "organisation.read", of)


@both
def test_the_administrator_answers_where_nobody_can(app: Flask) -> None:
    of, admin = an_organisation(), grant_role(user(), Role.ADMINISTRATOR)
    person, asked = asks(of)
    assert [p.has_members for p in queries.pending_memberships()] == [False]
    domain.approve(asked, MemberRole.SIGNATORY, by=admin)
    assert (asked.role, asked.approved_by_id) == (MemberRole.SIGNATORY, admin.id)
    db.session.expire(person)
    assert is_signatory(person, of)
    assert queries.pending_memberships() == []


@both
def test_the_last_signatory_cannot_leave(app: Flask) -> None:
    of, admin = an_organisation(), grant_role(user(), Role.ADMINISTRATOR)
    signatory, editor = member(of), member(of, MemberRole.EDITOR)
    asks(of)
    for by in (signatory, admin):
        with pytest.raises(DomainError, match="dernier signataire"):
            domain.remove(place(of, signatory), by=by)
        with pytest.raises(DomainError, match="dernier signataire"):
            domain.change_role(place(of, signatory), MemberRole.EDITOR, by=by)
    closed = member(of)
    closed.active = False
    with pytest.raises(DomainError, match="dernier signataire"):
        domain.remove(place(of, signatory), by=signatory)
    domain.change_role(place(of, editor), MemberRole.SIGNATORY, by=signatory)
    domain.remove(place(of, signatory), by=signatory)
    assert db.session.scalar(select(func.count(Membership.id)).filter_by(user_id=signatory.id)) == 0
