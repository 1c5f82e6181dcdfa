"""The section "Pièces": files of the call, and the organisation's documents that it asks for."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.domain.campaign.campaign_part import parts_of
from grants.domain.documents import document
from grants.domain.dossier import drafts, pieces
from grants.domain.dossier.drafts import Section
from grants.errors import DomainError
from grants.french import today
from grants.models import CampaignDocument, Project
from grants.web import uploads
from grants.web.access import access, me
from grants.web.applicant import bp
from grants.web.applicant.pages import Page, load_project
from grants.web.applicant.section import onwards
from grants.web.uploads import takes_files


@bp.route("/mes-projets/<int:project_id>/pieces", methods=["GET", "POST"])
@access("project.edit_own", load_project, writes=False)
@takes_files
def section_pieces(project: Project) -> ResponseReturnValue:
    if Section.PIECES not in drafts.open_sections(project):
        if request.method == "POST":
            drafts.refuse_unless_writable(project, Section.PIECES, me())
        return redirect(url_for("applicant.dossier", project_id=project.id))
    slots = pieces.slots_of(project)
    form = uploads.files_form(slots)
    if form.validate_on_submit():
        uploads.take(form, slots, project)
        if not form.errors:
            return onwards(Page(project, Section.PIECES))
        slots = pieces.slots_of(project)
    missing = pieces.missing(slots)
    if request.args.get("verifier") and request.method == "GET":
        for slot in missing:
            form.refuse(DomainError(slot.what_to_do, slot.name))
    return render_template(
        "applicant/section_pieces.html",
        project=project,
        page=Page(project, Section.PIECES),
        form=form,
        slots=slots,
        missing=missing,
        help=uploads.help_in_words(),
        documents=parts_of(CampaignDocument, project.campaign),
        default_until=document.a_year_from(today()),
    )
