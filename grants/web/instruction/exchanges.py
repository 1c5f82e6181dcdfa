"""What is said of a project: messages to the applicant, and what they have corrected; notes among
those who instruct, who follows it, and who looks at it now."""

from __future__ import annotations

from flask import flash, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from grants.database import db
from grants.domain.dossier.presence import SHEET, Other, others, touch
from grants.domain.instruction import follower, note
from grants.domain.workflow import lock
from grants.french import clock
from grants.models import Project
from grants.queries.sheet.voices import notes_on
from grants.web.access import access, me
from grants.web.exchange import deposits_page, message_page
from grants.web.fields import paragraphs
from grants.web.forms import Form, saved
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


class NoteForm(Form):
    text = paragraphs("Votre note", note.LONGEST, needed="Écrivez votre note.", rows=4)


@bp.route("/projets/<int:project_id>/notes", methods=["GET", "POST"])
@access("project.instruct", project)
def notes(project: Project) -> ResponseReturnValue:
    form, back = NoteForm(), to_sheet(project, "notes")
    if saved(form, lambda: note.write(project, form.text.data, by=me()), "Note enregistrée."):
        return redirect(back)
    return render_template("instruction/notes.html", form=form, project=project, back=back, notes=notes_on(project.id))


@bp.post("/projets/<int:project_id>/suivi")
@access("project.instruct", project)
def follow(project: Project) -> ResponseReturnValue:
    """`suivre`: "oui", or else no more."""
    lock(project)
    wanted = request.form.get("suivre") == "oui"
    (follower.follow if wanted else follower.unfollow)([project], me(), by=me())
    db.session.commit()
    flash("Vous suivez ce dossier." if wanted else "Vous ne suivez plus ce dossier.", "success")
    return redirect(to_sheet(project))


@bp.post("/projets/<int:project_id>/presence")
@access("project.instruct", project, passive=True)
def present(project: Project) -> ResponseReturnValue:
    """For static/js/presence.js."""
    touch(project, SHEET, by=me())
    db.session.commit()
    return jsonify(others=presence_words(others(project, than=me(), on_sheet=True)))


def presence_words(others: list[Other]) -> list[str]:
    return [f"{other.name} consulte aussi ce dossier depuis {clock(other.since)}." for other in others]
