"""The organisation that I act for: find it, ask to join it, create it."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.database import db
from grants.domain import limits
from grants.domain.organisation import identity, members, prefill
from grants.domain.organisation.prefill import Proposal
from grants.errors import DomainError
from grants.models import Organisation
from grants.queries.administration import organisations as queries
from grants.web.access import access, by_id, me, spend
from grants.web.auth import bp
from grants.web.auth.entering import next_path
from grants.web.auth.organisation_forms import FoundingForm
from grants.web.buttons import attempt
from grants.web.forms import Form, made_by, what_was_sent

SHORTEST_SEARCH = 3
CLOSED = "Selon l'annuaire des entreprises, cet établissement est fermé : vérifiez que c'est bien le bon numéro."
UNKNOWN = "L'annuaire des entreprises ne connaît pas ce numéro. Vous pouvez continuer sans lui."


@bp.get("/organisation")
@access("signed_in")
def organisation_choice() -> ResponseReturnValue:
    words = request.args.get("q", "").strip()
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
@access("signed_in", by_id(Organisation))
def join(organisation: Organisation) -> ResponseReturnValue:
    def ask() -> None:
        spend(limits.JOINED)
        members.ask_to_join(organisation, by=me())

    return attempt(
        ask,
        back=url_for("auth.organisation_choice", next=next_path()),
        done=f"Votre demande de rejoindre « {organisation.name} » est envoyée.",
    )


@bp.route("/organisation/nouvelle", methods=["GET", "POST"])
@access("signed_in")
def new_organisation() -> ResponseReturnValue:
    if not me().email_confirmed_at and what_was_sent() is None:
        return redirect(url_for("auth.organisation_choice", next=next_path()))
    form = FoundingForm()

    def create() -> Organisation:
        spend(limits.FOUNDED)
        represents = form.right.data == form.REPRESENTS
        return identity.create(form.identity(), by=me(), represents=represents, another=form.another.data)

    if made := made_by(form, create):
        flash(f"« {made.name} » est créée. Vous en êtes signataire.", "success")
        return redirect(next_path() or url_for("auth.organisation", organisation_id=made.id))
    proposed = propose(form)
    typed = (form.name.data, form.siret.data, form.address.data or "")
    there = queries.same(*typed) if form.errors else []
    return render_template(
        "auth/organisation_identity.html", form=form, organisation=None, next=next_path(), there=there, **proposed
    )


def propose(form: Form) -> dict[str, object]:
    """With `?siret=`: what the public directory says of it is put into the form, where the person
    confirms it by saving. For the template: which fields, and what went wrong."""
    api = current_app.config["SETTINGS"].siret_api
    asked = request.args.get("siret", "")
    shown: dict[str, object] = {"directory": bool(api), "looked_up": asked}
    if what_was_sent() is not None or not asked:
        return shown
    form["siret"].data = asked
    if not api:
        return shown
    db.session.rollback()  # no transaction waits for the network
    try:
        proposal = prefill.lookup(asked, api=api)
    except DomainError as error:
        return shown | {"told": error.message}
    if proposal is None:
        return shown | {"told": UNKNOWN}
    return shown | {"proposed": _fill(form, proposal), "told": CLOSED if proposal.closed else ""}


def _fill(form: Form, proposal: Proposal) -> list[str]:
    names = [n for n in ("siret", "name", "acronym", "rna", "address") if getattr(proposal, n)]
    for name in names:
        form[name].data = getattr(proposal, name)
    if not form["nature"].data:
        form["nature"].data = proposal.nature
        names.append("nature")
    return names
