"""The call's own questions and the budget's figures, on the applicant's pages and on the sheet."""

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from grants.database import db
from grants.domain import dossier
from grants.domain.campaign.question import QuestionTerms, add_question, remove_question
from grants.domain.importing.usual import ask_usual_questions
from grants.models import AnswerType
from tests.conftest import SignIn
from tests.factories import World, world
from tests.web.dossiers import applicants_world, draft_of, send, swear

ANSWERS = {
    "Période de vacances": "Été",
    "Séjour ou sorties": "Sorties",
    "Jeunes de 11 à 14 ans": "20",
    "Jeunes de 15 à 18 ans": "10",
    "Nombre de filles": "12",
    "Nombre de garçons": "18",
}


@pytest.fixture
def w(app: Flask) -> World:
    made = applicants_world()
    ask_usual_questions(made.campaign, "VVV", by=made.administrator)
    db.session.commit()
    return made


def typed(w: World) -> dict[str, str]:
    """`ANSWERS` by the names of their fields."""
    return {f"q{q.id}": ANSWERS.get(q.label, "") for q in w.campaign.questions}


def field(w: World, label: str) -> str:
    return f"q{next(q.id for q in w.campaign.questions if q.label == label)}"


def text(client: FlaskClient, path: str) -> str:
    """What one reads there; every space is a plain one."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", client.get(path).text)).split())


@pytest.mark.slow
def test_questions_are_a_page_of_the_dossier_read_wherever_it_is_read(w: World, sign_in: SignIn) -> None:
    project = draft_of(w)
    client, path = sign_in(w.applicant), f"/mes-projets/{project.id}"
    assert "Questions de l'appel" in text(client, path)
    assert "Répondez à la question « Nombre de filles »" in text(client, f"{path}/deposer")
    page = client.get(f"{path}/questions").text.replace("\u00a0", " ")
    assert "Seulement si « Séjour » à « Séjour ou sorties »" in page
    assert send(client, f"{path}/questions", **typed(w)).status_code == 302
    db.session.expire_all()
    swear(project, w.applicant)
    assert dossier.faults(project) == []
    for where in (f"{path}/questions", f"{path}/public"):
        assert "Critère : " in text(client, where)
    told = "au moins la moitié de filles : 12 sur 30, non atteint"
    assert told in text(client, f"{path}/questions")
    check = text(client, f"{path}/deposer")
    assert "Nombre de filles 12" in check
    assert "Nombre de nuits" not in check  # not asked of an outing
    dossier.submit(project, by=w.applicant)
    db.session.commit()
    assert "Période de vacances Été" in text(client, path)
    sheet = text(sign_in(w.coordinator), f"/projets/{project.id}")
    assert "Période de vacances Été" in sheet
    assert "Critère : au moins la moitié de filles 12 sur 30, non atteint" in sheet


def test_a_call_without_questions_has_no_such_page(app: Flask, sign_in: SignIn) -> None:
    w = applicants_world()
    project = draft_of(w)
    client, path = sign_in(w.applicant), f"/mes-projets/{project.id}"
    assert "Questions de l'appel" not in client.get(path).text
    assert client.get(f"{path}/questions").status_code == 404


@pytest.mark.slow
def test_a_number_that_is_none_is_told_and_what_was_typed_stays(w: World, sign_in: SignIn) -> None:
    project, client = draft_of(w), sign_in(w.applicant)
    girls, others = field(w, "Nombre de filles"), typed(w)
    for hostile in ("-1", "1e9", "9" * 40, "12 OOO", "\u0661", "0x10", "1,5"):
        answer = send(client, f"/mes-projets/{project.id}/questions", **others | {girls: hostile})
        assert answer.status_code == 422, hostile
        for told in (f'id="{girls}-erreur"', hostile, 'value="18"'):
            assert told in answer.text, hostile
        db.session.expire_all()
        assert girls.removeprefix("q") not in project.answers, hostile


@pytest.mark.slow
def test_forged_answers_are_refused_or_ignored(w: World, sign_in: SignIn) -> None:
    elsewhere = world()
    foreign = add_question(elsewhere.campaign, QuestionTerms("?", AnswerType.TEXT), by=elsewhere.administrator)
    free = add_question(w.campaign, QuestionTerms("Libre", AnswerType.TEXT), by=w.administrator)
    project = draft_of(w)
    client, path = sign_in(w.applicant), f"/mes-projets/{project.id}/questions"
    for name, value in (
        (field(w, "Période de vacances"), "Noël"),
        (f"q{free.id}", "a\x00b"),
        (f"q{free.id}", "x" * 10_001),
    ):
        assert send(client, path, **typed(w) | {name: value}).status_code == 422
    sent = typed(w) | {f"q{foreign.id}": "moi", "answers": "x", "q0": "1", f"q{free.id}": "<b>=1"}
    assert send(client, path, **sent).status_code == 302
    db.session.expire_all()
    assert str(foreign.id) not in project.answers
    assert project.answers[str(free.id)] == "<b>=1"
    assert "<b>=1" not in client.get(f"/mes-projets/{project.id}/deposer").text


def test_a_question_retired_while_its_page_is_open_loses_nothing_else(w: World, sign_in: SignIn) -> None:
    project = draft_of(w)
    client, path = sign_in(w.applicant), f"/mes-projets/{project.id}/questions"
    gone = next(q for q in w.campaign.questions if q.label == "Nombre de garçons")
    remove_question(gone, by=w.administrator)
    db.session.commit()
    assert send(client, path, **typed(w) | {f"q{gone.id}": "18"}).status_code == 302
    db.session.expire_all()
    assert project.answers[field(w, "Nombre de filles")[1:]] == 12


def test_the_rule_in_the_page_is_the_servers(w: World, sign_in: SignIn) -> None:
    """The attributes that static/js/questions.js and criteria.js read say what is stored."""
    project = draft_of(w)
    page = sign_in(w.applicant).get(f"/mes-projets/{project.id}/questions").text
    found = re.findall(r'data-question="q(\d+)"(?: data-shown-if="q(\d+)" data-shown-answer="([^"]*)")?', page)
    stored = [(str(q.id), str(q.shown_if_id or ""), q.shown_if_answer) for q in w.campaign.questions]
    assert found == stored
    criteria = re.findall(r'data-part="([^"]*)" data-total="([^"]*)" data-percent="(\d+)"', page)
    assert criteria == [
        (" ".join(c["part"]), " ".join(c["total"]), str(c["percent"]))
        for c in w.campaign.criteria
        if any(name.startswith("q") for name in (*c["part"], *c["total"]))
    ]


def test_shares_cost_a_head_and_ordinary_law(app: Flask, sign_in: SignIn) -> None:
    w = applicants_world()
    project = draft_of(w, cost=9_000)  # asks 3 000 and 2 000; 30 beneficiaries
    client, path = sign_in(w.applicant), f"/mes-projets/{project.id}"
    send(
        client,
        f"{path}/budget",
        a756="3000",
        other_label_0="CAF",
        other_amount_0="1000",
        other_law_0="y",
        other_label_1="Fondation",
        other_amount_1="500",
        other_status_1="REFUSED",
    )
    db.session.expire_all()
    caf, fondation = [line for line in project.budget if line.account == "74"]
    assert (caf.ordinary_law, fondation.ordinary_law) == (True, False)
    check = text(client, f"{path}/deposer")
    assert "74 CAF (demandé, droit commun) 1 000 € 11,11 %" in check
    assert "74 Fondation (refusé) 500 € 74" in check  # counts for nothing: no share
    assert "(demandé dans ce dossier) 3 000 € 33,33 %" in check
    sentence = "La subvention demandée de 5 000 € représente 55,56 % du total des produits"
    assert sentence in check
    assert "Coût par bénéficiaire : 300 € (30 bénéficiaires)" in check
    assert sentence in text(client, f"{path}/demandes")
    assert "(demandé dans ce dossier) 3 000 €" in text(client, f"{path}/budget")
    swear(project, w.applicant)
    dossier.submit(project, by=w.applicant)
    db.session.commit()
    sheet = text(sign_in(w.coordinator), f"/projets/{project.id}")
    assert "74 CAF (demandé, droit commun) 1 000 € 11,11 %" in sheet
    assert sentence in sheet
    assert "Coût par bénéficiaire 300 €" in sheet


def test_a_budget_of_nothing_has_no_shares(app: Flask, sign_in: SignIn) -> None:
    w = applicants_world()
    project = draft_of(w, requested={})
    project.budget, project.beneficiaries, project.beneficiaries_qpv = [], 0, 0
    db.session.commit()
    check = text(sign_in(w.applicant), f"/mes-projets/{project.id}/deposer")
    assert "0 € représente – du total des produits" in check
    assert "Coût par bénéficiaire" not in check
