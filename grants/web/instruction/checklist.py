"""The coordinator checks a deposited dossier point by point, before it is declared admissible."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import RadioField

from grants.domain.instruction import checklist
from grants.domain.instruction.checklist import Point, PointAnswer
from grants.models import Checked, Project
from grants.queries.sheet.documents import of_sheet
from grants.web.access import access, me
from grants.web.fields import line
from grants.web.forms import RemarkNeedsChoice, saved
from grants.web.instruction import bp
from grants.web.instruction.forms import options
from grants.web.instruction.loading import listed, project, to_sheet
from grants.web.versioned import MergedForm
from grants.words import word

NOT_SEEN = ""
# The button that finds in order all that nobody has looked at yet; what was found stays.
REST = "reste"
CHOICES = options([(NOT_SEEN, "pas encore vu"), *((f.value, word(f)) for f in Checked)])


class ChecklistForm(MergedForm):
    meanwhile = "Une autre personne a rempli ce contrôle entre-temps."

    def state(self, subject: list[Point]) -> str:
        return checklist.state_of(subject)

    def together(self, name: str) -> str:
        """What was found, and its remark."""
        return name.rpartition("_")[2]

    def of(self, point: Point) -> tuple[Any, Any]:
        return self[f"found_{point.item.id}"], self[f"remark_{point.item.id}"]

    def answer(self, point: Point) -> PointAnswer | None:
        """What is not seen yet is in order where the button pressed says that the rest is."""
        found, remark = self.of(point)
        if found.data:
            return PointAnswer(Checked(found.data), remark.data or "")
        return PointAnswer(Checked.OK) if REST in request.form else None


def form_for(points: list[Point]) -> ChecklistForm:
    fields: dict[str, Any] = {}
    stored: dict[str, str] = {}
    for point in points:
        key, label, found = point.item.id, point.item.label, point.answer
        fields[f"found_{key}"] = RadioField(label, choices=CHOICES)
        fields[f"remark_{key}"] = line(f"Remarque : {label}", also=[RemarkNeedsChoice(f"found_{key}")])
        stored[f"found_{key}"] = found.checked.value if found else NOT_SEEN
        stored[f"remark_{key}"] = found.remark if found else ""
    made: ChecklistForm = type("PointsForm", (ChecklistForm,), fields)(data=stored)
    return made


@bp.route("/projets/<int:project_id>/controle", methods=["GET", "POST"])
@access("project.coordinate", project)
def check(project: Project) -> ResponseReturnValue:
    points = checklist.points_of(project)
    form = form_for(points)
    form.over(points)
    back = to_sheet(project, "controle")
    if saved(form, lambda: _check(project, points, form), "Contrôle enregistré."):
        return redirect(back)
    if form.errors:
        points = checklist.points_of(project)
    form.show(points)
    return render_template(
        "instruction/checklist.html",
        form=form,
        project=project,
        points=points,
        back=back,
        contract=project.campaign.contract,
        documents=of_sheet(project),
        listed=listed(),
    )


def _check(project: Project, points: list[Point], form: ChecklistForm) -> None:
    answers = {point.item.id: form.answer(point) for point in points}
    seen = form.state_now if form.marks else form.version.seen
    checklist.check(project, answers, by=me(), seen=seen)
