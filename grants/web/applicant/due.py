"""« Mes projets » by what is due: what the applicant has to do, what others do now, what is over."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from grants.french import PARIS, day, deadline, today
from grants.models import State, now
from grants.queries.applicant.again import Renewal
from grants.queries.applicant.applicant import OwnProject
from grants.web.applicant.wording import all_told, next_step

# A decision is to be read for so long after it was told.
LATELY = timedelta(days=30)
SOON = timedelta(days=7)


@dataclass(frozen=True)
class ToDo:
    """One thing to do until that day: by the button, which opens that `page` of the dossier of that
    number. `reading`: decisions of funders."""

    project: OwnProject
    words: str
    button: str
    opens: int
    page: str = "applicant.dossier"
    until: date | None = None
    reading: bool = False

    @property
    def soon(self) -> bool:
        return self.until is not None and self.until < today() + SOON

    @property
    def days(self) -> str:
        """How many are left."""
        left = (self.until - today()).days if self.until else 0
        if left < 1:
            return "" if self.until is None else "dernier jour" if left == 0 else "en retard"
        return "encore un jour" if left == 1 else f"encore {left} jours"


@dataclass(frozen=True)
class Offered:
    project: OwnProject
    renewal: Renewal


@dataclass(frozen=True)
class OverYear:
    """Euros of all its dossiers."""

    year: int
    projects: list[OwnProject]

    @property
    def requested(self) -> Decimal:
        return sum((project.requested for project in self.projects), Decimal(0))

    @property
    def granted(self) -> Decimal:
        return sum((project.granted for project in self.projects), Decimal(0))


@dataclass
class Board:
    """`to_do`: what is due first stands first, without a day last; `over`: the latest year first."""

    renewals: list[Offered]
    to_do: list[ToDo] = field(default_factory=list)
    going_on: list[OwnProject] = field(default_factory=list)
    over: list[OverYear] = field(default_factory=list)


def board(own: list[OwnProject], renewals: dict[int, list[Renewal]], signs_for: set[int]) -> Board:
    """`signs_for`: ids of the organisations whose dossiers the person signs."""
    offered = [Offered(each, renewal) for each in own for renewal in renewals.get(each.id, ()) if not renewal.draft_id]
    made, over = Board(offered), list[OwnProject]()
    for project in own:
        if due := _to_do(project, signs=project.organisation_id in signs_for):
            made.to_do.append(due)
        else:
            (made.going_on if _goes_on(project) else over).append(project)
    made.to_do.sort(key=lambda due: due.until or date.max)
    made.over = [OverYear(year, list(rows)) for year, rows in groupby(over, key=lambda project: project.year)]
    return made


def _to_do(project: OwnProject, *, signs: bool) -> ToDo | None:
    if project.state is State.INCOMPLETE and not project.answered:
        due = project.pieces_due_on
        return ToDo(project, next_step(project), "Envoyer les pièces", project.id, "applicant.asked_pieces", due)
    draft = project.correction or project
    if draft.can_be_deposited and (signs or not draft.asked_by):
        closes = draft.closes_at if draft.closes_at and draft.closes_at > now() else None
        until = (closes - timedelta(minutes=1)).astimezone(PARIS).date() if closes else None
        if draft.asked_by:
            words = f"Signature demandée par {draft.asked_by}" + (f" : à déposer {deadline(closes)}" if closes else "")
            return ToDo(project, words, "Signer et déposer", draft.id, "applicant.submit", until)
        button = "Continuer la correction" if project.correction else "Continuer"
        return ToDo(project, next_step(project), button, draft.id, until=until)
    refused = project.state is State.INADMISSIBLE
    to_read = refused or any(answer.outcome for answer in project.answers)  # what was taken back is not
    if to_read and project.told_at and project.told_at > now() - LATELY and project.state is not State.WITHDRAWN:
        words = f"Irrecevable : {project.reason}" if refused else f"Décision du {day(project.told_at)}"
        return ToDo(project, words, "Lire", project.id, reading=not refused)
    return None


def _goes_on(project: OwnProject) -> bool:
    if project.state is State.ADMISSIBLE:
        return not all_told(project.answers)
    return project.state in (State.SUBMITTED, State.INCOMPLETE) or project.can_be_deposited
