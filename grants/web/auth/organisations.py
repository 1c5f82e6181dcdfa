"""The organisation that I act for: find it, ask to join it, create it, keep its details."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.database import db
from grants.domain import organisation as domain
from grants.domain.organisation import Details
from grants.errors import Conflict, DomainError
from grants.models import Organisation
from grants.queries import organisations as queries
from grants.web.access import access, me
from grants.web.auth import bp
from grants.web.auth.entering import next_path
from grants.web.auth.forms import OrganisationForm, typed
from grants.web.forms import refusals_at

SHORTEST_SEARCH = 3


def load_organisation(organisation_id: int) -> Organisation | None:
    return db.session.get(Organisation, organisation_id)


@bp.get("/organisation")
@access("signed_in")
def organisation_choice() -> ResponseReturnValue:
    words = request.args.get("q", "").strip()[:250]
    long_enough = len(words) >= SHORTEST_SEARCH
    return render_template(
        "auth/organisation_choice.html",
        q=words,
        too_short=bool(words) and not long_enough,
        found=queries.search(words) if long_enough else [],
        at_most=queries.AT_MOST,
        mine=queries.of_user(me().id),
        next=next_path(),
    )


@bp.post("/organisation/<int:organisation_id>/rejoindre")
@access("signed_in", load_organisation)
def join(organisation: Organisation) -> ResponseReturnValue:
    try:
        domain.ask_to_join(organisation, by=me())
    except DomainError as refused:
        db.session.rollback()
        flash(refused.message, "warning")
    else:
        db.session.commit()
        flash(f"Votre demande de rejoindre « {organisation.name} » est envoyée.", "success")
    return redirect(url_for("auth.organisation_choice", next=next_path()))


@bp.route("/organisation/nouvelle", methods=["GET", "POST"])
@access("signed_in")
def new_organisation() -> ResponseReturnValue:
    form = OrganisationForm()
    if form.validate_on_submit():
        with refusals_at(form):
            made = domain.create(_details(form), by=me())
        if not form.errors:
            db.session.commit()
            flash(f"« {made.name} » est créée. Vous en êtes signataire.", "success")
            return redirect(next_path() or url_for("applicant.projects"))
    return render_template("auth/organisation_form.html", form=form, organisation=None)


@bp.route("/organisation/<int:organisation_id>", methods=["GET", "POST"])
@access("organisation.edit", load_organisation)
def organisation(found: Organisation) -> ResponseReturnValue:
    form = OrganisationForm(obj=found)
    if form.validate_on_submit():
        with refusals_at(form):
            _edit(found, form)
        if not form.errors:
            db.session.commit()
            flash("La fiche est enregistrée.", "success")
            return redirect(next_path() or url_for("auth.account"))
    return render_template("auth/organisation_form.html", form=form, organisation=found)


def _edit(found: Organisation, form: OrganisationForm) -> None:
    try:
        seen = form.version.data if form.version.raw_data else None
        domain.edit(found, _details(form), by=me(), version=seen or 0)
    except Conflict:  # told once, with both values: saving again is then meant
        form.version.raw_data = None
        form.version.data = found.version
        raise


def _details(form: OrganisationForm) -> Details:
    texts = {name: typed(form[name]) for name in domain.LABELS if name != "nature"}
    return Details(nature=form.nature.data, **texts)
