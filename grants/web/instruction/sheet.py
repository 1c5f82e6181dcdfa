"""The project's sheet: everything on one page, last year beside this year."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from urllib.parse import parse_qsl

from flask import render_template
from flask.typing import ResponseReturnValue

from grants.domain.chart_of_accounts import account_name, totals
from grants.domain.checklist import points_of
from grants.domain.classification import OPEN_STATES
from grants.domain.dossier.deposit import implicit_rejection
from grants.domain.dossier.drafts import was_unsworn
from grants.domain.dossier.questions import for_reading, verdicts
from grants.domain.organisation.identity import is_representative
from grants.domain.workflow import possible
from grants.models import HIGHEST_SCORE, NOT_COUNTING, Project, Provenance, State
from grants.queries.analysis import analysis_of
from grants.queries.documents import of_sheet
from grants.queries.project_sheet import Sheet
from grants.queries.project_sheet import sheet as read_sheet
from grants.queries.projects import neighbours
from grants.web.access import access, me
from grants.web.applicant.wording import TITLES
from grants.web.instruction import bp
from grants.web.instruction.list_filters import GRID, read
from grants.web.instruction.loading import listed, whole_project
from grants.web.instruction.steps import STEPS

ZERO = Decimal(0)


@bp.get("/projets/<int:project_id>")
@access("project.instruct", whole_project)
def sheet(project: Project) -> ResponseReturnValue:
    carried = dict(parse_qsl(listed() or ""))
    filters, _ignored = read(carried)
    found = read_sheet(project)
    asked = sum((c.line.requested or ZERO for c in found.columns if c.line), ZERO)
    return render_template(
        "instruction/sheet.html",
        project=project,
        contract=project.campaign.contract,
        before=project.predecessor,
        sheet=found,
        budget=totals(project.budget, asked),
        around=neighbours(project.contract_id, project.year, filters, project.id),
        steps=[(action, STEPS[action]) for action in possible(project, me()) if action in STEPS],
        reclassifiable=project.state in OPEN_STATES,
        may_ask_pieces="ask_pieces" in possible(project, me()),
        implicit=_implicit(project, found),
        unsworn=was_unsworn(project),
        by_power=project.sworn_by and not is_representative(project.sworn_by, project.organisation),
        titles=TITLES,
        admissible=project.state is State.ADMISSIBLE,
        counts=project.state not in NOT_COUNTING,
        listed=listed(),
        from_grid=GRID.items() <= carried.items(),
        account_name=account_name,
        answers=for_reading(project),
        answers_before=dict(for_reading(project.predecessor) if project.predecessor else ()),
        verdicts=verdicts(project),
        documents=of_sheet(project),
        points=points_of(project),
        analysis=analysis_of(project),
        most=HIGHEST_SCORE,
    )


def _implicit(project: Project, found: Sheet) -> date | None:
    """What was taken from last years' files was not received here."""
    if project.submitted_at is None or project.provenance is Provenance.IMPORTED:
        return None
    return implicit_rejection(project, found.thread.requests)
