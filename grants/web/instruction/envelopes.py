"""The envelopes of a contract's year, and the validation of a campaign's programming."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from grants.database import db
from grants.domain.programming.version import lift, validate
from grants.models import Campaign
from grants.queries.home.waiting import undecided
from grants.queries.programming import envelopes as queries
from grants.web.access import access, me
from grants.web.fields import paragraphs
from grants.web.forms import Form, saved
from grants.web.instruction import bp
from grants.web.instruction.loading import ContractYear, campaign, place


@bp.get("/contrats/<slug>/<int:year>/enveloppes")
@access("contract.instruct", place)
def envelopes(here: ContractYear) -> ResponseReturnValue:
    campaigns = db.session.scalars(
        select(Campaign)
        .where(Campaign.contract_id == here.contract.id, Campaign.year == here.year)
        .order_by(Campaign.label)
    ).all()
    rows = queries.envelopes(here.contract.id, here.year)
    return render_template(
        "instruction/envelopes.html",
        contract=here.contract,
        year=here.year,
        envelopes=rows,
        reducible=queries.reducible(rows),
        moves=queries.moves(row.envelope_id for row in rows),
        campaigns=campaigns,
    )


@bp.route("/appels/<int:campaign_id>/validation", methods=["GET", "POST"])
@access("campaign.validate", campaign)
def validation(of: Campaign) -> ResponseReturnValue:
    form = Form()
    back = url_for("instruction.envelopes", slug=of.contract.slug, year=of.year)
    done = f"Programmation de l'appel « {of.label} » validée."
    if saved(form, lambda: validate(of, by=me()), done):
        return redirect(back)
    return render_template("instruction/validation.html", form=form, campaign=of, undecided=undecided(of.id), back=back)


class LiftForm(Form):
    reason = paragraphs("Motif", needed="Indiquez pourquoi la validation est levée.")


@bp.route("/appels/<int:campaign_id>/validation/levee", methods=["GET", "POST"])
@access("campaign.validate", campaign)
def lift_validation(of: Campaign) -> ResponseReturnValue:
    form = LiftForm()
    back = url_for("instruction.envelopes", slug=of.contract.slug, year=of.year)
    done = f"Validation de l'appel « {of.label} » levée."
    if saved(form, lambda: lift(of, form.reason.data or "", by=me()), done):
        return redirect(back)
    return render_template("instruction/lift.html", form=form, campaign=of, back=back)
