"""A contract's terms, and a new contract for a city without a file."""

from __future__ import annotations

from flask import url_for
from flask.typing import ResponseReturnValue

from grants.domain.contract.contract import ContractTerms, change_contract, create_contract
from grants.models import Contract
from grants.web.access import access, me
from grants.web.admin import bp
from grants.web.admin.forms import ContractForm, NewContractForm
from grants.web.admin.pages import edit_page
from grants.web.instruction.loading import contract as contract_of


@bp.route("/nouveau-contrat", methods=["GET", "POST"])
@access("administer")
def add_contract() -> ResponseReturnValue:
    form = NewContractForm(data={"level_names": ["Axe", "Orientation", "Objectif"]})

    def create() -> Contract:
        terms = form.typed()
        return create_contract(terms.pop("slug"), ContractTerms(**terms), by=me())

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
