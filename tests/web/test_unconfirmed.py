"""An account that a stranger opened with somebody else's address gains nothing by what that
address is given: roles, invitations and memberships take effect once it is confirmed."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from grants.database import db
from grants.domain.accounts import accounts
from grants.domain.organisation import identity, invitation, members
from grants.domain.organisation.identity import Identity
from grants.errors import DomainError, NotAllowed
from grants.models import Mail, MemberRole, Nature, Role, User
from grants.permissions import can
from tests.conftest import SignIn
from tests.factories import World
from tests.factories.basics import grant_role, new_membership

PASSWORD = "une phrase du malfaiteur"
OWN = "une phrase de la directrice"
ADDRESS = "directrice@ville.example"


@pytest.fixture
def stranger(w: World, sign_in: SignIn) -> FlaskClient:
    client = sign_in(None)
    client.post("/inscription", data={"name": "X", "email": ADDRESS, "password": PASSWORD})
    return client


def account() -> User:
    db.session.rollback()
    return db.session.scalars(select(User).where(User.email == ADDRESS)).one()


def link(purpose: str) -> str:
    db.session.rollback()
    mail = db.session.scalars(select(Mail).where(Mail.purpose == purpose)).one()
    found = re.search(r"http://127\.0\.0\.1:8000(/\S+)", mail.text)
    assert found
    return found[1]


def test_a_role_is_not_the_strangers(w: World, admin: FlaskClient, stranger: FlaskClient, sign_in: SignIn) -> None:
    user_id = account().id
    admin.post(f"/reglages/comptes/{user_id}/roles", data={"role": f"COORDINATOR:{w.contract.id}"})
    assert account().roles
    assert "adresse non confirmée" in admin.get(f"/reglages/comptes/{user_id}").text
    assert stranger.get(f"/contrats/{w.contract.slug}").status_code == 403
    # Its owner opens the mail: the button is not there, so the stranger's account stays closed.
    owner = sign_in(None)
    confirm = link("confirm_email")
    assert "Choisissez-en un nouveau" in owner.get(confirm).text
    assert owner.post(confirm).status_code == 200
    assert stranger.get(f"/contrats/{w.contract.slug}").status_code == 403
    # With a password of their own the role is theirs, and the stranger is out.
    owner.post("/mot-de-passe-oublie", data={"email": ADDRESS})
    owner.post(link("forgotten_password"), data={"password": OWN})
    assert owner.get(f"/contrats/{w.contract.slug}").status_code == 200
    assert stranger.get("/compte").status_code == 302


def test_confirming_needs_the_account_that_it_confirms(w: World, stranger: FlaskClient, sign_in: SignIn) -> None:
    other = sign_in(w.applicant)
    assert other.post(link("confirm_email")).status_code == 200
    token = link("confirm_email").rpartition("/")[2]
    with pytest.raises(NotAllowed):
        accounts.confirm_address(token, by=w.applicant)
    assert account().email_confirmed_at is None
    assert stranger.post(link("confirm_email")).status_code == 302
    assert account().email_confirmed_at


def test_the_administrators_link_is_for_who_they_know(
    app: Flask, w: World, stranger: FlaskClient, sign_in: SignIn
) -> None:
    token = accounts.new_link(account(), by=db.session.merge(w.administrator))
    db.session.commit()
    owner = sign_in(None)
    owner.post(f"/mot-de-passe/{token}", data={"password": OWN})
    assert account().email_confirmed_at
    assert stranger.get("/compte").status_code == 302


def test_create_admin_ends_the_strangers_password_and_sign_ins(stranger: FlaskClient, sign_in: SignIn) -> None:
    token = accounts.create_admin(ADDRESS)
    db.session.commit()
    assert stranger.get("/compte").status_code == 302
    refused = stranger.post("/connexion", data={"email": ADDRESS, "password": PASSWORD})
    assert "ne vont pas ensemble" in refused.text
    owner = sign_in(None)
    assert owner.post(f"/mot-de-passe/{token}", data={"password": OWN}).location == "/reglages"
    assert owner.get("/reglages").status_code == 200


def test_it_neither_founds_nor_asks_nor_acts_for_an_organisation(w: World, stranger: FlaskClient) -> None:
    user = account()
    with pytest.raises(DomainError, match="Confirmez d'abord"):
        members.ask_to_join(w.bearer, by=user)
    with pytest.raises(DomainError, match="Confirmez d'abord"):
        identity.create(Identity(name="Leurre", nature=Nature.MUNICIPAL_SERVICE), by=user)
    draft = w.project({w.ville: 10})
    # As a member from before this was asked, it does nothing and sees nothing.
    db.session.add(new_membership(user, w.bearer))
    db.session.commit()
    for action in ("organisation.read", "organisation.invite", "project.edit_own"):
        assert not can(user, action, draft if "project" in action else w.bearer)
    with pytest.raises(NotAllowed):
        invitation.invite(w.bearer, "complice@example.org", MemberRole.SIGNATORY, by=user)
    assert stranger.get("/mes-projets").location.startswith("/organisation")
    assert draft.title not in stranger.get("/compte").text


def test_its_membership_is_marked_and_does_not_count(w: World, stranger: FlaskClient, sign_in: SignIn) -> None:
    user = account()
    db.session.add(new_membership(user, w.bearer))
    db.session.commit()
    page = sign_in(w.applicant).get(f"/organisation/{w.bearer.id}/membres").text
    assert "adresse non confirmée" in page
    own = next(m for m in w.applicant.memberships if m.organisation_id == w.bearer.id)
    with pytest.raises(DomainError, match="dernier signataire"):
        members.remove(own, by=w.applicant)


def test_an_unconfirmed_administrator_is_not_the_one_who_remains(app: Flask, w: World, stranger: FlaskClient) -> None:
    grant_role(account(), Role.ADMINISTRATOR)
    keeper = db.session.merge(w.administrator)
    with pytest.raises(DomainError, match="dernier administrateur"):
        accounts.set_active(keeper, False, by=keeper)


def test_an_invitation_confirms_and_takes_effect(w: World, stranger: FlaskClient, sign_in: SignIn) -> None:
    """Its token came by the mail of the address."""
    token = invitation.invite(w.bearer, ADDRESS, MemberRole.EDITOR, by=w.applicant)
    db.session.commit()
    membership = invitation.accept(token, by=account())
    assert can(membership.user, "organisation.read", w.bearer)


def test_no_form_is_shown_that_cannot_succeed(w: World, stranger: FlaskClient) -> None:
    assert stranger.get("/organisation/nouvelle").location == "/organisation"
    page = stranger.get("/organisation?q=Maison").text
    assert "pas encore confirmée" in page
    assert "demandez un lien à son administrateur" in page  # this site sends no mail
    assert "Créer une organisation" not in page
    assert 'id="q"' not in page
    assert "/rejoindre" not in page
