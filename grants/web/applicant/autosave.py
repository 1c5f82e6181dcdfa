"""A page of the dossier saves itself while it is typed in (static/js/autosave.js): the same form
sent to the same address, answered in JSON."""

from __future__ import annotations

from flask import jsonify, render_template
from flask.typing import ResponseReturnValue

from grants.french import clock
from grants.models import Project, State, now
from grants.web.applicant.forms import SectionForm
from grants.web.applicant.pages import Page

# The button that ends an answer to a request for pieces.
ALL_SENT = "«\u00a0J'ai tout envoyé\u00a0»"


def saved_now(project: Project) -> str:
    """« enregistré à 14 h 05, pas encore déposé. », whatever is open for writing."""
    at = f"enregistré à {clock(now())}"
    if project.state is State.DRAFT:
        return f"{at}, pas encore déposé."
    return f"{at}, pas encore envoyé au service\u00a0: terminez par {ALL_SENT}."


def saved(page: Page) -> ResponseReturnValue:
    """`version`: what the next save says that it has seen."""
    words = saved_now(page.project)
    return jsonify(message=words[0].upper() + words[1:], version=page.stored().fingerprint())


def refused(
    page: Page, form: SectionForm, clash: dict[str, object] | None
) -> ResponseReturnValue:
    """Nothing of the page was saved: both versions where somebody else has saved it meanwhile,
    or what is wrong and at which field."""
    if clash is not None:
        html = render_template("applicant/_clash.html", clash=clash)
        return jsonify(clash=html, version=page.stored().fingerprint()), 409
    errors = [
        {"field": field.id, "message": f"{field.label.text} : {message}"}
        for field in form
        for message in field.errors
        if isinstance(message, str)
    ]
    return jsonify(errors=[*errors, *({"message": message} for message in form.whole)]), 422
