"""Documents: downloaded by those entitled, confirmed or removed by members, and the page where an
organisation keeps its own."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from grants.database import db
from grants.domain.documents import document as rules
from grants.domain.documents.document import weight
from grants.domain.dossier import pieces
from grants.errors import DomainError, NotAllowed
from grants.french import today
from grants.models import Document, Organisation
from grants.queries.sheet.documents import Readable, readable
from grants.web import uploads
from grants.web.access import access, by_id, me
from grants.web.auth.entering import next_path
from grants.web.uploads import takes_files

bp = Blueprint("documents", __name__)


bp.add_app_template_filter(weight)


@bp.get("/documents/<int:document_id>")
@access("document.read", readable)
def download(readable: Readable) -> ResponseReturnValue:
    """Always as a file to keep, never shown within our pages."""
    document = readable.document
    if readable.campaign and document.removed_at:
        abort(410)
    try:
        content = uploads.storage().open(document.storage_key)
    except FileNotFoundError:
        abort(404)
    response = send_file(
        content, document.media_type, as_attachment=True, download_name=document.filename, conditional=False, etag=False
    )
    response.content_length = document.size
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@bp.post("/documents/<int:document_id>/retirer")
@access("document.edit", readable)
def remove(readable: Readable) -> ResponseReturnValue:
    pieces.remove(readable.document, by=me())
    db.session.commit()
    flash(f"« {readable.document.filename} » est retiré.", "info")
    return redirect(_back(readable.document))


@bp.post("/documents/<int:document_id>/confirmer")
@access("document.edit", readable)
def confirm(readable: Readable) -> ResponseReturnValue:
    document = readable.document
    try:
        rules.confirm(document, _day(request.form.get("valid_until", "")), by=me())
    except NotAllowed:
        raise
    except DomainError as error:
        db.session.rollback()
        flash(f"« {document.filename} » : {error.message}", "danger")
    else:
        db.session.commit()
        flash(f"« {document.filename} » est confirmé.", "success")
    return redirect(_back(document))


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


def _back(document: Document) -> str:
    if path := next_path():
        return path
    if document.project_id is not None:
        return url_for("applicant.section_pieces", project_id=document.project_id)
    return url_for("documents.organisation", organisation_id=document.organisation_id)


@bp.route("/organisation/<int:organisation_id>/documents", methods=["GET", "POST"])
@access("organisation.edit", by_id(Organisation), writes=False)
@takes_files
def organisation(organisation: Organisation) -> ResponseReturnValue:
    slots = pieces.slots_of_organisation(organisation)
    form = uploads.files_form(slots)
    if uploads.taken(form, slots, organisation):
        return redirect(url_for("documents.organisation", organisation_id=organisation.id))
    if form.errors:
        slots = pieces.slots_of_organisation(organisation)
    return render_template(
        "documents/organisation.html",
        organisation=organisation,
        form=form,
        slots=slots,
        help=uploads.help_in_words(),
        default_until=rules.a_year_from(today()),
        back=url_for("auth.organisation", organisation_id=organisation.id),
    )
