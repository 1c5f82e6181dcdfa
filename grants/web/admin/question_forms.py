"""The forms of a call's questions and criteria: shape only."""

from __future__ import annotations

from wtforms import BooleanField, IntegerField, SelectField
from wtforms.validators import DataRequired, InputRequired, NumberRange

from grants.domain.call.criteria import Criterion, figures_to_choose
from grants.domain.call.question import MOST_CHOICES, QuestionTerms, asked_questions
from grants.models import AnswerType, Campaign, Question
from grants.web.admin.forms import FILL, PRESET_CHOICES, LinesField
from grants.web.fields import Checkboxes, line, paragraphs
from grants.web.forms import Form, what_was_sent
from grants.web.versioned import UnversionedForm
from grants.words import word


class ChoicesField(LinesField):
    most, longest = MOST_CHOICES, 250


class PresetForm(Form):
    preset = SelectField("Questions du dispositif", choices=PRESET_CHOICES)


class QuestionForm(UnversionedForm):
    """`shown_if` chooses a question and one of its answers at once (`12:0`)."""

    label = line("Question", needed=FILL)
    type = SelectField("Réponse", choices={t.value: word(t) for t in AnswerType})
    choices = ChoicesField(
        "Choix", render_kw={"rows": 4}, description="Pour un choix dans une liste : un par ligne."
    )
    help = paragraphs("Aide", rows=2, description="Une phrase sous la question (facultatif).")
    required = BooleanField("Réponse obligatoire pour déposer")
    shown_if = SelectField(
        "Posée", description="Toujours, ou selon la réponse à une question placée plus haut."
    )

    def offer(self, campaign: Campaign, own: Question | None) -> None:
        """The conditions to choose from: each answer to the questions above `own`."""
        self._conditions: dict[str, tuple[int | None, str]] = {"": (None, "")}
        self.shown_if.choices = [("", "toujours")]
        for question in asked_questions(campaign.questions):
            if own is not None and question.position >= own.position:
                break
            for place, option in enumerate(question.options):
                self._conditions[f"{question.id}:{place}"] = (question.id, option)
                self.shown_if.choices.append(
                    (f"{question.id}:{place}", f"si « {option} » à « {question.label} »")
                )

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
            self.label.data or "", AnswerType(self.type.data), self.help.data or "",
            tuple(self.choices.data or ()), self.required.data, above, answer,
        )  # fmt: skip


def _figures(label: str) -> Checkboxes:
    return Checkboxes(
        label, [DataRequired("Cochez au moins un nombre.")],
        description="La somme de ce que vous cochez.",
    )  # fmt: skip


class FigureCriterionForm(Form):
    label = line(
        "Critère", needed=FILL, description="Par exemple « au moins la moitié de filles »."
    )
    part = _figures("Ces nombres font ensemble")
    percent = IntegerField(
        "au moins ce pourcentage",
        [InputRequired("Écrivez un pourcentage."), NumberRange(1, 100, "Entre 1 et 100.")],
    )
    total = _figures("du total de ceux-ci")

    def offer(self, campaign: Campaign) -> None:
        self.part.choices = self.total.choices = list(figures_to_choose(campaign).items())

    def criterion(self) -> Criterion:
        return Criterion(
            self.label.data or "", tuple(self.part.data or ()), tuple(self.total.data or ()),
            self.percent.data or 0,
        )  # fmt: skip
