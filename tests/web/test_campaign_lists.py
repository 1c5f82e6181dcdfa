"""The administrator composes checklist and analysis grid; those who instruct fill them in."""

import re
from pathlib import Path

import pytest
from flask import Flask

from grants.database import db
from grants.domain.campaign.campaign import copy_campaign
from grants.domain.campaign.campaign_part import parts_of
from grants.domain.documents.document import KEPT_REMOVED, forget_removed
from grants.models import AnalysisCriterion, CampaignDocument, CheckItem, Document, HistoryEntry, Score, State
from tests import documents as files
from tests.conftest import SignIn, both
from tests.factories import World, world
from tests.web.dossiers import draft_of, fields_of, send
from tests.web.reading import plain
from tests.web.sending import file, folder
from tests.web.sending import send as send_files
from tests.web.test_instruction import count_queries

__all__ = ["folder"]


@pytest.mark.slow
def test_lists_are_composed(w: World, sign_in: SignIn) -> None:
    client = sign_in(w.administrator)
    for path, kind in (("controle", CheckItem), ("analyse", AnalysisCriterion)):
        here = f"/reglages/appels/{w.campaign.id}/listes/{path}"
        assert "n'en a pas encore" in client.get(here).text
        client.post(f"{here}/usuels")
        first, *others = parts_of(kind, w.campaign)
        assert first.label.replace("'", "&#39;") in client.get(here).text
        answer = send(client, f"/reglages/listes/{path}/{first.id}", label="Reformulé")
        assert answer.status_code == 302
        client.post(f"/reglages/listes/{path}/{first.id}/deplacer", data={"vers": "bas"})
        client.post(f"/reglages/listes/{path}/{others[-1].id}/retirer")
        labels = [item.label for item in parts_of(kind, w.campaign)]
        assert labels[1] == "Reformulé"
        assert len(labels) == len(others)
    assert client.post(f"/reglages/appels/{w.campaign.id}/listes/pieces/usuels").status_code == 302  # none are usual
    added = client.post(f"{here}/ajouter", data={"label": "Nouveau", "weight": "12"})
    assert "Écrivez un poids de 1 à 10." in added.text


@pytest.mark.slow
def test_a_checklist_leads_to_the_request_of_what_lacks(w: World, sign_in: SignIn) -> None:
    sign_in(w.administrator).post(f"/reglages/appels/{w.campaign.id}/listes/controle/usuels")
    project, client = w.project(state=State.SUBMITTED), sign_in(w.coordinator)
    db.session.commit()
    first = parts_of(CheckItem, w.campaign)[0]
    here = f"/projets/{project.id}/controle"
    refused = send(client, here, **{f"found_{first.id}": "MISSING"})
    assert "Dites en quelques mots ce qui manque" in refused.text
    alone = send(client, here, **{f"remark_{first.id}": "Le lieu exact"})
    assert "seule, elle ne serait pas gardée" in alone.text
    typed = {f"found_{first.id}": "MISSING", f"remark_{first.id}": "Le lieu exact"}
    assert send(client, here, **typed).status_code == 302
    sheet = plain(client.get(f"/projets/{project.id}").text)
    assert f"</strong> – {first.label} : Le lieu exact</li>" in sheet
    assert (f'<a href="{here}">' in sheet, '<a href="#controle">' in sheet) == (True, True)
    assert "Le lieu exact" in client.get(f"/projets/{project.id}/pieces").text
    typed |= {f"remark_{first.id}": "Autre chose", "version": "an old page"}
    assert "Une autre personne a rempli" in client.post(here, data=typed).text


@pytest.mark.slow
def test_what_nobody_has_seen_is_in_order_by_one_press(w: World, sign_in: SignIn) -> None:
    sign_in(w.administrator).post(f"/reglages/appels/{w.campaign.id}/listes/controle/usuels")
    project, client = w.project(state=State.SUBMITTED), sign_in(w.coordinator)
    db.session.commit()
    first, *others = parts_of(CheckItem, w.campaign)
    here, sheet = f"/projets/{project.id}/controle", f"/projets/{project.id}"
    missing = {f"found_{first.id}": "MISSING", f"remark_{first.id}": "Le lieu exact"}
    opened = client.get(sheet).text
    assert ">Tout est conforme</button>" in opened
    assert send(client, here, **missing).status_code == 302
    stale = client.post(here, data={"version": version_on(opened, here), "reste": "conforme"})
    assert "Une autre personne a rempli" in stale.text
    seen = version_on(client.get(sheet).text, here)
    pressed = client.post(here, data={"version": seen, "reste": "conforme"})
    assert pressed.status_code == 302
    page = plain(client.get(sheet).text)
    assert page.count("<li><strong>conforme</strong>") == len(others)
    assert f"<strong>manque</strong> – {first.label} : Le lieu exact" in page
    assert 'name="reste"' not in page
    assert sign_in(w.city_instructor).post(here, data={"reste": "conforme"}).status_code == 403


def version_on(page: str, action: str) -> str:
    """The hidden version of the form that is sent there."""
    form = page[page.index(f'action="{action}"') :]
    return re.search(r'name="version" value="([^"]*)"', form)[1]


@pytest.mark.slow
def test_scores_stand_on_the_sheet_and_in_the_years_table(w: World, sign_in: SignIn) -> None:
    sign_in(w.administrator).post(f"/reglages/appels/{w.campaign.id}/listes/analyse/usuels")
    project = w.project()
    db.session.commit()
    client, first = sign_in(w.state_instructor), parts_of(AnalysisCriterion, w.campaign)[0]
    here = f"/projets/{project.id}/analyse"
    assert send(client, here, **{f"value_{first.id}": "3"}).status_code == 302
    assert send(client, here, **{f"value_{first.id}": "9"}).status_code != 302
    alone = send(client, here, **{f"value_{first.id}": "", f"remark_{first.id}": "Peu de moyens"})
    assert "seule, elle ne serait pas gardée" in alone.text
    assert "Moyenne 3 sur 4" in client.get(f"/projets/{project.id}").text.replace("\u00a0", " ")
    table = f"/contrats/{w.contract.slug}/{w.campaign.year}/analyse"
    unmarked, gone = w.project(), w.project(state=State.WITHDRAWN)
    db.session.commit()
    page = sign_in(w.committee).get(table).text
    assert '<td class="number">3</td>' in page
    assert (unmarked.reference in page, gone.reference in page) == (True, False)
    for order in ("moyenne", "ecart", "x"):
        page = sign_in(w.committee).get(f"{table}?tri={order}").text
        assert page.index(project.reference) < page.index(unmarked.reference)
    assert sign_in(w.applicant).get(here).status_code == 403
    assert sign_in(w.committee).get(here).status_code == 403


@pytest.mark.slow
def test_many_projects_are_scored_on_one_page(w: World, sign_in: SignIn) -> None:
    sign_in(w.administrator).post(f"/reglages/appels/{w.campaign.id}/listes/analyse/usuels")
    one, two, gone = w.project(), w.project(), w.project(state=State.WITHDRAWN)
    db.session.commit()
    first, second, *_ = parts_of(AnalysisCriterion, w.campaign)
    client = sign_in(w.state_instructor)
    own = f"/projets/{one.id}/analyse"
    send(client, own, **{f"value_{first.id}": "3", f"remark_{first.id}": "Bien ancrée"})
    here = f"/contrats/{w.contract.slug}/{w.campaign.year}/analyse/notes"
    page = client.get(here).text
    assert f'name="p{one.id}c{first.id}"' in page
    assert 'value="3"' in page
    assert "avec remarque" in page
    assert f"p{gone.id}c" not in page
    wrong = send(client, here, **{f"p{one.id}c{second.id}": "5", f"p{two.id}c{first.id}": "2"})
    assert wrong.status_code == 422
    assert "Écrivez un chiffre de 0 à 4, ou rien." in wrong.text
    assert 'value="5"' in wrong.text
    emptied = send(client, here, **{f"p{one.id}c{first.id}": ""})
    assert "effacez les deux" in emptied.text
    typed = {f"p{one.id}c{first.id}": "4", f"p{two.id}c{second.id}": "0"}
    assert send(client, here, **typed).status_code == 302
    by_key = {(s.project_id, s.criterion_id): (s.value, s.remark) for s in db.session.query(Score)}
    assert by_key == {(one.id, first.id): (4, "Bien ancrée"), (two.id, second.id): (0, "")}
    assert len(list(db.session.query(HistoryEntry).filter_by(action="score"))) == 3
    assert sign_in(w.coordinator).get(here).text.count('value="4"') == 0
    assert sign_in(w.committee).get(here).status_code == 403


def test_an_old_page_of_scores_takes_back_none_given_since(w: World, sign_in: SignIn) -> None:
    """Neither the page of one dossier nor that of the year; what both have changed is asked."""
    sign_in(w.administrator).post(f"/reglages/appels/{w.campaign.id}/listes/analyse/usuels")
    one = w.project()
    db.session.commit()
    first, second, *_ = parts_of(AnalysisCriterion, w.campaign)
    client, own = sign_in(w.state_instructor), f"/projets/{one.id}/analyse"
    table = f"/contrats/{w.contract.slug}/{w.campaign.year}/analyse/notes"
    opened, opened_table = fields_of(client, own), fields_of(client, table)
    assert send(client, own, **{f"value_{first.id}": "3", f"remark_{first.id}": "Bien"}).status_code == 302
    assert client.post(table, data={**opened_table, f"p{one.id}c{second.id}": "2"}).status_code == 302
    assert client.post(own, data={**opened, f"remark_{second.id}": ""}).status_code == 302
    stored = {s.criterion_id: (s.value, s.remark) for s in db.session.query(Score)}
    assert stored == {first.id: (3, "Bien"), second.id: (2, "")}
    clash = client.post(table, data={**opened_table, f"p{one.id}c{first.id}": "1"})
    assert (clash.status_code, "dans une autre fenêtre" in clash.text) == (422, True)
    clash = client.post(own, data={**opened, f"value_{first.id}": "1"})
    assert (clash.status_code, "dans une autre fenêtre" in clash.text) == (422, True)


def test_the_page_of_scores_takes_as_many_queries_for_many(w: World, sign_in: SignIn) -> None:
    sign_in(w.administrator).post(f"/reglages/appels/{w.campaign.id}/listes/analyse/usuels")
    w.project()
    db.session.commit()
    here = f"/contrats/{w.contract.slug}/{w.campaign.year}/analyse/notes"
    client = sign_in(w.coordinator)
    few, _ = count_queries(client, here)
    for _ in range(4):
        w.project()
    db.session.commit()
    many, page = count_queries(client, here)
    assert few == many <= 7
    assert page.count("</tr>") == 6


@pytest.mark.slow
@both
def test_the_documents_of_a_call_are_read_once_it_is_announced(app: Flask, sign_in: SignIn, folder: Path) -> None:
    w = world()
    admin, nobody = sign_in(w.administrator), app.test_client()
    here = f"/reglages/appels/{w.campaign.id}/listes/documents"
    assert send_files(admin, f"{here}/ajouter", file=file(files.EXE)).status_code == 422
    assert send_files(admin, f"{here}/ajouter", file=file(files.PDF, "règlement 2027.pdf")).status_code == 302
    [one] = parts_of(CampaignDocument, w.campaign)
    address, page = f"/documents/{one.document_id}", f"/appels/{w.campaign.id}"
    draft = draft_of(w)
    own = f"/mes-projets/{draft.id}"
    for shown in (nobody.get(page), *(sign_in(w.applicant).get(at) for at in (own, f"{own}/pieces"))):
        assert f'href="{address}">règlement 2027</a>' in shown.text
    assert nobody.get(address).data == files.PDF
    assert [c.post(f"{address}/retirer").status_code for c in (nobody, sign_in(w.applicant))] == [302, 403]
    assert nobody.get(address).data == files.PDF
    copy = copy_campaign(w.campaign, w.campaign.year + 1, by=w.administrator)
    db.session.commit()
    [copied] = parts_of(CampaignDocument, copy)
    assert copied.document.storage_key == one.document.storage_key
    unseen = f"/documents/{copied.document_id}"
    assert [c.get(unseen).status_code for c in (nobody, admin, sign_in(w.coordinator), sign_in(w.committee))] == [
        302,
        200,
        200,
        403,
    ]
    assert sign_in(w.applicant).get(f"/deposer/{copy.id}").status_code == 404
    at = f"/reglages/listes/documents/{one.id}"
    asked = plain(admin.get(f"{at}/retirer").text)
    assert f"Après {KEPT_REMOVED.days} jours, le fichier est effacé." in asked
    assert "le rétablit d'ici là." in asked
    send(admin, f"{at}/retirer")
    gone = nobody.get(address)
    assert (gone.status_code, "a été retiré" in gone.text, "règlement" in nobody.get(page).text) == (410, True, False)
    admin.post(f"{at}/remettre")
    assert nobody.get(address).data == files.PDF
    send(admin, f"{at}/retirer")
    db.session.get_one(Document, one.document_id).removed_at -= 2 * KEPT_REMOVED
    db.session.commit()
    assert forget_removed() == []  # the copy names the same file
    assert parts_of(CampaignDocument, w.campaign, archived=True) == []


def test_the_documents_of_a_call_have_a_quota(app: Flask, w: World, sign_in: SignIn, folder: Path) -> None:
    admin, here = sign_in(w.administrator), f"/reglages/appels/{w.campaign.id}/listes/documents/ajouter"
    assert send_files(admin, here, label="Notice", file=file(files.PDF)).status_code == 302
    [one] = parts_of(CampaignDocument, w.campaign)
    one.document.size = app.config["SETTINGS"].uploads.total_bytes
    db.session.commit()
    answer = send_files(admin, here, label="Modèle", file=file(files.PNG))
    assert (answer.status_code, "pèsent" in answer.text, len(list(folder.glob("*")))) == (422, True, 1)
    at = f"/reglages/listes/documents/{one.id}"
    send(admin, f"{at}/retirer")
    assert send_files(admin, here, label="Modèle", file=file(files.PNG)).status_code == 302
    assert "pèsent" in admin.post(f"{at}/remettre", follow_redirects=True).text
    assert [each.label for each in parts_of(CampaignDocument, w.campaign)] == ["Modèle"]
