"""Pages that are the same on both sides of a dossier: a message is written, and two
deposits of it, the first and its corrections, are compared."""

from __future__ import annotations

from flask import abort, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.file import MultipleFileField

from grants.domain import limits
from grants.domain.documents.document import FileSlot, ReceivedFile
from grants.domain.dossier.sent import SentDossier, changes, deposits_of
from grants.domain.instruction.exchange import send
from grants.models import Project
from grants.queries.sheet.exchange import thread
from grants.web import uploads
from grants.web.access import me, spend
from grants.web.fields import paragraphs
from grants.web.forms import Form, saved

FILES = FileSlot("files", "Fichiers à joindre", "", False, None, None, ())
NOT_SENT = "Rien n'est parti : vos mots sont gardés ci-dessous, choisissez de nouveau vos fichiers."


class MessageForm(Form):
    text = paragraphs("Votre message", 5000, needed="Écrivez votre message.", rows=4)
    files = MultipleFileField("Fichiers à joindre (facultatif)")


def message_page(project: Project, *, as_applicant: bool, back: str) -> ResponseReturnValue:
    """What was said, and the form; when it is sent, `back` to the dossier's own page."""
    form = MessageForm()

    def sent(files: list[ReceivedFile]) -> set[str]:
        if as_applicant:
            spend(limits.MESSAGES)
        message = send(
            project,
            form.text.data or "",
            by=me(),
            as_applicant=as_applicant,
            files=files,
            total=uploads.terms().total_bytes,
        )
        return {document.storage_key for document in message.documents}

    if saved(form, lambda: uploads.take_all(form, FILES, sent), "Votre message est envoyé."):
        return redirect(back)
    if form.errors and any(form.files.data or ()):
        form.form_errors.append(NOT_SENT)
    return render_template(
        "exchange/message.html",
        project=project,
        form=form,
        back=back,
        messages=thread(project.id).messages,
        as_applicant=as_applicant,
    )


def chosen_deposit(project: Project) -> SentDossier | None:
    """The one that the address names (`depot`), else the last; a 404 for one that is none."""
    found = deposits_of(project)
    return _numbered(found, "depot", len(found)) if found else None


def deposits_page(project: Project, *, back: str) -> ResponseReturnValue:
    """What changed between two of them: the last two, unless others are chosen."""
    found = deposits_of(project)
    if not found:
        abort(404)
    after = _numbered(found, "au", len(found))
    before = _numbered(found, "du", max(after.number - 1, 1))
    return render_template(
        "exchange/deposits.html",
        project=project,
        deposits=found,
        before=before,
        after=after,
        changes=changes(before, after),
        back=back,
    )


def _numbered(deposits: list[SentDossier], name: str, default: int) -> SentDossier:
    number = request.args.get(name, default, type=int)
    return deposits[number - 1] if 1 <= number <= len(deposits) else abort(404)
