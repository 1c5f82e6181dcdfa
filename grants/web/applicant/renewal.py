"""« Reconduire »: a dossier of before, taken up in an open call."""

from __future__ import annotations

from flask import request, url_for
from flask.typing import ResponseReturnValue

from grants.database import db
from grants.domain.dossier.renewal import renew as begin_again
from grants.errors import DomainError
from grants.models import Campaign, Project
from grants.web.access import access, me
from grants.web.applicant import bp
from grants.web.applicant.pages import load_project
from grants.web.buttons import attempt
from grants.web.filters import fits


@bp.post("/mes-projets/<int:project_id>/reconduire")
@access("project.edit_own", load_project)
def renew(project: Project) -> ResponseReturnValue:
    return attempt(
        lambda: begin_again(project, _chosen(), by=me()),
        back=url_for("applicant.projects"),
        after=lambda draft: url_for("applicant.dossier", project_id=draft.id),
    )


def _chosen() -> Campaign:
    named = request.form.get("campaign_id", 0, type=int)
    campaign = db.session.get(Campaign, named) if fits(named) else None
    if campaign is None:
        raise DomainError("Cet appel n'existe pas. Choisissez-en un dans « Mes projets ».")
    return campaign
