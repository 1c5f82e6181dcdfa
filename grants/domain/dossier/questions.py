"""The section of the call's own questions: answers, what is asked of whom, and the criteria."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from grants.domain.campaign.criteria import Verdict, criteria_of, field_name, verdict
from grants.domain.campaign.question import asked_questions
from grants.domain.dossier.drafts import Answers, Section
from grants.errors import DomainError
from grants.french import whole
from grants.models import AnswerType, Project, Question, State, User

GivenAnswer = str | int
MOST = 999_999_999
MOST_WORDS = 10_000


def asked(project: Project) -> list[Question]:
    """What the call asks now, in its order."""
    return asked_questions(project.campaign.questions)


def shown(questions: Iterable[Question], answers: Mapping[int, GivenAnswer]) -> list[Question]:
    """Those that the answers ask for. A question that is not shown counts as not answered:
    static/js/questions.js keeps the same rule."""
    given: dict[int, GivenAnswer] = {}
    found = []
    for question in questions:
        above = question.shown_if_id
        if above is None or given.get(above) == question.shown_if_answer:
            found.append(question)
            if question.id in answers:
                given[question.id] = answers[question.id]
    return found


@dataclass(frozen=True)
class QuestionAnswers(Answers):
    """Question id and answer, in the order of the call; questions left empty are absent.

    The answer to a question that is not shown is kept: it comes back with its condition.
    """

    answers: tuple[tuple[int, GivenAnswer], ...]

    section: ClassVar[Section] = Section.QUESTIONS

    @classmethod
    def of(cls, project: Project) -> Self:
        stored = project.answers
        return cls(tuple((q.id, stored[str(q.id)]) for q in asked(project) if str(q.id) in stored))

    def write(self, project: Project, by: User) -> None:
        questions = {question.id: question for question in asked(project)}
        for id_, answer in self.answers:
            if id_ not in questions:
                raise DomainError("Cet appel ne pose pas (ou plus) cette question.")
            _check(questions[id_], answer)
        kept = {id_: one for id_, one in project.answers.items() if int(id_) not in questions}
        project.answers = {**kept, **{str(id_): answer for id_, answer in self.answers}}


def _check(question: Question, answer: GivenAnswer) -> None:
    field = field_name(question)
    if question.options:
        if answer not in question.options:
            raise DomainError("Choisissez une réponse de la liste.", field)
    elif question.type is AnswerType.NUMBER:
        if not isinstance(answer, int) or not 0 <= answer <= MOST:
            raise DomainError("Écrivez un nombre entier.", field)
    elif not isinstance(answer, str) or "\x00" in answer or len(answer) > MOST_WORDS:
        raise DomainError(f"Écrivez un texte de {MOST_WORDS} caractères au plus.", field)


def _given(project: Project) -> dict[int, GivenAnswer]:
    return {int(id_): answer for id_, answer in project.answers.items()}


def missing(project: Project) -> list[Question]:
    """Required, shown, and not answered."""
    given = _given(project)
    return [q for q in shown(asked(project), given) if q.required and q.id not in given]


def for_reading(project: Project) -> list[tuple[str, str]]:
    """Label and answer of what was asked; once deposited, also of what is asked no longer.
    Nothing (and no query) of a deposited dossier that answers nothing."""
    given, draft = _given(project), project.state is State.DRAFT
    if not given and not draft:
        return []
    questions = [
        question
        for question in project.campaign.questions
        if not question.archived or (question.id in given and not draft)
    ]
    return [(q.label, _in_words(given.get(q.id, ""))) for q in shown(questions, given)]


def _in_words(answer: GivenAnswer) -> str:
    return answer if isinstance(answer, str) else whole(answer)


def figures(project: Project) -> dict[str, int | None]:
    """What criteria compare, by the name of its field."""
    given = _given(project)
    numbers = {
        field_name(question): int(given[question.id])
        for question in shown(asked(project), given)
        if question.type is AnswerType.NUMBER and question.id in given
    }
    return {"beneficiaries": project.beneficiaries, "beneficiaries_qpv": project.beneficiaries_qpv, **numbers}


def verdicts(project: Project) -> list[Verdict]:
    """Each criterion of the call, and what the dossier says of it so far."""
    criteria = criteria_of(project.campaign)
    known = figures(project) if criteria else {}
    return [verdict(criterion, known) for criterion in criteria]
