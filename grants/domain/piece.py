"""The pieces that a call asks for, set up by an administrator."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import select

from grants.database import db
from grants.domain import history
from grants.domain.locking import fresh
from grants.errors import DomainError
from grants.models import Campaign, CampaignPiece, Document, DocumentKind, User
from grants.words import word

MOST_PIECES = 30


@dataclass(frozen=True)
class PieceTerms:
    """`label`: that of the `kind` where it is empty."""

    label: str
    help: str
    required: bool
    kind: DocumentKind | None


def pieces_of(campaign: Campaign) -> list[CampaignPiece]:
    return list(
        db.session.scalars(
            select(CampaignPiece)
            .where(CampaignPiece.campaign_id == campaign.id)
            .order_by(CampaignPiece.position, CampaignPiece.id)
        )
    )


def add_piece(campaign: Campaign, terms: PieceTerms, *, by: User) -> CampaignPiece:
    """Raises `DomainError` at the field."""
    others = _locked(campaign)
    if len(others) >= MOST_PIECES:
        raise DomainError(f"Un appel demande {MOST_PIECES} pièces au plus.")
    terms = _checked(terms, others)
    position = max((other.position for other in others), default=0) + 1
    piece = CampaignPiece(campaign_id=campaign.id, position=position, **asdict(terms))
    db.session.add(piece)
    db.session.flush()
    _record(campaign, piece, "create", by, new=piece.label)
    return piece


def change_piece(piece: CampaignPiece, terms: PieceTerms, *, by: User) -> None:
    campaign = db.session.get_one(Campaign, piece.campaign_id)
    terms = _checked(terms, [other for other in _locked(campaign) if other is not piece])
    if terms.kind is not piece.kind and _has_documents(piece):
        raise DomainError(
            "Des fichiers ont été envoyés pour cette pièce : gardez sa nature.", "kind"
        )
    history.change_each(
        piece, "update", asdict(terms), by=by, contract_id=campaign.contract_id
    )


def move_piece(piece: CampaignPiece, step: int, *, by: User) -> None:
    """One place up (-1) or down (1)."""
    campaign = db.session.get_one(Campaign, piece.campaign_id)
    order = _locked(campaign)
    place = order.index(piece) + step
    if not 0 <= place < len(order):
        return
    other = order[place]
    piece.position, other.position = other.position, piece.position
    _record(campaign, piece, "move", by)
    db.session.flush()


def remove_piece(piece: CampaignPiece, *, by: User) -> None:
    """Raises `DomainError` where files were sent for it."""
    campaign = db.session.get_one(Campaign, piece.campaign_id)
    _locked(campaign)
    if _has_documents(piece):
        raise DomainError(
            "Des fichiers ont été envoyés pour cette pièce : rendez-la facultative plutôt."
        )
    _record(campaign, piece, "delete", by, old=piece.label)
    db.session.delete(piece)
    db.session.flush()


def copy_pieces(source: Campaign, target: Campaign, *, by: User) -> None:
    for piece in pieces_of(source):
        terms = PieceTerms(piece.label, piece.help, piece.required, piece.kind)
        add_piece(target, terms, by=by)


def _locked(campaign: Campaign) -> list[CampaignPiece]:
    db.session.flush()
    fresh(campaign)
    return pieces_of(campaign)


def _checked(terms: PieceTerms, others: list[CampaignPiece]) -> PieceTerms:
    label = " ".join(terms.label.split())
    if not label and terms.kind:
        label = word(terms.kind)
    if not label:
        raise DomainError("Écrivez le nom de la pièce.", "label")
    if any(other.label.casefold() == label.casefold() for other in others):
        raise DomainError("Une pièce de cet appel a déjà ce nom.", "label")
    if terms.kind and any(other.kind is terms.kind for other in others):
        raise DomainError("Cet appel demande déjà ce document de l'organisation.", "kind")
    return PieceTerms(label, terms.help.strip(), terms.required, terms.kind)


def _has_documents(piece: CampaignPiece) -> bool:
    sent = select(Document.id).where(Document.piece_id == piece.id).limit(1)
    return db.session.scalar(sent) is not None


def _record(
    campaign: Campaign, piece: CampaignPiece, action: str, by: User, old: str = "", new: str = ""
) -> None:
    history.record(
        piece, action, by=by, field="label", old=old, new=new, contract_id=campaign.contract_id
    )
