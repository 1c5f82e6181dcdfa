"""Check the answers, deposit, keep the receipt and print it with the dossier; or withdraw."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from exports.dossier_pdf import dossier_document, receipt_document
from grants.database import begin_write, begin_write_after_reading, db
from grants.domain.dossier import correction, deposit, statements
from grants.domain.dossier.answers import needs_commitment
from grants.domain.dossier.checks import faults
from grants.domain.dossier.drafts import Section
from grants.domain.dossier.receipt import has_receipt, receipt_of
from grants.domain.mail import mail
from grants.domain.organisation.identity import is_representative
from grants.domain.workflow import advance, possible
from grants.errors import DomainError
from grants.models import MemberRole, Project, State
from grants.permissions import is_signatory
from grants.queries.applicant.applicant import twin_of
from grants.queries.applicant.saved import undone
from grants.web.access import access, me
from grants.web.applicant import bp
from grants.web.applicant.forms import DepositForm, WithdrawForm
from grants.web.applicant.pages import closing, in_words, load_project
from grants.web.applicant.wording import TITLES
from grants.web.buttons import attempt
from grants.web.downloads import own_letterhead, send_table
from grants.web.exchange import chosen_deposit, deposits_page
from grants.web.forms import refusals_at


@bp.route("/mes-projets/<int:project_id>/deposer", methods=["GET", "POST"])
@access("project.edit_own", load_project, writes=False)
def submit(project: Project) -> ResponseReturnValue:
    """Everything is read and checked before others have to wait: `deposit` looks only whether it
    still holds."""
    form = DepositForm()
    if not needs_commitment(project.organisation):
        del form.commitment
    kept = project.copy_of_id if project.corrects else project.id
    if form.validate_on_submit() and _deposited(project, form):
        return redirect(url_for("applicant.receipt", project_id=kept))
    if project.state is not State.DRAFT:
        return redirect(url_for("applicant.dossier", project_id=kept))
    all_faults = faults(project)
    lacks = [fault for fault in all_faults if fault.section != Section.STATEMENTS]
    signs = bool(all_faults) and not lacks and is_signatory(me(), project)
    if signs and form.errors:
        for fault in all_faults:
            if not form[fault.field].data:
                form.refuse(DomainError(fault.message, fault.field))
    form.version.show(str(project.version))
    signatory = is_signatory(me(), project)
    return render_template(
        "applicant/check.html",
        project=project,
        form=form,
        faults=[] if signs else all_faults,
        signs=signs,
        lacks=lacks,
        signatory=signatory,
        who_sign=[] if signatory else mail.members(project.organisation, MemberRole.SIGNATORY),
        titles=TITLES,
        by_power=signs and not is_representative(me(), project.organisation),
        undone=undone(project),
        law=statements,
        twin=twin_of(project),
        **closing(project),
        **in_words(project),
    )


def _deposited(project: Project, form: DepositForm) -> bool:
    """With the statements, where they come by the same press."""
    seen = form.version.number
    with refusals_at(form):
        if form.sworn.data:
            begin_write()
            commitment = bool(form.commitment and form.commitment.data)
            deposit.sign_and_deposit(project, commitment=commitment, by=me(), version=seen)
        else:
            ready = deposit.checked(project, by=me(), version=seen)
            begin_write_after_reading()
            deposit.deposit(project, ready, by=me())
    if form.errors:
        return False
    db.session.commit()
    return True


@bp.post("/mes-projets/<int:project_id>/demander-signature")
@access("project.edit_own", load_project)
def ask_signature(project: Project) -> ResponseReturnValue:
    """From who prepared the dossier to who signs it, by mail."""
    told = deposit.ask_signature(project, by=me())
    db.session.commit()
    names = ", ".join(person.name for person in told)
    flash(f"Un courriel part à {names}, avec le lien pour vérifier et déposer.", "success")
    return redirect(url_for("applicant.submit", project_id=project.id))


@bp.get("/mes-projets/<int:project_id>/accuse")
@access("project.read_own", load_project)
def receipt(project: Project) -> ResponseReturnValue:
    """CRPA R112-11-1."""
    if not has_receipt(project):
        abort(404)
    sent = chosen_deposit(project)
    return render_template("applicant/receipt.html", project=project, sent=sent, receipt=receipt_of(project, sent))


@bp.post("/mes-projets/<int:project_id>/corriger")
@access("project.edit_own", load_project)
def correct(project: Project) -> ResponseReturnValue:
    """A copy of what was deposited, or of what was withdrawn or refused."""
    return attempt(
        lambda: correction.begin(project, by=me()),
        back=url_for("applicant.dossier", project_id=project.id),
        after=lambda draft: url_for("applicant.dossier", project_id=draft.id),
    )


@bp.get("/mes-projets/<int:project_id>/depots")
@access("project.read_own", load_project)
def deposits(project: Project) -> ResponseReturnValue:
    return deposits_page(project, back=url_for("applicant.dossier", project_id=project.id))


@bp.route("/mes-projets/<int:project_id>/retirer", methods=["GET", "POST"])
@access("project.read_own", load_project)
def withdraw(project: Project) -> ResponseReturnValue:
    form = WithdrawForm()
    if form.validate_on_submit():
        with refusals_at(form):
            advance(project, "withdraw", by=me(), reason=form.reason.data or "")
        if not form.errors:
            db.session.commit()
            if corrected := project.corrects:
                flash(f"Correction abandonnée : votre dossier {corrected.reference} reste déposé.", "info")
            else:
                flash("Votre dossier est retiré." if project.reference else "Brouillon abandonné.", "info")
            return redirect(url_for("applicant.dossier", project_id=project.id))
    return render_template(
        "applicant/withdraw.html",
        project=project,
        form=form,
        allowed="withdraw" in possible(project, me()),
        signatory=is_signatory(me(), project),
    )


@bp.get("/mes-projets/<int:project_id>/accuse.pdf")
@access("project.read_own", load_project)
def receipt_pdf(project: Project) -> ResponseReturnValue:
    if not has_receipt(project):
        abort(404)
    receipt = receipt_of(project, chosen_deposit(project))
    return send_pdf(receipt_document(receipt, own_letterhead()), f"Accusé de réception {receipt.reference}")


@bp.get("/mes-projets/<int:project_id>/dossier.pdf")
@access("project.read_own", load_project)
def dossier_pdf(project: Project) -> ResponseReturnValue:
    sent = chosen_deposit(project)
    if sent is None:
        abort(404)
    return send_pdf(dossier_document(sent, own_letterhead()), f"Dossier {sent.reference}")


def send_pdf(content: bytes, name: str) -> ResponseReturnValue:
    return send_table(content, f"{name}.pdf", "application/pdf")
