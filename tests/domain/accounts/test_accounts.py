"""Accounts, links and roles: what is refused, what is remembered, who cannot leave."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from grants.database import db
from grants.domain.accounts import accounts, sessions
from grants.domain.accounts.passwords import conclude, hash_password, prove
from grants.errors import DomainError, NotAllowed
from grants.models import HistoryEntry, OneTimeLink, Role, User, now
from tests.conftest import both
from tests.factories import contract, grant_role, institution, user

PASSWORD = "une phrase qui se retient"


def administrator(*, password: bool = True) -> User:
    made = grant_role(user("Admin"), Role.ADMINISTRATOR)
    if password:
        made.password_hash = "chosen"
    db.session.flush()
    return made


def signs_in(email: str, password: str) -> bool:
    return conclude(prove(email, password, "192.0.2.1")) is not None


@both
def test_an_account_is_opened_in_lower_case_and_signs_in(app: Flask) -> None:
    made = accounts.create("  Anne   Martin ", " Anne.MARTIN@Example.org", hash_password(PASSWORD))
    assert (made.name, made.email) == ("Anne Martin", "anne.martin@example.org")
    assert signs_in("anne.martin@example.org", PASSWORD)
    assert not signs_in("anne.martin@example.org", PASSWORD + "x")


@both
def test_an_address_has_one_account(app: Flask) -> None:
    accounts.create("Anne", "anne@example.org")
    with pytest.raises(DomainError, match="déjà un compte") as refused:
        accounts.create("Autre", "ANNE@example.org")
    assert refused.value.field == "email"


@pytest.mark.parametrize(
    "email",
    [
        "",
        "anne",
        "a@b",
        "a@b.",
        "é@example.org",
        "a b@example.org",
        "a\x00@example.org",
        "a@b@example.org",
        "x" * 250 + "@example.org",
        "a@example.org\nb@example.org",
    ],
)
def test_what_is_no_address_is_refused(app: Flask, email: str) -> None:
    with pytest.raises(DomainError) as refused:
        accounts.create("Anne", email)
    assert refused.value.field == "email"


@pytest.mark.parametrize("name", ["", "  ", "a\x00b", "x" * 251])
def test_what_is_no_name_is_refused(app: Flask, name: str) -> None:
    with pytest.raises(DomainError) as refused:
        accounts.create(name, "anne@example.org")
    assert refused.value.field == "name"


@both
def test_a_link_serves_once_and_ends_open_sign_ins(app: Flask) -> None:
    admin, person = administrator(), user()
    sessions.begin(person, "device", "Firefox")
    token = accounts.new_link(person, by=admin)
    assert accounts.link_owner(token) == person
    assert accounts.choose_password(token, hash_password(PASSWORD)) == person
    assert not sessions.open_ones(person)
    assert signs_in(person.email, PASSWORD)
    with pytest.raises(DomainError, match="déjà servi"):
        accounts.choose_password(token, hash_password(PASSWORD))


@both
def test_the_token_itself_is_not_kept(app: Flask) -> None:
    admin = administrator()
    token = accounts.new_link(user(), by=admin)
    assert token not in db.session.scalars(select(OneTimeLink.token_hash)).all()


@both
def test_a_newer_link_voids_the_older(app: Flask) -> None:
    admin, person = administrator(), user()
    older, newer = (accounts.new_link(person, by=admin) for _ in range(2))
    with pytest.raises(DomainError):
        accounts.link_owner(older)
    assert accounts.link_owner(newer) == person


@both
def test_a_link_dies_of_age_or_with_the_account(app: Flask) -> None:
    admin, old, closed = administrator(), user(), user()
    tokens = [accounts.new_link(person, by=admin) for person in (old, closed)]
    db.session.execute(
        update(OneTimeLink).where(OneTimeLink.user_id == old.id).values(expires_at=now() - timedelta(seconds=1))
    )
    accounts.set_active(closed, False, by=admin)
    for token in (*tokens, "unknown"):
        with pytest.raises(DomainError, match="lien"):
            accounts.link_owner(token)
    with pytest.raises(DomainError, match="fermé"):
        accounts.new_link(closed, by=admin)


def test_only_an_administrator_gives_links_and_roles(app: Flask) -> None:
    of = contract()
    coordinator, person = grant_role(user(), Role.COORDINATOR, of), user()
    held = coordinator.roles[0]
    for forbidden in (
        lambda: accounts.new_link(person, by=coordinator),
        lambda: accounts.grant(coordinator, Role.ADMINISTRATOR, by=coordinator),
        lambda: accounts.revoke(held, by=coordinator),
        lambda: accounts.set_active(person, False, by=coordinator),
        lambda: accounts.rename(person, "Autre", by=coordinator),
    ):
        with pytest.raises(NotAllowed):
            forbidden()


@both
def test_create_admin_may_be_repeated(app: Flask) -> None:
    first = accounts.create_admin("Chef@Example.org")
    token = accounts.create_admin("chef@example.org")
    person = accounts.link_owner(token)
    assert [g.role for g in person.roles] == [Role.ADMINISTRATOR]
    assert db.session.scalar(select(func.count(User.id))) == 1
    with pytest.raises(DomainError):
        accounts.link_owner(first)


@both
def test_create_admin_reopens_a_closed_account(app: Flask) -> None:
    person = user()
    accounts.set_active(person, False, by=administrator())
    assert accounts.link_owner(accounts.create_admin(person.email)).active


@both
def test_roles_add_up_and_are_remembered(app: Flask) -> None:
    admin, person, of = administrator(), user(), contract()
    city = institution(of, "Ville", "VILLE")
    accounts.grant(person, Role.INSTRUCTOR, of, city, by=admin)
    committee = accounts.grant(person, Role.COMMITTEE, of, by=admin)
    accounts.revoke(committee, by=admin)
    assert [g.role for g in person.roles] == [Role.INSTRUCTOR]
    entries = db.session.execute(
        select(HistoryEntry.action, HistoryEntry.old, HistoryEntry.new)
        .where(HistoryEntry.subject == "users", HistoryEntry.subject_id == person.id)
        .order_by(HistoryEntry.id)
    ).all()
    assert [tuple(e) for e in entries] == [
        ("grant", "", f"INSTRUCTOR · {of.slug} · Ville"),
        ("grant", "", f"COMMITTEE · {of.slug}"),
        ("revoke", f"COMMITTEE · {of.slug}", ""),
    ]


def test_a_role_needs_its_scope(app: Flask) -> None:
    admin, of, other = administrator(), contract(), contract()
    city = institution(other, "Ville")
    for role, where, whose, field in (
        (Role.ADMINISTRATOR, of, None, "contract"),
        (Role.COORDINATOR, None, None, "contract"),
        (Role.COORDINATOR, of, city, "institution"),
        (Role.INSTRUCTOR, of, None, "institution"),
        (Role.INSTRUCTOR, of, city, "institution"),
    ):
        with pytest.raises(DomainError) as refused:
            accounts.grant(user(), role, where, whose, by=admin)
        assert refused.value.field == field


@both
def test_a_role_is_not_given_twice(app: Flask) -> None:
    admin, of = administrator(), contract()
    person = grant_role(user(), Role.COMMITTEE, of)
    with pytest.raises(DomainError, match="déjà"):
        accounts.grant(person, Role.COMMITTEE, of, by=admin)


@both
def test_the_last_administrator_cannot_leave(app: Flask) -> None:
    admin, without_password = administrator(), administrator(password=False)
    with pytest.raises(DomainError, match="dernier administrateur"):
        accounts.revoke(admin.roles[0], by=admin)
    with pytest.raises(DomainError, match="dernier administrateur"):
        accounts.set_active(admin, False, by=without_password)
    another = administrator()
    accounts.set_active(another, False, by=admin)
    with pytest.raises(DomainError, match="dernier administrateur"):
        accounts.revoke(admin.roles[0], by=admin)
    accounts.revoke(without_password.roles[0], by=admin)
    accounts.set_active(another, True, by=admin)
    accounts.revoke(admin.roles[0], by=admin)
    assert not admin.roles
