"""Opinions, and the dossier to read for them: what committee members reach too."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from exports.dossier_pdf import dossier_document
from grants.domain.dossier.sent import as_it_stands, sent_of
from grants.domain.instruction import opinion
from grants.models import Judgement, Project
from grants.queries.sheet.sheet import columns_of, known_predecessor, labels_of
from grants.queries.sheet.voices import opinions_on
from grants.web.access import access, me
from grants.web.applicant.deposit import send_pdf
from grants.web.downloads import own_letterhead
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
        columns=columns_of(project, known_predecessor(project, me())),
        place=labels_of(project).path(project.theme_id),
        listed=listed(),
        over=project.state in opinion.OVER,
    )


@bp.get("/projets/<int:project_id>/dossier.pdf")
@access("project.give_opinion", project)
def dossier_pdf(project: Project) -> ResponseReturnValue:
    """What the bearer sent, for whoever reads the tables; as it stands where it came otherwise."""
    sent = sent_of(project) or as_it_stands(project)
    return send_pdf(dossier_document(sent, own_letterhead()), f"Dossier {sent.reference}")


def _give(project: Project, form: OpinionForm) -> None:
    judgement = Judgement(form.judgement.data)
    opinion.give(project, form.body.data, judgement, form.remark.data, by=me())
