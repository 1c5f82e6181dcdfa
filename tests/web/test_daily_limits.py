"""What one person, and one internet address, may do in a day before they have to wait."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from grants.database import db
from grants.domain import limits
from grants.domain.limits import Daily
from grants.models import Attempt, Mail, Organisation, User
from tests.conftest import SignIn
from tests.factories import member, organisation, user
from tests.web.reading import plain

SIRETS = ["78467169500087", "73282932000074", "55210055400013"]
Do = Callable[[FlaskClient, int], str]


def found(client: FlaskClient, i: int) -> str:
    fields = {"name": f"Lueur {'x' * (i + 1)}", "nature": "ASSOCIATION", "siret": SIRETS[i], "right": "representative"}
    return client.post("/organisation/nouvelle", data=fields, follow_redirects=True).text


def join(client: FlaskClient, i: int) -> str:
    made = organisation()
    db.session.commit()
    path = f"/organisation/{made.id}/rejoindre"
    return client.post(path, follow_redirects=True).text


def _invite(client: FlaskClient, email: str) -> str:
    of = db.session.query(Organisation.id).order_by(Organisation.id).first()
    path = f"/organisation/{of[0]}/inviter"
    fields = {"email": email, "role": "EDITOR"}
    return client.post(path, data=fields, follow_redirects=True).text


def invite(client: FlaskClient, i: int) -> str:
    return _invite(client, f"invite{i}@example.org")


def invite_one(client: FlaskClient, i: int) -> str:
    return _invite(client, "invite@example.org")


DEEDS: list[tuple[str, Do]] = [("FOUNDED", found), ("JOINED", join), ("INVITED", invite), ("INVITED_ONE", invite_one)]


def few(monkeypatch: pytest.MonkeyPatch, name: str, person: int, address: int) -> Daily:
    fewer = getattr(limits, name)._replace(person=person, address=address)
    monkeypatch.setattr(limits, name, fewer)
    return fewer


@pytest.mark.parametrize("of_person", [True, False])
@pytest.mark.parametrize(("name", "deed"), DEEDS)
def test_past_the_most_one_waits_and_nothing_is_done(
    app: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, name: str, deed: Do, of_person: bool
) -> None:
    of = few(monkeypatch, name, 2 if of_person else 9, 9 if of_person else 2)
    person = member(organisation())
    db.session.commit()
    client = sign_in(person)
    for i in range(2):
        assert "Attendez" not in deed(client, i)
    counted, mails = db.session.query(Attempt).count(), db.session.query(Mail).count()
    told = deed(client, 2)
    assert f"Trop {of.what} en 24 heures. Attendez 1 minute, puis recommencez." in plain(told)
    db.session.rollback()
    assert db.session.query(Attempt).count() == counted
    assert db.session.query(Mail).count() == mails
    if name == "FOUNDED":
        assert "Lueur xxx" in told  # it stays in its field
        assert "Attendez" in told


def test_accounts_opened_from_one_address(app: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    few(monkeypatch, "SIGNED_UP", 1, 1)
    for i, refused in enumerate([False, True]):
        fields = {"name": f"Awa {i}", "email": f"a{i}@example.org", "password": "cheval batterie agrafe correcte"}
        answer = sign_in(None).post("/inscription", data=fields)
        assert ("Trop de comptes ouverts en 24 heures" in answer.text) is refused
    assert "a1@example.org" in answer.text
    assert db.session.query(User).count() == 1


def test_links_to_a_letter_box_say_the_same_with_and_without_account(
    app: Flask, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    few(monkeypatch, "MAILED", 1, 9)
    known = user()
    db.session.commit()
    for email in (known.email, "nobody@example.org"):
        for refused in (False, True):
            answer = sign_in(None).post("/mot-de-passe-oublie", data={"email": email})
            assert ("Trop de liens envoyés par courriel" in answer.text) is refused
