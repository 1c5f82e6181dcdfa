"""One page a section of the dossier, saved as it goes."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.database import db
from grants.domain import chart_of_accounts
from grants.domain.dossier import drafts, statements
from grants.domain.dossier.budget import requests_of, totals_of
from grants.domain.dossier.checks import Fault, faults
from grants.domain.dossier.correction import refuse_unless_depositable
from grants.domain.dossier.questions import figures, verdicts
from grants.errors import DomainError
from grants.models import State
from grants.permissions import is_signatory
from grants.queries.applicant import last_saved, twin_of, undone
from grants.web.access import access, me
from grants.web.applicant import autosave, bp
from grants.web.applicant.forms import SectionForm
from grants.web.applicant.pages import Page, load_page, why_not
from grants.web.applicant.presence import presence_words
from grants.web.applicant.wording import TITLES
from grants.web.forms import refusals_at, what_was_sent
from grants.web.reading import Difference, differences
from grants.web.scripts import for_script

SWEAR_AGAIN = (
    "L'attestation sur l'honneur portait sur les réponses d'avant ce changement : un signataire"
    " doit la refaire avant {}."
)


@bp.route("/mes-projets/<int:project_id>/<section>", methods=["GET", "POST"])
@access("project.edit_own", load_page, of=lambda page: page.project)
def section(page: Page) -> ResponseReturnValue:
    if page.section not in drafts.open_sections(page.project):
        if request.method == "POST":
            drafts.refuse_unless_writable(page.project, page.section, me())
        return redirect(url_for("applicant.dossier", project_id=page.project.id))
    form = page.form()
    if what_was_sent() is None:
        form.propose(page.project)
    if form.validate_on_submit() and _saved(page, form):
        # Told from what has just been written: after the commit all of it is read again.
        answer = autosave.saved(page) if for_script() else None
        db.session.commit()
        return answer or onwards(page)
    if for_script():
        return autosave.refused(page, form, _clash(page, form))
    missing = _missing(page)
    if request.args.get("verifier") and request.method == "GET":
        for fault in missing:
            form.refuse(DomainError(fault.message, fault.field))
    return _show(page, form, missing)


def _saved(page: Page, form: SectionForm) -> bool:
    """Whether the domain took it; the commit is still to come."""
    unsworn = False
    with refusals_at(form):
        unsworn = drafts.save(page.project, form.answers(), by=me(), seen=form.version.seen)
    if form.errors:
        return False
    if unsworn:
        draft = page.project.state is State.DRAFT
        flash(SWEAR_AGAIN.format("le dépôt" if draft else autosave.ALL_SENT), "warning")
    return True


def _missing(page: Page) -> list[Fault]:
    """What this section still lacks, once it has been begun."""
    if not page.stored().begun:
        return []
    return [fault for fault in faults(page.project) if fault.section == page.section]


def onwards(page: Page) -> ResponseReturnValue:
    """The next section once this one is complete; else the list, which says what it lacks."""
    missing = [fault for fault in faults(page.project) if fault.section == page.section]
    draft = page.project.state is State.DRAFT
    flash(
        f"« {page.title} » : {autosave.saved_now(page.project)}"
        + (" Il reste des réponses à compléter." if missing else ""),
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


def _show(page: Page, form: SectionForm, missing: list[Fault]) -> str:
    return render_template(
        f"applicant/section_{page.section}.html",
        page=page, project=page.project, form=form, missing=missing,
        clash=_clash(page, form), sums=totals_of(page.project), chart=chart_of_accounts,
        signatory=is_signatory(me(), page.project), figures=figures(page.project),
        requests=requests_of(page.project), undone=undone(page.project), titles=TITLES,
        law=statements,
        twin=twin_of(page.project) if page.section is drafts.Section.PROJECT else None,
        others=presence_words(page.project, page.section),
        verdicts=[v for v in verdicts(page.project) if any(n in form for n in v.criterion.names)],
        closed=why_not(refuse_unless_depositable, page.project),
    )  # fmt: skip


def _clash(page: Page, form: SectionForm) -> dict[str, object] | None:
    """What somebody else has saved since the page was opened, beside what was typed. The next
    press on "Enregistrer" is then made knowing both."""
    now_stored = page.stored().fingerprint()
    if request.method != "POST" or form.version.seen == now_stored:
        return None
    found: list[Difference] = differences(form.asked(), page.form(formdata=None).asked())
    form.version.show(now_stored)
    return {"differences": found, "saved": last_saved(page.project.id, page.section)}
