"""The settings pages of a call's questions and criteria, as an administrator works them."""

import pytest
from flask.testing import FlaskClient

from grants.database import db
from grants.domain.campaign.criteria import criteria_of
from grants.domain.importing.usual import ask_usual_questions
from grants.models import Campaign, Question
from tests.factories import World, complete_draft
from tests.web.dossiers import fields_of


def send(client: FlaskClient, url: str, **data) -> str:
    response = client.post(f"/reglages/{url}", data=data, follow_redirects=True)
    assert response.status_code in (200, 422), (url, response.status_code)
    db.session.expire_all()
    return response.text


def change(client: FlaskClient, question: Question, **data: str) -> str:
    path = f"questions/{question.id}"
    return send(client, path, **fields_of(client, f"/reglages/{path}") | data)


def labels(of: Campaign) -> list[str]:
    return [q.label for q in of.questions]


@pytest.mark.slow
def test_questions_are_added_ordered_changed_and_retired(w: World, admin: FlaskClient) -> None:
    base = f"appels/{w.campaign.id}/questions"
    send(admin, f"{base}/ajouter", label="Un séjour ?", type="YES_NO", required="y", shown_if="")
    [first] = w.campaign.questions
    page = send(
        admin,
        f"{base}/ajouter",
        label="Où ?",
        type="CHOICE",
        choices="Mer\r\n Montagne \r\n\r\n",
        shown_if=f"{first.id}:oui",
    )
    assert "si « oui » à « Un séjour ? »" in page.replace("\u00a0", " ")
    second = w.campaign.questions[1]
    assert (second.choices, second.shown_if_answer) == (["Mer", "Montagne"], "oui")
    shown = admin.get(f"/reglages/questions/{second.id}").text
    assert f'<option selected value="{first.id}:oui">' in shown
    assert "dépend" in send(admin, f"questions/{second.id}/deplacer", vers="haut")
    assert "dépend" in send(admin, f"listes/questions/{first.id}/retirer")
    change(admin, second, label="Où donc ?", type="TEXT", shown_if="")
    send(admin, f"questions/{second.id}/deplacer", vers="haut")
    assert labels(w.campaign) == ["Où donc ?", "Un séjour ?"]
    send(admin, f"questions/{second.id}/deplacer", vers="bas")
    draft = complete_draft(w)
    draft.answers = {str(first.id): "oui"}
    correction = complete_draft(w)
    correction.answers, correction.copy_of_id = draft.answers, draft.id
    db.session.commit()
    assert "déjà répondu" in change(admin, first, label="x", type="TEXT", shown_if="")
    asked = admin.get(f"/reglages/listes/questions/{first.id}/retirer").text
    assert "Réponses reçues : 1, dans 1 dossier." in asked
    assert "Cet appel a 1 dossier, dont 1 brouillon." in asked
    assert "retirée" in send(admin, f"listes/questions/{first.id}/retirer")
    assert "Remettre" in admin.get(f"/reglages/{base}").text
    send(admin, f"listes/questions/{first.id}/remettre")
    assert not w.campaign.questions[0].archived


@pytest.mark.parametrize(
    ("field", "data"),
    [
        ("label", {"label": "", "type": "TEXT"}),
        ("label", {"label": "a\x00b", "type": "TEXT"}),
        ("label", {"label": "x" * 251, "type": "TEXT"}),
        ("type", {"label": "x", "type": "DROP"}),
        ("choices", {"label": "x", "type": "CHOICE", "choices": "un seul"}),
        ("choices", {"label": "x", "type": "CHOICE", "choices": "x" * 251 + "\nb"}),
        ("choices", {"label": "x", "type": "CHOICE", "choices": "\n".join(map(str, range(40)))}),
        ("shown_if", {"label": "x", "type": "TEXT", "shown_if": "999999:0"}),
    ],
)
def test_bad_input_is_told_at_its_field(w: World, admin: FlaskClient, field: str, data: dict[str, str]) -> None:
    sent = {"shown_if": ""} | data
    page = send(admin, f"appels/{w.campaign.id}/questions/ajouter", **sent)
    assert f'id="{field}-erreur"' in page
    assert w.campaign.questions == []


def test_a_call_is_made_with_the_questions_of_its_kind(w: World, admin: FlaskClient) -> None:
    send(admin, "contrats/ici/appels/ajouter", year="2027", kind="VVV", label="VVV 2027", preset="VVV")
    made = db.session.query(Campaign).filter_by(label="VVV 2027").one()
    assert "Nombre de filles" in labels(made)
    send(admin, f"appels/{made.id}/copier")
    copy = db.session.query(Campaign).filter_by(year=2028).one()
    assert labels(copy) == labels(made)
    assert criteria_of(copy) != criteria_of(made)  # of its own questions
    wrong = send(admin, "contrats/ici/appels/ajouter", year="2027", kind="VVV", label="B", preset="NOPE")
    assert 'id="preset-erreur"' in wrong
    send(admin, f"appels/{w.campaign.id}/questions/dispositif", preset="PRE")
    assert len(labels(w.campaign)) == 3
    assert "déjà" in send(admin, f"appels/{w.campaign.id}/questions/dispositif", preset="PRE")


def test_criteria_are_added_and_retired(w: World, admin: FlaskClient) -> None:
    ask_usual_questions(w.campaign, "PRE", by=w.administrator)
    db.session.commit()
    number = db.session.query(Question).filter_by(type="NUMBER").first()
    base = f"appels/{w.campaign.id}/criteres"
    page = send(
        admin, f"{base}/ajouter", label="parcours", part=[f"q{number.id}"], percent="30", total=["beneficiaries"]
    )
    assert "parcours" in page
    assert criteria_of(w.campaign)[0].part == (f"q{number.id}",)
    for field, wrong in (("part", "password_hash"), ("total", ""), ("percent", "300")):
        data = {"label": "x", "part": "beneficiaries", "total": "beneficiaries", "percent": "5"}
        assert f'id="{field}-erreur"' in send(admin, f"{base}/ajouter", **data | {field: wrong})
    for unknown in ("retirer", "remettre"):
        assert admin.post(f"/reglages/{base}/{unknown}?critere=autre").status_code == 404
    assert len(criteria_of(w.campaign)) == 1
    assert "« parcours »" in admin.get(f"/reglages/{base}/retirer?critere=parcours").text
    page = send(admin, f"{base}/retirer?critere=parcours")
    assert criteria_of(w.campaign) == []
    assert "criteres/remettre?critere=parcours" in page
    send(admin, f"{base}/remettre?critere=parcours")
    assert len(criteria_of(w.campaign)) == 1
