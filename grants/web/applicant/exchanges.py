"""After the deposit, on the applicant's side: messages, and the pieces that are asked for."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import MultipleFileField
from wtforms.widgets import FileInput

from grants.database import db
from grants.domain import piece_request
from grants.domain.document import Slot
from grants.domain.dossier.drafts import Section, open_sections
from grants.errors import Incomplete
from grants.models import Project
from grants.permissions import was_deposited
from grants.queries.applicant import undone
from grants.queries.exchange import thread
from grants.web import uploads
from grants.web.access import access, me
from grants.web.applicant import bp
from grants.web.applicant.pages import load_project
from grants.web.applicant.wording import TITLES
from grants.web.exchange import message_page
from grants.web.forms import Form, refusals_at
from grants.web.uploads import takes_files


class OneFileField(MultipleFileField):  # type: ignore[misc]
    """A list, as `uploads.take` reads it, of the one file that the browser lets choose."""

    widget = FileInput()


@bp.route("/mes-projets/<int:project_id>/messages", methods=["GET", "POST"])
@access("project.edit_own", load_project)
def messages(project: Project) -> ResponseReturnValue:
    if not was_deposited(project):
        abort(404)
    back = url_for("applicant.dossier", project_id=project.id, _anchor="echanges")
    return message_page(project, as_applicant=True, back=back)


@bp.route("/mes-projets/<int:project_id>/pieces-demandees", methods=["GET", "POST"])
@access("project.edit_own", load_project, writes=False)
@takes_files
def asked_pieces(project: Project) -> ResponseReturnValue:
    """What is asked for, and a place to send each piece, one file a piece."""
    asked = piece_request.open_request(project)
    if asked is None or asked.answered_at is not None:
        return redirect(url_for("applicant.dossier", project_id=project.id))
    slots = piece_request.slots_of(asked)
    form = _files_form(slots)
    if form.validate_on_submit():
        count = uploads.take(form, slots, project, piece_request.add)
        if not form.errors:
            flash("Rien n'a été choisi." if not count else "Vos fichiers sont enregistrés."
                  " Quand tout y est, dites-le plus bas.", "info")  # fmt: skip
            return redirect(url_for("applicant.asked_pieces", project_id=project.id))
    return _show(project, form)


@bp.post("/mes-projets/<int:project_id>/pieces-demandees/envoyees")
@access("project.edit_own", load_project)
def all_sent(project: Project) -> ResponseReturnValue:
    """« J'ai tout envoyé »."""
    asked = piece_request.open_request(project)
    form = _files_form(piece_request.slots_of(asked) if asked else [])
    faults: list[tuple[str, str, str]] = []
    if form.validate_on_submit():
        with refusals_at(form):
            try:
                piece_request.finish(project, by=me())
            except Incomplete as incomplete:
                faults = incomplete.faults
                raise
        if not form.errors:
            db.session.commit()
            flash("Le service est prévenu que vous avez tout envoyé.", "success")
            return redirect(url_for("applicant.dossier", project_id=project.id))
    return _show(project, form, faults)


def _files_form(slots: list[Slot]) -> Form:
    fields: dict[str, Any] = {
        slot.name: OneFileField(slot.label, render_kw={"accept": uploads.BROWSE})
        for slot in slots
    }
    made: Form = type("AnswerForm", (Form,), fields | {"takes_files": True})()
    return made


def _show(
    project: Project, form: Form, faults: list[tuple[str, str, str]] | None = None
) -> ResponseReturnValue:
    page = render_template(
        "applicant/asked_pieces.html", project=project, form=form, faults=faults or [],
        asked=thread(project.id).open, help=uploads.help_in_words(one=True), titles=TITLES,
        pages=[s for s in Section if s in open_sections(project)], undone=undone(project),
    )  # fmt: skip
    return page, 422 if request.method == "POST" else 200
