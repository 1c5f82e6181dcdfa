"""The coordinator asks for pieces: a list, pages to open again, a deadline."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import abort, redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import DateField
from wtforms.validators import Optional

from grants.domain.dossier.drafts import Section
from grants.domain.instruction import checklist
from grants.domain.instruction.piece_request import PiecesWanted, ask
from grants.domain.workflow import possible
from grants.french import today
from grants.models import Project
from grants.web.access import access, me
from grants.web.applicant.pages import sections
from grants.web.applicant.wording import TITLES
from grants.web.fields import Checkboxes, paragraphs
from grants.web.forms import saved
from grants.web.instruction import bp
from grants.web.instruction.forms import LONGEST
from grants.web.instruction.loading import project, to_sheet
from grants.web.versioned import VersionedForm

DAYS_TO_ANSWER = 15


class PieceRequestForm(VersionedForm):
    labels = paragraphs("Pièces demandées", LONGEST)
    sections = Checkboxes("Pages du dossier à rouvrir")
    text = paragraphs("Explication (facultatif)", LONGEST)
    due_on = DateField("Réponse attendue au plus tard le", validators=[Optional()])

    def wanted(self) -> PiecesWanted:
        lines = [" ".join(line.split()) for line in (self.labels.data or "").splitlines()]
        return PiecesWanted(
            tuple(line for line in lines if line),
            self.due_on.data,
            {section: TITLES[section] for section in Section if section in self.sections.data},
            self.text.data or "",
        )


@bp.route("/projets/<int:project_id>/pieces", methods=["GET", "POST"])
@access("project.coordinate", project)
def piece_request(project: Project) -> ResponseReturnValue:
    form = PieceRequestForm(data=_start(project))
    form.sections.choices = [(s.value, TITLES[s]) for s in sections(project)]
    back = to_sheet(project)
    if saved(
        form,
        lambda: ask(project, form.wanted(), by=me(), version=form.seen),
        "Pièces demandées : le porteur est prévenu.",
    ):
        return redirect(back)
    if request.method == "GET" and "ask_pieces" not in possible(project, me()):
        abort(404)
    form.show(project)
    return render_template("instruction/piece_request.html", form=form, project=project, back=back)


def _start(project: Project) -> dict[str, Any]:
    """What the checklist found missing is there to be asked for."""
    return {"due_on": today() + timedelta(days=DAYS_TO_ANSWER), "labels": "\n".join(checklist.missing(project))}
