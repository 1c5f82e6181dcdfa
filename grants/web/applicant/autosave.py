"""A page of the dossier saves itself while it is typed in (static/js/autosave.js): the same form
sent to the same address, answered in JSON."""

from __future__ import annotations

from flask import jsonify, render_template
from flask.typing import ResponseReturnValue

from grants.french import clock
from grants.models import Project, State, now
from grants.web.applicant.forms import SectionForm
from grants.web.applicant.pages import Page
from grants.web.versioned import as_sent

# The button that ends an answer to a request for pieces.
ALL_SENT = "«\u00a0J'ai tout envoyé\u00a0»"


def saved_now(project: Project) -> str:
    """« enregistré à 14 h 05, pas encore déposé. », whatever is open for writing."""
    at = f"enregistré à {clock(now())}"
    if project.state is State.DRAFT:
        return f"{at}, pas encore déposé."
    return f"{at}, pas encore envoyé au service\u00a0: terminez par {ALL_SENT}."


def taken_words(form: SectionForm) -> str:
    names = ", ".join(field.label.text for field in form.taken)
    return f" Repris de ce qui vient d'être écrit ailleurs : {names}." if names else ""


def answer(page: Page, form: SectionForm) -> ResponseReturnValue:
    """`version`: what the next save says that it has seen. `taken`: what another person has
    written in fields that this one had not touched. Of a page with `errors` the rest is saved."""
    words = saved_now(page.project)
    if form.disputed:
        words = "quelqu'un d'autre a changé la même réponse : choisissez ce qui est gardé."
    elif form.doubted:
        words = "un montant n'est pas encore enregistré : répondez à la question."
    errors = [
        {"field": field.id, "message": f"{field.label.text} : {message}"}
        for field in form
        for message in field.errors
        if isinstance(message, str)
    ]
    asks = form.disputed or form.doubted
    told = jsonify(
        message=words[0].upper() + words[1:] + taken_words(form),
        version=form.version.data,
        taken={f.name: as_sent(f) for f in form.taken},
        questions=render_template("macros/questions.html", form=form) if asks else "",
        errors=[*errors, *({"message": message} for message in form.whole)],
    )
    return told, 422 if form.errors else 200
