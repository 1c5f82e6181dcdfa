"""The receipt and the dossier as it was sent, to keep and to print."""

from __future__ import annotations

from flask import abort, make_response
from flask.typing import ResponseReturnValue

from exports.dossier_pdf import dossier_document
from exports.receipt import receipt_document
from grants.domain.dossier.receipt import has_receipt, receipt_of
from grants.models import Project
from grants.web.access import access
from grants.web.applicant import bp
from grants.web.applicant.pages import load_project
from grants.web.deposits import chosen_deposit


@bp.get("/mes-projets/<int:project_id>/accuse.pdf")
@access("project.read_own", load_project)
def receipt_pdf(project: Project) -> ResponseReturnValue:
    if not has_receipt(project):
        abort(404)
    receipt = receipt_of(project, chosen_deposit(project))
    return send_pdf(receipt_document(receipt), f"accuse-de-reception-{receipt.reference}.pdf")


@bp.get("/mes-projets/<int:project_id>/dossier.pdf")
@access("project.read_own", load_project)
def dossier_pdf(project: Project) -> ResponseReturnValue:
    sent = chosen_deposit(project)
    if sent is None:
        abort(404)
    return send_pdf(dossier_document(sent), f"dossier-{sent.reference}.pdf")


def send_pdf(content: bytes, name: str) -> ResponseReturnValue:
    response = make_response(content)
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
