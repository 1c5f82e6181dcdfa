"""The questions that a call asks beyond the common dossier: set up, ordered, copied to next year's.

A question may depend on an earlier one only, so that conditions never turn in a circle.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from sqlalchemy import ColumnElement, select

from grants.database import copy_as, db
from grants.domain.campaign.campaign_part import archive, beside, campaign_of, lock_campaign, put_last, swap
from grants.domain.campaign.criteria import criteria_of, field_name, refuse_too_many, set_criteria
from grants.domain.ledger import history
from grants.errors import DomainError
from grants.models import AnswerType, Campaign, Project, Question, User

MOST_QUESTIONS = 60
MOST_CHOICES = 30


@dataclass(frozen=True)
class QuestionTerms:
    """`shown_if_id`, `shown_if_answer`: both, or neither for a question that is always asked."""

    label: str
    type: AnswerType
    help: str = ""
    choices: tuple[str, ...] = ()
    required: bool = False
    shown_if_id: int | None = None
    shown_if_answer: str = ""


def answer_counts(campaign: Campaign, *which: ColumnElement[bool]) -> Counter[int]:
    """How many dossiers (all, or `which`) have answered each question, drafts and corrections too."""
    stored = db.session.scalars(select(Project.answers).where(Project.campaign_id == campaign.id, *which))
    return Counter(int(id_) for answers in stored for id_ in answers)


def asked_questions(questions: Iterable[Question]) -> list[Question]:
    return [question for question in questions if not question.archived]


def add_question(campaign: Campaign, terms: QuestionTerms, *, by: User) -> Question:
    """At the end. Raises `DomainError` at the field for terms that make no sense."""
    lock_campaign(campaign)
    terms = _checked(campaign.questions, terms)
    question = put_last(Question(**_columns(terms)), campaign.questions, campaign, by=by)
    db.session.expire(campaign, ["questions"])
    _refuse_too_many(campaign)
    return question


def change_question(question: Question, terms: QuestionTerms, *, by: User) -> None:
    """Raises as `add_question`, and for what would make answers or conditions meaningless."""
    campaign = campaign_of(question)
    earlier = [other for other in campaign.questions if other.position < question.position]
    terms = _checked(earlier, terms)
    if terms.type is not question.type or not set(question.choices) <= set(terms.choices):
        _refuse_if_answered(campaign, question)
    options = Question(type=terms.type, choices=list(terms.choices)).options
    for other in _depending(campaign, question):
        if other.shown_if_answer not in options:
            raise DomainError(
                f"« {other.label} » n'est posée que si la réponse est « {other.shown_if_answer} » :"
                " gardez cette réponse, ou changez d'abord cette question.",
                "choices",
            )
    history.change_each(question, "update", _columns(terms), by=by, contract_id=campaign.contract_id)


def move_question(question: Question, step: int, *, by: User) -> None:
    """One place up (-1) or down (1); never across the question that it depends on."""
    campaign = campaign_of(question)
    other = beside(question, step, campaign.questions)
    if other is None:
        return
    first, second = sorted((question, other), key=lambda one: one.position)
    if second.shown_if_id == first.id:
        raise DomainError(f"« {second.label} » dépend de « {first.label} » : elle ne peut venir qu'après.")
    swap(question, other, campaign, by=by)
    db.session.expire(campaign, ["questions"])


def remove_question(question: Question, *, by: User) -> None:
    """With the criteria on it; what dossiers have answered stays to be read in them."""
    campaign = campaign_of(question)
    for other in _depending(campaign, question):
        if not other.archived:
            raise DomainError(f"« {other.label} » dépend de cette question : retirez-la d'abord, ou posez-la toujours.")
    archive(question, True, campaign, by=by)


def restore_question(question: Question, *, by: User) -> None:
    campaign = campaign_of(question)
    above = next((q for q in campaign.questions if q.id == question.shown_if_id), None)
    if above is not None and above.archived:
        raise DomainError(f"Posez d'abord de nouveau « {above.label} », dont elle dépend.")
    archive(question, False, campaign, by=by)
    _refuse_too_many(campaign)


def _refuse_too_many(campaign: Campaign) -> None:
    if len(asked_questions(campaign.questions)) > MOST_QUESTIONS:
        raise DomainError(f"Un appel pose {MOST_QUESTIONS} questions au plus.")
    refuse_too_many(campaign)


def copy_questions(source: Campaign, target: Campaign, *, by: User) -> None:
    """The questions asked by `source` and its criteria, to a call that has none yet."""
    made: dict[str, str] = {}
    ids: dict[int | None, int | None] = {None: None}
    for question in asked_questions(source.questions):
        otherwise = {"choices": tuple(question.choices), "shown_if_id": ids[question.shown_if_id]}
        copy = add_question(target, copy_as(QuestionTerms, question, **otherwise), by=by)
        ids[question.id] = copy.id
        made[field_name(question)] = field_name(copy)
    set_criteria(target, [criterion.renamed(made) for criterion in criteria_of(source)], by=by)


def _columns(terms: QuestionTerms) -> dict[str, object]:
    return {**asdict(terms), "choices": list(terms.choices)}


def _depending(campaign: Campaign, question: Question) -> list[Question]:
    return [other for other in campaign.questions if other.shown_if_id == question.id]


def _refuse_if_answered(campaign: Campaign, question: Question) -> None:
    answered = answer_counts(campaign)[question.id]
    if answered:
        raise DomainError(
            f"{answered} dossier(s) ont déjà répondu : gardez le type de réponse et les choix"
            " existants (vous pouvez en ajouter), ou retirez cette question et posez-en une autre.",
            "type",
        )


def _checked(earlier: list[Question], terms: QuestionTerms) -> QuestionTerms:
    label = " ".join(terms.label.split())
    if not label:
        raise DomainError("Écrivez la question.", "label")
    choices = tuple(dict.fromkeys(" ".join(c.split()) for c in terms.choices if c.strip()))
    if terms.type is not AnswerType.CHOICE:
        choices = ()
    elif not 2 <= len(choices) <= MOST_CHOICES:
        raise DomainError(f"Écrivez de 2 à {MOST_CHOICES} choix différents, un par ligne.", "choices")
    if terms.shown_if_id is None:
        return replace(terms, label=label, choices=choices, shown_if_answer="")
    asked = {question.id: question.options for question in asked_questions(earlier)}
    if terms.shown_if_answer not in asked.get(terms.shown_if_id, []):
        raise DomainError("Choisissez une question posée plus haut et l'une de ses réponses.", "shown_if")
    return replace(terms, label=label, choices=choices)
