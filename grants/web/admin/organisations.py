"""Organisations that are likely the same: seen side by side, merged, and parted again."""

from __future__ import annotations

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from grants.database import db
from grants.domain.organisation.merging import hanging, lacking, merge, undo
from grants.domain.organisation.profile import LABELS, in_words
from grants.french import counted
from grants.models import Merge, Organisation
from grants.queries.administration.organisations import alike, members, merges
from grants.web.access import access, by_id, me
from grants.web.admin import bp
from grants.web.admin.pages import button, edit_page
from grants.web.forms import Form
from grants.words import word

_NAMES = {
    "projects": "dossier",
    "agreements": "convention",
    "documents": "document",
    "memberships": "membre",
    "late_permissions": "dépôt tardif",
    "organisation_budget_lines": "ligne budgétaire",
}
_FIELDS = ("nature", "siret", "rna", "acronym", "address", "representative_name")
OrganisationPair = tuple[Organisation, Organisation]  # the one that would be gone, and the one that is kept


@bp.get("/organisations")
@access("administer")
def organisations() -> ResponseReturnValue:
    return render_template("admin/organisations.html", alike=alike(), merges=merges())


def _pair(gone_id: int, kept_id: int) -> OrganisationPair | None:
    gone, kept = (db.session.get(Organisation, id_) for id_ in (gone_id, kept_id))
    return (gone, kept) if gone and kept else None


def _described(one: Organisation) -> str:
    known = [f"{LABELS[name]} {in_words(getattr(one, name))}" for name in _FIELDS if getattr(one, name)]
    return f"« {one.name} » (n° {one.id}) : {', '.join(known)}."


def _people(one: Organisation) -> str:
    waits = "sa demande attend une réponse"
    people = [f"{each.name} ({word(each.role) if each.approved_at else waits})" for each in members(one.id)]
    return ", ".join(people) or "personne"


@bp.route("/organisations/<int:gone_id>/reunir/<int:kept_id>", methods=["GET", "POST"])
@access("administer", _pair, fresh=True)
def merge_organisations(pair: OrganisationPair) -> ResponseReturnValue:
    gone, kept = pair
    moved = [counted(len(ids), *_NAMES[table].split()) for table, ids in hanging(gone, kept).items() if ids]
    filled = [LABELS[name] for name in lacking(gone, kept)]
    return edit_page(
        Form(),
        lambda: merge(gone, kept, by=me()),
        heading=f"Réunir « {gone.name} » à « {kept.name} » ?",
        said=(
            f"Celle qui reste : {_described(kept)}",
            f"Celle qui disparaît des listes : {_described(gone)}",
            *(f"Qui agit pour « {one.name} » : {_people(one)}." for one in (kept, gone)),
            "Tous les membres agiront pour celle qui reste, et l'apprennent par courriel.",
            f"Ce qui passe à celle qui reste : {', '.join(moved) or 'rien'}.",
            f"Ce qu'elle n'a pas et prend à l'autre : {', '.join(filled) or 'rien'} (jamais le compte bancaire).",
            "Ce que les deux ont (le budget d'une année, un dépôt tardif) reste celui de celle qui reste ; un membre"
            " des deux y a le plus grand de ses deux rôles. Les invitations de celle qui disparaît ne valent plus."
            " L'historique et les dossiers déposés gardent ce qui y est écrit. Tant que rien de nouveau ne s'y ajoute,"
            " vous pourrez les séparer.",
        ),
        button="Réunir",
        back=url_for("admin.organisations"),
        done=f"« {gone.name} » et « {kept.name} » sont réunies.",
    )


@button("/reunions/<int:merge_id>/separer", by_id(Merge), back=lambda _: url_for("admin.organisations"), fresh=True)
def part_organisations(done: Merge) -> str:
    names = f"« {done.gone.name} » et « {done.kept.name} »"
    undo(done, by=me())
    return f"{names} sont de nouveau deux organisations."
