"""Opinions: the page that committee members reach too."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from grants.database import db
from grants.domain import opinion
from grants.models import Judgement, Project
from grants.queries.project_sheet import columns_of, labels_of
from grants.queries.sheet_voices import opinions_on
from grants.web.access import access, me
from grants.web.forms import refusals_at
from grants.web.instruction import bp
from grants.web.instruction.forms import OpinionForm, options
from grants.web.instruction.loading import listed, project


@bp.route("/projets/<int:project_id>/avis", methods=["GET", "POST"])
@access("project.give_opinion", project)
def opinions(project: Project) -> ResponseReturnValue:
    bodies = opinion.bodies(project, me())
    form = OpinionForm(data={"body": bodies[0]})
    form.body.choices = options((body, body) for body in bodies)
    if form.validate_on_submit():
        with refusals_at(form):
            opinion.give(
                project, form.body.data, Judgement(form.judgement.data), form.remark.data,
                by=me(),
            )  # fmt: skip
        if not form.errors:
            db.session.commit()
            flash("Avis enregistré.", "success")
            return redirect(
                url_for("instruction.opinions", project_id=project.id, liste=listed())
            )
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
