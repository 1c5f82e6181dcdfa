"""What the demonstration's people think of its fictitious dossiers: checks and scores."""

from __future__ import annotations

from itertools import cycle, product

from sqlalchemy import select

from grants.database import db
from grants.demo.people import DemoStaff
from grants.domain.campaign.campaign_part import parts_of
from grants.domain.instruction.analysis import Given, score
from grants.domain.instruction.checklist import PointAnswer, check, points_of, state_of
from grants.models import AnalysisCriterion, Campaign, Checked, Project, State

SCORED = 8
MARKS = (3, 2, 4, 1, 3, 2, 0, 4, 3)


def give(campaign: Campaign, staff: DemoStaff) -> None:
    admissible = _projects(campaign, State.ADMISSIBLE)
    for project in admissible[:SCORED]:
        _check(project, staff)
    criteria = parts_of(AnalysisCriterion, campaign)
    for project, by in product(admissible[:SCORED], staff.instructors.values()):
        turn = cycle(MARKS[(project.id + by.id) % len(MARKS) :] + MARKS)
        score(project, {each.id: Given(next(turn)) for each in criteria}, by=by)


def _projects(campaign: Campaign, state: State) -> list[Project]:
    return list(
        db.session.scalars(
            select(Project)
            .where(Project.campaign_id == campaign.id, Project.state == state)
            .order_by(Project.reference)
        )
    )


def _check(project: Project, staff: DemoStaff) -> None:
    points = points_of(project)
    found = {point.item.id: PointAnswer(Checked.OK) for point in points}
    check(project, found, by=staff.coordinator, seen=state_of(points))
