"""An organisation's record: the list of its parts, a page each, and « tout est toujours exact »."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.database import begin_write, db
from grants.domain.organisation import asked, bank, budget, profile
from grants.domain.organisation.bank import Bank
from grants.domain.organisation.budget import Budget
from grants.domain.organisation.profile import Details, RecordPage
from grants.errors import DomainError
from grants.models import Organisation
from grants.web.access import access, by_id, me
from grants.web.auth import bp
from grants.web.auth.entering import begin_proved_write, next_path, prove
from grants.web.auth.forms import typed
from grants.web.auth.organisation_forms import FORMS, OrganisationBudgetForm, PartForm
from grants.web.auth.organisations import propose
from grants.web.forms import refusals_at

TITLES = {
    RecordPage.IDENTITY: "Identité et adresses",
    RecordPage.REPRESENTATIVE: "Représentant légal",
    RecordPage.STANDING: "Statut",
    RecordPage.PEOPLE: "Moyens humains",
    RecordPage.BUDGET: "Budget de l'organisation",
    RecordPage.BANK: "Compte bancaire",
}
YEARS = range(2000, 2101)


@dataclass(frozen=True)
class PartPage:
    """One part of one organisation's record; `year` for its budget."""

    organisation: Organisation
    part: RecordPage
    year: int = 0

    @property
    def title(self) -> str:
        title = TITLES[self.part]
        return f"{title} {self.year}" if self.year else title


def _load_part(organisation_id: int, part: str) -> PartPage | None:
    found = db.session.get(Organisation, organisation_id)
    if found is None or part not in FORMS or part not in asked.parts(found.nature):
        return None
    return PartPage(found, RecordPage(part))


def _load_budget(organisation_id: int, year: int) -> PartPage | None:
    found = db.session.get(Organisation, organisation_id)
    if found is None or year not in YEARS or RecordPage.BUDGET not in asked.parts(found.nature):
        return None
    return PartPage(found, RecordPage.BUDGET, year)


@bp.get("/organisation/<int:organisation_id>")
@access("organisation.edit", by_id(Organisation))
def organisation(organisation: Organisation) -> ResponseReturnValue:
    needed = asked.year_needed(organisation)
    missing = asked.missing(organisation, needed)
    return render_template(
        "auth/organisation.html",
        organisation=organisation,
        parts=[(p, TITLES[p], [m for m in missing if m.part is p]) for p in asked.parts(organisation.nature)],
        missing=missing,
        year=needed if RecordPage.BUDGET in {m.part for m in missing} else budget.last_year(organisation) or needed,
        iban=bank.masked(organisation.iban),
        next=next_path(),
    )


@bp.post("/organisation/<int:organisation_id>/confirmer")
@access("organisation.edit", by_id(Organisation))
def confirm_organisation(organisation: Organisation) -> ResponseReturnValue:
    profile.confirm(organisation, by=me())
    db.session.commit()
    flash("C'est noté : tout est toujours exact.", "success")
    return redirect(next_path() or url_for("auth.organisation", organisation_id=organisation.id))


@bp.route("/organisation/<int:organisation_id>/banque", methods=["GET", "POST"])
@access(
    "organisation.edit",
    lambda organisation_id: _load_part(organisation_id, RecordPage.BANK),
    about=lambda page: page.organisation,
    writes=False,
)
def organisation_bank(page: PartPage) -> ResponseReturnValue:
    """Apart, as it may ask for a password: nobody waits to write meanwhile."""
    return _part(page)


@bp.route("/organisation/<int:organisation_id>/<part>", methods=["GET", "POST"])
@access("organisation.edit", _load_part, about=lambda page: page.organisation)
def organisation_part(page: PartPage) -> ResponseReturnValue:
    return _part(page)


def _part(page: PartPage) -> ResponseReturnValue:
    form = FORMS[page.part].showing(page.organisation)
    lacked = page.part in _lacking(page.organisation)
    if form.validate_on_submit():
        with refusals_at(form):
            details = form.answers(page.organisation)
            if isinstance(details, Bank):
                _begin_write_of_account(page.organisation, form, details)
            _save(page, form, details)
        if not form.errors:
            return _saved(page, lacked=lacked)
    form.show(form.shown(page.organisation))
    name = "identity" if page.part is RecordPage.IDENTITY else "part"
    proposed = propose(form) if page.part is RecordPage.IDENTITY else {}
    return render_template(
        f"auth/organisation_{name}.html",
        page=page,
        form=form,
        organisation=page.organisation,
        next=next_path(),
        **proposed,
    )


@bp.route("/organisation/<int:organisation_id>/budget/<int:year>", methods=["GET", "POST"])
@access("organisation.edit", _load_budget, about=lambda page: page.organisation)
def organisation_budget(page: PartPage) -> ResponseReturnValue:
    stored = Budget.of_year(page.organisation, page.year)
    form = OrganisationBudgetForm.showing(stored)
    lacked = page.part in _lacking(page.organisation)
    if form.validate_on_submit():
        with refusals_at(form):
            _save(page, form, form.answers(page.year))
        if not form.errors:
            return _saved(page, lacked=lacked)
    form.show(Budget.of_year(page.organisation, page.year))
    return render_template(
        "auth/organisation_budget.html",
        page=page,
        form=form,
        organisation=page.organisation,
        chart=budget,
        sums=budget.sums(stored.amounts),
        next=next_path(),
    )


def _begin_write_of_account(organisation: Organisation, form: PartForm, details: Bank) -> None:
    """What is stored cannot have changed when it is saved (`profile.save`)."""
    if not details.changes(organisation):
        begin_write()
    elif password := typed(form["password"]):
        begin_proved_write(prove(password), "password")
    else:
        raise DomainError("Écrivez votre mot de passe, pour changer le compte.", "password")


def _save(page: PartPage, form: PartForm | OrganisationBudgetForm, details: Details) -> None:
    profile.save(page.organisation, details, by=me(), seen=form.state_now)


def _lacking(organisation: Organisation) -> list[RecordPage]:
    """The parts that a dossier still needs something of, in their order."""
    lacks = {each.part for each in asked.missing(organisation, asked.year_needed(organisation))}
    return [part for part in asked.parts(organisation.nature) if part in lacks]


def _saved(page: PartPage, *, lacked: bool) -> ResponseReturnValue:
    """Of what `lacked` something for a dossier: on to the next such part, and after the last one
    back to the dossier."""
    db.session.commit()
    flash(f"« {page.title} » : enregistré.", "success")
    if "stay" in request.form:
        return redirect(request.full_path.rstrip("?"))
    there: dict[str, Any] = {"organisation_id": page.organisation.id, "next": next_path()}
    if there["next"] is None or not lacked:
        return redirect(url_for("auth.organisation", **there))
    order = asked.parts(page.organisation.nature)
    for part in _lacking(page.organisation):
        if order.index(part) > order.index(page.part):
            if part is RecordPage.BUDGET:
                return redirect(url_for("auth.organisation_budget", year=asked.year_needed(page.organisation), **there))
            return redirect(url_for("auth.organisation_part", part=part.value, **there))
    return redirect(there["next"])
