"""Deposits allowed after the closing: to whom, until when, why; given and withdrawn."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue
from wtforms import SelectField

from grants.database import db
from grants.domain.campaign.campaign import closing
from grants.domain.campaign.late_permission import allow, withdraw
from grants.models import Campaign, Contract, LatePermission, Organisation
from grants.queries.administration import administration
from grants.queries.administration.organisations import search
from grants.web.access import access, by_id, me
from grants.web.admin import bp
from grants.web.admin.forms import FILL, time_field
from grants.web.admin.pages import button, edit_page, list_of
from grants.web.fields import paragraphs
from grants.web.forms import DayField, Form
from grants.web.instruction.loading import contract as contract_of


class LateForm(Form):
    campaign_id = SelectField("Appel à projets", coerce=int)
    closes_on = DayField("Dernier jour pour déposer")
    closes_time = time_field(
        "Dernière heure pour déposer",
        description="Cette minute comprise, heure de Paris ; 23 h 59 si vous laissez vide.",
    )
    reason = paragraphs("Motif", needed=FILL, rows=3, description="Il reste dans l'historique, avec votre nom.")


@dataclass(frozen=True)
class Late:
    contract: Contract
    organisation: Organisation


def _late(slug: str, organisation_id: int) -> Late | None:
    contract, organisation = contract_of(slug), db.session.get(Organisation, organisation_id)
    return Late(contract, organisation) if contract and organisation else None


@bp.get("/contrats/<slug>/depots-tardifs")
@access("administer", contract_of)
def late_permissions(contract: Contract) -> ResponseReturnValue:
    words = request.args.get("mots", "")
    return render_template(
        "admin/late_permissions.html",
        contract=contract,
        words=words,
        found=search(words) if words else [],
        permissions=administration.late_permissions(contract.id),
    )


@bp.route("/contrats/<slug>/depots-tardifs/<int:organisation_id>", methods=["GET", "POST"])
@access("administer", _late)
def allow_late(late: Late) -> ResponseReturnValue:
    form = LateForm()
    form.campaign_id.choices = administration.closing_campaigns(late.contract.id)
    return edit_page(
        form,
        lambda: allow(
            db.session.get_one(Campaign, form.campaign_id.data),
            late.organisation,
            closing(form.closes_on.data, form.closes_time.data),
            form.reason.data or "",
            by=me(),
        ),
        heading=f"Autoriser un dépôt tardif : {late.organisation.name}",
        back=list_of(late.contract, "late_permissions"),
        done="C'est autorisé : les membres de l'organisation sont prévenus.",
        contract=late.contract,
        tab="late_permissions",
        button="Autoriser",
    )


def _list(permission: LatePermission) -> str:
    return list_of(db.session.get_one(Campaign, permission.campaign_id).contract, "late_permissions")


@button("/depots-tardifs/<int:permission_id>/retirer", by_id(LatePermission), back=_list)
def withdraw_late(permission: LatePermission) -> str:
    withdraw(permission, by=me())
    return "L'autorisation est retirée : elle ne vaut plus."
