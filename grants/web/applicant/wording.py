"""What an applicant is told of a dossier: its state in plain words, and the one next thing."""

from __future__ import annotations

from collections.abc import Iterable

from grants.domain.dossier.drafts import Section
from grants.french import day, deadline, euros
from grants.models import Outcome, Project, State
from grants.queries.applicant.applicant import FunderAnswer, OwnProject

TITLES = {
    Section.ORGANISATION: "Votre organisation",
    Section.PROJECT: "L'action et son orientation",
    Section.PUBLIC: "Public et territoire",
    Section.CALENDAR: "Calendrier",
    Section.MEANS: "Moyens et évaluation",
    Section.QUESTIONS: "Questions de l'appel",
    Section.BUDGET: "Budget de l'action",
    Section.REQUESTS: "Montants demandés",
    Section.PIECES: "Pièces",
    Section.STATEMENTS: "Attestations",
}
# Of a call that pays for an organisation as a whole.
OPERATING_TITLES = {Section.PROJECT: "La demande et son orientation", Section.BUDGET: "Budget de l'organisation"}
STATES = {
    State.DRAFT: "Brouillon, pas encore déposé",
    State.SUBMITTED: "Déposé : le service vérifie que le dossier est complet",
    State.INCOMPLETE: "Déposé : des pièces vous sont demandées",
    State.ADMISSIBLE: "Recevable : les financeurs l'examinent",
    State.INADMISSIBLE: "Irrecevable",
    State.WITHDRAWN: "Retiré",
    State.CLOSED: "Dossier clos",
}
OUTCOMES = {Outcome.ACCEPTED: "Accordé", Outcome.REJECTED: "Refusé", Outcome.CANCELLED: "Accord annulé"}


def all_told(answers: Iterable[FunderAnswer]) -> bool:
    """Every funder that was asked has notified its decision."""
    outcomes = [answer.outcome for answer in answers]
    return bool(outcomes) and None not in outcomes


def situation(project: OwnProject | Project, answers: Iterable[FunderAnswer], *, answered: bool = False) -> str:
    """`answered`: the applicant has said that all pieces asked for are sent."""
    if project.state is State.ADMISSIBLE and all_told(answers):
        return "Chaque financeur a répondu"
    if project.state is State.WITHDRAWN and project.reference is None:
        return "Brouillon abandonné"
    if project.state is State.INCOMPLETE and answered:
        return "Déposé : vous avez répondu à la demande de pièces"
    return STATES[project.state]


def next_step(project: OwnProject) -> str:
    """The one thing that the applicant has to do, with its deadline."""
    if project.correction and project.correction.can_be_deposited:
        return "Terminer, signer et déposer la correction"
    if project.state is State.DRAFT:
        if project.can_be_deposited:
            return f"Terminer et déposer {deadline(project.closes_at)}"
        return "Rien : l'appel est clos, ce brouillon ne peut plus être déposé"
    if project.state is State.INCOMPLETE and project.answered:
        return "Rien à faire : le service vérifie ce que vous avez envoyé"
    if project.state is State.INCOMPLETE:
        return f"Envoyer les pièces demandées avant le {day(project.pieces_due_on)} inclus"
    undecided = project.state in (State.SUBMITTED, State.ADMISSIBLE)
    if undecided and not all_told(project.answers):
        return "Rien à faire : vous verrez ici la décision de chaque financeur"
    return ""


def decision(answer: FunderAnswer, *, withdrawn: bool = False) -> str:
    """A funder's decision in words; before it is notified, that it is awaited. What had been
    granted to a dossier `withdrawn` since does not hold."""
    if answer.outcome is None:
        return "Sans décision notifiée" if withdrawn else "Pas encore de décision notifiée"
    word = OUTCOMES[answer.outcome]
    text = f"{word} : {euros(answer.granted)}" if answer.granted else word
    return f"{text}, libéré par le retrait du dossier" if withdrawn and answer.granted else text
