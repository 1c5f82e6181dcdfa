"""A contract: its terms; and what it is made of: institutions, funders, communes, zones, cross-cutting themes."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from grants.database import db
from grants.domain.contract.arranging import move_part, remove_part, set_archived
from grants.domain.contract.contract import ContractTerms, add_part, change_contract, change_part, create_contract
from grants.domain.contract.taken import Part
from grants.domain.importing.usual import start_contract
from grants.models import Commune, Contract, CrossTheme, Funder, Institution, Theme, Zone
from grants.web.access import access, by_id, me
from grants.web.admin import bp
from grants.web.admin.forms import (
    CommuneForm,
    ContractForm,
    CrossThemeForm,
    FunderForm,
    InstitutionForm,
    NewContractForm,
    ZoneForm,
)
from grants.web.admin.pages import button, contract_by_id, edit_page, list_of
from grants.web.buttons import step
from grants.web.forms import Form
from grants.web.instruction.loading import contract as contract_of
from grants.web.versioned import UnversionedForm

BOTH = ["GET", "POST"]
T = TypeVar("T", FunderForm, ZoneForm)


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


def _among_communes(form: T, communes: list[Commune]) -> T:
    if communes:
        form.commune_id.choices = [("", "–"), *((each.id, each.label) for each in communes)]
    else:
        del form.commune_id
    return form


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
    form = _among_communes(FunderForm(), contract_by_id(institution.contract_id).named_communes)
    return _add(Funder, institution, form, heading, "partners")


@bp.route("/financeurs/<int:funder_id>", methods=BOTH)
@access("administer", by_id(Funder))
def funder(funder: Funder) -> ResponseReturnValue:
    communes = contract_by_id(funder.contract_id).named_communes
    return _change(funder, _among_communes(FunderForm(obj=funder), communes), "partners")


@bp.get("/contrats/<slug>/quartiers")
@access("administer", contract_of)
def territory(contract: Contract) -> ResponseReturnValue:
    return render_template("admin/territory.html", contract=contract)


@bp.route("/contrats/<slug>/communes/ajouter", methods=BOTH)
@access("administer", contract_of)
def add_commune(contract: Contract) -> ResponseReturnValue:
    return _add(Commune, contract, CommuneForm(), "Ajouter une commune", "territory")


@bp.route("/communes/<int:commune_id>", methods=BOTH)
@access("administer", by_id(Commune))
def commune(commune: Commune) -> ResponseReturnValue:
    return _change(commune, CommuneForm(obj=commune), "territory")


@bp.route("/contrats/<slug>/quartiers/ajouter", methods=BOTH)
@access("administer", contract_of)
def add_zone(contract: Contract) -> ResponseReturnValue:
    form = _among_communes(ZoneForm(data={"commune_id": request.args.get("commune", type=int)}), contract.communes)
    return _add(Zone, contract, form, "Ajouter un quartier", "territory")


@bp.route("/quartiers/<int:zone_id>", methods=BOTH)
@access("administer", by_id(Zone))
def zone(zone: Zone) -> ResponseReturnValue:
    communes = contract_by_id(zone.contract_id).communes
    return _change(zone, _among_communes(ZoneForm(obj=zone), communes), "territory")


@bp.route("/contrats/<slug>/thematiques/ajouter", methods=BOTH)
@access("administer", contract_of)
def add_cross_theme(contract: Contract) -> ResponseReturnValue:
    form = CrossThemeForm()
    return _add(CrossTheme, contract, form, "Ajouter une thématique transversale", "territory")


@bp.route("/thematiques/<int:cross_theme_id>", methods=BOTH)
@access("administer", by_id(CrossTheme))
def cross_theme(theme: CrossTheme) -> ResponseReturnValue:
    return _change(theme, CrossThemeForm(obj=theme), "territory")


PARTS: dict[str, tuple[Any, str]] = {
    "institutions": (Institution, "partners"),
    "financeurs": (Funder, "partners"),
    "communes": (Commune, "territory"),
    "quartiers": (Zone, "territory"),
    "thematiques": (CrossTheme, "territory"),
    "themes": (Theme, "themes"),
}


def _part(kind: str, part_id: int) -> Part | Theme | None:
    model, _ = PARTS.get(kind, (None, ""))
    part: Part | Theme | None = db.session.get(model, part_id) if model else None
    return part


def _flat(kind: str, part_id: int) -> Any:
    """Themes, a tree, have buttons of their own."""
    part = _part(kind, part_id)
    return None if isinstance(part, Theme) else part


def _archivable(kind: str, part_id: int) -> Any:
    part = _flat(kind, part_id)
    return part if hasattr(part, "archived") else None


def _tab(part: Part | Theme) -> str:
    return next(tab for model, tab in PARTS.values() if isinstance(part, model))


def _row(part: Part | Theme) -> str:
    return f"{list_of(contract_by_id(part.contract_id), _tab(part))}#{part.__tablename__}-{part.id}"


@button("/elements/<kind>/<int:part_id>/deplacer", _flat, back=_row)
def move_settings(part: Part) -> str:
    move_part(part, step(), by=me())
    return f"C'est déplacé : « {part.label} »."


@button("/elements/<kind>/<int:part_id>/archiver", _archivable, back=_row)
def archive_settings(part: Part) -> str:
    set_archived(part, True, by=me())
    return f"« {part.label} » est archivé : il n'est plus proposé."


@button("/elements/<kind>/<int:part_id>/reactiver", _archivable, back=_row)
def restore_settings(part: Part) -> str:
    set_archived(part, False, by=me())
    return f"« {part.label} » est de nouveau proposé."


@bp.route("/elements/<kind>/<int:part_id>/supprimer", methods=BOTH)
@access("administer", _part)
def remove_settings(part: Part | Theme) -> ResponseReturnValue:
    return edit_page(
        Form(),
        lambda: remove_part(part, by=me()),
        heading=f"Supprimer « {part.label} » ?",
        said=["Seulement si rien n'y tient encore : ni dossier, ni appel, ni rôle, ni rien au-dessous."],
        button="Supprimer",
        done=f"« {part.label} » est supprimé ; l'historique le garde.",
        contract=contract_by_id(part.contract_id),
        tab=_tab(part),
    )
