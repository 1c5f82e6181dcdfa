"""The coordinator moves a project on: admissible or not, withdrawal, closing."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass

from flask import abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from grants.domain.ledger.operation import operation
from grants.domain.workflow import advance, possible
from grants.models import Operation, Project
from grants.web.access import access, me
from grants.web.forms import saved
from grants.web.instruction import bp
from grants.web.instruction.forms import ReasonForm
from grants.web.instruction.loading import project, to_sheet
from grants.web.instruction.operations import tell_done


@dataclass(frozen=True)
class Step:
    """`at_once`: a button on the sheet is enough; otherwise a page asks for `reason`, or only
    to confirm what cannot be taken back. `undone`: whether one press takes it back."""

    label: str
    done: str
    reason: str = ""
    at_once: bool = False
    undone: bool = False


STEPS = {
    "admit": Step(
        "Déclarer recevable", "Dossier recevable : les financeurs peuvent décider.", at_once=True, undone=True
    ),
    "complete": Step("Reprendre l'examen", "Le dossier est de nouveau à vérifier.", at_once=True),
    "refuse": Step("Déclarer irrecevable", "Dossier irrecevable.", "Motif de l'irrecevabilité"),
    "reopen": Step("Rouvrir", "Dossier rouvert.", "Motif de la réouverture"),
    "withdraw": Step("Retirer à la demande du porteur", "Dossier retiré.", "Ce que le porteur a dit, et quand"),
    "close": Step("Clore", "Dossier clos."),
}


def step_of(project_id: int, action: str) -> tuple[Project, str] | None:
    found = project(project_id) if action in STEPS else None
    return (found, action) if found else None


@bp.route("/projets/<int:project_id>/etapes/<action>", methods=["GET", "POST"])
@access("project.coordinate", step_of, about=lambda loaded: loaded[0])
def step(chosen: tuple[Project, str]) -> ResponseReturnValue:
    project, action = chosen
    taken, slug = STEPS[action], project.campaign.contract.slug
    form = ReasonForm()
    form.reason.label.text = taken.reason or "Motif"
    if saved(form, lambda: _take(project, action, form), lambda made: tell_done(taken.done, made, slug)):
        return redirect(to_sheet(project))
    if request.method == "GET" and action not in possible(project, me()):
        abort(404)
    form.show(project)
    return render_template(
        "instruction/step.html", form=form, project=project, step=taken, action=action, back=to_sheet(project)
    )


def _take(project: Project, action: str, form: ReasonForm) -> Operation | None:
    """The operation, where the step is one that is undone in one go."""
    one = operation(project.contract_id, action, by=me()) if STEPS[action].undone else nullcontext()
    with one as made:
        advance(project, action, by=me(), reason=form.reason.data, version=form.seen)
    return made
