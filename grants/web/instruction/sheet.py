"""The project's sheet: everything on one page, last year beside this year."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qsl

from flask import render_template, request
from flask.typing import ResponseReturnValue

from grants.domain.decisions.rules import decidable
from grants.domain.dossier.deposit import implicit_rejection
from grants.domain.dossier.drafts import was_unsworn
from grants.domain.dossier.presence import SHEET
from grants.domain.dossier.questions import verdicts
from grants.domain.instruction.classification import OPEN_STATES
from grants.domain.organisation.identity import is_representative
from grants.domain.workflow import possible
from grants.models import HIGHEST_SCORE, NOT_COUNTING, FundingLine, Project, Provenance
from grants.permissions import decides_for, instructs_for
from grants.queries.projects.projects import neighbours
from grants.queries.sheet.analysis import analysis_of
from grants.queries.sheet.history import ACTIONS
from grants.queries.sheet.sheet import FunderMoney, ProjectSheet
from grants.queries.sheet.sheet import sheet as read_sheet
from grants.web.access import access, me
from grants.web.applicant.wording import TITLES
from grants.web.instruction import bp
from grants.web.instruction.compared import answers
from grants.web.instruction.exchanges import presence_words
from grants.web.instruction.forms import DecisionForm, decision_form
from grants.web.instruction.list_filters import GRID, read
from grants.web.instruction.loading import listed, whole_project
from grants.web.instruction.steps import STEPS


@bp.get("/projets/<int:project_id>")
@access("project.instruct", whole_project)
def sheet(project: Project) -> ResponseReturnValue:
    return sheet_page(project)


def on_sheet() -> bool:
    """Was the decision written in the sheet's own form? Then it is shown there again."""
    return "fiche" in request.args


def sheet_page(project: Project, funder_id: int | None = None, form: DecisionForm | None = None) -> str:
    """`form`: what was said for `funder_id` here, and refused."""
    carried = dict(parse_qsl(listed() or ""))
    filters, _ignored = read(carried, project.campaign.contract)
    sheet, allowed = read_sheet(project, me()), possible(project, me())
    deciding = _to_decide(project, sheet, funder_id)
    compared = answers(project, sheet.before, sheet.labels, verdicts(project))
    return render_template(
        "instruction/sheet.html",
        project=project,
        contract=project.campaign.contract,
        before=sheet.before,
        sheet=sheet,
        around=neighbours(project.contract_id, project.year, filters, project.id),
        steps=[(action, STEPS[action]) for action in allowed if action in STEPS],
        reclassifiable=project.state in OPEN_STATES,
        may_ask_pieces="ask_pieces" in allowed,
        implicit=_implicit(project, sheet),
        corrected=[e for e in sheet.history.events if e.action == ACTIONS["correct"]],
        unsworn=was_unsworn(project),
        by_power=project.sworn_by and not is_representative(project.sworn_by, project.organisation),
        titles=TITLES,
        admissible=decidable(project.state),
        counts=project.state not in NOT_COUNTING,
        deciding=deciding,
        form=form or (_fresh(deciding.line) if deciding and deciding.line else None),
        behalf=deciding is not None and not instructs_for(me(), deciding.funder),
        listed=listed(),
        from_grid=GRID.items() <= carried.items(),
        answers=compared,
        changed=[answer for answer in compared if answer.changed],
        imported=Provenance.IMPORTED,
        ties=[each for each in sheet.relatives if each.tie],
        page=SHEET,
        present=presence_words(sheet.voices.present),
        analysis=analysis_of(project),
        most=HIGHEST_SCORE,
    )


def _implicit(project: Project, sheet: ProjectSheet) -> date | None:
    """What was taken from last years' files was not received here."""
    if project.submitted_at is None or project.provenance is Provenance.IMPORTED:
        return None
    return implicit_rejection(project, sheet.voices.thread.requests)


def _to_decide(project: Project, sheet: ProjectSheet, funder_id: int | None) -> FunderMoney | None:
    """The first of my columns that waits: the page's one next thing to do."""
    for column in sheet.columns if decidable(project.state) or funder_id else ():
        waits = column.line is not None and column.line.waits and decides_for(me(), column.funder)
        if column.funder.id == funder_id or (waits and funder_id is None):
            return column
    return None


def _fresh(line: FundingLine) -> DecisionForm:
    form = decision_form(line)
    form.show(line)
    return form
