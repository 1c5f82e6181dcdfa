"""« Reconduire »: a dossier of before, taken up in an open call."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from grants.database import db
from grants.domain.dossier.renewal import renew as begin_again
from grants.errors import DomainError
from grants.models import Campaign, Project
from grants.web.access import access, me
from grants.web.applicant import bp
from grants.web.applicant.pages import load_project

LARGEST_ID = 2**31 - 1


@bp.post("/mes-projets/<int:project_id>/reconduire")
@access("project.edit_own", load_project)
def renew(project: Project) -> ResponseReturnValue:
    campaign_id = request.form.get("campaign_id", 0, type=int)
    try:
        campaign = db.session.get(Campaign, min(max(campaign_id, 0), LARGEST_ID))
        if campaign is None:
            raise DomainError("Cet appel n'existe pas. Choisissez-en un dans « Mes projets ».")
        draft = begin_again(project, campaign, by=me())
    except DomainError as error:
        db.session.rollback()
        flash(error.message, "danger")
        return redirect(url_for("applicant.projects"))
    db.session.commit()
    return redirect(url_for("applicant.dossier", project_id=draft.id))
