"""The lists of a call, set up by an administrator: the documents that it gives to read, the pieces
that it asks for, and what it has its instructors look at on each dossier: the points of its
checklist, the weighted criteria of its analysis grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import func, select

from grants.database import copy_as, db
from grants.domain.campaign.campaign_part import archive, campaign_of, lock_campaign, parts_of, put_last
from grants.domain.documents.document import ReceivedFile, named, weight
from grants.domain.ledger import history
from grants.errors import DomainError
from grants.models import (
    HIGHEST_WEIGHT,
    AnalysisCriterion,
    Campaign,
    CampaignDocument,
    CampaignPiece,
    Check,
    CheckItem,
    Document,
    DocumentKind,
    Score,
    User,
    now,
)
from grants.names import same
from grants.storage import StoredFile
from grants.words import word

AnyItem = CheckItem | AnalysisCriterion | CampaignPiece | CampaignDocument
Items = type[AnyItem]
T = TypeVar("T", bound=AnyItem)
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
# What answers to an item, of a project.
ANSWERS: dict[Items, Any] = {
    CheckItem: Check.item_id,
    AnalysisCriterion: Score.criterion_id,
    CampaignPiece: Document.piece_id,
}


def add_item(kind: type[T], campaign: Campaign, terms: Terms, *, by: User, **more: Any) -> T:
    """`more`: what no form asks. Raises `DomainError` at the field."""
    lock_campaign(campaign)
    others = parts_of(kind, campaign)
    values = _checked(kind, terms, others)
    return put_last(kind(**values, **more), others, campaign, by=by)


def add_document(campaign: Campaign, received: ReceivedFile, terms: ItemTerms, *, by: User, total: int) -> str:
    """Its label is the file's name where none is said. Where it is stored. Raises `DomainError`; also where
    all documents of the call would weigh more than `total`."""
    lock_campaign(campaign)
    _refuse_heavy(parts_of(CampaignDocument, campaign), received.stored.size, total)
    document, label = named(received, by), terms.label or received.filename.rpartition(".")[0]
    add_item(CampaignDocument, campaign, replace(terms, label=label), by=by, document=document)
    return document.storage_key


def _refuse_heavy(others: Sequence[Any], size: int, total: int) -> None:
    if sum(each.document.size for each in others) + size > total:
        raise DomainError(f"Les documents d'un appel pèsent {weight(total)} au plus : retirez-en.", "file")


def change_item(item: T, terms: Terms, *, by: User) -> None:
    """Raises `DomainError` at the field; a label that was answered to already may be reworded, the kind
    of a piece stays."""
    campaign = campaign_of(item)
    others = [other for other in parts_of(type(item), campaign) if other is not item]
    values = _checked(type(item), terms, others)
    if values.get("kind") is not getattr(item, "kind", None) and answers(item)[0]:
        raise DomainError("Des fichiers ont été envoyés pour cette pièce : gardez sa nature.", "kind")
    history.change_each(item, "update", values, by=by, contract_id=campaign.contract_id)


def remove_item(item: AnyItem, *, by: User) -> None:
    """It is only hidden, with what was answered on dossiers. Raises as `refuse_unless_removable`."""
    campaign = campaign_of(item)
    refuse_unless_removable(item)
    if isinstance(item, CampaignDocument):
        item.document.removed_at = item.document.removed_at or now()
    archive(item, True, campaign, by=by)


def refuse_unless_removable(item: AnyItem) -> None:
    """Raises `DomainError` for a piece that files were sent for."""
    if isinstance(item, CampaignPiece) and answers(item)[0]:
        raise DomainError("Des fichiers ont été envoyés pour cette pièce : rendez-la facultative plutôt.")


def restore_item(item: AnyItem, *, by: User, total: int) -> None:
    """With all that it had. Raises `DomainError` where others have taken its place since: its name, or its
    room (`total`: as for `add_document`)."""
    campaign = campaign_of(item)
    others = [other for other in parts_of(type(item), campaign) if other is not item]
    _checked(type(item), _terms_of(item), others)
    if isinstance(item, CampaignDocument):
        _refuse_heavy(others, item.document.size, total)
        item.document.removed_at = None
    archive(item, False, campaign, by=by)


def answers(item: AnyItem) -> tuple[int, int]:
    """How many there are to it, and in how many dossiers, drafts too."""
    of = ANSWERS.get(type(item))
    if of is None:
        return 0, 0
    dossiers = func.count(of.class_.project_id.distinct())
    there, within = db.session.execute(select(func.count(), dossiers).where(of == item.id)).one()
    return there, within


def _terms_of(item: AnyItem) -> Terms:
    if isinstance(item, CampaignPiece):
        return copy_as(PieceTerms, item)
    return ItemTerms(item.label, item.help, getattr(item, "weight", None))


def copy_items(source: Campaign, target: Campaign, *, by: User) -> None:
    """The copied documents name the same files."""
    for kind in (CampaignPiece, *LOOKED_AT):
        for item in parts_of(kind, source):
            add_item(kind, target, _terms_of(item), by=by)
    for one in parts_of(CampaignDocument, source):
        had = one.document
        stored = StoredFile(had.storage_key, had.size, had.sha256)
        document = named(ReceivedFile(had.filename, had.media_type, stored), by)
        add_item(CampaignDocument, target, _terms_of(one), by=by, document=document)


def _checked(kind: type[Any], terms: Terms, others: Sequence[AnyItem]) -> dict[str, Any]:
    if len(others) >= MOST_ITEMS:
        raise DomainError(f"Un appel en a {MOST_ITEMS} au plus.")
    label = " ".join(terms.label.split())
    if isinstance(terms, PieceTerms) and terms.kind:
        label = label or word(terms.kind)
        if any(isinstance(other, CampaignPiece) and other.kind is terms.kind for other in others):
            raise DomainError("Cet appel demande déjà ce document de l'organisation.", "kind")
    if not label:
        names = {CampaignPiece: "le nom de la pièce", CampaignDocument: "le nom du document"}
        lacks = names.get(kind, "ce qu'il faut regarder")
        raise DomainError(f"Écrivez {lacks}.", "label")
    if any(same(other.label, label) for other in others):
        raise DomainError("Une autre ligne de cette liste a déjà ce nom.", "label")
    values = asdict(terms) | {"label": label, "help": terms.help.strip()}
    if isinstance(terms, PieceTerms):
        return values
    if kind is not AnalysisCriterion:
        del values["weight"]
    elif terms.weight is None or not 1 <= terms.weight <= HIGHEST_WEIGHT:
        raise DomainError(f"Écrivez un poids de 1 à {HIGHEST_WEIGHT}.", "weight")
    return values
