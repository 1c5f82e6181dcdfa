"""One page a section of the dossier, saved as it goes."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.database import db
from grants.domain import chart_of_accounts
from grants.domain.dossier import drafts, statements
from grants.domain.dossier.budget import requests_of, totals_of
from grants.domain.dossier.checks import DossierFault, faults
from grants.domain.dossier.correction import refuse_unless_depositable
from grants.domain.dossier.questions import figures, verdicts
from grants.domain.workflow import lock
from grants.errors import DomainError, NotAllowed, refusal_of
from grants.french import instant
from grants.models import State
from grants.permissions import is_signatory
from grants.queries.applicant.applicant import twin_of
from grants.queries.applicant.saved import last_saved, undone
from grants.web.access import access, me
from grants.web.applicant import autosave, bp
from grants.web.applicant.forms import SectionForm
from grants.web.applicant.pages import Page, load_page
from grants.web.applicant.presence import presence_words
from grants.web.applicant.wording import TITLES
from grants.web.forms import what_was_sent
from grants.web.scripts import for_script

SWEAR_AGAIN = (
    "L'attestation sur l'honneur portait sur les réponses d'avant ce changement : un signataire"
    " doit la refaire avant {}."
)


@bp.route("/mes-projets/<int:project_id>/<section>", methods=["GET", "POST"])
@access("project.edit_own", load_page, about=lambda page: page.project)
def section(page: Page) -> ResponseReturnValue:
    if page.section not in drafts.open_sections(page.project):
        if request.method == "POST":
            drafts.refuse_unless_writable(page.project, page.section, me())
        return redirect(url_for("applicant.dossier", project_id=page.project.id))
    if request.method == "POST":
        lock(page.project)
    form = page.form()
    if what_was_sent() is None:
        form.propose(page.project)
    if form.is_submitted():
        _save(page, form)
        # Told from what has just been written: after the commit all of it is read again.
        answer = autosave.answer(page, form) if for_script() else None
        db.session.commit()
        if answer:
            return answer
        if not form.errors:
            return onwards(page, autosave.taken_words(form))
    missing = _missing(page)
    if request.args.get("verifier") and request.method == "GET":
        for fault in missing:
            form.refuse(DomainError(fault.message, fault.field))
    return _show(page, form, missing)


def _save(page: Page, form: SectionForm) -> None:
    """All that is sound; a field that is not keeps what is stored, and says why. The commit is
    still to come."""
    form.meanwhile = _meanwhile(page)
    form.validate()
    held = {field.name for field in form.asked() if field.errors}
    refused = _refusal(page, form, held)
    if refused and refused.field in form:
        form.refuse(refused)
        held.add(refused.field or "")
        if _refusal(page, form, held):  # it is held up by others: each is tried by itself
            tried = form.changed() - held
            held |= tried
            for name in sorted(tried):
                if _refusal(page, form, held - {name}) is None:
                    held.discard(name)
    elif refused:
        form.refuse(refused)
    fresh = page.form(formdata=None)
    fresh.keep_asking(form)
    form.version.show(fresh.version.data or "")


def _refusal(page: Page, form: SectionForm, held: set[str]) -> DomainError | None:
    """What the domain says against it without the fields `held`; nothing once it is written."""
    try:
        with form.sparing(held), db.session.begin_nested():
            seen = page.stored().fingerprint()
            unsworn = drafts.save(page.project, form.answers(), by=me(), seen=seen)
    except NotAllowed:
        raise
    except DomainError as error:
        return error
    if unsworn:
        draft = page.project.state is State.DRAFT
        flash(SWEAR_AGAIN.format("le dépôt" if draft else autosave.ALL_SENT), "warning")
    return None


def _meanwhile(page: Page) -> str:
    last = last_saved(page.project.id, page.section)
    if last is None:
        return SectionForm.meanwhile
    own = last.by_id == me().id
    who = "Vous-même, dans un autre onglet, y écrivez" if own else f"{last.by} y écrit"
    return f"{who} depuis le {instant(last.at)}."


def _missing(page: Page) -> list[DossierFault]:
    """What this section still lacks, once it has been begun."""
    if not page.stored().begun:
        return []
    return [fault for fault in faults(page.project) if fault.section == page.section]


def onwards(page: Page, taken: str = "") -> ResponseReturnValue:
    """The next section once this one is complete; else the list, which says what it lacks."""
    missing = [fault for fault in faults(page.project) if fault.section == page.section]
    more = len(missing) - 1
    draft = page.project.state is State.DRAFT
    if missing or taken or not draft:  # else the page that comes says when it was saved
        flash(
            f"« {page.title} » : {autosave.saved_now(page.project)}{taken}"
            + (f" À compléter ou à revoir : {missing[0].message}" if missing else "")
            + (f" Et {more} de plus." if more > 0 else ""),
            "warning" if missing else "info",
        )
    project_id = page.project.id
    if "stay" in request.form:
        return redirect(url_for("applicant.section", project_id=project_id, section=page.section))
    if not draft:
        return redirect(url_for("applicant.asked_pieces", project_id=project_id))
    if missing or page.next is None:
        return redirect(url_for("applicant.dossier", project_id=project_id))
    return redirect(url_for("applicant.section", project_id=project_id, section=page.next))


def _show(page: Page, form: SectionForm, missing: list[DossierFault]) -> str:
    return render_template(
        f"applicant/section_{page.section}.html",
        page=page,
        project=page.project,
        form=form,
        missing=missing,
        sums=totals_of(page.project),
        chart=chart_of_accounts,
        signatory=is_signatory(me(), page.project),
        figures=figures(page.project),
        requests=requests_of(page.project),
        undone=undone(page.project),
        titles=TITLES,
        law=statements,
        twin=twin_of(page.project) if page.section is drafts.Section.PROJECT else None,
        others=presence_words(page.project, page.section),
        verdicts=[v for v in verdicts(page.project) if any(n in form for n in v.criterion.names)],
        closed=refusal_of(refuse_unless_depositable, page.project),
    )
