"""The administrator sees the outbox, reads a mail, and has it tried again."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from grants.database import db
from grants.domain.mail import mail
from grants.models import Mail, Role, now
from tests import factories
from tests.conftest import SignIn


@pytest.fixture
def client(app: Flask, sign_in: SignIn) -> FlaskClient:
    admin = factories.grant_role(factories.user("Admin"), Role.ADMINISTRATOR)
    db.session.commit()
    return sign_in(admin)


def queued(**values: object) -> int:
    made = mail.queue("confirm_email", factories.user(), link="/confirmer/abc")
    for name, value in values.items():
        setattr(made, name, value)
    db.session.commit()
    return made.id


def test_each_state_has_its_list(client: FlaskClient) -> None:
    queued(subject="Attend")
    queued(subject="Parti", sent_at=now())
    queued(subject="Perdu", given_up_at=now(), last_error="550 no such user", attempts=1)
    for state, there, counts in (
        ("attente", "Attend", "En attente (1)"),
        ("envoyes", "Parti", "Envoyés (1)"),
        ("abandonnes", "550 no such user", "Abandonnés (1)"),
        ("n'importe quoi", "Attend", "En attente (1)"),
    ):
        text = client.get("/reglages/courriels", query_string={"etat": state}).text
        assert there in text
        assert counts in text
        assert "les courriels sont gardés ici" in text


def test_the_text_of_a_mail_is_shown_as_text(client: FlaskClient) -> None:
    one = queued(text="<b>Bonjour</b>\nhttp://127.0.0.1:8000/confirmer/abc")
    page = client.get(f"/reglages/courriels/{one}")
    assert "&lt;b&gt;Bonjour&lt;/b&gt;" in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_a_mail_given_up_is_tried_again(client: FlaskClient) -> None:
    one = queued(given_up_at=now(), attempts=8, last_error="451 busy")
    page = client.post(f"/reglages/courriels/{one}/renvoyer", follow_redirects=True)
    assert "de nouveau en attente" in page.text
    found = db.session.get_one(Mail, one, populate_existing=True)
    assert (found.given_up_at, found.attempts) == (None, 0)


def test_a_mail_that_went_is_not_sent_again(client: FlaskClient) -> None:
    one = queued(sent_at=now())
    page = client.post(f"/reglages/courriels/{one}/renvoyer", follow_redirects=True)
    assert "Ce courriel est déjà parti." in page.text
    assert "Essayer de nouveau" not in page.text


def test_pages_and_a_constant_number_of_reads(client: FlaskClient) -> None:
    def reads() -> int:
        seen: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        client.get("/reglages/courriels")
        event.remove(db.engine, "before_cursor_execute", note)
        return len(seen)

    queued()
    few = reads()
    person = factories.user()
    for i in range(60):
        mail.queue("confirm_email", person, link=f"/x{i}")
    db.session.commit()
    assert reads() == few
    second = client.get("/reglages/courriels?page=2").text
    assert "page 2 sur 2" in second
    assert "Page suivante" not in second
    assert client.get("/reglages/courriels?page=99").status_code == 200
