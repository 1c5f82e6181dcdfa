"""What a call asks beyond the common dossier: its questions in order, and its criteria."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, IntegerField, SelectField
from wtforms.validators import DataRequired, InputRequired, NumberRange

from grants.database import db
from grants.domain.campaign import criteria
from grants.domain.campaign import question as rules
from grants.domain.campaign.criteria import Criterion, figures_to_choose
from grants.domain.campaign.question import MOST_CHOICES, QuestionTerms, asked_questions
from grants.domain.importing.usual import ask_usual_questions
from grants.models import AnswerType, Campaign, Question
from grants.queries.administration.administration import answers_received
from grants.web.access import access, by_id, me
from grants.web.admin import bp
from grants.web.admin.forms import FILL, PRESET_CHOICES, LinesField
from grants.web.admin.pages import button, edit_page
from grants.web.buttons import step
from grants.web.fields import Checkboxes, line, paragraphs
from grants.web.forms import Form, what_was_sent
from grants.web.versioned import UnversionedForm
from grants.words import word


class ChoicesField(LinesField):
    most, longest = MOST_CHOICES, 250


class PresetForm(Form):
    preset = SelectField("Questions du dispositif", choices=PRESET_CHOICES)


class QuestionForm(UnversionedForm):
    """`shown_if` chooses a question and one of its answers at once (`12:oui`)."""

    label = line("Question", needed=FILL)
    type = SelectField("Réponse", choices={t.value: word(t) for t in AnswerType})
    choices = ChoicesField("Choix", render_kw={"rows": 4}, description="Pour un choix dans une liste : un par ligne.")
    help = paragraphs("Aide", rows=2, description="Une phrase sous la question (facultatif).")
    required = BooleanField("Réponse obligatoire pour déposer")
    shown_if = SelectField("Posée", description="Toujours, ou selon la réponse à une question placée plus haut.")

    def offer(self, campaign: Campaign, own: Question | None) -> None:
        """The conditions to choose from: each answer to the questions above `own`."""
        self._conditions: dict[str, tuple[int | None, str]] = {"": (None, "")}
        self.shown_if.choices = [("", "toujours")]
        for question in asked_questions(campaign.questions):
            if own is not None and question.position >= own.position:
                break
            for option in question.options:
                self._conditions[f"{question.id}:{option}"] = (question.id, option)
                self.shown_if.choices.append((f"{question.id}:{option}", f"si « {option} » à « {question.label} »"))

    def choose(self, question: Question) -> None:
        """Its own condition."""
        wanted = (question.shown_if_id, question.shown_if_answer)
        own = next((k for k, v in self._conditions.items() if v == wanted), "")
        self.shown_if.object_data = own
        if what_was_sent() is None:
            self.shown_if.data = own

    def terms(self) -> QuestionTerms:
        above, answer = self._conditions[self.shown_if.data]
        return QuestionTerms(
            self.label.data or "",
            AnswerType(self.type.data),
            self.help.data or "",
            tuple(self.choices.data or ()),
            self.required.data,
            above,
            answer,
        )


def _figures(label: str) -> Checkboxes:
    return Checkboxes(
        label, [DataRequired("Cochez au moins un nombre.")], description="La somme de ce que vous cochez."
    )


class FigureCriterionForm(Form):
    label = line("Critère", needed=FILL, description="Par exemple « au moins la moitié de filles ».")
    part = _figures("Ces nombres font ensemble")
    percent = IntegerField(
        "au moins ce pourcentage", [InputRequired("Écrivez un pourcentage."), NumberRange(1, 100, "Entre 1 et 100.")]
    )
    total = _figures("du total de ceux-ci")

    def offer(self, campaign: Campaign) -> None:
        self.part.choices = self.total.choices = list(figures_to_choose(campaign).items())

    def criterion(self) -> Criterion:
        return Criterion(
            self.label.data or "", tuple(self.part.data or ()), tuple(self.total.data or ()), self.percent.data or 0
        )


def _list(thing: Campaign | Question) -> str:
    return url_for("admin.questions", campaign_id=thing.id if isinstance(thing, Campaign) else thing.campaign_id)


@bp.get("/appels/<int:campaign_id>/questions")
@access("administer", by_id(Campaign))
def questions(campaign: Campaign) -> ResponseReturnValue:
    return render_template(
        "admin/questions.html",
        campaign=campaign,
        contract=campaign.contract,
        labels={question.id: question.label for question in campaign.questions},
        answered=answers_received(campaign),
        form=PresetForm(),
        criteria=criteria.criteria_of(campaign),
        removed=[
            (one.label, url_for("admin.restore_criterion", campaign_id=campaign.id, critere=one.label))
            for one in criteria.all_criteria(campaign)
            if one.archived
        ],
        figures=criteria.figures_to_choose(campaign),
    )


@button("/appels/<int:campaign_id>/questions/dispositif", by_id(Campaign), back=_list)
def start_questions(campaign: Campaign) -> str:
    ask_usual_questions(campaign, request.form.get("preset", ""), by=me())
    return "Les questions du dispositif sont reprises : corrigez-les, complétez-les."


@bp.route("/appels/<int:campaign_id>/questions/ajouter", methods=["GET", "POST"])
@access("administer", by_id(Campaign))
def add_question(campaign: Campaign) -> ResponseReturnValue:
    form = QuestionForm()
    form.offer(campaign, None)
    return edit_page(
        form,
        lambda: rules.add_question(campaign, form.terms(), by=me()),
        heading="Ajouter une question",
        back=_list(campaign),
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
        back=_list(campaign),
        campaign=campaign,
    )


@button(
    "/questions/<int:question_id>/deplacer",
    by_id(Question),
    back=lambda question: f"{_list(question)}#question-{question.id}",
)
def move_question(question: Question) -> str:
    rules.move_question(question, step(), by=me())
    return f"« {question.label} » est déplacée."


@bp.route("/appels/<int:campaign_id>/criteres/ajouter", methods=["GET", "POST"])
@access("administer", by_id(Campaign))
def add_criterion(campaign: Campaign) -> ResponseReturnValue:
    form = FigureCriterionForm()
    form.offer(campaign)
    return edit_page(
        form,
        lambda: criteria.add_criterion(campaign, form.criterion(), by=me()),
        heading="Ajouter un critère",
        back=_list(campaign),
        campaign=campaign,
    )
