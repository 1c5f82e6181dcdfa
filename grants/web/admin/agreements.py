"""Agreements over several years, which the coordinator keeps; and the dossiers of the year made from them."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from wtforms import BooleanField, SelectChoice, SelectField  # type: ignore[attr-defined]  # not in the stubs yet

from grants.database import db
from grants.domain.agreements import agreement as rules
from grants.domain.agreements.agreement import ZERO, Promised
from grants.domain.agreements.projects import due, make_projects
from grants.domain.contract.arranging import remove_part
from grants.domain.dossier.themes import offered
from grants.domain.organisation.merging import standing
from grants.french import counted, today
from grants.models import Agreement, AgreementAction, Campaign, Contract, Funder, Organisation
from grants.queries.administration.administration import kinds
from grants.queries.agreements import agreements as queries
from grants.queries.home.waiting import latest_year
from grants.web.access import access, by_id, me
from grants.web.admin import bp
from grants.web.admin.forms import FILL, year
from grants.web.admin.pages import edit_page
from grants.web.buttons import attempt
from grants.web.fields import Checkboxes, line, paragraphs
from grants.web.forms import AmountField, DayField, Form, made_by
from grants.web.instruction.forms import commune_field, offer_communes, options
from grants.web.instruction.loading import campaign as load_campaign
from grants.web.instruction.loading import contract as contract_of
from grants.web.instruction.operations import tell_done
from grants.web.versioned import MergedForm

BOTH = ["GET", "POST"]
AMOUNTS = (("expected", "prévu"), ("firm", "dont ferme"))


class AgreementForm(MergedForm):
    organisation_id = SelectField("Porteur", coerce=int)
    title = line("Objet de la convention", needed=FILL)
    number = line("Numéro, s'il y en a un", 80)
    first_year = year("Première année")
    last_year = year("Dernière année")
    signed_on = DayField(
        "Signée le",
        description="Signée, elle engage : ses montants fermes sont pris d'abord sur les enveloppes, et ne"
        " changent plus que par avenant.",
    )
    archived = BooleanField(
        "Archivée", description="Elle ne réserve plus rien sur les enveloppes, et aucun dossier n'en est plus créé."
    )


class AgreementActionForm(MergedForm):
    """With two fields of each funder and year, once the action is there."""

    title = line("Intitulé de l'action", needed=FILL)
    call_kind = SelectField("Dispositif", description="Celui dont les appels la paient chaque année.")
    theme_id = SelectField("Classement", coerce=int)
    commune_id = commune_field()
    reason = paragraphs(
        "Motif de l'avenant", rows=2, description="Si un montant change. Par exemple : vote du 12 mars, gel de crédits."
    )

    def state(self, subject: AgreementAction) -> str:
        return str(subject.agreement.version)

    def terms(self) -> dict[str, Any]:
        return {name: value for name, value in self.typed().items() if name in vars(AgreementActionForm)}

    def promised(self, funders: list[Funder], years: list[int]) -> dict[tuple[int, int], Promised]:
        """What is firm alone is also what is expected."""
        amounts = {}
        for key in ((funder.id, one) for funder in funders for one in years):
            expected, firm = (self[amount_name(what, *key)].data for what, _ in AMOUNTS)
            amounts[key] = Promised(firm or ZERO, (firm or ZERO) if expected is None else expected)
        return amounts


def amount_name(what: str, funder_id: int, of_year: int) -> str:
    return f"{what}_{funder_id}_{of_year}"


def _page(form: Form, save: Any, contract: Contract, back: str = "", **shown: Any) -> ResponseReturnValue:
    shown = {"template": "admin/agreement_form.html", "year": _year(contract), "tab": "agreements", **shown}
    return edit_page(form, save, contract=contract, back=back, **shown)


def _year(contract: Contract) -> int:
    return latest_year(contract.id) or today().year


def _page_of(agreement: Agreement) -> str:
    return url_for("admin.agreement", agreement_id=agreement.id)


@bp.get("/contrats/<slug>/conventions")
@access("contract.instruct", contract_of)
def agreements(contract: Contract) -> ResponseReturnValue:
    rows = queries.agreements(contract.id)
    return render_template("admin/agreements.html", contract=contract, year=_year(contract), agreements=rows)


@bp.get("/conventions/<int:agreement_id>")
@access("contract.instruct", by_id(Agreement))
def agreement(agreement: Agreement) -> ResponseReturnValue:
    contract, amounts = agreement.contract, queries.amounts(agreement.id)
    return render_template(
        "admin/agreement.html", contract=contract, year=_year(contract), agreement=agreement, amounts=amounts
    )


@bp.route("/contrats/<slug>/conventions/ajouter", methods=BOTH)
@access("contract.coordinate", contract_of)
def add_agreement(contract: Contract) -> ResponseReturnValue:
    first = max(today().year, contract.start_year)
    form = AgreementForm(data={"first_year": first, "last_year": min(first + 2, contract.end_year)})
    named = select(Organisation.id, Organisation.name).where(Organisation.id.in_(standing()))
    bearers = db.session.execute(named.order_by(Organisation.name_key))
    form.organisation_id.choices = options((id_, name) for id_, name in bearers)
    del form.signed_on, form.archived

    def save() -> Agreement:
        terms = form.typed()
        bearer = db.session.get_one(Organisation, terms.pop("organisation_id"))
        return rules.add_agreement(contract, bearer, by=me(), **terms)

    done = "La convention est créée. Ajoutez ses actions et leurs montants, puis dites quand elle est signée."
    return _page(form, save, contract, heading="Nouvelle convention pluriannuelle", after=_page_of, done=done)


@bp.route("/conventions/<int:agreement_id>/modifier", methods=BOTH)
@access("contract.coordinate", by_id(Agreement))
def change_agreement(agreement: Agreement) -> ResponseReturnValue:
    form = AgreementForm(obj=agreement)
    del form.organisation_id
    return _page(
        form,
        lambda: rules.change_agreement(agreement, by=me(), version=form.seen, **form.typed()),
        agreement.contract,
        _page_of(agreement),
        subject=agreement,
        heading=f"Convention : {agreement.called}",
    )


def _action_form(contract: Contract, fields: dict[str, Any], **given: Any) -> AgreementActionForm:
    form: AgreementActionForm = type("AgreedActionForm", (AgreementActionForm,), fields)(**given)
    known = kinds(contract.id)
    form.call_kind.choices = options((kind, kind) for kind in known)
    themes = offered(contract.id, *known)
    form.theme_id.choices = [SelectChoice(str(theme.id), theme.label, optgroup=theme.group or None) for theme in themes]
    offer_communes(form, contract)
    return form


@bp.route("/conventions/<int:agreement_id>/actions/ajouter", methods=BOTH)
@access("contract.coordinate", by_id(Agreement))
def add_agreement_action(agreement: Agreement) -> ResponseReturnValue:
    form = _action_form(agreement.contract, {"reason": None})
    return _page(
        form,
        lambda: rules.add_action(agreement, by=me(), **form.terms()),
        agreement.contract,
        heading="Ajouter une action",
        after=lambda made: url_for("admin.agreement_action", agreement_action_id=made.id),
        done="L'action est ajoutée. Écrivez maintenant ses montants.",
    )


@bp.route("/conventions/actions/<int:agreement_action_id>", methods=BOTH)
@access("contract.coordinate", by_id(AgreementAction))
def agreement_action(action: AgreementAction) -> ResponseReturnValue:
    """Its terms and amounts; of a signed agreement the amounts are an amendment."""
    agreement, payers = action.agreement, queries.payers(action)
    stored = {(row.funder_id, row.year): row for row in rules.amounts(agreement) if row.action_id == action.id}
    fields: dict[str, Any] = {} if agreement.signed_on else {"reason": None}
    values: dict[str, Any] = {}
    for funder, of_year in ((funder, of_year) for funder in payers for of_year in agreement.years):
        for what, words in AMOUNTS:
            name = amount_name(what, funder.id, of_year)
            fields[name] = AmountField(f"{funder.code} {of_year}, {words}")
            values[name] = getattr(stored.get((funder.id, of_year)), what, None) or None
    form = _action_form(agreement.contract, fields, obj=action, data=values)
    return _page(
        form,
        lambda: rules.change_action(
            action, form.promised(payers, agreement.years), by=me(), version=form.seen, **form.terms()
        ),
        agreement.contract,
        _page_of(agreement),
        subject=action,
        heading=action.title,
        template="admin/agreement_action.html",
        payers=payers,
        years=agreement.years,
        name=amount_name,
    )


@bp.post("/conventions/actions/<int:agreement_action_id>/retirer")
@access("contract.coordinate", by_id(AgreementAction))
def remove_agreement_action(action: AgreementAction) -> ResponseReturnValue:
    """Refused while it has amounts."""
    back, done = _page_of(action.agreement), f"« {action.title} » est retirée."
    return attempt(lambda: remove_part(action, by=me()), back=back, done=done)


class AgreedProjectsForm(Form):
    actions = Checkboxes("Dossiers à créer", coerce=int)


@bp.route("/appels/<int:campaign_id>/conventions", methods=BOTH)
@access("contract.coordinate", load_campaign)
def agreed_projects(campaign: Campaign) -> ResponseReturnValue:
    """What would be made of the agreements in this call, then made."""
    known, slug = due(campaign), campaign.contract.slug
    ready = [one for one in known if not one.refusal]
    form = AgreedProjectsForm(data={"actions": [one.action.id for one in ready]})
    form.actions.choices = [(one.action.id, one.action.title) for one in ready]
    if made := made_by(form, lambda: make_projects(campaign, form.actions.data or (), by=me())):
        tell_done(f"{counted(made[1], 'dossier')} de conventions, recevables.", made[0], slug)
        return redirect(url_for("instruction.projects", slug=slug, year=campaign.year))
    late = [one for one in known if one.refusal]
    return render_template("admin/agreed_projects.html", form=form, campaign=campaign, ready=ready, late=late)
