"""The theme tree of a contract: an indented list, and each theme's own page."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from grants.database import db
from grants.domain.contract import theme as rules
from grants.domain.contract.theme import ThemeTerms
from grants.models import Contract, Theme
from grants.queries.administration.administration import kinds, theme_tree
from grants.web.access import access, by_id, me
from grants.web.admin import bp
from grants.web.admin.forms import NewThemeForm, ThemeForm
from grants.web.admin.pages import button, contract_by_id, edit_page, list_of
from grants.web.buttons import step
from grants.web.instruction.loading import contract as contract_of

AT_THE_TOP = 0


def _terms(form: ThemeForm) -> ThemeTerms:
    return ThemeTerms(form.label.data or "", form.number.data, form.call_kind.data or None)


@bp.get("/contrats/<slug>/themes")
@access("administer", contract_of)
def themes(contract: Contract) -> ResponseReturnValue:
    return render_template("admin/themes.html", contract=contract, themes=theme_tree(contract.id))


def _new_theme_form(contract: Contract) -> NewThemeForm:
    """The parent that the address names is chosen, and the level below it."""
    parents = {t.id: t for t in contract.themes if t.depth < len(contract.level_names) - 1}
    chosen = parents.get(request.args.get("sous", AT_THE_TOP, type=int))
    depth = chosen.depth + 1 if chosen else 0
    form = NewThemeForm(data={"parent": chosen.id if chosen else AT_THE_TOP, "depth": depth})
    form.parent.choices = [(AT_THE_TOP, "– tout en haut –")] + [
        (t.id, "\u2003" * t.depth + t.label) for t in parents.values() if not t.archived
    ]
    form.depth.choices = list(enumerate(contract.level_names))
    return form


@bp.route("/contrats/<slug>/themes/ajouter", methods=["GET", "POST"])
@access("administer", contract_of)
def add_theme(contract: Contract) -> ResponseReturnValue:
    form = _new_theme_form(contract)
    return edit_page(
        form,
        lambda: rules.add_theme(
            contract, db.session.get(Theme, form.parent.data), form.depth.data, _terms(form), by=me()
        ),
        heading="Ajouter un thème",
        contract=contract,
        tab="themes",
        suggestions=kinds(contract.id),
    )


@bp.route("/themes/<int:theme_id>", methods=["GET", "POST"])
@access("administer", by_id(Theme))
def theme(theme: Theme) -> ResponseReturnValue:
    contract = contract_by_id(theme.contract_id)
    form = ThemeForm(obj=theme)
    return edit_page(
        form,
        lambda: rules.change_theme(theme, _terms(form), by=me()),
        heading=f"Modifier : {theme.label}",
        subject=theme,
        contract=contract,
        tab="themes",
        suggestions=kinds(contract.id),
    )


def _list(theme: Theme) -> str:
    return list_of(contract_by_id(theme.contract_id), "themes")


@button("/themes/<int:theme_id>/deplacer", by_id(Theme), back=lambda theme: f"{_list(theme)}#theme-{theme.id}")
def move_theme(theme: Theme) -> str:
    rules.move_theme(theme, step(), by=me())
    return f"« {theme.label} » est déplacé."


@button("/themes/<int:theme_id>/archiver", by_id(Theme), back=_list)
def archive_theme(theme: Theme) -> str:
    rules.archive_theme(theme, by=me())
    return f"« {theme.label} » est archivé : il n'est plus proposé aux nouveaux dossiers."


@button("/themes/<int:theme_id>/reactiver", by_id(Theme), back=_list)
def restore_theme(theme: Theme) -> str:
    rules.restore_theme(theme, by=me())
    return f"« {theme.label} » est de nouveau proposé."
