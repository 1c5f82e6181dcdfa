"""Every purpose has a text and a page that say the same, with links that lead somewhere."""

from __future__ import annotations

import re
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from jinja2 import UndefinedError

from grants.database import db
from grants.domain.mail import mail
from grants.domain.mail.mail import _templates
from grants.models import MemberRole, now
from tests import factories

HOSTILE = '<img src="https://evil.example/x">"&'
CONTEXTS: dict[str, dict[str, Any]] = {
    "confirm_email": {"link": "/confirmer/abc"},
    "forgotten_password": {"link": "/mot-de-passe/abc"},
    "account_opened": {"link": "/mot-de-passe/abc", "by": HOSTILE},
    "invitation": {
        "link": "/invitation/abc",
        "inviter": HOSTILE,
        "organisation": HOSTILE,
        "role": MemberRole.SIGNATORY,
        "expires_at": now(),
    },
    "receipt": {"project": True, "link": "/mes-projets/1/accuse", "implicit_on": date(2026, 5, 1)},
    "piece_request": {
        "project": True,
        "items": [HOSTILE, "RIB"],
        "text": HOSTILE,
        "due_on": date(2026, 5, 2),
        "link": "/mes-projets/1/pieces-demandees",
    },
    "message": {"project": True, "who": HOSTILE, "excerpt": HOSTILE, "files": 2},
    "signature": {"project": True, "by": HOSTILE, "until": "jusqu'au 3 mai", "link": "/mes-projets/1/deposer"},
    "reminder_draft": {"project": True},
    "late_permission": {"organisation": HOSTILE, "campaign": HOSTILE, "until": now(), "link": "/mes-projets"},
    "membership_approved": {"organisation": HOSTILE, "role": MemberRole.EDITOR, "link": "/mes-projets"},
    "membership_requested": {"organisation": HOSTILE, "who": HOSTILE, "link": "/organisation/1/membres"},
    "organisations_merged": {"gone": HOSTILE, "kept": HOSTILE, "parted": False, "link": "/mes-projets"},
    "iban_changed": {
        "organisation": HOSTILE,
        "who": HOSTILE,
        "iban": "FR14 •••• 2606",
        "holder": HOSTILE,
        "link": "/organisation/1/banque",
    },
    "change_address": {"link": "/compte/adresse/abc"},
    "address_taken": {"link": "/connexion"},
    "address_changed": {"new": HOSTILE, "link": "/"},
    "factor_changed": {"what": HOSTILE, "link": "/compte/double-verification"},
    "decision_notified": {"project": True, "funder": HOSTILE},
    "decisions_notified": {
        "projects": [SimpleNamespace(title=HOSTILE, reference="2026-0001")],
        "funder": HOSTILE,
        "link": "/mes-projets",
    },
    "piece_request_withdrawn": {"project": True},
}


def test_every_template_has_an_example_here(app: Flask) -> None:
    names = {n.partition(".")[0] for n in _templates.list_templates() if not n.startswith("_")}
    assert names == CONTEXTS.keys()


@pytest.mark.parametrize("purpose", CONTEXTS)
def test_a_purpose(app: Flask, purpose: str) -> None:
    w = factories.world()
    context = dict(CONTEXTS[purpose])
    if context.pop("project", None):
        context["project"] = w.project(title=HOSTILE)
    made = mail.queue(purpose, w.applicant, **context)
    db.session.flush()
    assert made.subject
    assert "\n" not in made.subject
    assert "None" not in made.subject + made.text + made.html
    assert made.text.startswith(f"Bonjour {w.applicant.name},\n\n")
    assert not re.search(r"\n{3}", made.text), made.text
    assert "<img" not in made.html  # escaped, and nothing is fetched from anywhere
    assert "src=" not in re.sub(r"&lt;img src=", "", made.html)
    links = re.findall(r'href="([^"]*)"', made.html)
    assert links
    assert links[0] in made.text
    adapter = app.url_map.bind("localhost")
    for link in links:
        assert link.startswith("http://127.0.0.1:8000/")
        path = link.removeprefix("http://127.0.0.1:8000").partition("#")[0]
        assert adapter.match(path), path


def test_a_mail_that_lacks_a_word_is_not_written(app: Flask) -> None:
    with pytest.raises(UndefinedError):
        mail.queue("invitation", "a@example.org", link="/x")


def test_a_key_is_told_once(app: Flask) -> None:
    first = mail.queue("confirm_email", "a@example.org", link="/x", unique_key="k")
    db.session.flush()
    assert mail.queue("confirm_email", "b@example.org", link="/y", unique_key="k") is first


def test_a_mail_goes_with_its_transaction(app: Flask) -> None:
    mail.queue("confirm_email", "a@example.org", link="/x")
    db.session.flush()
    db.session.rollback()
    assert db.session.query(mail.Mail).count() == 0


def test_a_very_long_name_is_cut_in_the_subject(app: Flask) -> None:
    made = mail.queue("membership_approved", "a@example.org", organisation="é" * 250, link="/x", role=MemberRole.EDITOR)
    db.session.flush()
    assert (len(made.subject), made.subject[-1]) == (250, "…")


def test_who_invites_or_asks_to_join_writes_no_subject(app: Flask) -> None:
    words = {"organisation": "Gagnez un vélo", "inviter": "Gagnez", "who": "Gagnez", "link": "/x"}
    for purpose in ("invitation", "membership_requested"):
        made = mail.queue(purpose, "a@example.org", role=MemberRole.EDITOR, expires_at=now(), **words)
        assert "Gagnez" not in made.subject
        assert "Gagnez" in made.text
