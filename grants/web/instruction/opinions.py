"""Opinions: the page that committee members reach too."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.domain import opinion
from grants.models import Judgement, Project
from grants.queries.project_sheet import columns_of, labels_of
from grants.queries.sheet_voices import opinions_on
from grants.web.access import access, me
from grants.web.forms import saved
from grants.web.instruction import bp
from grants.web.instruction.forms import OpinionForm, options
from grants.web.instruction.loading import listed, project


@bp.route("/projets/<int:project_id>/avis", methods=["GET", "POST"])
@access("project.give_opinion", project)
def opinions(project: Project) -> ResponseReturnValue:
    bodies = opinion.bodies(project, me())
    form = OpinionForm(data={"body": bodies[0]})
    form.body.choices = options((body, body) for body in bodies)
    if saved(form, lambda: _give(project, form), "Avis enregistré."):
        return redirect(url_for("instruction.opinions", project_id=project.id, liste=listed()))
    return render_template(
        "instruction/opinions.html",
        form=form,
        project=project,
        contract=project.campaign.contract,
        opinions=opinions_on(project.id),
        columns=columns_of(project),
        place=labels_of(project).path(project.theme_id),
        listed=listed(),
        over=project.state in opinion.OVER,
    )


def _give(project: Project, form: OpinionForm) -> None:
    judgement = Judgement(form.judgement.data)
    opinion.give(project, form.body.data, judgement, form.remark.data, by=me())
