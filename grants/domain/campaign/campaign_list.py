"""The lists of a call, set up by an administrator: the pieces that it asks for, and what it has its
instructors look at on each dossier: the points of its checklist, the weighted criteria of its
analysis grid."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from sqlalchemy import select

from grants.database import copy_as, db
from grants.domain.campaign.campaign_part import campaign_of, lock_campaign, parts_of, put_last, record
from grants.domain.ledger import history
from grants.errors import DomainError
from grants.models import (
    HIGHEST_WEIGHT,
    AnalysisCriterion,
    Campaign,
    CampaignPiece,
    Check,
    CheckItem,
    Document,
    DocumentKind,
    Score,
    User,
)
from grants.names import same
from grants.words import word

AnyItem = CheckItem | AnalysisCriterion | CampaignPiece
Items = type[AnyItem]
Item = TypeVar("Item", bound=AnyItem)
MOST_ITEMS = 30
# What instructors look at on each dossier.
LOOKED_AT: tuple[Items, ...] = (CheckItem, AnalysisCriterion)


@dataclass(frozen=True)
class ItemTerms:
    """`weight` is a criterion's alone."""

    label: str
    help: str = ""
    weight: int | None = None


@dataclass(frozen=True)
class PieceTerms:
    """`label`: that of the `kind` where it is empty."""

    label: str
    help: str
    required: bool
    kind: DocumentKind | None


Terms = ItemTerms | PieceTerms
# What answers to an item.
ANSWERS = {CheckItem: Check.item_id, AnalysisCriterion: Score.criterion_id, CampaignPiece: Document.piece_id}


def add_item(kind: type[Item], campaign: Campaign, terms: Terms, *, by: User) -> Item:
    """Raises `DomainError` at the field."""
    lock_campaign(campaign)
    others = parts_of(kind, campaign)
    if len(others) >= MOST_ITEMS:
        raise DomainError(f"Un appel en a {MOST_ITEMS} au plus.")
    values = _checked(kind, terms, others)
    return put_last(kind(**values), others, campaign, by=by)


def change_item(item: Item, terms: Terms, *, by: User) -> None:
    """Raises `DomainError` at the field; a label that was answered to already may be reworded, the kind
    of a piece stays."""
    campaign = campaign_of(item)
    others = [other for other in parts_of(type(item), campaign) if other is not item]
    values = _checked(type(item), terms, others)
    if values.get("kind") is not getattr(item, "kind", None) and _answered(item):
        raise DomainError("Des fichiers ont été envoyés pour cette pièce : gardez sa nature.", "kind")
    history.change_each(item, "update", values, by=by, contract_id=campaign.contract_id)


def remove_item(item: Item, *, by: User) -> None:
    """What was answered on a dossier is only archived: the answer stays readable. Raises `DomainError`
    for a piece that files were sent for."""
    campaign = campaign_of(item)
    answered = _answered(item)
    if answered and isinstance(item, CampaignPiece):
        raise DomainError("Des fichiers ont été envoyés pour cette pièce : rendez-la facultative plutôt.")
    record(item, "delete", campaign, by=by, old=item.label)
    if isinstance(item, CampaignPiece) or not answered:
        db.session.delete(item)
    else:
        item.archived = True
    db.session.flush()


def _answered(item: AnyItem) -> bool:
    of = ANSWERS[type(item)]
    return db.session.scalar(select(of).where(of == item.id).limit(1)) is not None


def copy_items(source: Campaign, target: Campaign, *, by: User) -> None:
    for piece in parts_of(CampaignPiece, source):
        add_item(CampaignPiece, target, copy_as(PieceTerms, piece), by=by)
    for kind in LOOKED_AT:
        for item in parts_of(kind, source):
            terms = copy_as(ItemTerms, item, weight=getattr(item, "weight", None))
            add_item(kind, target, terms, by=by)


def _checked(kind: type[Any], terms: Terms, others: Iterable[AnyItem]) -> dict[str, Any]:
    label = " ".join(terms.label.split())
    if isinstance(terms, PieceTerms) and terms.kind:
        label = label or word(terms.kind)
        if any(isinstance(other, CampaignPiece) and other.kind is terms.kind for other in others):
            raise DomainError("Cet appel demande déjà ce document de l'organisation.", "kind")
    if not label:
        lacks = "le nom de la pièce" if kind is CampaignPiece else "ce qu'il faut regarder"
        raise DomainError(f"Écrivez {lacks}.", "label")
    if any(same(other.label, label) for other in others):
        raise DomainError("Une autre ligne de cette liste a déjà ce nom.", "label")
    values = asdict(terms) | {"label": label, "help": terms.help.strip()}
    if isinstance(terms, PieceTerms):
        return values
    if kind is CheckItem:
        del values["weight"]
    elif terms.weight is None or not 1 <= terms.weight <= HIGHEST_WEIGHT:
        raise DomainError(f"Écrivez un poids de 1 à {HIGHEST_WEIGHT}.", "weight")
    return values
