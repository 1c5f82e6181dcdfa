"""The zones of a contract, and its cross-cutting themes."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from grants.domain.contract import contract as rules
from grants.models import Contract, CrossTheme, Zone
from grants.web.access import access, by_id, me
from grants.web.admin import bp
from grants.web.admin.forms import CrossThemeForm, ZoneForm
from grants.web.admin.pages import contract_of, edit_page


@bp.get("/contrats/<slug>/quartiers")
@access("administer", contract_of)
def territory(contract: Contract) -> ResponseReturnValue:
    return render_template("admin/territory.html", contract=contract)


@bp.route("/contrats/<slug>/quartiers/ajouter", methods=["GET", "POST"])
@access("administer", contract_of)
def add_zone(contract: Contract) -> ResponseReturnValue:
    form = ZoneForm()
    return edit_page(
        form,
        lambda: rules.add_zone(
            contract, form.label.data or "", priority=form.priority.data, by=me()
        ),
        heading="Ajouter un quartier",
        contract=contract,
        tab="territory",
    )


@bp.route("/quartiers/<int:zone_id>", methods=["GET", "POST"])
@access("administer", by_id(Zone))
def zone(zone: Zone) -> ResponseReturnValue:
    form = ZoneForm(obj=zone)
    return edit_page(
        form,
        lambda: rules.change_zone(
            zone, form.label.data or "", priority=form.priority.data, by=me()
        ),
        heading=zone.label,
        subject=zone,
        tab="territory",
    )


@bp.route("/contrats/<slug>/thematiques/ajouter", methods=["GET", "POST"])
@access("administer", contract_of)
def add_cross_theme(contract: Contract) -> ResponseReturnValue:
    form = CrossThemeForm()
    return edit_page(
        form,
        lambda: rules.add_cross_theme(contract, form.label.data or "", by=me()),
        heading="Ajouter une thématique transversale",
        contract=contract,
        tab="territory",
    )


@bp.route("/thematiques/<int:cross_theme_id>", methods=["GET", "POST"])
@access("administer", by_id(CrossTheme))
def cross_theme(theme: CrossTheme) -> ResponseReturnValue:
    form = CrossThemeForm(obj=theme)
    return edit_page(
        form,
        lambda: rules.change_cross_theme(theme, form.label.data or "", by=me()),
        heading=theme.label,
        subject=theme,
        tab="territory",
    )
