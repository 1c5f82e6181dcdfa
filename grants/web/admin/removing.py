"""A part of a call is removed once one has read what that changes, and put back by one press."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from grants.database import db
from grants.domain.campaign import campaign_list as lists
from grants.domain.campaign import question as questions
from grants.domain.campaign.criteria import all_criteria, archive_criterion
from grants.domain.documents.document import KEPT_REMOVED
from grants.errors import refusal_of
from grants.french import counted, whole
from grants.models import Campaign, Question
from grants.queries.administration.administration import answers_received, dossiers_of
from grants.web import uploads
from grants.web.access import access, me
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
    "documents": f"Plus personne ne peut l'ouvrir. Après {KEPT_REMOVED.days} jours, le fichier est effacé.",
    "criteres": "Ce critère n'est plus dit aux porteurs pendant la saisie, ni aux instructeurs.",
}
ListedPart = tuple[str, Any]  # the path of its list, and it


def _part(item_id: int, path: str) -> ListedPart | None:
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
    there, begun = dossiers_of(campaign)
    kept = "d'ici là" if path == "documents" else "avec tout ce qui y a été répondu"
    known = f" Réponses reçues : {whole(answers)}, dans {counted(dossiers, 'dossier')}." if answers else ""
    return edit_page(
        Form(),
        remove,
        heading=f"Retirer « {label} » ?",
        said=(
            LOSSES[path] + known,
            f"Cet appel a {counted(there, 'dossier')}, dont {counted(begun, 'brouillon')}.",
            f"« Remettre », sur la page de la liste, le rétablit {kept}.",
        ),
        button="Retirer",
        campaign=campaign,
        back=_list_of(path, campaign.id),
        done=f"C'est retiré : « {label} ».",
    )


@bp.route("/listes/<path>/<int:item_id>/retirer", methods=["GET", "POST"])
@access("administer", _part)
def remove_part(listed: ListedPart) -> ResponseReturnValue:
    path, part = listed
    campaign = db.session.get_one(Campaign, part.campaign_id)
    if refusal := refusal_of(lists.refuse_unless_removable, part):
        flash(refusal, "warning")
        return redirect(_list_of(path, campaign.id))
    asked = isinstance(part, Question)
    counts = (answers_received(campaign)[part.id],) * 2 if asked else lists.answers(part)
    remove = questions.remove_question if asked else lists.remove_item
    return _ask(path, campaign, part.label, lambda: remove(part, by=me()), *counts)


@button("/listes/<path>/<int:item_id>/remettre", _part, back=lambda listed: _list_of(listed[0], listed[1].campaign_id))
def restore_part(listed: ListedPart) -> str:
    path, part = listed
    if path == "questions":
        questions.restore_question(part, by=me())
    else:
        lists.restore_item(part, by=me(), total=uploads.terms().total_bytes)
    return f"C'est remis : « {part.label} »."


def _criterion(campaign_id: int) -> tuple[Campaign, str] | None:
    campaign, label = db.session.get(Campaign, campaign_id), request.args.get("critere", "")
    return (campaign, label) if campaign and label in {one.label for one in all_criteria(campaign)} else None


@bp.route("/appels/<int:campaign_id>/criteres/retirer", methods=["GET", "POST"])
@access("administer", _criterion)
def remove_criterion(listed: tuple[Campaign, str]) -> ResponseReturnValue:
    campaign, label = listed
    return _ask("criteres", campaign, label, lambda: archive_criterion(campaign, label, True, by=me()))


@button("/appels/<int:campaign_id>/criteres/remettre", _criterion, back=lambda listed: _list_of("", listed[0].id))
def restore_criterion(listed: tuple[Campaign, str]) -> str:
    campaign, label = listed
    archive_criterion(campaign, label, False, by=me())
    return f"C'est remis : « {label} »."
