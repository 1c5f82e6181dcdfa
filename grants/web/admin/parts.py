"""A contract: its terms, and what it is made of: institutions and their funders, zones, cross-cutting themes."""

from __future__ import annotations

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from grants.database import db
from grants.domain.contract.contract import ContractTerms, Part, add_part, change_contract, change_part, create_contract
from grants.domain.importing.usual import start_contract
from grants.models import Contract, CrossTheme, Funder, Institution, Zone
from grants.web.access import access, by_id, me
from grants.web.admin import bp
from grants.web.admin.forms import ContractForm, CrossThemeForm, FunderForm, InstitutionForm, NewContractForm, ZoneForm
from grants.web.admin.pages import contract_by_id, edit_page
from grants.web.instruction.loading import contract as contract_of
from grants.web.versioned import UnversionedForm

BOTH = ["GET", "POST"]


@bp.route("/nouveau-contrat", methods=["GET", "POST"])
@access("administer")
def add_contract() -> ResponseReturnValue:
    form = NewContractForm(data={"level_names": ["Axe", "Orientation", "Objectif"]})

    def create() -> Contract:
        terms = form.typed()
        slug, usual = terms.pop("slug"), terms.pop("preset")
        made = create_contract(slug, ContractTerms(**terms), by=me())
        start_contract(made, usual, by=me())
        return made

    return edit_page(
        form,
        create,
        heading="Nouveau contrat de ville",
        back=url_for("admin.home"),
        after=lambda made: url_for("admin.partners", slug=made.slug),
        done="Le contrat est créé. Ajoutez maintenant ses institutions et leurs financeurs.",
    )


@bp.route("/contrats/<slug>", methods=["GET", "POST"])
@access("administer", contract_of)
def contract(contract: Contract) -> ResponseReturnValue:
    form = ContractForm(obj=contract)
    return edit_page(
        form,
        lambda: change_contract(contract, ContractTerms(**form.typed()), by=me()),
        heading=contract.label,
        subject=contract,
        contract=contract,
        tab="contract",
    )


def _add(
    model: type[Part], parent: Contract | Institution, form: UnversionedForm, heading: str, tab: str
) -> ResponseReturnValue:
    return edit_page(
        form,
        lambda: add_part(model, parent, by=me(), **form.typed()),
        heading=heading,
        contract=parent if isinstance(parent, Contract) else contract_by_id(parent.contract_id),
        tab=tab,
    )


def _change(part: Part, form: UnversionedForm, tab: str) -> ResponseReturnValue:
    def save() -> None:
        change_part(part, by=me(), **form.typed())

    return edit_page(form, save, heading=part.label, subject=part, tab=tab)


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


@bp.route("/contrats/<slug>/institutions/ajouter", methods=BOTH)
@access("administer", contract_of)
def add_institution(contract: Contract) -> ResponseReturnValue:
    form = InstitutionForm()
    return _add(Institution, contract, form, "Ajouter une institution", "partners")


@bp.route("/institutions/<int:institution_id>", methods=BOTH)
@access("administer", by_id(Institution))
def institution(institution: Institution) -> ResponseReturnValue:
    return _change(institution, InstitutionForm(obj=institution), "partners")


@bp.route("/institutions/<int:institution_id>/financeurs/ajouter", methods=BOTH)
@access("administer", by_id(Institution))
def add_funder(institution: Institution) -> ResponseReturnValue:
    heading = f"Ajouter un financeur : {institution.label}"
    return _add(Funder, institution, FunderForm(), heading, "partners")


@bp.route("/financeurs/<int:funder_id>", methods=BOTH)
@access("administer", by_id(Funder))
def funder(funder: Funder) -> ResponseReturnValue:
    return _change(funder, FunderForm(obj=funder), "partners")


@bp.get("/contrats/<slug>/quartiers")
@access("administer", contract_of)
def territory(contract: Contract) -> ResponseReturnValue:
    return render_template("admin/territory.html", contract=contract)


@bp.route("/contrats/<slug>/quartiers/ajouter", methods=BOTH)
@access("administer", contract_of)
def add_zone(contract: Contract) -> ResponseReturnValue:
    return _add(Zone, contract, ZoneForm(), "Ajouter un quartier", "territory")


@bp.route("/quartiers/<int:zone_id>", methods=BOTH)
@access("administer", by_id(Zone))
def zone(zone: Zone) -> ResponseReturnValue:
    return _change(zone, ZoneForm(obj=zone), "territory")


@bp.route("/contrats/<slug>/thematiques/ajouter", methods=BOTH)
@access("administer", contract_of)
def add_cross_theme(contract: Contract) -> ResponseReturnValue:
    form = CrossThemeForm()
    return _add(CrossTheme, contract, form, "Ajouter une thématique transversale", "territory")


@bp.route("/thematiques/<int:cross_theme_id>", methods=BOTH)
@access("administer", by_id(CrossTheme))
def cross_theme(theme: CrossTheme) -> ResponseReturnValue:
    return _change(theme, CrossThemeForm(obj=theme), "territory")
