"""Calls for projects: their list by year, their dates and funders, next year's copy."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.domain.agreements.projects import due, make_projects
from grants.domain.campaign import campaign as rules
from grants.domain.campaign.campaign import CampaignTerms, closing, opening
from grants.domain.campaign.opening import open_campaign as announce
from grants.domain.campaign.opening import take_back
from grants.domain.importing.usual import start_campaign
from grants.french import PARIS, today
from grants.models import Campaign, Contract, Funder, now
from grants.permissions import is_administrator, is_coordinator
from grants.queries.administration import administration
from grants.queries.administration.opening import before_opening
from grants.web.access import access, by_id, me
from grants.web.admin import bp
from grants.web.admin.forms import CampaignForm, NewCampaignForm
from grants.web.admin.pages import address_of, edit_page, list_of, missing, onward
from grants.web.buttons import attempt
from grants.web.instruction.loading import contract as contract_of


def _funders(contract: Contract) -> dict[int, Funder]:
    return {f.id: f for institution in contract.institutions for f in institution.funders}


@bp.get("/contrats/<slug>/appels")
@access("administer", contract_of)
def campaigns(contract: Contract) -> ResponseReturnValue:
    return render_template("admin/campaigns.html", contract=contract, campaigns=administration.campaigns(contract.id))


def _form(contract: Contract, values: dict[str, Any], kind: type[CampaignForm] = CampaignForm) -> CampaignForm:
    form = kind(data=values)
    form.funders.choices = [
        (f.id, f"{f.label} ({f.code})")
        for f in _funders(contract).values()
        if not f.archived or f.id in values.get("funders", ())
    ]
    return form


def _terms(form: CampaignForm) -> CampaignTerms:
    return CampaignTerms(
        year=form.year.data or 0,
        kind=form.kind.data or "",
        label=form.label.data or "",
        introduction=form.introduction.data or "",
        priorities=form.priorities.data or "",
        opens_at=opening(form.opens_on.data, form.opens_time.data),
        closes_at=closing(form.closes_on.data, form.closes_time.data),
        committee_dates=form.committee_dates.data or "",
        correct_until_examined=form.correct_until_examined.data,
        operating=form.operating.data,
    )


def _chosen(form: CampaignForm, contract: Contract) -> list[Funder]:
    funders = _funders(contract)
    return [funder for id_, funder in funders.items() if id_ in (form.funders.data or [])]


def _create(form: CampaignForm, contract: Contract) -> Campaign:
    made = rules.create_campaign(contract, _terms(form), _chosen(form, contract), by=me())
    start_campaign(made, form["preset"].data or "", by=me())
    return made


def _remark(saved: Campaign) -> str:
    """Says what is allowed but may be a slip; gives the page to go on to."""
    if not saved.funders:
        flash(f"« {saved.label} » n'a aucun financeur : rien ne peut y être demandé.", "warning")
    if saved.closes_at and saved.closes_at <= now():
        flash(f"« {saved.label} » est déjà clos : ses deux dates sont passées.", "warning")
    return list_of(saved.contract, "campaigns")


@bp.route("/contrats/<slug>/appels/ajouter", methods=["GET", "POST"])
@access("administer", contract_of)
def add_campaign(contract: Contract) -> ResponseReturnValue:
    next_year = min(max(today().year + 1, contract.start_year), contract.end_year)
    form = _form(contract, {"year": next_year}, NewCampaignForm)
    return edit_page(
        form,
        lambda: _create(form, contract),
        heading="Ajouter un appel à projets",
        after=_remark,
        done="L'appel est créé, pas encore ouvert. Saisissez maintenant les enveloppes de ses financeurs.",
        contract=contract,
        tab="campaigns",
        suggestions=administration.kinds(contract.id),
    )


def _local(at: datetime | None) -> datetime | None:
    return at.astimezone(PARIS) if at else None


def _values(campaign: Campaign) -> dict[str, Any]:
    """As the form shows it: Paris time, and the last minute that still counts."""
    opens = _local(campaign.opens_at)
    last = _local(campaign.closes_at - timedelta(minutes=1)) if campaign.closes_at else None
    return {
        "year": campaign.year,
        "kind": campaign.kind,
        "label": campaign.label,
        "introduction": campaign.introduction,
        "priorities": campaign.priorities,
        "committee_dates": campaign.committee_dates,
        "correct_until_examined": campaign.correct_until_examined,
        "operating": campaign.operating,
        "opens_on": opens.date() if opens else None,
        "opens_time": opens.time() if opens else None,
        "closes_on": last.date() if last else None,
        "closes_time": last.time() if last else None,
        "funders": [link.funder_id for link in campaign.funders],
    }


@bp.route("/appels/<int:campaign_id>", methods=["GET", "POST"])
@access("administer", by_id(Campaign))
def campaign(campaign: Campaign) -> ResponseReturnValue:
    contract = campaign.contract
    form = _form(contract, _values(campaign))
    return edit_page(
        form,
        lambda: rules.change_campaign(campaign, _terms(form), _chosen(form, contract), by=me(), version=form.seen),
        subject=campaign,
        heading=f"Appel : {campaign.label}",
        after=lambda _: _remark(campaign),
        contract=contract,
        tab="campaigns",
        suggestions=administration.kinds(contract.id),
    )


@bp.post("/appels/<int:campaign_id>/copier")
@access("administer", by_id(Campaign))
def copy_campaign(campaign: Campaign) -> ResponseReturnValue:
    """For the year after it; its page then asks for the dates."""
    return attempt(
        lambda: rules.copy_campaign(campaign, campaign.year + 1, by=me()),
        back=list_of(campaign.contract, "campaigns"),
        after=lambda copy: url_for("admin.campaign", campaign_id=copy.id),
        done="L'appel est copié, sans dates ni enveloppes. Vérifiez-le et fixez ses dates.",
    )


@bp.get("/appels/<int:campaign_id>/ouvrir")
@access("campaign.open", by_id(Campaign))
def open_campaign(campaign: Campaign) -> ResponseReturnValue:
    """« Prêt à ouvrir ? » Whoever is no administrator reads what is missing without the pages where it is filled in."""
    administers = is_administrator(me())
    return render_template(
        "admin/opening.html",
        call=campaign,
        lacks=before_opening(missing(), campaign),
        agreed=due(campaign),
        address_of=address_of if administers else None,
        contract=campaign.contract if administers else None,
        tab="campaigns",
    )


@bp.post("/appels/<int:campaign_id>/ouvrir")
@access("campaign.open", by_id(Campaign))
def opened(campaign: Campaign) -> ResponseReturnValue:
    """With the dossiers of agreements that can be made, where it is the coordinator who opens it."""
    page = request.full_path.rstrip("?")

    def save() -> int:
        announce(campaign, by=me())
        ready = [one.action.id for one in due(campaign) if not one.refusal and is_coordinator(me(), campaign)]
        return make_projects(campaign, ready, by=me())[1] if ready else 0

    done = f"« {campaign.label} » est ouvert : il est annoncé à tous, et reçoit les dossiers entre ses deux dates."
    return attempt(
        save,
        back=page,
        after=lambda _: onward(page),
        done=lambda made: f"{done} Dossiers de conventions créés : {made}." if made else done,
    )


@bp.post("/appels/<int:campaign_id>/reprendre")
@access("campaign.open", by_id(Campaign))
def take_back_campaign(campaign: Campaign) -> ResponseReturnValue:
    return attempt(
        lambda: take_back(campaign, by=me()),
        back=url_for("admin.open_campaign", campaign_id=campaign.id),
        done=f"« {campaign.label} » n'est plus ouvert : plus personne d'autre ne le voit.",
    )
