"""The coordinator's checks on a deposited dossier, point by point (design, completeness)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import select

from grants.database import db
from grants.domain.ledger import history
from grants.domain.ledger.seen import fingerprint
from grants.domain.workflow import lock
from grants.errors import Conflict, DomainError
from grants.models import Check, Checked, CheckItem, Project, User, now
from grants.permissions import require
from grants.words import word


@dataclass(frozen=True)
class PointAnswer:
    """`remark`: what is said of it, where something is missing above all."""

    checked: Checked
    remark: str = ""


@dataclass(frozen=True)
class Point:
    """One point of the call, and what was found of it on this dossier."""

    item: CheckItem
    answer: PointAnswer | None

    @property
    def pair(self) -> tuple[int, PointAnswer | None]:
        """The point by its id, and what was found of it."""
        return self.item.id, self.answer


def points_of(project: Project) -> list[Point]:
    """Those of its call in their order, with what was found of them."""
    records = db.session.execute(
        select(CheckItem, Check.found, Check.remark)
        .outerjoin(Check, (Check.item_id == CheckItem.id) & (Check.project_id == project.id))
        .where(CheckItem.campaign_id == project.campaign_id, CheckItem.archived.is_(False))
        .order_by(CheckItem.position, CheckItem.id)
    )
    return [Point(item, PointAnswer(checked, remark) if checked else None) for item, checked, remark in records]


class HasPair(Protocol):
    @property
    def pair(self) -> tuple[int, PointAnswer | None]: ...


def state_of(points: Iterable[HasPair]) -> str:
    """Two people at one checklist: tells whether another has written meanwhile (rules 8)."""
    return fingerprint([point.pair for point in points])


def missing(project: Project) -> list[str]:
    """What was found missing, in the words that the applicant is asked in."""
    return [
        point.answer.remark for point in points_of(project) if point.answer and point.answer.checked is Checked.MISSING
    ]


def check(project: Project, answers: Mapping[int, PointAnswer | None], *, by: User, seen: str) -> None:
    """Write what was found, by point. Raises `Conflict` when it is no longer as `seen`,
    `DomainError` at the point for one that is missing without a word why."""
    lock(project)
    require(by, "project.coordinate", project, "Seul le chef de projet contrôle les dossiers.")
    points = points_of(project)
    if state_of(points) != seen:
        raise Conflict(
            "Une autre personne a rempli ce contrôle entre-temps :"
            f" {_described(points)}. Vérifiez, puis enregistrez de nouveau."
        )
    for point in points:
        _write(project, point, answers.get(point.item.id), by)
    db.session.flush()


def _write(project: Project, point: Point, answer: PointAnswer | None, by: User) -> None:
    if answer == point.answer:
        return
    if answer and answer.checked is Checked.MISSING and not answer.remark:
        raise DomainError("Dites en quelques mots ce qui manque.", f"remark_{point.item.id}")
    stored = db.session.scalar(select(Check).where(Check.project_id == project.id, Check.item_id == point.item.id))
    if answer is None:
        db.session.delete(stored)
    elif stored is None:
        db.session.add(
            Check(project_id=project.id, item_id=point.item.id, found=answer.checked, remark=answer.remark, by_id=by.id)
        )
    else:
        stored.found, stored.remark = answer.checked, answer.remark
        stored.by_id, stored.at = by.id, now()
    history.record(project, "check", by=by, field="check", old=_text(point, point.answer), new=_text(point, answer))


def _text(point: Point, answer: PointAnswer | None) -> str:
    if answer is None:
        return ""
    remark = f" ({answer.remark})" if answer.remark else ""
    return f"{point.item.label} : {word(answer.checked)}{remark}"


def _described(points: list[Point]) -> str:
    return " ; ".join(_text(point, point.answer) for point in points if point.answer) or "rien"
