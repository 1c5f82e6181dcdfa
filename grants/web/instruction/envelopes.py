"""The envelopes of a contract's year, and the validation of a campaign's programming."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from wtforms import TextAreaField
from wtforms.validators import InputRequired

from grants.database import db
from grants.domain.validation import lift, validate
from grants.models import Campaign
from grants.queries import envelopes as queries
from grants.queries.waiting import undecided
from grants.web.access import access, me
from grants.web.forms import Form, NoNul, refusals_at
from grants.web.instruction import bp
from grants.web.instruction.loading import Place, campaign, place


@bp.get("/contrats/<slug>/<int:year>/enveloppes")
@access("contract.instruct", place, of=lambda found: found.contract)
def envelopes(here: Place) -> ResponseReturnValue:
    campaigns = db.session.scalars(
        select(Campaign)
        .where(Campaign.contract_id == here.contract.id, Campaign.year == here.year)
        .order_by(Campaign.label)
    ).all()
    return render_template(
        "instruction/envelopes.html",
        contract=here.contract,
        year=here.year,
        envelopes=queries.envelopes(here.contract.id, here.year),
        campaigns=campaigns,
    )


@bp.route("/appels/<int:campaign_id>/validation", methods=["GET", "POST"])
@access("campaign.validate", campaign)
def validation(of: Campaign) -> ResponseReturnValue:
    form = Form()
    back = url_for("instruction.envelopes", slug=of.contract.slug, year=of.year)
    if form.validate_on_submit():
        with refusals_at(form):
            validate(of, by=me())
        if not form.errors:
            db.session.commit()
            flash(f"Programmation de l'appel « {of.label} » validée.", "success")
            return redirect(back)
    return render_template(
        "instruction/validation.html", form=form, campaign=of, undecided=undecided(of.id),
        back=back,
    )  # fmt: skip


class LiftForm(Form):
    reason = TextAreaField(
        "Motif", [InputRequired("Indiquez pourquoi la validation est levée."), NoNul()],
        render_kw={"rows": 3},
    )  # fmt: skip


@bp.route("/appels/<int:campaign_id>/validation/levee", methods=["GET", "POST"])
@access("campaign.validate", campaign)
def lift_validation(of: Campaign) -> ResponseReturnValue:
    form = LiftForm()
    back = url_for("instruction.envelopes", slug=of.contract.slug, year=of.year)
    if form.validate_on_submit():
        with refusals_at(form):
            lift(of, form.reason.data or "", by=me())
        if not form.errors:
            db.session.commit()
            flash(f"Validation de l'appel « {of.label} » levée.", "success")
            return redirect(back)
    return render_template("instruction/lift.html", form=form, campaign=of, back=back)
