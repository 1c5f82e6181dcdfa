"""The project's sheet: last year beside this year, what is said among those who instruct, and
what of it nobody else sees."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from urllib.parse import quote
from zipfile import ZipFile

import pytest
from flask import Flask
from sqlalchemy import insert
from werkzeug.test import TestResponse

from grants.database import db
from grants.domain import dossier
from grants.domain.instruction import follower, note
from grants.models import BudgetLine, OtherFunding, Presence, Project, Provenance, Side, State, now, project_merges
from grants.web.applicant.forms import CalendarForm, ProjectForm, PublicForm
from grants.web.applicant.means_form import MeansForm
from grants.web.instruction.on_behalf import ReceivedForm
from tests.conftest import SignIn, both
from tests.exports.test_pdf import poppler
from tests.factories import World, campaign, complete_draft, organisation, project, world
from tests.place import routes
from tests.web.reading import plain
from tests.web.test_instruction import count_queries

SECRET = "Tresorier-injoignable"


def words_of(answer: TestResponse, folder: Path) -> str:
    """What somebody reads in it, whatever it is."""
    if answer.mimetype == "application/pdf":
        return poppler("pdftotext", content=answer.data, folder=folder)
    if answer.data.startswith(b"PK"):
        with ZipFile(BytesIO(answer.data)) as file:
            return "".join(file.read(name).decode() for name in file.namelist())
    return answer.text


def line(of: Project, account: str, amount: int, **more) -> None:
    side = Side.EXPENSE if account.startswith("6") else Side.INCOME
    db.session.add(BudgetLine(project_id=of.id, side=side, account=account, amount=Decimal(amount), **more))


def two_years(w: World) -> tuple[Project, Project]:
    """A project and its predecessor, whose words differ."""
    last_year = campaign(w.contract, [w.cget], year=2025)
    before = project(last_year, w.applicant, bearer=w.bearer, requested={w.cget: 900})
    p = w.project(title="Ateliers")
    p.predecessor, before.title = before, "Ateliers"
    p.objectives, before.objectives = "Lire chaque samedi au parc", "Lire chaque mardi au parc"
    p.description, before.description = "Un bal", "Des cours de guitare pour les enfants"
    p.audience = before.audience = "Les familles"
    p.evaluation, before.place = "Un bilan", "La halle"
    p.beneficiaries, before.beneficiaries = 30, 20
    p.beneficiaries_qpv = before.beneficiaries_qpv = 10
    p.total_cost, before.total_cost = Decimal(10_000), Decimal(12_500)
    for each in (p, before):
        each.starts_on, each.ends_on = date(each.year, 1, 15), date(each.year, 6, 30)
    question = "Combien de séances ?"
    for each in (p.campaign, last_year):
        db.session.add(_question(each.id, question))
    db.session.flush()
    for each, given in ((p, 8), (before, 6)):
        each.answers = {str(each.campaign.questions[0].id): given}
    for each, amount in ((p, 4000), (before, 3000)):
        line(each, "641", amount)
        line(each, "74", amount, label="CAF", other_funding=OtherFunding.ASKED)
    line(before, "606", 500)
    return p, before


def _question(campaign_id: int, label: str):
    from grants.models import AnswerType, Question

    return Question(campaign_id=campaign_id, label=label, type=AnswerType.NUMBER, position=1)


@both
def test_what_changed_since_last_year_is_marked_in_words(app: Flask, sign_in: SignIn) -> None:
    w = world()
    p, _ = two_years(w)
    db.session.commit()
    page = plain(sign_in(w.coordinator).get(f"/projets/{p.id}").text)
    assert "<strong>8 réponses ont changé</strong>" in page
    assert "Lire chaque <ins>samedi </ins>au parc" in page
    assert "Lire chaque <del>mardi </del>au parc" in page
    fates = dict(re.findall(r'<h3>([^<]*?) <span class="fate">([^<]*)', page))
    assert fates == {
        "Objectifs de l'action": "modifié",
        "Description de l'action": "réécrit",
        "Lieu de l'action": "plus rien cette année",
        "Évaluation et indicateurs": "nouveau",
        "Combien de séances ?": "réécrit",
        "Nombre de bénéficiaires attendu": "modifié : + 10",
        "Coût total": "modifié : −2 500 €",
        "Coût par bénéficiaire": "modifié : −291,67 €",
    }
    assert page.count("Les familles") == 1
    assert "sur 900 €" in page
    for amount in ("+ 1 000 €", "−500 €"):
        assert amount in page
    outside = page[page.index("Demandé ailleurs") :]
    assert "74 CAF" in outside[:900]


def test_what_an_imported_dossier_does_not_say_is_not_new(app: Flask, sign_in: SignIn) -> None:
    w = world()
    p, before = two_years(w)
    before.provenance, before.objectives, before.description = Provenance.IMPORTED, "", ""
    db.session.commit()
    page = sign_in(w.coordinator).get(f"/projets/{p.id}").text
    assert "repris d'un fichier" in plain(page)
    fates = dict(re.findall(r'<h3>([^<]*?) <span class="fate">([^<]*)', plain(page)))
    assert "Objectifs de l'action" not in fates
    assert "Évaluation et indicateurs" not in fates
    assert fates["Lieu de l'action"] == "plus rien cette année"


@pytest.mark.slow
@both
def test_the_sheet_reads_as_much_of_a_rich_project_as_of_a_poor_one(app: Flask, sign_in: SignIn) -> None:
    w = world()
    poor = w.project()
    p, before = two_years(w)
    other = project(before.campaign, w.applicant, title="Jardin", requested={w.cget: 300})
    elsewhere = world()
    stranger = elsewhere.project(bearer=w.bearer, title="Ailleurs")
    db.session.flush()
    merge = {"project_id": p.id, "predecessor_id": other.id}
    db.session.execute(insert(project_merges), [merge])
    for by in (w.state_instructor, w.coordinator):
        note.write(p, "Une note", by=by)
        follower.follow([p], by, by=by)
    for _ in range(5):
        w.project(bearer=w.bearer)
    db.session.commit()
    client, listed = sign_in(w.coordinator), f"?liste={quote('mots=a')}"
    few, _ = count_queries(client, f"/projets/{poor.id}{listed}")
    many, html = count_queries(client, f"/projets/{p.id}{listed}")
    assert few <= 11
    assert many <= 12  # the questions of both calls
    page = plain(html)
    assert "réuni dans ce dossier" in page
    assert "Jardin" in page
    assert "Dossier précédent" in page
    assert stranger.title not in page
    assert "y fait suite" in plain(client.get(f"/projets/{other.id}").text)
    db.session.delete(stranger)


@pytest.mark.slow
def test_a_note_never_reaches_an_applicant_nor_a_committee(app: Flask, sign_in: SignIn, tmp_path: Path) -> None:
    w = world()
    p = complete_draft(w)
    dossier.submit(p, by=w.applicant)
    note.write(p, SECRET, by=w.state_instructor)
    follower.follow([p], w.state_instructor, by=w.state_instructor)
    db.session.commit()
    assert SECRET in sign_in(w.coordinator).get(f"/projets/{p.id}").text
    values = {
        "project_id": p.id,
        "organisation_id": w.bearer.id,
        "slug": w.contract.slug,
        "year": p.year,
        "year_a": p.year,
        "year_b": p.year,
        "section": "projet",
        "campaign_id": w.campaign.id,
        "part": "identite",
    }
    kinds = set()
    for person in (w.applicant, w.committee):
        client = sign_in(person)
        for rule in routes(app):
            if "GET" not in rule.methods or not rule.arguments <= values.keys():
                continue
            with app.test_request_context():
                parts = {name: values[name] for name in rule.arguments}
                url = app.url_map.bind("localhost").build(rule.endpoint, parts)
            answer = client.get(url)
            text = words_of(answer, tmp_path)
            kinds.add(answer.mimetype)
            assert SECRET not in text, url
            if person is w.applicant:
                assert w.state_instructor.name not in text, url
    assert len(kinds) > 2  # pages, PDF, workbooks


def test_a_note_is_written_from_the_sheet_and_never_lost(app: Flask, sign_in: SignIn) -> None:
    w = world()
    p = w.project()
    db.session.commit()
    client, url = sign_in(w.city_instructor), f"/projets/{p.id}/notes?liste=mots%3Da"
    sent = client.post(url, data={"text": "<b>Vu</b> sur place"})
    assert sent.location == f"/projets/{p.id}?liste=mots%3Da#notes"
    page = client.get(f"/projets/{p.id}").text
    assert "&lt;b&gt;Vu&lt;/b&gt; sur place" in page
    assert "<td>Note interne</td>" in page
    for text, said in (("", "Écrivez votre note"), ("a\x00b", "invisible"), ("x" * 6000, "5000")):
        refused = client.post(url, data={"text": text})
        assert refused.status_code == 422
        assert said in refused.text
    assert "x" * 6000 in refused.text
    assert sign_in(w.applicant).post(url, data={"text": "x"}).status_code == 403
    assert sign_in(w.committee).get(url).status_code == 403


@pytest.mark.slow
def test_one_follows_a_project_and_says_so(app: Flask, sign_in: SignIn) -> None:
    w = world()
    p = w.project()
    db.session.commit()
    client, url = sign_in(w.city_instructor), f"/projets/{p.id}/suivi"
    for _ in range(2):  # twice is once
        assert client.post(url, data={"suivre": "oui"}).location == f"/projets/{p.id}"
    page = plain(sign_in(w.coordinator).get(f"/projets/{p.id}").text)
    assert f"Suivi par {w.city_instructor.name}." in page
    assert f"suivi par : – → {w.city_instructor.name}" in page
    assert page.count("<td>Suivi du dossier</td>") == 1
    client.post(url, data={"suivre": "\x00"})
    page = plain(client.get(f"/projets/{p.id}").text)
    assert "Personne ne suit encore" in page
    assert f"suivi par : {w.city_instructor.name} → –" in page
    assert sign_in(w.applicant).post(url, data={"suivre": "oui"}).status_code == 403


@pytest.mark.slow
@both
def test_who_instructs_and_who_asked_do_not_see_each_other_at_work(app: Flask, sign_in: SignIn) -> None:
    w = world()
    p = w.project()
    db.session.commit()
    theirs, ours = f"/mes-projets/{p.id}/presence", f"/projets/{p.id}/presence"
    assert sign_in(w.applicant).post(theirs, data={"page": "fiche"}).json == {"others": []}
    assert sign_in(w.coordinator).post(ours).json == {"others": []}
    [words] = sign_in(w.city_instructor).post(ours, data={"page": "public"}).json["others"]
    assert words.startswith(f"{w.coordinator.name} consulte aussi ce dossier depuis ")
    assert words in sign_in(w.city_instructor).get(f"/projets/{p.id}").text
    assert sign_in(w.applicant).post(theirs).json == {"others": []}
    for each in db.session.query(Presence):
        each.seen_at = now() - timedelta(seconds=61)
    db.session.commit()
    assert "consulte aussi" not in sign_in(w.city_instructor).get(f"/projets/{p.id}").text


def test_one_key_decides_in_the_first_column_that_waits(app: Flask, sign_in: SignIn) -> None:
    w = world()
    p = w.project()
    waiting = w.project(state=State.SUBMITTED, bearer=organisation())
    db.session.commit()
    page = sign_in(w.city_instructor).get(f"/projets/{p.id}").text
    assert 'data-key="Enter" href="#choice-0"' in page
    assert f'action="/projets/{p.id}/financeurs/{w.ville.id}?fiche=oui"' in page
    assert f'data-key="ArrowRight" href="/projets/{waiting.id}"' in page
    assert 'data-key="Enter"' not in sign_in(w.coordinator).get(f"/projets/{p.id}").text
    assert 'data-key="Enter"' not in sign_in(w.city_instructor).get(f"/projets/{waiting.id}").text


def test_answers_beside_last_year_s_are_called_as_in_the_applicant_s_form(app: Flask, sign_in: SignIn) -> None:
    w = world()
    p, _ = two_years(w)
    db.session.commit()
    page = plain(sign_in(w.coordinator).get(f"/projets/{p.id}").text)
    shown = set(re.findall(r"<h3>([^<]*?) <span", page)) - {"Combien de séances ?", "Coût par bénéficiaire"}
    with app.test_request_context():
        forms = [form(formdata=None) for form in (ProjectForm, PublicForm, CalendarForm, MeansForm, ReceivedForm)]
    labels = {field.label.text.removesuffix(", en euros") for form in forms for field in form}
    assert shown - labels == {"Coût total"}  # of the action, as everywhere beside its title
