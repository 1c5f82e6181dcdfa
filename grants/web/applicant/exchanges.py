"""After the deposit, on the applicant's side: messages, and the pieces that are asked for."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Field

from grants.database import begin_write, db
from grants.domain.documents.document import FileSlot
from grants.domain.dossier.drafts import Section, open_sections
from grants.domain.instruction import piece_request
from grants.errors import Incomplete
from grants.models import PieceRequest, Project
from grants.permissions import was_deposited
from grants.queries.applicant.saved import undone
from grants.queries.sheet.exchange import thread
from grants.web import uploads
from grants.web.access import access, me
from grants.web.applicant import bp
from grants.web.applicant.pages import load_project
from grants.web.applicant.wording import TITLES
from grants.web.exchange import message_page
from grants.web.fields import line
from grants.web.forms import refusals_at
from grants.web.uploads import OneFileField, takes_files
from grants.web.versioned import UnnumberedForm


class AnswerForm(UnnumberedForm):
    """For each piece a place for a file, and one for the reason why there is none."""

    meanwhile = "Un autre membre a répondu ici entre-temps."

    def asked(self) -> list[Field]:
        return [f for f in super().asked() if not isinstance(f, OneFileField)]

    def state(self, subject: PieceRequest) -> str:
        return super().state([item.reason for item in subject.items])


@bp.route("/mes-projets/<int:project_id>/messages", methods=["GET", "POST"])
@access("project.edit_own", load_project, writes=False)
@takes_files
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
        if request.method == "POST":
            flash(
                "Aucune pièce n'est attendue pour ce dossier en ce moment : rien n'est gardé de cet envoi.", "warning"
            )
        return redirect(url_for("applicant.dossier", project_id=project.id))
    slots = piece_request.slots_of(asked)
    form, faults = _answer_form(asked), list[tuple[str, str, str]]()
    done = "done" in request.form
    if form.is_submitted():
        form.validate()
        uploads.take(form, slots, project, piece_request.add)
        if not form.errors and _answered(form, slots, project, faults, done=done):
            if done:
                flash("Le service est prévenu que vous avez tout envoyé.", "success")
                return redirect(url_for("applicant.dossier", project_id=project.id))
            flash("C'est enregistré. Quand tout y est, terminez par « J'ai tout envoyé ».", "info")
            return redirect(url_for("applicant.asked_pieces", project_id=project.id))
    form.show(asked)
    return _show(project, form, faults)


def _answered(
    form: AnswerForm, slots: list[FileSlot], project: Project, faults: list[tuple[str, str, str]], *, done: bool
) -> bool:
    """The words are kept whatever is still missing; `done`: « J'ai tout envoyé »."""
    begin_write()
    with refusals_at(form):
        form.refuse_unseen(piece_request.unanswered(project, by=me()))
        changed = form.changed()
        reasons = {slot.name: form[why].data or "" for slot in slots if (why := f"why_{slot.name}") in changed}
        piece_request.explain(project, reasons, by=me())
        db.session.commit()
        form.written()
        if done:
            begin_write()
            try:
                piece_request.finish(project, by=me())
            except Incomplete as incomplete:
                faults += incomplete.faults
                raise
            db.session.commit()
    return not form.errors


def _answer_form(asked: PieceRequest) -> AnswerForm:
    fields: dict[str, Any] = {}
    stored: dict[str, str] = {}
    for slot, item in zip(piece_request.slots_of(asked), asked.items, strict=True):
        fields[slot.name] = OneFileField(slot.label, render_kw=uploads.browse())
        fields[f"why_{slot.name}"] = line(f"Je ne l'ai pas ({slot.label}), parce que…")
        stored[f"why_{slot.name}"] = item.reason
    made: AnswerForm = type("PiecesAnswerForm", (AnswerForm,), fields)(data=stored)
    made.over(asked)
    return made


def _show(project: Project, form: AnswerForm, faults: list[tuple[str, str, str]]) -> ResponseReturnValue:
    return render_template(
        "applicant/asked_pieces.html",
        project=project,
        form=form,
        faults=faults,
        asked=thread(project.id).open,
        help=uploads.help_in_words(one=True),
        titles=TITLES,
        pages=[s for s in Section if s in open_sections(project)],
        undone=undone(project),
    )
