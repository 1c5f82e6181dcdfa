"""The pieces that a call asks for: their list in order, and each one's page."""

from __future__ import annotations

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, SelectField

from grants.database import db
from grants.domain.call import piece as rules
from grants.domain.call.call_part import move_part, parts_of
from grants.domain.call.piece import PieceTerms
from grants.domain.documents.document import KINDS_OF
from grants.models import Campaign, CampaignPiece, DocumentKind
from grants.web.access import access, by_id, me
from grants.web.admin import bp
from grants.web.admin.pages import edit_page
from grants.web.buttons import attempt, step
from grants.web.fields import line, paragraphs
from grants.web.versioned import UnversionedForm
from grants.words import word

KINDS = {
    "": "Une pièce propre au dossier",
    **{kind.value: f"De l'organisation : {word(kind)}" for kind in DocumentKind},
}


class PieceForm(UnversionedForm):
    kind = SelectField(
        "Nature",
        choices=KINDS,
        coerce=lambda value: DocumentKind(value) if value else None,
        description="Un document de l'organisation est gardé d'une année sur l'autre, et demandé"
        " seulement à celles qui en ont un.",
    )
    label = line("Nom de la pièce", description="Par exemple « Devis ». Vide : celui du document de l'organisation.")
    help = paragraphs("Aide", rows=2, description="Une phrase (facultatif).")
    required = BooleanField("Obligatoire pour déposer")


def _list(campaign_id: int) -> str:
    return url_for("admin.pieces", campaign_id=campaign_id)


@bp.get("/appels/<int:campaign_id>/pieces")
@access("administer", by_id(Campaign))
def pieces(campaign: Campaign) -> ResponseReturnValue:
    return render_template(
        "admin/pieces.html",
        campaign=campaign,
        contract=campaign.contract,
        pieces=parts_of(CampaignPiece, campaign),
        asked_of={kind: [nature for nature, kinds in KINDS_OF.items() if kind in kinds] for kind in DocumentKind},
    )


@bp.route("/appels/<int:campaign_id>/pieces/ajouter", methods=["GET", "POST"])
@access("administer", by_id(Campaign))
def add_piece(campaign: Campaign) -> ResponseReturnValue:
    form = PieceForm(data={"required": True})
    return edit_page(
        form,
        lambda: rules.add_piece(campaign, PieceTerms(**form.typed()), by=me()),
        heading="Ajouter une pièce",
        back=_list(campaign.id),
        campaign=campaign,
    )


@bp.route("/pieces/<int:piece_id>", methods=["GET", "POST"])
@access("administer", by_id(CampaignPiece))
def piece(piece: CampaignPiece) -> ResponseReturnValue:
    campaign = db.session.get_one(Campaign, piece.campaign_id)
    form = PieceForm(obj=piece)
    return edit_page(
        form,
        lambda: rules.change_piece(piece, PieceTerms(**form.typed()), by=me()),
        heading=f"Pièce : {piece.label}",
        subject=piece,
        back=_list(campaign.id),
        campaign=campaign,
    )


@bp.post("/pieces/<int:piece_id>/deplacer")
@access("administer", by_id(CampaignPiece))
def move_piece(piece: CampaignPiece) -> ResponseReturnValue:
    return attempt(
        lambda: move_part(piece, step(), by=me()),
        back=f"{_list(piece.campaign_id)}#piece-{piece.id}",
        done=f"« {piece.label} » est déplacée.",
    )


@bp.post("/pieces/<int:piece_id>/supprimer")
@access("administer", by_id(CampaignPiece))
def remove_piece(piece: CampaignPiece) -> ResponseReturnValue:
    back = _list(piece.campaign_id)
    return attempt(lambda: rules.remove_piece(piece, by=me()), back=back, done="La pièce n'est plus demandée.")
