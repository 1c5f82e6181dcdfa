"""An address of mail changes hands with its person's will, and nobody else's."""

from __future__ import annotations

import re
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import select
from time_machine import travel

from grants.database import db
from grants.domain import limits
from grants.domain.accounts import accounts, address
from grants.models import HistoryEntry, Mail, User, now
from tests.conftest import SignIn, both
from tests.factories import World

NEW = "nouvelle@example.org"


def link(client: FlaskClient, email: str = NEW) -> str:
    assert client.post("/compte/adresse", data={"email": email}).status_code == 302
    return path_of(email)


def path_of(email: str) -> str:
    """In the last mail to a new address."""
    mail = db.session.scalars(select(Mail).where(Mail.purpose == "change_address").order_by(Mail.id)).all()[-1]
    assert mail.to == email.lower()
    return re.search(r"/compte/adresse/\S+", mail.text)[0]


@both
def test_it_changes_once_the_new_one_has_answered(w: World, sign_in: SignIn) -> None:
    old, client = w.coordinator.email, sign_in(w.coordinator)
    before = accounts.new_link(w.coordinator, by=w.coordinator)
    db.session.commit()
    path = link(client, NEW.upper())
    assert db.session.get_one(User, w.coordinator.id).email == old
    assert NEW in client.get(path).text
    assert client.post(path).status_code == 302
    db.session.expire_all()
    assert w.coordinator.email == NEW
    assert db.session.scalars(select(Mail.to).where(Mail.purpose == "address_changed")).all() == [old]
    assert client.get(f"/mot-de-passe/{before}").status_code == 410  # the letter box of before
    assert client.post(path).status_code == 410  # it serves once


def test_a_link_is_for_its_person_and_its_time(w: World, sign_in: SignIn) -> None:
    path = link(sign_in(w.coordinator))
    other = sign_in(w.committee)
    assert other.post(path).status_code == 410
    assert other.post("/compte/adresse/x").status_code == 410
    assert sign_in(None).get(path).status_code == 302
    assert sign_in(w.coordinator).get(path).status_code == 200
    with travel(now() - timedelta(hours=73)):
        address.mail_change(w.coordinator, NEW)
        db.session.commit()
    assert sign_in(w.coordinator).get(path_of(NEW)).status_code == 410


def test_an_address_is_one_account_s(w: World, sign_in: SignIn) -> None:
    client = sign_in(w.coordinator)
    answer = client.post("/compte/adresse", data={"email": w.coordinator.email})
    assert (answer.status_code, "déjà l&#39;adresse" in answer.text) == (422, True)
    path = link(client)
    w.committee.email = NEW
    db.session.commit()
    assert client.post(path).status_code == 422


@both
def test_who_asks_does_not_learn_whether_an_address_has_an_account(w: World, sign_in: SignIn) -> None:
    """Whoever has it is told, and asking is counted as for any other."""
    client = sign_in(w.coordinator)
    with travel(now(), tick=False):  # the token of a page tells its second
        told = [
            client.post("/compte/adresse", data={"email": email}, follow_redirects=True)
            for email in (NEW, *[w.applicant.email.upper()] * limits.MAILED.person)
        ]
    assert told[1].text == told[0].text.replace(NEW, w.applicant.email)
    assert "Trop de liens envoyés" in told[-1].text
    mails = db.session.execute(select(Mail.to, Mail.purpose).order_by(Mail.id)).all()
    taken = (w.applicant.email, "address_taken")
    assert mails == [(NEW, "change_address"), *[taken] * (limits.MAILED.person - 1)]


def test_an_administrator_changes_it_at_once(w: World, admin: FlaskClient) -> None:
    w.committee.email_confirmed_at = None
    db.session.commit()
    admin.post(f"/reglages/comptes/{w.committee.id}/adresse", data={"email": NEW})
    db.session.expire_all()
    assert w.committee.email == NEW
    assert w.committee.email_confirmed_at
    vouched = select(HistoryEntry.by_id).where(HistoryEntry.action == "confirm_email")
    assert db.session.scalars(vouched).all() == [w.administrator.id]
