"""Envelopes: by year, and each on its own page."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.database import db
from grants.domain import envelope as rules
from grants.errors import DomainError
from grants.models import Campaign, Contract, Envelope, EnvelopeStatus, Funder
from grants.queries.administration.administration import CampaignChoice, undrawn_campaigns
from grants.queries.programming.envelopes import envelopes as envelope_rows
from grants.queries.programming.envelopes import moves
from grants.queries.programming.programming import years
from grants.web.access import access, by_id, me
from grants.web.admin import bp
from grants.web.admin.forms import EnvelopeForm
from grants.web.admin.pages import button, contract_by_id, edit_page
from grants.web.instruction.loading import contract as contract_of


def _funder_of_year(funder_id: int, year: int) -> tuple[Funder, int] | None:
    funder = db.session.get(Funder, funder_id)
    return (funder, year) if funder else None


@bp.get("/contrats/<slug>/enveloppes")
@access("administer", contract_of)
def envelopes(contract: Contract) -> ResponseReturnValue:
    """Of the year that the address names, or else the latest."""
    known = years(contract)
    year = request.args.get("annee", type=int)
    if year not in known:
        year = known[0] if known else contract.start_year
    return render_template(
        "admin/envelopes.html", contract=contract, year=year, years=known, rows=envelope_rows(contract.id, year)
    )


def _page(funder: Funder, form: EnvelopeForm, year: int, heading: str, save: Any, **shown: Any) -> ResponseReturnValue:
    contract = contract_by_id(funder.contract_id)
    return edit_page(
        form,
        save,
        heading=heading,
        back=url_for("admin.envelopes", slug=contract.slug, annee=year),
        contract=contract,
        tab="envelopes",
        **shown,
    )


def _terms(form: EnvelopeForm) -> dict[str, Any]:
    return {
        "status": EnvelopeStatus(form.status.data),
        "dated_on": form.dated_on.data,
        "source": form.source.data or "",
    }


def _title(call: Campaign | CampaignChoice) -> str:
    return call.label if str(call.year) in call.label else f"{call.label} ({call.year})"


def _amount(form: EnvelopeForm) -> Decimal:
    if form.amount.data is None:
        raise DomainError("Écrivez un montant, par exemple 12 000.", "amount")
    return Decimal(form.amount.data)


def _chosen(form: EnvelopeForm) -> list[Campaign]:
    return [db.session.get_one(Campaign, id_) for id_ in form.campaigns.data or []]


@bp.route("/financeurs/<int:funder_id>/enveloppe/<int:year>", methods=["GET", "POST"])
@access("administer", _funder_of_year)
def add_envelope(funder_and_year: tuple[Funder, int]) -> ResponseReturnValue:
    """For this funder's calls that have none yet; those of the year are checked at first."""
    funder, year = funder_and_year
    free = undrawn_campaigns(funder.id)
    form = EnvelopeForm(data={"campaigns": [c.id for c in free if c.year == year]})
    form.campaigns.choices = [(c.id, _title(c)) for c in free]
    return _page(
        funder,
        form,
        year,
        f"Nouvelle enveloppe : {funder.label}",
        lambda: rules.set_envelope(funder, _chosen(form), _amount(form), by=me(), **_terms(form)),
    )


@bp.route("/enveloppes/<int:envelope_id>", methods=["GET", "POST"])
@access("administer", by_id(Envelope))
def envelope(envelope: Envelope) -> ResponseReturnValue:
    funder, drawing = envelope.funder, rules.envelope_campaigns(envelope)
    form = EnvelopeForm(obj=envelope, data={"campaigns": [c.id for c in drawing]})
    calls: list[Campaign | CampaignChoice] = [*drawing, *undrawn_campaigns(funder.id)]
    form.campaigns.choices = [(c.id, _title(c)) for c in calls]
    return _page(
        funder,
        form,
        drawing[0].year if drawing else 0,
        f"Enveloppe : {funder.label}",
        lambda: rules.change_envelope(
            envelope, _chosen(form), _amount(form), by=me(), version=form.seen, **_terms(form)
        ),
        subject=envelope,
        granted=rules.granted(envelope.id),
        reserved=rules.reserved(envelope.id),
        envelope=envelope,
        moves=moves([envelope.id]),
    )


def _list(envelope: Envelope) -> str:
    return url_for("admin.envelopes", slug=contract_by_id(envelope.funder.contract_id).slug)


@button("/enveloppes/<int:envelope_id>/supprimer", by_id(Envelope), back=_list)
def remove_envelope(envelope: Envelope) -> str:
    """Refused where something is granted from it."""
    rules.release(envelope, rules.envelope_campaigns(envelope), by=me())
    return "L'enveloppe est supprimée ; l'historique la garde."
