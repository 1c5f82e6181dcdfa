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
def envelopes(place: ContractYear) -> ResponseReturnValue:
    campaigns = db.session.scalars(
        select(Campaign)
        .where(Campaign.contract_id == place.contract.id, Campaign.year == place.year)
        .order_by(Campaign.label)
    ).all()
    rows = queries.envelopes(place.contract.id, place.year)
    return render_template(
        "instruction/envelopes.html",
        contract=place.contract,
        year=place.year,
        envelopes=rows,
        reducible=queries.reducible(rows),
        moves=queries.moves(row.envelope_id for row in rows),
        campaigns=campaigns,
    )


@bp.route("/appels/<int:campaign_id>/validation", methods=["GET", "POST"])
@access("campaign.validate", campaign)
def validation(campaign: Campaign) -> ResponseReturnValue:
    form = Form()
    back = url_for("instruction.envelopes", slug=campaign.contract.slug, year=campaign.year)
    done = f"Programmation de l'appel « {campaign.label} » validée."
    if saved(form, lambda: validate(campaign, by=me()), done):
        return redirect(back)
    return render_template(
        "instruction/validation.html", form=form, campaign=campaign, undecided=undecided(campaign.id), back=back
    )


class LiftForm(Form):
    reason = paragraphs("Motif", needed="Indiquez pourquoi la validation est levée.")


@bp.route("/appels/<int:campaign_id>/validation/levee", methods=["GET", "POST"])
@access("campaign.validate", campaign)
def lift_validation(campaign: Campaign) -> ResponseReturnValue:
    form = LiftForm()
    back = url_for("instruction.envelopes", slug=campaign.contract.slug, year=campaign.year)
    done = f"Validation de l'appel « {campaign.label} » levée."
    if saved(form, lambda: lift(campaign, form.reason.data or "", by=me()), done):
        return redirect(back)
    return render_template("instruction/lift.html", form=form, campaign=campaign, back=back)
