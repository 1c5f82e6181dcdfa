"""The coordinator's classification of a project."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectChoice  # type: ignore[attr-defined]  # not in the stubs yet

from grants.domain.instruction.classification import Classification, reclassify, theme_choices
from grants.models import Kind, Project
from grants.permissions import can
from grants.queries.sheet.sheet import labels_of
from grants.web.access import access, me
from grants.web.forms import saved
from grants.web.instruction import bp
from grants.web.instruction.forms import ClassificationForm, offer_communes, options
from grants.web.instruction.loading import project, to_sheet


@bp.route("/projets/<int:project_id>/classement", methods=["GET", "POST"])
@access("project.coordinate", project)
def classification(project: Project) -> ResponseReturnValue:
    form = ClassificationForm(obj=project)
    labels = labels_of(project)
    form.campaign_id.choices = options(labels.campaigns.items())
    form.theme_id.choices = [
        SelectChoice(str(each.id), each.label, optgroup=each.group or None) for each in theme_choices(project)
    ]
    offer_communes(form, project.campaign.contract)
    form.over(project)
    if saved(
        form,
        lambda: reclassify(project, _wanted(form), by=me(), reason=form.reason.data, version=form.seen),
        "Classement enregistré.",
    ):
        if can(me(), "project.instruct", project):
            return redirect(to_sheet(project))
        return redirect(url_for("instruction.home", slug=project.campaign.contract.slug))  # it has left one's commune
    form.show(project)
    own = project.applicant_theme_id
    return render_template(
        "instruction/classification.html",
        form=form,
        project=project,
        back=to_sheet(project),
        applicants_own="" if own == project.theme_id else labels.path(own),  # where the applicant had put it
    )


def _wanted(form: ClassificationForm) -> Classification:
    return Classification(
        form.campaign_id.data,
        form.theme_id.data,
        Kind(form.kind.data),
        form.year_of.data,
        form.years_total.data,
        form.commune_id.data if form.commune_id else None,
    )
