"""The analysis grid: what each instructor gives a project on the criteria of its call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from grants.database import db
from grants.domain.campaign.campaign_part import parts_of
from grants.domain.ledger import history
from grants.domain.workflow import lock
from grants.errors import DomainError
from grants.models import HIGHEST_SCORE, AnalysisCriterion, Project, Score, User, now
from grants.permissions import require


@dataclass(frozen=True)
class Given:
    """`value`: from 0 to `HIGHEST_SCORE`."""

    value: int
    remark: str = ""


def given_by(project: Project, user: User) -> dict[int, Given]:
    """By criterion, what this person has given."""
    found = db.session.scalars(select(Score).where(Score.project_id == project.id, Score.by_id == user.id))
    return {each.criterion_id: Given(each.value, each.remark) for each in found}


def score(project: Project, answers: Mapping[int, Given | None], *, by: User) -> None:
    """Write one's own scores, by criterion; `None` takes one back. Nobody writes another's.
    Raises `DomainError` at the criterion for what is not on the scale."""
    lock(project)
    require(by, "project.instruct", project, "Seuls les instructeurs remplissent la grille d'analyse.")
    stored = {
        each.criterion_id: each
        for each in db.session.scalars(select(Score).where(Score.project_id == project.id, Score.by_id == by.id))
    }
    for criterion in parts_of(AnalysisCriterion, project.campaign):
        if criterion.id in answers:
            _write(project, criterion, stored.get(criterion.id), answers[criterion.id], by)
    db.session.flush()


def _write(
    project: Project, criterion: AnalysisCriterion, stored: Score | None, answer: Given | None, by: User
) -> None:
    before = Given(stored.value, stored.remark) if stored else None
    if answer == before:
        return
    if answer is None:
        db.session.delete(stored)
    elif not 0 <= answer.value <= HIGHEST_SCORE:
        raise DomainError(f"Choisissez de 0 à {HIGHEST_SCORE}.", f"value_{criterion.id}")
    elif stored is None:
        db.session.add(
            Score(
                project_id=project.id, criterion_id=criterion.id, by_id=by.id, value=answer.value, remark=answer.remark
            )
        )
    else:
        stored.value, stored.remark, stored.at = answer.value, answer.remark, now()
    history.record(project, "score", by=by, field="score", old=_text(criterion, before), new=_text(criterion, answer))


def _text(criterion: AnalysisCriterion, given: Given | None) -> str:
    if given is None:
        return ""
    remark = f" ({given.remark})" if given.remark else ""
    return f"{criterion.label} : {given.value} sur {HIGHEST_SCORE}{remark}"
