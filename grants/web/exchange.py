"""The page on which one writes a message: the same on both sides of a dossier."""

from __future__ import annotations

from flask import redirect, render_template
from flask.typing import ResponseReturnValue

from grants.domain import limits
from grants.domain.instruction.exchange import send
from grants.models import Project
from grants.queries.sheet.exchange import thread
from grants.web.access import me, spend
from grants.web.fields import paragraphs
from grants.web.forms import Form, saved


class MessageForm(Form):
    text = paragraphs("Votre message", 5000, needed="Écrivez votre message.", rows=4)


def message_page(project: Project, *, as_applicant: bool, back: str) -> ResponseReturnValue:
    """What was said, and the form; when it is sent, `back` to the dossier's own page."""
    form = MessageForm()

    def sent() -> None:
        if as_applicant:
            spend(limits.MESSAGES)
        send(project, form.text.data or "", by=me(), as_applicant=as_applicant)

    if saved(
        form, sent,
        "Votre message est envoyé.",
    ):
        return redirect(back)
    return render_template(
        "exchange/message.html", project=project, form=form, back=back,
        messages=thread(project.id).messages, as_applicant=as_applicant,
    )  # fmt: skip
