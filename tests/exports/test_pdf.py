"""The receipt and the dossier as PDF/UA: what they say, and that people's words stay words."""

import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from exports.dossier_pdf import dossier_document, receipt_document
from grants.database import db
from grants.domain import dossier
from grants.domain.dossier.receipt import receipt_of
from grants.domain.dossier.sent import SentDossier, sent_of
from grants.models import Project, User
from tests.conftest import SignIn
from tests.databases import skip
from tests.factories import complete_draft, member, world

CODE = '#panic("x") *gras* $x^2$ [a] <b> `c` \\ @ref // = ~ #import "/etc/passwd"'
SERVICE = "Service politique de la ville\n1 rue de la Mairie\nTél. 01 23 45 67 89"


def poppler(command: str, *arguments: str, content: bytes, folder: Path) -> str:
    if shutil.which(command) is None:
        skip("needs poppler-utils: install Debian's package of this name")
    (folder / "one.pdf").write_bytes(content)
    done = subprocess.run(
        [command, *arguments, folder / "one.pdf", *(["-"] if command == "pdftotext" else [])],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.fixture
def project(app: Flask) -> Project:
    w = world()
    w.contract.service_text, w.contract.appeal_text = SERVICE, "Tribunal administratif\n\nCergy"
    draft = complete_draft(w, title=CODE, cost=14_252)
    draft.objectives = "Première ligne\nSeconde ligne\n\nŒuvre d’été à 50 % « ça »"
    dossier.submit(draft, by=w.applicant)
    db.session.commit()
    return draft


def seconds(make: Callable[[], bytes]) -> tuple[bytes, float]:
    start = time.perf_counter()
    return make(), time.perf_counter() - start


def test_the_receipt_says_what_the_law_asks(project: Project, tmp_path: Path) -> None:
    project.campaign.committee_dates = "Comités en mars *2027*"
    receipt = receipt_of(project, sent_of(project))
    content, took = seconds(lambda: receipt_document(receipt))
    assert took < 1.5  # 3 to 60 ms when measured
    text = " ".join(poppler("pdftotext", content=content, folder=tmp_path).split())
    for words in (
        project.reference,
        "Date de réception",
        receipt.arrived,
        CODE,
        "Comités en mars *2027*",
        "Service politique de la ville 1 rue de la Mairie Tél. 01 23 45 67 89",
        "deux mois",
        "vaut décision de rejet",
        "peut encore vous accorder la subvention",
        "Tribunal administratif Cergy",
        "14\u202f252\u00a0€",
    ):
        assert " ".join(words.split()) in text, words


@pytest.mark.parametrize("which", ["receipt", "dossier"])
def test_it_is_tagged_in_french_with_a_title(project: Project, tmp_path: Path, which: str) -> None:
    sent = sent_of(project)
    content = receipt_document(receipt_of(project, sent)) if which == "receipt" else dossier_document(sent)
    told = poppler("pdfinfo", content=content, folder=tmp_path)
    assert re.search(r"Tagged: +yes", told)
    assert re.search(rf"Title: .*{project.reference}", told)
    assert b"/Lang(fr-FR)" in content
    assert b"pdfuaid:part" in content


def test_the_dossier_as_it_was_sent(project: Project, tmp_path: Path) -> None:
    sent = sent_of(project)
    content, took = seconds(lambda: dossier_document(sent))
    assert took < 1.5  # 6 to 60 ms when measured
    text = poppler("pdftotext", "-layout", content=content, folder=tmp_path)
    assert re.search(r"Première ligne\n +Seconde ligne\n", text)
    for words in ("Œuvre d’été", sent.sha256, "Attesté sur l'honneur", "État – CGET", "Montant"):
        assert words in text


@pytest.mark.parametrize("words", ["🙂 عربي 漢字", "\u202e\x0b\ufffe", "e\u0301", "x" * 9000, ""])
def test_any_character_makes_a_document(project: Project, words: str) -> None:
    sent = sent_of(project)
    content = {**sent.content, "title": words}
    odd = SentDossier(sent.at, sent.sha256, content)
    assert dossier_document(odd).startswith(b"%PDF")
    assert receipt_document(receipt_of(project, odd)).startswith(b"%PDF")


@pytest.mark.slow
def test_downloads_are_for_its_members(project: Project, sign_in: SignIn) -> None:
    person = db.session.get_one(User, project.created_by_id)
    mate, stranger = member(project.organisation), member(world().bearer)
    db.session.commit()
    for name in ("accuse.pdf", "dossier.pdf"):
        path = f"/mes-projets/{project.id}/{name}"
        for one in (person, mate):
            answer = sign_in(one).get(path)
            assert answer.mimetype == "application/pdf"
            assert project.reference in answer.headers["Content-Disposition"]
        assert sign_in(stranger).get(path).status_code == 403
        assert sign_in(None).get(path).status_code == 302


def test_a_draft_has_neither(project: Project, sign_in: SignIn) -> None:
    w = world()
    draft = complete_draft(w)
    db.session.commit()
    for name in ("accuse.pdf", "dossier.pdf"):
        path = f"/mes-projets/{draft.id}/{name}"
        assert sign_in(w.applicant).get(path).status_code == 404


def test_the_page_shows_what_was_sent(project: Project, sign_in: SignIn) -> None:
    name = project.organisation.name
    project.organisation.name = "Autre nom"
    db.session.commit()
    client = sign_in(db.session.get_one(User, project.created_by_id))
    page = client.get(f"/mes-projets/{project.id}").text
    assert f"<dd>{name}</dd>" in page
    assert "tel qu'il a été envoyé" in page
    assert name in client.get(f"/mes-projets/{project.id}/accuse").text


@pytest.mark.slow
def test_those_who_instruct_and_the_committee_read_it(app: Flask, sign_in: SignIn, tmp_path: Path) -> None:
    w = world()
    sent, typed, draft = complete_draft(w), w.project(title="Repris"), complete_draft(w)
    dossier.submit(sent, by=w.applicant)
    db.session.commit()
    for person in (w.coordinator, w.city_instructor, w.committee):
        answer = sign_in(person).get(f"/projets/{sent.id}/dossier.pdf")
        assert answer.mimetype == "application/pdf"
        text = poppler("pdftotext", content=answer.data, folder=tmp_path)
        assert sent_of(sent).sha256 in text
    other = sign_in(w.committee).get(f"/projets/{typed.id}/dossier.pdf").data
    text = " ".join(poppler("pdftotext", content=other, folder=tmp_path).split())
    assert "Repris" in text
    assert "n'a pas été déposé en ligne" in text
    assert "Empreinte" not in text
    assert sign_in(w.committee).get(f"/projets/{draft.id}/dossier.pdf").status_code == 403
    assert sign_in(w.applicant).get(f"/projets/{sent.id}/dossier.pdf").status_code == 403
