"""A part of a call is removed once one has read what that changes, and put back by one press."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from grants.database import db
from grants.domain.campaign import campaign_list as lists
from grants.domain.campaign import question as questions
from grants.domain.campaign.criteria import archive_criterion
from grants.french import counted, whole
from grants.models import Campaign, Project, Question, State
from grants.web.access import access, by_id, me
from grants.web.admin import bp
from grants.web.admin.campaign_lists import KINDS
from grants.web.admin.pages import button, edit_page
from grants.web.forms import Form

# What goes with a part, by the path of its list.
LOSSES = {
    "questions": "La question n'est plus posée, et les critères qui la comptent ne sont plus dits. Dans les dossiers"
    " déposés, ce qui y a été répondu se lit encore.",
    "pieces": "La pièce n'est plus demandée, ni aux brouillons déjà commencés.",
    "controle": "Le point n'est plus à vérifier, et ce qui en a été constaté ne se lit plus.",
    "analyse": "Les notes de ce critère ne comptent plus : les moyennes des dossiers changent.",
    "documents": "Plus personne ne peut l'ouvrir. Après 30 jours, le fichier est effacé.",
    "criteres": "Ce critère n'est plus dit aux porteurs pendant la saisie, ni aux instructeurs.",
}
Part = tuple[str, Any]  # the path of its list, and it


def _part(item_id: int, path: str) -> Part | None:
    model: Any = Question if path == "questions" else KINDS[path].items if path in KINDS else None
    found = db.session.get(model, item_id) if model else None
    return (path, found) if found else None


def _list_of(path: str, campaign_id: int) -> str:
    if path in KINDS:
        return url_for("admin.campaign_list", campaign_id=campaign_id, path=path)
    return url_for("admin.questions", campaign_id=campaign_id)


def _ask(
    path: str, campaign: Campaign, label: str, remove: Callable[[], None], answers: int = 0, dossiers: int = 0
) -> ResponseReturnValue:
    drafts = func.count().filter(Project.state == State.DRAFT)
    there, begun = db.session.execute(select(func.count(), drafts).where(Project.campaign_id == campaign.id)).one()
    known = f" Réponses reçues : {whole(answers)}, dans {counted(dossiers, 'dossier')}." if answers else ""
    return edit_page(
        Form(),
        remove,
        heading=f"Retirer « {label} » ?",
        said=(
            LOSSES[path] + known,
            f"Cet appel a {counted(there, 'dossier')}, dont {counted(begun, 'brouillon')}.",
            "« Remettre », sur la page de la liste, le rétablit avec tout ce qui y a été répondu.",
        ),
        button="Retirer",
        campaign=campaign,
        back=_list_of(path, campaign.id),
        done=f"« {label} » est retiré.",
    )


@bp.route("/listes/<path>/<int:item_id>/retirer", methods=["GET", "POST"])
@access("administer", _part)
def remove_part(listed: Part) -> ResponseReturnValue:
    path, part = listed
    campaign = db.session.get_one(Campaign, part.campaign_id)
    asked, answered = isinstance(part, Question), questions.answer_counts(campaign)[part.id]
    counts = (answered, answered) if asked else lists.answers(part)
    remove = questions.remove_question if asked else lists.remove_item
    return _ask(path, campaign, part.label, lambda: remove(part, by=me()), *counts)


@button("/listes/<path>/<int:item_id>/remettre", _part, back=lambda listed: _list_of(listed[0], listed[1].campaign_id))
def restore_part(listed: Part) -> str:
    restore = questions.restore_question if listed[0] == "questions" else lists.restore_item
    restore(listed[1], by=me())
    return f"« {listed[1].label} » est remis."


@bp.route("/appels/<int:campaign_id>/criteres/retirer", methods=["GET", "POST"])
@access("administer", by_id(Campaign))
def remove_criterion(campaign: Campaign) -> ResponseReturnValue:
    label = request.args.get("critere", "")
    return _ask("criteres", campaign, label, lambda: archive_criterion(campaign, label, True, by=me()))


@button("/appels/<int:campaign_id>/criteres/remettre", by_id(Campaign), back=lambda campaign: _list_of("", campaign.id))
def restore_criterion(campaign: Campaign) -> str:
    label = request.args.get("critere", "")
    archive_criterion(campaign, label, False, by=me())
    return f"« {label} » est remis."
