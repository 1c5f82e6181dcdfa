"""The pieces that a call asks for, set up by an administrator."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import select

from grants.database import copy_as, db
from grants.domain.call.call_part import call_of, lock_call, parts_of, put_last, record
from grants.domain.ledger import history
from grants.errors import DomainError
from grants.models import Campaign, CampaignPiece, Document, DocumentKind, User
from grants.names import same
from grants.words import word

MOST_PIECES = 30


@dataclass(frozen=True)
class PieceTerms:
    """`label`: that of the `kind` where it is empty."""

    label: str
    help: str
    required: bool
    kind: DocumentKind | None


def add_piece(campaign: Campaign, terms: PieceTerms, *, by: User) -> CampaignPiece:
    """Raises `DomainError` at the field."""
    lock_call(campaign)
    others = parts_of(CampaignPiece, campaign)
    if len(others) >= MOST_PIECES:
        raise DomainError(f"Un appel demande {MOST_PIECES} pièces au plus.")
    terms = _checked(terms, others)
    return put_last(CampaignPiece(**asdict(terms)), others, campaign, by=by)


def change_piece(piece: CampaignPiece, terms: PieceTerms, *, by: User) -> None:
    campaign = call_of(piece)
    terms = _checked(terms, [other for other in parts_of(CampaignPiece, campaign) if other is not piece])
    if terms.kind is not piece.kind and _has_documents(piece):
        raise DomainError("Des fichiers ont été envoyés pour cette pièce : gardez sa nature.", "kind")
    history.change_each(piece, "update", asdict(terms), by=by, contract_id=campaign.contract_id)


def remove_piece(piece: CampaignPiece, *, by: User) -> None:
    """Raises `DomainError` where files were sent for it."""
    campaign = call_of(piece)
    if _has_documents(piece):
        raise DomainError("Des fichiers ont été envoyés pour cette pièce : rendez-la facultative plutôt.")
    record(piece, "delete", campaign, by=by, old=piece.label)
    db.session.delete(piece)
    db.session.flush()


def copy_pieces(source: Campaign, target: Campaign, *, by: User) -> None:
    for piece in parts_of(CampaignPiece, source):
        add_piece(target, copy_as(PieceTerms, piece), by=by)


def _checked(terms: PieceTerms, others: list[CampaignPiece]) -> PieceTerms:
    label = " ".join(terms.label.split())
    if not label and terms.kind:
        label = word(terms.kind)
    if not label:
        raise DomainError("Écrivez le nom de la pièce.", "label")
    if any(same(other.label, label) for other in others):
        raise DomainError("Une pièce de cet appel a déjà ce nom.", "label")
    if terms.kind and any(other.kind is terms.kind for other in others):
        raise DomainError("Cet appel demande déjà ce document de l'organisation.", "kind")
    return PieceTerms(label, terms.help.strip(), terms.required, terms.kind)


def _has_documents(piece: CampaignPiece) -> bool:
    sent = select(Document.id).where(Document.piece_id == piece.id).limit(1)
    return db.session.scalar(sent) is not None
