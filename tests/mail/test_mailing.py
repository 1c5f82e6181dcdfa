"""The outbox against a real mail server: good, refusing, hanging, dying, absent."""

from __future__ import annotations

import dataclasses
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from grants.database import db
from grants.domain.mail import mail, outbox
from grants.mailing import Sender
from grants.models import Mail, User, now
from tests import factories
from tests.conftest import both
from tests.mail.server import Post, free_port, post_office


@pytest.fixture
def post() -> Iterator[Post]:
    with post_office() as office:
        yield office


def queued(count: int = 1) -> list[int]:
    person = factories.user()
    made = [mail.queue("confirm_email", person, link=f"/confirmer/{i}") for i in range(count)]
    db.session.flush()
    ids = [m.id for m in made]
    db.session.commit()
    return ids


def sender(post: Post) -> Sender:
    """Its patience is longer than a busy machine takes, and shorter than `Post.HANG`."""
    return Sender(post.server, timeout=1)


def stored(mail_id: int) -> Mail:
    db.session.rollback()
    return db.session.get_one(Mail, mail_id, populate_existing=True)


def time_passes() -> None:
    """What was put off is due."""
    db.session.rollback()
    db.session.execute(update(Mail).values(due_at=now() - timedelta(seconds=1)))
    db.session.commit()


def test_a_mail_is_handed_over_in_text_and_html(app: Flask, post: Post) -> None:
    (one,) = queued()
    assert sender(post).send_due()
    (got,) = post.box
    mail_row = stored(one)
    assert mail_row.sent_at
    assert mail_row.attempts == 1
    assert got["To"] == mail_row.to
    assert got["Subject"] == "Confirmez votre adresse de courriel"
    assert got["Auto-Submitted"] == "auto-generated"
    text, html = got.get_body(("plain",)), got.get_body(("html",))
    assert text
    assert html
    assert "http://127.0.0.1:8000/confirmer/0" in text.get_content()
    assert 'href="http://127.0.0.1:8000/confirmer/0"' in html.get_content()


@pytest.mark.slow
def test_many_mails_go_once_each_and_never_again(app: Flask, post: Post) -> None:
    queued(25)
    way = sender(post)
    assert way.send_due()
    assert way.send_due()
    assert len(post.box) == len(set(post.ids)) == 25


def test_a_temporary_refusal_is_tried_again_later(app: Flask, post: Post) -> None:
    post.rcpt = ["451 4.7.1 come back later"]
    (one,) = queued()
    assert sender(post).send_due()
    waiting = stored(one)
    assert waiting.last_error == "451 4.7.1 come back later"
    assert timedelta(seconds=50) < waiting.due_at - now() <= timedelta(minutes=1)
    assert sender(post).send_due()
    assert post.box == []  # not before its time
    time_passes()
    assert sender(post).send_due()
    assert len(post.box) == 1
    assert stored(one).sent_at
    assert stored(one).last_error == ""


def test_waits_grow_and_end_after_eight_attempts(app: Flask, post: Post) -> None:
    post.data = ["451 busy"] * 8
    (one,) = queued()
    waits = []
    for _ in range(8):
        sender(post).send_due()
        waits.append(round((stored(one).due_at - now()).total_seconds() / 60))
        time_passes()
    assert waits == [1, 5, 30, 120, 720, 720, 720, 720]
    assert stored(one).given_up_at
    sender(post).send_due()
    assert post.box == []


def test_a_refused_recipient_is_given_up_and_the_others_go(app: Flask, post: Post) -> None:
    post.rcpt = ["550 5.1.1 no such user"]
    first, second = queued(2)
    assert sender(post).send_due()
    assert stored(first).given_up_at
    assert stored(first).last_error == "550 5.1.1 no such user"
    assert stored(second).sent_at
    assert len(post.box) == 1


def test_a_server_that_hangs_loses_nothing(app: Flask, post: Post) -> None:
    post.rcpt = [Post.HANG]
    first, second = queued(2)
    way = sender(post)
    way.send_due()
    assert not stored(first).sent_at
    assert "timed out" in stored(first).last_error
    assert stored(first).taken_at is None
    way.send_due()
    assert stored(second).sent_at
    time_passes()
    way.send_due()
    assert stored(first).sent_at
    assert len(post.box) == len(set(post.ids)) == 2


@pytest.mark.parametrize("answer", [Post.DIE, Post.HANG, "554 5.6.0 not today"])
def test_a_server_that_fails_in_the_middle_of_data(app: Flask, post: Post, answer: str) -> None:
    post.data = [answer]
    first, second = queued(2)
    way = sender(post)
    for _ in range(3):
        way.send_due()
        time_passes()
    assert stored(first).sent_at
    assert stored(second).sent_at
    assert len(post.box) == len(set(post.ids)) == 2


def test_no_server_at_all_costs_no_attempt(app: Flask, post: Post) -> None:
    (one,) = queued()
    absent = dataclasses.replace(post.server, port=free_port())
    for _ in range(10):
        assert not Sender(absent).send_due()
    assert stored(one).attempts == 0
    assert "refused" in stored(one).last_error
    assert sender(post).send_due()
    assert len(post.box) == 1


def test_a_server_that_never_greets_costs_no_attempt(app: Flask, post: Post) -> None:
    (one,) = queued()
    with socket.create_server(("127.0.0.1", 0)) as mute:
        silent = dataclasses.replace(post.server, port=mute.getsockname()[1])
        assert not Sender(silent, timeout=0.2).send_due()
    assert stored(one).attempts == 0
    assert stored(one).taken_at is None


@pytest.mark.parametrize("change", [{"tls": "starttls"}, {"user": "u", "password": "p"}])
def test_a_server_without_what_is_asked_of_it_gets_no_mail(app: Flask, post: Post, change: dict[str, str]) -> None:
    (one,) = queued()
    other = dataclasses.replace(post.server, **change)  # type: ignore[arg-type]
    assert not Sender(other).send_due()
    assert post.box == []
    assert stored(one).last_error


def test_accepted_but_not_yet_recorded_is_not_sent_again_in_this_run(
    app: Flask, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = queued()
    way, really = sender(post), outbox.sent

    def broken(mail_id: int) -> None:
        raise OperationalError("UPDATE", {}, Exception("database gone"))

    monkeypatch.setattr(outbox, "sent", broken)
    with pytest.raises(OperationalError):
        way.send_due()
    db.session.rollback()
    db.session.execute(update(Mail).values(taken_at=now() - timedelta(hours=1)))
    db.session.commit()
    with pytest.raises(OperationalError):
        way.send_due()
    monkeypatch.setattr(outbox, "sent", really)
    assert way.send_due()
    assert stored(one).sent_at
    assert len(post.box) == 1


def test_a_worker_that_died_leaves_its_mail_to_another(app: Flask, post: Post) -> None:
    (one,) = queued()
    outbox.claim()
    db.session.commit()
    sender(post).send_due()
    assert post.box == []  # somebody may be at it
    db.session.execute(update(Mail).values(taken_at=now() - outbox.CLAIM_LIFE * 2))
    db.session.commit()
    sender(post).send_due()
    assert len(post.box) == 1
    assert stored(one).sent_at


def test_a_mail_of_later_waits(app: Flask, post: Post) -> None:
    mail.queue("confirm_email", factories.user(), link="/x", due_at=now() + timedelta(hours=1))
    db.session.commit()
    assert sender(post).send_due()
    assert post.box == []


@pytest.mark.slow
@both
def test_two_workers_at_once_send_each_mail_once(app: Flask, post: Post) -> None:
    queued(30)

    def work() -> None:
        with app.app_context():
            while outbox.anything_due():
                db.session.rollback()
                Sender(post.server).send_due()
            db.session.remove()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join(30)
    assert len(post.box) == len(set(post.ids)) == 30
    assert db.session.scalars(select(Mail).where(Mail.sent_at.is_(None))).all() == []


@pytest.mark.parametrize(
    "name", ["Eve\r\nBcc: all@example.org", "Eve\nBcc: all@example.org\n\nText", "Eve\u2028Bcc: x", "<b>"]
)
def test_a_name_adds_no_header_and_no_html(app: Flask, post: Post, name: str) -> None:
    mail.queue("membership_requested", "a@example.org", link="/i", organisation=name, who=name)
    db.session.commit()
    assert sender(post).send_due()
    (got,) = post.box
    assert set(got.keys()) == {
        "Subject",
        "From",
        "To",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "MIME-Version",
        "Content-Type",
    }
    assert got["To"] == "a@example.org"
    html = got.get_body(("html",))
    assert html
    assert "<b>" not in html.get_content()


@pytest.mark.parametrize("to", ["a,b@example.org", "a@example.org\nBcc: b@example.org", "a b@x.fr", "é@x.fr", "", "<"])
def test_an_impossible_address_is_given_up(app: Flask, post: Post, to: str) -> None:
    made = mail.queue("confirm_email", to, link="/x")
    db.session.commit()
    one = made.id
    sender(post).send_due()
    assert post.box == []
    assert stored(one).given_up_at
    assert stored(one).last_error


def test_a_secret_link_does_not_stay_in_the_database(app: Flask, post: Post) -> None:
    person: User = factories.user()
    token = "a-B_" * 10 + "xyz"
    made = mail.queue("forgotten_password", person, link=f"/mot-de-passe/{token}")
    db.session.commit()
    one = made.id
    sender(post).send_due()
    assert token in str(post.box[0].get_body(("plain",)))
    assert token not in stored(one).text + stored(one).html
    assert "/mot-de-passe/…" in stored(one).text
