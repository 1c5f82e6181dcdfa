"""The institutions of a contract and their funders."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from grants.database import db
from grants.domain.contract import contract as rules
from grants.models import Contract, Funder, Institution
from grants.web.access import access, by_id, me
from grants.web.admin import bp
from grants.web.admin.forms import FunderForm, InstitutionForm
from grants.web.admin.pages import contract_by_id, contract_of, edit_page


@bp.get("/contrats/<slug>/financeurs")
@access("administer", contract_of)
def partners(contract: Contract) -> ResponseReturnValue:
    institutions = db.session.scalars(
        select(Institution)
        .where(Institution.contract_id == contract.id)
        .options(selectinload(Institution.funders))
        .order_by(Institution.position)
    ).all()
    return render_template("admin/partners.html", contract=contract, institutions=institutions)


@bp.route("/contrats/<slug>/institutions/ajouter", methods=["GET", "POST"])
@access("administer", contract_of)
def add_institution(contract: Contract) -> ResponseReturnValue:
    form = InstitutionForm()
    return edit_page(
        form,
        lambda: rules.add_institution(
            contract, form.label.data or "", outside=form.outside.data,
            delegates=form.delegates.data, by=me(),
        ),
        heading="Ajouter une institution",
        contract=contract,
        tab="partners",
    )  # fmt: skip


@bp.route("/institutions/<int:institution_id>", methods=["GET", "POST"])
@access("administer", by_id(Institution))
def institution(institution: Institution) -> ResponseReturnValue:
    form = InstitutionForm(obj=institution)
    return edit_page(
        form,
        lambda: rules.change_institution(
            institution, form.label.data or "", outside=form.outside.data,
            delegates=form.delegates.data, by=me(),
        ),
        heading=institution.label,
        subject=institution,
        tab="partners",
    )  # fmt: skip


@bp.route("/institutions/<int:institution_id>/financeurs/ajouter", methods=["GET", "POST"])
@access("administer", by_id(Institution))
def add_funder(institution: Institution) -> ResponseReturnValue:
    contract = contract_by_id(institution.contract_id)
    form = FunderForm()
    return edit_page(
        form,
        lambda: rules.add_funder(institution, form.code.data or "", form.label.data or "", by=me()),
        heading=f"Ajouter un financeur : {institution.label}",
        contract=contract,
        tab="partners",
    )


@bp.route("/financeurs/<int:funder_id>", methods=["GET", "POST"])
@access("administer", by_id(Funder))
def funder(funder: Funder) -> ResponseReturnValue:
    form = FunderForm(obj=funder)
    return edit_page(
        form,
        lambda: rules.change_funder(funder, form.code.data or "", form.label.data or "", by=me()),
        heading=funder.label,
        subject=funder,
        tab="partners",
    )
