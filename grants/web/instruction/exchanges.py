"""Messages to the applicant, by whoever instructs; and what the applicant has corrected."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from grants.models import Project
from grants.web.access import access
from grants.web.deposits import deposits_page
from grants.web.exchange import message_page
from grants.web.instruction import bp
from grants.web.instruction.loading import project, to_sheet
from grants.web.uploads import takes_files


@bp.route("/projets/<int:project_id>/messages", methods=["GET", "POST"])
@access("project.instruct", project, writes=False)
@takes_files
def messages(project: Project) -> ResponseReturnValue:
    return message_page(project, as_applicant=False, back=to_sheet(project, "echanges"))


@bp.get("/projets/<int:project_id>/depots")
@access("project.instruct", project)
def deposits(project: Project) -> ResponseReturnValue:
    return deposits_page(project, back=to_sheet(project))
