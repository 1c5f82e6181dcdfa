"""The form of the call's own questions: a field a question, made for the call."""

from __future__ import annotations

from typing import Any, Self

from wtforms import Field, RadioField, SelectField
from wtforms.validators import Optional

from grants.domain.campaign.criteria import field_name
from grants.domain.dossier.drafts import Answers
from grants.domain.dossier.questions import MOST, MOST_WORDS, QuestionAnswers, asked
from grants.models import AnswerType, Project, Question
from grants.web.applicant.forms import SectionForm
from grants.web.fields import WholeField, paragraphs


def _field(question: Question) -> Any:
    if question.type is AnswerType.TEXT:
        return paragraphs(question.label, MOST_WORDS)
    if question.type is AnswerType.NUMBER:
        return WholeField(question.label, 0, MOST)
    choices = {option: option for option in question.options}
    if question.type is AnswerType.YES_NO:
        return RadioField(question.label, [Optional()], choices=choices)
    return SelectField(question.label, choices={"": "Choisissez", **choices})


class QuestionsForm(SectionForm):
    """`questions`: those that the call asks now, in its order."""

    holds = QuestionAnswers
    questions: tuple[Question, ...] = ()

    @classmethod
    def showing(cls, project: Project, stored: Answers, **more: Any) -> Self:
        questions = tuple(asked(project))
        fields = {field_name(question): _field(question) for question in questions}
        of_call: type[Self] = type("QuestionsForm", (cls,), {**fields, "questions": questions})
        return super(QuestionsForm, of_call).showing(project, stored, **more)

    @classmethod
    def values(cls, stored: Answers) -> dict[str, Any]:
        assert isinstance(stored, QuestionAnswers)  # noqa: S101 - for the type
        return {f"q{id_}": answer for id_, answer in stored.answers}

    def field(self, question: Question) -> Field:
        found: Field = self[field_name(question)]
        return found

    def condition(self, question: Question) -> str:
        """The label of the question that this one depends on; empty when it is always asked."""
        return next((q.label for q in self.questions if q.id == question.shown_if_id), "")

    def answers(self) -> QuestionAnswers:
        typed = ((question.id, self.field(question).data) for question in self.questions)
        return QuestionAnswers(tuple((id_, answer) for id_, answer in typed if answer not in (None, "")))
