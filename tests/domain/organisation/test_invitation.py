"""Invitations by link: for one person, once, while whoever invited may still do so."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from grants.database import db
from grants.domain.organisation import invitation, members
from grants.errors import DomainError, NotAllowed
from grants.models import HistoryEntry, Invitation, Mail, MemberRole, Membership, now
from grants.permissions import is_signatory
from tests.conftest import both
from tests.factories import member, organisation, user

SIGNATORY, EDITOR = MemberRole.SIGNATORY, MemberRole.EDITOR


@pytest.fixture
def of(app: Flask):
    return organisation("Écho")


@pytest.fixture
def signatory(of):
    return member(of)


def place(of, who) -> Membership | None:
    return db.session.scalar(select(Membership).filter_by(organisation_id=of.id, user_id=who.id))


@both
def test_a_president_is_invited_by_mail_and_signs(of, signatory) -> None:
    president = user("Presidente")
    president.email_confirmed_at = None
    token = invitation.invite(of, f" {president.email.upper()} ", SIGNATORY, by=signatory)
    mail = db.session.scalars(select(Mail)).one()
    assert (mail.to, mail.purpose) == (president.email, "invitation")
    assert f"/invitation/{token}" in mail.text
    assert token not in str(vars(db.session.scalars(select(Invitation)).one()))
    invitation.accept(token, by=president)
    assert is_signatory(president, of)
    assert president.email_confirmed_at is not None  # the token came by that mail
    told = select(func.count(HistoryEntry.id)).where(HistoryEntry.action == "confirm_email")
    assert db.session.scalar(told) == 1


@both
def test_a_link_serves_once(of, signatory) -> None:
    guest = user()
    token = invitation.invite(of, guest.email, EDITOR, by=signatory)
    invitation.accept(token, by=guest)
    with pytest.raises(DomainError, match="déjà servi"):
        invitation.accept(token, by=guest)
    assert db.session.scalar(select(func.count(Membership.id))) == 2


@both
def test_nobody_else_accepts(of, signatory) -> None:
    guest, thief = user(), user()
    token = invitation.invite(of, guest.email, SIGNATORY, by=signatory)
    with pytest.raises(NotAllowed, match="déconnectez-vous"):
        invitation.accept(token, by=thief)
    assert place(of, thief) is None


def _expire(of, token: str, by) -> None:
    db.session.scalars(select(Invitation)).one().expires_at = now() - timedelta(seconds=1)


def _revoke(of, token: str, by) -> None:
    invitation.revoke(db.session.scalars(select(Invitation)).one(), by=by)


def _demote(of, token: str, by) -> None:
    members.change_role(place(of, member(of, EDITOR)), SIGNATORY, by=by)
    members.change_role(place(of, by), EDITOR, by=by)


def _again(of, token: str, by) -> None:
    email = db.session.scalars(select(Invitation.email)).one()
    invitation.invite(of, email, EDITOR, by=by)


@pytest.mark.parametrize("spoilt", [_expire, _revoke, _demote, _again])
def test_a_dead_link_is_worth_nothing(of, signatory, spoilt) -> None:
    guest = user()
    token = invitation.invite(of, guest.email, SIGNATORY, by=signatory)
    spoilt(of, token, signatory)
    db.session.flush()
    for use in (lambda: invitation.live(token), lambda: invitation.accept(token, by=guest)):
        with pytest.raises(DomainError, match="14 jours"):
            use()
    assert place(of, guest) is None


@pytest.mark.parametrize("token", ["", "x" * 5000, "\x00", "é"])
def test_what_is_no_token(app: Flask, token: str) -> None:
    with pytest.raises(DomainError):
        invitation.live(token)


def test_only_signatories_invite_and_cancel(of, signatory) -> None:
    invitation.invite(of, "a@example.org", EDITOR, by=signatory)
    sent = db.session.scalars(select(Invitation)).one()
    for who in (member(of, EDITOR), member(organisation()), user()):
        with pytest.raises(NotAllowed):
            invitation.invite(of, "b@example.org", EDITOR, by=who)
        with pytest.raises(NotAllowed):
            invitation.revoke(sent, by=who)


@both
@pytest.mark.parametrize("role", MemberRole)
def test_a_request_that_waits_is_answered_by_it(of, signatory, role) -> None:
    guest = user()
    members.ask_to_join(of, by=guest)
    invitation.accept(invitation.invite(of, guest.email, role, by=signatory), by=guest)
    assert place(of, guest).role is role
    assert place(of, guest).approved_at is not None


@both
def test_a_place_never_becomes_a_lesser_one(of, signatory) -> None:
    guest = user()
    token = invitation.invite(of, guest.email, EDITOR, by=signatory)
    db.session.add(Membership(user_id=guest.id, organisation_id=of.id, role=SIGNATORY, approved_at=now()))
    db.session.flush()
    invitation.accept(token, by=guest)
    assert place(of, guest).role is SIGNATORY


@both
def test_a_member_is_not_invited_and_twenty_wait_at_most(of, signatory) -> None:
    with pytest.raises(DomainError, match="déjà membre"):
        invitation.invite(of, signatory.email, EDITOR, by=signatory)
    with pytest.raises(DomainError) as refused:
        invitation.invite(of, "nobody", EDITOR, by=signatory)
    assert refused.value.field == "email"
    for number in range(invitation.AT_MOST):
        invitation.invite(of, f"a{number}@example.org", EDITOR, by=signatory)
    with pytest.raises(DomainError, match="attendent déjà"):
        invitation.invite(of, "one@example.org", EDITOR, by=signatory)
    invitation.invite(of, "a0@example.org", EDITOR, by=signatory)  # in place of the first
