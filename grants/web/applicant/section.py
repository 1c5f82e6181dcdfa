"""One page a section of the dossier, saved as it goes."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.database import db
from grants.domain import chart_of_accounts
from grants.domain.dossier import drafts
from grants.domain.dossier.budget import totals_of
from grants.domain.dossier.checks import Fault, faults
from grants.errors import DomainError, NotAllowed
from grants.french import PARIS
from grants.models import State, now
from grants.permissions import is_signatory
from grants.queries.applicant import last_saved
from grants.web.access import access, me
from grants.web.applicant import bp
from grants.web.applicant.forms import SectionForm
from grants.web.applicant.pages import Page, load_page, why_closed
from grants.web.applicant.wording import Difference, differences
from grants.web.forms import refusals_at

SWEAR_AGAIN = (
    "L'attestation sur l'honneur portait sur les réponses d'avant ce changement : un signataire"
    " doit la refaire avant le dépôt."
)


@bp.route("/mes-projets/<int:project_id>/<section>", methods=["GET", "POST"])
@access("project.edit_own", load_page, of=lambda page: page.project)
def section(page: Page) -> ResponseReturnValue:
    if page.project.state is not State.DRAFT:
        if request.method == "POST":
            raise NotAllowed("Ce dossier n'est plus un brouillon : il ne peut plus être modifié.")
        return redirect(url_for("applicant.dossier", project_id=page.project.id))
    form = page.form()
    if form.validate_on_submit():
        unsworn = False
        with refusals_at(form):
            unsworn = drafts.save(page.project, form.answers(), by=me(), seen=form.version.seen)
        if not form.errors:
            db.session.commit()
            if unsworn:
                flash(SWEAR_AGAIN, "warning")
            return _onwards(page)
    missing = _missing(page)
    if request.args.get("verifier") and request.method == "GET":
        for fault in missing:
            form.refuse(DomainError(fault.message, fault.field))
    return _show(page, form, missing)


def _missing(page: Page) -> list[Fault]:
    """What this section still lacks, once it has been begun."""
    if not page.stored().begun:
        return []
    return [fault for fault in faults(page.project) if fault.section == page.section]


def _onwards(page: Page) -> ResponseReturnValue:
    """The next section once this one is complete; else the list, which says what it lacks."""
    at = now().astimezone(PARIS)
    missing = [fault for fault in faults(page.project) if fault.section == page.section]
    flash(
        f"« {page.title} » : enregistré à {at:%H} h {at:%M}, pas encore déposé."
        + (" Il reste des réponses à compléter." if missing else ""),
        "warning" if missing else "info",
    )
    project_id = page.project.id
    if "stay" in request.form:
        return redirect(url_for("applicant.section", project_id=project_id, section=page.section))
    if missing or page.next is None:
        return redirect(url_for("applicant.dossier", project_id=project_id))
    return redirect(url_for("applicant.section", project_id=project_id, section=page.next))


def _show(page: Page, form: SectionForm, missing: list[Fault]) -> str:
    return render_template(
        f"applicant/section_{page.section}.html",
        page=page, project=page.project, form=form, missing=missing,
        clash=_clash(page, form), sums=totals_of(page.project), chart=chart_of_accounts,
        signatory=is_signatory(me(), page.project), closed=why_closed(page.project.campaign),
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
