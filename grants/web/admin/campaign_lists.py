"""The documents of a call, the pieces that it asks for, its checklist and its analysis grid, one page each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileRequired
from wtforms import BooleanField, IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange

from grants.database import db
from grants.domain.campaign import campaign_list as rules
from grants.domain.campaign.campaign_list import LOOKED_AT, Items, ItemTerms, PieceTerms
from grants.domain.campaign.campaign_part import move_part, parts_of
from grants.domain.documents.document import FileSlot, ReceivedFile, natures_with
from grants.domain.importing.usual import add_usual as add_usual_items
from grants.models import (
    HIGHEST_WEIGHT,
    AnalysisCriterion,
    Campaign,
    CampaignDocument,
    CampaignPiece,
    CheckItem,
    DocumentKind,
)
from grants.web import uploads
from grants.web.access import access, by_id, me
from grants.web.admin import bp
from grants.web.admin.pages import button, edit_page
from grants.web.buttons import step
from grants.web.fields import line, paragraphs
from grants.web.uploads import OneFileField, takes_files
from grants.web.versioned import UnversionedForm
from grants.words import word

KEPT = {"": "Une pièce propre au dossier", **{kind.value: f"De l'organisation : {word(kind)}" for kind in DocumentKind}}
FILE = FileSlot("file", "Fichier", "", True, None, None, ())
WEIGHT = f"Écrivez un poids de 1 à {HIGHEST_WEIGHT}."


class PieceForm(UnversionedForm):
    kind = SelectField(
        "Nature",
        choices=KEPT,
        coerce=lambda value: DocumentKind(value) if value else None,
        description="Un document de l'organisation est gardé d'une année sur l'autre, et demandé"
        " seulement à celles qui en ont un.",
    )
    label = line("Nom de la pièce", description="Par exemple « Devis ». Vide : celui du document de l'organisation.")
    help = paragraphs("Aide", rows=2, description="Une phrase (facultatif).")
    required = BooleanField("Obligatoire pour déposer")


class PointForm(UnversionedForm):
    label = line("Que faut-il vérifier ?", needed="Écrivez ce qu'il faut vérifier.")
    help = paragraphs("Aide", rows=2, description="Une phrase (facultatif).")


class AnalysisCriterionForm(UnversionedForm):
    label = line("Critère", needed="Écrivez le critère.")
    help = paragraphs("Aide", rows=2, description="Une phrase (facultatif).")
    weight = IntegerField(
        "Poids",
        [InputRequired(WEIGHT), NumberRange(1, HIGHEST_WEIGHT, WEIGHT)],
        description="Un critère de poids 2 compte deux fois dans la moyenne.",
    )


class DocumentForm(UnversionedForm):
    label = line("Nom", needed="Écrivez le nom du document.")
    help = paragraphs("Aide", rows=2, description="Une phrase (facultatif).")


class NewDocumentForm(DocumentForm):
    label = line("Nom", description="Par exemple « Règlement ». Vide : le nom du fichier.")
    file = OneFileField(FILE.label, [FileRequired("Choisissez d'abord un fichier.")])


@dataclass(frozen=True)
class ListKind:
    """`path`: as addresses name it."""

    path: str
    items: Items
    heading: str
    about: str
    add: str
    form: type[UnversionedForm]
    terms: type[ItemTerms | PieceTerms] = ItemTerms


KINDS = {
    kind.path: kind
    for kind in (
        ListKind(
            "documents",
            CampaignDocument,
            "Documents de l'appel",
            "Règlement, notice, modèles à remplir : chacun les trouve sur la page de l'appel dès que ses dates sont"
            " connues, et le porteur dans son dossier.",
            "Ajouter un document",
            DocumentForm,
        ),
        ListKind(
            "pieces",
            CampaignPiece,
            "Pièces demandées",
            "Les documents de l'organisation sont gardés d'une année sur l'autre : le porteur les confirme"
            " ou les remplace.",
            "Ajouter une pièce",
            PieceForm,
            PieceTerms,
        ),
        ListKind(
            "controle",
            CheckItem,
            "Points à vérifier",
            "Le chef de projet les coche sur chaque dossier déposé, à côté des pièces, avant de le déclarer recevable.",
            "Ajouter un point",
            PointForm,
        ),
        ListKind(
            "analyse",
            AnalysisCriterion,
            "Grille d'analyse",
            "Chaque instructeur note chaque dossier de 0 à 4 ; la moyenne tient compte des poids."
            " Le porteur ne voit jamais ces notes.",
            "Ajouter un critère",
            AnalysisCriterionForm,
        ),
    )
}


@dataclass(frozen=True)
class List:
    campaign: Campaign
    kind: ListKind

    @property
    def address(self) -> str:
        return url_for("admin.campaign_list", campaign_id=self.campaign.id, path=self.kind.path)


@dataclass(frozen=True)
class ListItem:
    list: List
    item: rules.AnyItem


def a_list(campaign_id: int, path: str) -> List | None:
    campaign, kind = db.session.get(Campaign, campaign_id), KINDS.get(path)
    return List(campaign, kind) if campaign and kind else None


def a_line(item_id: int, path: str) -> ListItem | None:
    kind = KINDS.get(path)
    items: Any = kind.items if kind else None
    item = db.session.get(items, item_id) if kind else None
    found = a_list(item.campaign_id, path) if item and not item.archived else None
    return ListItem(found, item) if found and item else None


@bp.get("/appels/<int:campaign_id>/listes/<path>")
@access("administer", a_list)
def campaign_list(edited: List) -> ResponseReturnValue:
    return render_template(
        "admin/campaign_list.html",
        campaign=edited.campaign,
        contract=edited.campaign.contract,
        kind=edited.kind,
        items=parts_of(edited.kind.items, edited.campaign),
        removed=[
            (one.label, url_for("admin.restore_part", path=edited.kind.path, item_id=one.id))
            for one in parts_of(edited.kind.items, edited.campaign, archived=True)
        ],
        usual=edited.kind.items in LOOKED_AT,
        asked_of={kind: natures_with(kind) for kind in DocumentKind},
    )


@bp.route("/appels/<int:campaign_id>/listes/<path>/ajouter", methods=["GET", "POST"])
@access("administer", a_list)
def add_item(edited: List) -> ResponseReturnValue:
    form = edited.kind.form(data={"weight": 1, "required": True})
    return edit_page(
        form,
        lambda: rules.add_item(edited.kind.items, edited.campaign, edited.kind.terms(**form.typed()), by=me()),
        heading=edited.kind.add,
        back=edited.address,
        campaign=edited.campaign,
    )


@bp.route("/appels/<int:campaign_id>/listes/documents/ajouter", methods=["GET", "POST"])
@access("administer", by_id(Campaign), writes=False)
@takes_files
def add_document(campaign: Campaign) -> ResponseReturnValue:
    form, total = NewDocumentForm(), uploads.terms().total_bytes
    form.file.description, form.file.render_kw = uploads.help_in_words(one=True), uploads.browse()

    def keep(files: list[ReceivedFile]) -> list[str]:
        terms = ItemTerms(form.label.data or "", form.help.data or "")
        return [rules.add_document(campaign, file, terms, by=me(), total=total) for file in files[:1]]

    return edit_page(
        form,
        lambda: uploads.take_all(form, FILE, keep),
        heading=KINDS["documents"].add,
        back=List(campaign, KINDS["documents"]).address,
        campaign=campaign,
    )


@button("/appels/<int:campaign_id>/listes/<path>/usuels", a_list, back=lambda edited: edited.address)
def add_usual(edited: List) -> str:
    add_usual_items(edited.kind.items, edited.campaign, by=me())
    return "La liste usuelle est ajoutée : changez-la à votre façon."


@bp.route("/listes/<path>/<int:item_id>", methods=["GET", "POST"])
@access("administer", a_line)
def item(entry: ListItem) -> ResponseReturnValue:
    kind, item = entry.list.kind, entry.item
    form = kind.form(obj=item)
    return edit_page(
        form,
        lambda: rules.change_item(item, kind.terms(**form.typed()), by=me()),
        heading=f"{kind.heading} : {item.label}",
        subject=item,
        back=entry.list.address,
        campaign=entry.list.campaign,
    )


@button(
    "/listes/<path>/<int:item_id>/deplacer", a_line, back=lambda entry: f"{entry.list.address}#ligne-{entry.item.id}"
)
def move_item(entry: ListItem) -> str:
    move_part(entry.item, step(), by=me())
    return f"C'est déplacé : « {entry.item.label} »."
