"""What a call asks beyond the common dossier: its questions in order, and its criteria."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.database import db
from grants.domain.call import criteria
from grants.domain.call import question as rules
from grants.domain.call.call_kinds import start_with
from grants.models import Campaign, Question
from grants.web.access import access, by_id, me
from grants.web.admin import bp
from grants.web.admin.pages import edit_page
from grants.web.admin.question_forms import FigureCriterionForm, PresetForm, QuestionForm
from grants.web.buttons import attempt, step


def _list(campaign_id: int) -> str:
    return url_for("admin.questions", campaign_id=campaign_id)


@bp.get("/appels/<int:campaign_id>/questions")
@access("administer", by_id(Campaign))
def questions(campaign: Campaign) -> ResponseReturnValue:
    return render_template(
        "admin/questions.html", campaign=campaign, contract=campaign.contract,
        labels={question.id: question.label for question in campaign.questions},
        answered=rules.answer_counts(campaign), form=PresetForm(),
        criteria=criteria.criteria_of(campaign), figures=criteria.figures_to_choose(campaign),
    )  # fmt: skip


@bp.post("/appels/<int:campaign_id>/questions/dispositif")
@access("administer", by_id(Campaign))
def start_questions(campaign: Campaign) -> ResponseReturnValue:
    return attempt(
        lambda: start_with(campaign, request.form.get("preset", ""), by=me()),
        back=_list(campaign.id),
        done="Les questions du dispositif sont reprises : corrigez-les, complétez-les.",
    )


@bp.route("/appels/<int:campaign_id>/questions/ajouter", methods=["GET", "POST"])
@access("administer", by_id(Campaign))
def add_question(campaign: Campaign) -> ResponseReturnValue:
    form = QuestionForm()
    form.offer(campaign, None)
    return edit_page(
        form,
        lambda: rules.add_question(campaign, form.terms(), by=me()),
        heading="Ajouter une question",
        back=_list(campaign.id),
        campaign=campaign,
    )


@bp.route("/questions/<int:question_id>", methods=["GET", "POST"])
@access("administer", by_id(Question))
def question(question: Question) -> ResponseReturnValue:
    campaign = db.session.get_one(Campaign, question.campaign_id)
    form = QuestionForm(obj=question)
    form.offer(campaign, question)
    form.choose(question)
    return edit_page(
        form,
        lambda: rules.change_question(question, form.terms(), by=me()),
        heading=f"Question : {question.label}",
        subject=question,
        back=_list(campaign.id),
        campaign=campaign,
    )


@bp.post("/questions/<int:question_id>/deplacer")
@access("administer", by_id(Question))
def move_question(question: Question) -> ResponseReturnValue:
    return attempt(
        lambda: rules.move_question(question, step(), by=me()),
        back=f"{_list(question.campaign_id)}#question-{question.id}",
        done=f"« {question.label} » est déplacée.",
    )


@bp.post("/questions/<int:question_id>/retirer")
@access("administer", by_id(Question))
def remove_question(question: Question) -> ResponseReturnValue:
    return attempt(
        lambda: rules.remove_question(question, by=me()),
        back=_list(question.campaign_id),
        done="La question est retirée. Si des dossiers y ont répondu, leur réponse reste lisible.",
    )


@bp.post("/questions/<int:question_id>/remettre")
@access("administer", by_id(Question))
def restore_question(question: Question) -> ResponseReturnValue:
    return attempt(
        lambda: rules.restore_question(question, by=me()),
        back=_list(question.campaign_id),
        done=f"« {question.label} » est de nouveau posée.",
    )


@bp.route("/appels/<int:campaign_id>/criteres/ajouter", methods=["GET", "POST"])
@access("administer", by_id(Campaign))
def add_criterion(campaign: Campaign) -> ResponseReturnValue:
    form = FigureCriterionForm()
    form.offer(campaign)
    return edit_page(
        form,
        lambda: criteria.add_criterion(campaign, form.criterion(), by=me()),
        heading="Ajouter un critère",
        back=_list(campaign.id),
        campaign=campaign,
    )


@bp.post("/appels/<int:campaign_id>/criteres/retirer")
@access("administer", by_id(Campaign))
def remove_criterion(campaign: Campaign) -> ResponseReturnValue:
    return attempt(
        lambda: criteria.remove_criterion(campaign, request.form.get("label", ""), by=me()),
        back=_list(campaign.id),
        done="Le critère est retiré.",
    )
