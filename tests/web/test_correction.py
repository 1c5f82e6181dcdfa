"""A deposited dossier corrected, as pages: nobody else reads the correction before its deposit."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from grants.database import db
from grants.domain import dossier
from grants.domain.dossier import correction, deposit, reminders
from grants.domain.workflow import advance
from grants.errors import Incomplete
from grants.french import deadline
from grants.models import Mail, MemberRole, Project, State, now
from grants.queries.applicant.applicant import own_projects
from tests.conftest import SignIn
from tests.factories import World, member, user
from tests.web.dossiers import draft_of, send
from tests.web.reading import plain

OBJECTIVES = "Des objectifs que personne ne doit lire encore"


def deposited(w: World) -> Project:
    project = dossier.submit(draft_of(w, title="Lire ensemble"), by=w.applicant)
    db.session.commit()
    return project


def correction_of(project: Project) -> Project:
    db.session.rollback()
    return db.session.query(Project).filter_by(copy_of_id=project.id, state=State.DRAFT).one()


@pytest.mark.slow
def test_the_whole_way_in_pages(w: World, sign_in: SignIn) -> None:
    project = deposited(w)
    mine = f"/mes-projets/{project.id}"
    client = sign_in(w.applicant)
    assert "Corriger ce dossier" in client.get(mine).text
    assert client.post(f"{mine}/corriger").status_code == 302
    draft = correction_of(project)
    copy = f"/mes-projets/{draft.id}"
    assert client.post(f"{mine}/corriger").headers["Location"] == copy
    page = plain(client.get(copy).text)
    assert "ce dépôt reste celui qui compte" in page
    assert "Renoncer à cette correction" in page
    assert "À déposer" not in page
    assert f"peut être corrigé <strong>{plain(deadline(w.campaign.closes_at))}, tant que" in page
    assert "votre dépôt reste celui qui compte" in plain(client.get(f"{copy}/projet").text)
    assert send(client, f"{copy}/projet", title="Lire et écrire").status_code == 302
    assert "Continuer la correction" in client.get(mine).text
    listed = plain(client.get("/mes-projets").text)
    assert "Une correction est commencée, et pas déposée : ce dépôt reste celui qui compte." in listed
    assert "Terminer, signer et déposer la correction" in listed
    assert listed.count('<h3><a href="/mes-projets/') == 1
    assert f'href="{copy}">Continuer la correction<' in listed
    assert "Lire et écrire" not in client.get(f"/deposer/{w.campaign.id}").text
    sent = send(client, f"{copy}/deposer", sworn="y", commitment="y")
    assert sent.headers["Location"] == f"{mine}/accuse"
    receipt = client.get(f"{mine}/accuse").text
    assert "La correction de votre dossier est arrivée" in receipt
    assert "Premier dépôt" in receipt
    assert "Votre dossier est arrivé" in client.get(f"{mine}/accuse?depot=1").text
    page = client.get(mine).text
    assert f"{mine}/accuse?depot=1" in page
    changed = client.get(f"{mine}/depots").text
    assert "Lire ensemble" in changed
    assert "Lire et écrire" in changed
    for name in ("accuse.pdf", "dossier.pdf"):
        pdfs = [client.get(f"{mine}/{name}?depot={n}") for n in (1, 2)]
        assert [pdf.status_code for pdf in pdfs] == [200, 200]
        assert pdfs[0].data != pdfs[1].data
        assert client.get(f"{mine}/{name}?depot=3").status_code == 404
    assert client.get(f"{mine}/depots?du=9").status_code == 404
    assert client.post(f"{copy}/deposer").headers["Location"] == mine  # pressed twice
    assert client.get(copy).headers["Location"] == mine  # a page left open
    assert "Une correction est" not in plain(client.get("/mes-projets").text)


@pytest.mark.slow
def test_until_its_deposit_nobody_else_reads_it(w: World, sign_in: SignIn) -> None:
    project = deposited(w)
    draft = correction.begin(project, by=w.applicant)
    draft.objectives, draft.title = OBJECTIVES, "Un titre que personne ne doit lire"
    db.session.commit()
    mine, theirs, copy = f"/mes-projets/{project.id}", f"/projets/{project.id}", draft.id
    tables = f"/contrats/{w.contract.slug}/{project.year}"
    pages = (
        theirs,
        f"{theirs}/depots",
        f"{tables}/projets",
        f"{tables}/grille",
        f"{tables}/programmation",
        f"{tables}/projets.csv",
    )
    for reader in (w.coordinator, w.state_instructor):
        client = sign_in(reader)
        assert client.get(f"/projets/{copy}").status_code == 403
        assert client.get(f"/mes-projets/{copy}").status_code == 403
        read = [client.get(page) for page in pages]
        assert read[0].status_code == 200
        assert not any("que personne ne doit lire" in page.text for page in read)
    deposit.sign_and_deposit(draft, commitment=True, by=w.applicant)
    db.session.commit()
    client = sign_in(w.state_instructor)
    sheet = client.get(theirs).text
    assert OBJECTIVES in sheet
    assert "Corrigé par le porteur" in sheet
    assert "Un titre que personne" in client.get(f"{theirs}/depots").text
    assert sign_in(w.committee).get(f"{theirs}/depots").status_code == 403
    assert sign_in(user()).get(f"{mine}/depots").status_code == 403


def test_an_editor_prepares_it_and_a_signatory_signs(w: World, sign_in: SignIn) -> None:
    project, editor = deposited(w), member(w.bearer, role=MemberRole.EDITOR)
    db.session.commit()
    client = sign_in(editor)
    client.post(f"/mes-projets/{project.id}/corriger")
    copy = f"/mes-projets/{correction_of(project).id}"
    assert "Demander la signature" in client.get(f"{copy}/deposer").text
    assert client.post(f"{copy}/demander-signature").status_code == 302


@pytest.mark.slow
@pytest.mark.parametrize(("action", "told"), [("admit", "examen"), ("refuse", "Copié de votre")])
def test_the_examination_ends_it_and_says_so(app: Flask, w: World, sign_in: SignIn, action, told) -> None:
    project = deposited(w)
    draft = correction.begin(project, by=w.applicant)
    advance(project, action, by=w.coordinator, reason="Hors sujet")
    db.session.commit()
    client = sign_in(w.applicant)
    copy, mine = f"/mes-projets/{draft.id}", f"/mes-projets/{project.id}"
    assert told in client.get(copy).text
    assert client.get(f"{copy}/projet").status_code == 200
    assert "Corriger ce dossier" not in client.get(mine).text
    if action == "admit":
        assert "ne peut plus être déposée" in client.get("/mes-projets").text
        check = client.get(f"{copy}/deposer").text
        assert "ne peut pas être déposé" in check
        assert not re.search("est complet|À compléter", check)
        client.post(f"{mine}/corriger")  # takes it up again, to read
        send(client, f"{copy}/deposer", sworn="y", commitment="y")
        db.session.rollback()
        assert draft.state is State.DRAFT


def test_the_mails_say_that_the_deposit_stands(app: Flask, w: World) -> None:
    w.campaign.correct_until_examined = True
    project = deposited(w)
    draft = correction.begin(project, by=w.applicant)
    with pytest.raises(Incomplete, match="Il ne manque que la signature"):
        dossier.submit(draft, by=w.applicant)
    deposit.ask_signature(draft, by=w.applicant)
    w.campaign.closes_at = now() + timedelta(hours=9)
    db.session.flush()
    reminders.queue_due()
    [signed] = db.session.query(Mail).filter_by(purpose="signature")
    assert "tant que le service n'a pas commencé à l'examiner" in signed.text
    [reminded] = db.session.query(Mail).filter_by(purpose="reminder_draft")
    assert reminded.subject == "La correction de « Lire ensemble » n'est pas encore déposée"
    for told in (signed, reminded):
        assert f"Votre dossier {project.reference} est déposé".lower() in told.text.lower()


def test_a_copy_deposited_by_itself_stays_a_dossier_of_its_own(app: Flask, w: World) -> None:
    """What it was copied from may be reopened: then both count."""
    project = deposited(w)
    draft = correction.begin(project, by=w.applicant)
    advance(project, "refuse", by=w.coordinator, reason="Hors sujet")
    deposit.sign_and_deposit(draft, commitment=True, by=w.applicant)
    advance(project, "reopen", by=w.coordinator, reason="Erreur")
    assert {each.id for each in own_projects(w.applicant.id)} == {project.id, draft.id}


def test_what_was_withdrawn_is_copied(w: World, sign_in: SignIn) -> None:
    project = deposited(w)
    advance(project, "withdraw", by=w.applicant, reason="Trop tôt")
    db.session.commit()
    client = sign_in(w.applicant)
    assert "Copier dans un nouveau dossier" in client.get(f"/mes-projets/{project.id}").text
    client.post(f"/mes-projets/{project.id}/corriger")
    copy = correction_of(project)
    page = client.get(f"/mes-projets/{copy.id}").text
    assert f'Copié de votre dossier <a href="/mes-projets/{project.id}">' in page
    send(client, f"/mes-projets/{copy.id}/deposer", sworn="y", commitment="y")
    db.session.rollback()
    assert copy.reference
    assert client.get(f"/mes-projets/{copy.id}").status_code == 200


def test_giving_it_up_leaves_the_deposit(w: World, sign_in: SignIn) -> None:
    project = deposited(w)
    draft = correction.begin(project, by=w.applicant)
    db.session.commit()
    client = sign_in(w.applicant)
    page = client.get(f"/mes-projets/{draft.id}/retirer").text
    assert f"Votre dossier {project.reference} reste tel que vous l'avez déposé" in page
    given_up = client.get(send(client, f"/mes-projets/{draft.id}/retirer").location, follow_redirects=True)
    assert f"votre dossier {project.reference} reste déposé" in plain(given_up.text)
    assert "est retiré" not in given_up.text
    assert "Corriger ce dossier" in client.get(f"/mes-projets/{project.id}").text
    assert client.get("/mes-projets").text.count('<h3><a href="/mes-projets/') == 1
