"""What a call has its instructors look at on each dossier, set up by an administrator: the points
of its checklist, and the weighted criteria of its analysis grid."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from sqlalchemy import select

from grants.database import db
from grants.domain.call.call_part import call_of, lock_call, parts_of, put_last, record
from grants.domain.ledger import history
from grants.errors import DomainError
from grants.models import HIGHEST_WEIGHT, AnalysisCriterion, Campaign, Check, CheckItem, Score, User
from grants.names import fold, same

Items = type[CheckItem | AnalysisCriterion]
Item = TypeVar("Item", bound=CheckItem | AnalysisCriterion)
MOST_ITEMS = 30


@dataclass(frozen=True)
class ItemTerms:
    """`weight` is a criterion's alone."""

    label: str
    help: str = ""
    weight: int | None = None


# What programmes of the politique de la ville commonly look at, to begin with.
USUAL: dict[Items, tuple[ItemTerms, ...]] = {
    CheckItem: (
        ItemTerms("L'action se déroule dans le quartier, ou en accueille les habitants"),
        ItemTerms("Les dates de l'action sont dans l'année de l'appel"),
        ItemTerms("Le budget est équilibré, et vraisemblable poste par poste"),
        ItemTerms("Le RIB est au nom de l'organisation et à l'adresse du SIRET"),
        ItemTerms("Le bilan de l'action de l'an passé est arrivé", "S'il s'agit d'une reprise."),
    ),
    AnalysisCriterion: (
        ItemTerms("Réponse aux orientations du contrat de ville", weight=3),
        ItemTerms("Capacité du porteur à mener l'action", "Équipe, expérience, comptes.", 2),
        ItemTerms("Présence et ancrage dans le quartier", weight=2),
        ItemTerms("Public : habitants touchés, égalité entre femmes et hommes", weight=2),
        ItemTerms("Faisabilité : calendrier, moyens, budget", weight=2),
        ItemTerms("Évaluation prévue, ou bilan des années passées", weight=1),
    ),
}


def add_item(kind: type[Item], campaign: Campaign, terms: ItemTerms, *, by: User) -> Item:
    """Raises `DomainError` at the field."""
    lock_call(campaign)
    others = parts_of(kind, campaign)
    if len(others) >= MOST_ITEMS:
        raise DomainError(f"Un appel en a {MOST_ITEMS} au plus.")
    values = _checked(kind, terms, others)
    return put_last(kind(**values), others, campaign, by=by)


def add_usual(kind: Items, campaign: Campaign, *, by: User) -> None:
    """Those of `USUAL` that the call does not have."""
    there = {fold(item.label) for item in parts_of(kind, campaign)}
    for terms in USUAL[kind]:
        if fold(terms.label) not in there:
            add_item(kind, campaign, terms, by=by)


def change_item(item: Item, terms: ItemTerms, *, by: User) -> None:
    """Raises `DomainError` at the field; a label that was answered to already may be reworded."""
    campaign = call_of(item)
    others = [other for other in parts_of(type(item), campaign) if other is not item]
    values = _checked(type(item), terms, others)
    history.change_each(item, "update", values, by=by, contract_id=campaign.contract_id)


def remove_item(item: Item, *, by: User) -> None:
    """What was answered on a dossier is only archived: the answer stays readable."""
    campaign = call_of(item)
    record(item, "delete", campaign, by=by, old=item.label)
    answers = (
        select(Check.id).where(Check.item_id == item.id)
        if isinstance(item, CheckItem)
        else select(Score.id).where(Score.criterion_id == item.id)
    )
    if db.session.scalar(answers.limit(1)) is not None:
        item.archived = True
    else:
        db.session.delete(item)
    db.session.flush()


def copy_items(source: Campaign, target: Campaign, *, by: User) -> None:
    for kind in USUAL:
        for item in parts_of(kind, source):
            weight = item.weight if isinstance(item, AnalysisCriterion) else None
            add_item(kind, target, ItemTerms(item.label, item.help, weight), by=by)


def _checked(kind: type[Item], terms: ItemTerms, others: Iterable[CheckItem | AnalysisCriterion]) -> dict[str, Any]:
    label = " ".join(terms.label.split())
    if not label:
        raise DomainError("Écrivez ce qu'il faut regarder.", "label")
    if any(same(other.label, label) for other in others):
        raise DomainError("Cet appel a déjà cette ligne.", "label")
    values = asdict(ItemTerms(label, terms.help.strip(), terms.weight))
    if kind is CheckItem:
        del values["weight"]
    elif terms.weight is None or not 1 <= terms.weight <= HIGHEST_WEIGHT:
        raise DomainError(f"Écrivez un poids de 1 à {HIGHEST_WEIGHT}.", "weight")
    return values
