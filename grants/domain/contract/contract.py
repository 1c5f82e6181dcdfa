"""What an administrator sets up for a contract: its terms, institutions, funders, territory.

Every change locks the contract's row first, so that two administrators at the same instant
cannot both pass the same check. The theme tree is in `domain.theme`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import func, select

from grants.database import db
from grants.domain.contract.taken import Part, TakenNames, free_code, free_insee, free_zone_code
from grants.domain.ledger import history
from grants.domain.locking import fresh
from grants.errors import DomainError
from grants.models import (
    Agreement,
    AgreementAction,
    Campaign,
    Commune,
    Contract,
    Entity,
    Funder,
    Institution,
    Role,
    RoleGrant,
    Theme,
    User,
    Zone,
)
from grants.names import fold, same

FIRST_YEAR, LAST_YEAR = 2000, 2100
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class ContractTerms:
    label: str
    start_year: int
    end_year: int
    level_names: list[str]
    priority_area: str = ""
    service_text: str = ""
    appeal_text: str = ""


def slug_of(label: str) -> str:
    """An address part from a name: `Contrat de ville d'Évry` → `contrat-de-ville-d-evry`."""
    return re.sub(r"[^a-z0-9]+", "-", fold(label)).strip("-")[:80].strip("-")


def create_contract(slug: str, terms: ContractTerms, *, by: User) -> Contract:
    """A contract for a city without a file; an empty slug is drawn from the label.

    Raises `DomainError` for a slug that is taken or unfit, or terms that do not hold together.
    """
    slug = slug or slug_of(terms.label)
    if not SLUG.fullmatch(slug) or len(slug) > 80:
        raise DomainError(
            "Écrivez des lettres minuscules sans accent, des chiffres et des tirets, par exemple ville-du-pont.", "slug"
        )
    if db.session.scalar(select(Contract.id).where(Contract.slug == slug)):
        raise DomainError(f"L'adresse « {slug} » est déjà prise : choisissez-en une autre.", "slug")
    _check_terms(terms)
    contract = Contract(slug=slug, **asdict(terms))
    db.session.add(contract)
    db.session.flush()
    history.record(contract, "create", by=by, field="label", new=terms.label)
    return contract


def change_contract(contract: Contract, terms: ContractTerms, *, by: User) -> None:
    """Raises `DomainError` where calls or themes would fall outside the new terms."""
    lock(contract)
    _check_terms(terms)
    first, last = db.session.execute(
        select(func.min(Campaign.year), func.max(Campaign.year)).where(Campaign.contract_id == contract.id)
    ).one()
    if first is not None and first < terms.start_year:
        raise DomainError(f"Il y a un appel en {first} : commencez au plus tard là.", "start_year")
    if last is not None and last > terms.end_year:
        raise DomainError(f"Il y a un appel en {last} : finissez au plus tôt là.", "end_year")
    agreed = select(func.min(Agreement.first_year), func.max(Agreement.last_year))
    first, last = db.session.execute(agreed.where(Agreement.contract_id == contract.id)).one()
    if first and not terms.start_year <= first <= last <= terms.end_year:
        raise DomainError(f"Des conventions vont de {first} à {last} : gardez ces années.", "end_year")
    deepest = max((theme.depth for theme in contract.themes), default=-1)
    if deepest >= len(terms.level_names):
        raise DomainError(f"L'arborescence utilise {deepest + 1} niveaux : nommez-les tous.", "level_names")
    history.change_each(contract, "update", asdict(terms), by=by)


def lock(contract: Contract) -> None:
    """Its row locked until the end of the transaction, and read afresh with its lists.

    The weaker lock (`FOR NO KEY UPDATE`): rows that refer to it may be written meanwhile, so
    that a decision and its history never wait for an administrator in a circle.
    """
    fresh(contract, key_share=True)


def lock_part(contract: Contract, part: Entity) -> None:
    """`lock`, and something of the contract read afresh."""
    lock(contract)
    if part is not contract:
        fresh(part, key_share=True)


def known_kind(contract: Contract, kind: str, own: Campaign | Theme | None = None) -> str:
    """A kind of call as the contract spells it already (years compare within a kind), whatever
    its typing; `own` is what is being renamed."""
    kind = " ".join(kind.split())
    called = select(Campaign.kind).where(Campaign.contract_id == contract.id)
    reserved = select(Theme.call_kind).where(Theme.contract_id == contract.id)
    if isinstance(own, Campaign):
        called = called.where(Campaign.id != own.id)
    elif own is not None:
        reserved = reserved.where(Theme.id != own.id)
    for known in db.session.scalars(called.union(reserved)):
        if known and same(known, kind):
            return str(known)
    return kind


def _check_terms(terms: ContractTerms) -> None:
    if not terms.label.strip():
        raise DomainError("Indiquez le nom du contrat.", "label")
    for field in ("start_year", "end_year"):
        if not FIRST_YEAR <= getattr(terms, field) <= LAST_YEAR:
            raise DomainError(f"Écrivez une année entre {FIRST_YEAR} et {LAST_YEAR}.", field)
    if terms.end_year < terms.start_year:
        raise DomainError("La dernière année vient avant la première.", "end_year")
    if not terms.level_names:
        raise DomainError("Nommez au moins un niveau, par exemple Orientation.", "level_names")
    if len(set(map(fold, terms.level_names))) < len(terms.level_names):
        raise DomainError("Deux niveaux ont le même nom.", "level_names")


# Institutions and their funders, communes, zones and cross-cutting themes

T = TypeVar("T", bound=Part)


class PartsAdded(Generic[T]):
    """Parts of one kind that are added to a contract, one or many: those that it has are read once, those
    that are made are written together, at the `end`. Its row is locked by whoever asks."""

    def __init__(self, model: type[T], contract: Contract, *, by: User) -> None:
        others = _parts(model, contract)
        self.taken = TakenNames(others)
        self._model, self._contract, self._by = model, contract, by
        self._last = max((part.position for part in others), default=0)
        self._made: list[T] = []

    def add(self, **values: Any) -> T:
        """The last one. Raises `DomainError` at the field for a name, or a code, that another has."""
        values = _checked(self._model, values, self.taken, self._contract)
        self._last += 1
        made = self._model(contract_id=self._contract.id, position=self._last, **values)
        self.taken.take(made)
        self._made.append(made)
        db.session.add(made)
        return made

    def end(self) -> None:
        db.session.flush()
        for made in self._made:
            history.record(made, "create", by=self._by, field="label", new=made.label)
        db.session.expire(self._contract)


def add_part(model: type[T], parent: Contract | Institution, *, by: User, **values: Any) -> T:
    """The last one of a contract, or funder of an institution. Raises as `PartsAdded.add`."""
    contract = parent if isinstance(parent, Contract) else contract_of(parent)
    if contract is parent:
        lock(contract)
    else:
        values["institution_id"] = parent.id
    added = PartsAdded(model, contract, by=by)
    made = added.add(**values)
    added.end()
    db.session.expire(parent)
    return made


def change_part(part: Part, *, by: User, **values: Any) -> None:
    """Raises as `add_part`, and for an institution with instructors that would be outside."""
    contract = contract_of(part)
    others = [other for other in _parts(type(part), contract) if other is not part]
    values = _checked(type(part), values, TakenNames(others), contract)
    if isinstance(part, Institution) and values["outside"] and _has_instructors(part):
        raise DomainError(
            "Des comptes sont instructeurs de cette institution : retirez-leur d'abord ce rôle.", "outside"
        )
    history.change_each(part, "update", values, by=by)


def contract_of(part: Part | Theme | AgreementAction) -> Contract:
    """Its row and the part's locked, and read afresh."""
    contract = db.session.get_one(Contract, part.contract_id)
    lock_part(contract, part)
    return contract


def _parts(model: type[T], contract: Contract) -> Sequence[T]:
    return db.session.scalars(select(model).where(model.contract_id == contract.id)).all()


def _checked(model: type[T], values: dict[str, Any], taken: TakenNames, contract: Contract) -> dict[str, Any]:
    """An institution outside the platform always delegates its columns to the coordinator; names of
    zones are told apart within a commune."""
    label = " ".join(values["label"].split())
    if not label:
        raise DomainError("Indiquez un nom.", "label")
    values = values | {"label": label}
    if model is Institution:
        values["delegates"] = values["delegates"] or values["outside"]
    if model is Funder:
        own = {"code": free_code(values["code"], taken), "commune_id": _known_commune(contract, values)}
        return values | own
    if model is Commune:
        values["insee"] = free_insee(values["insee"], taken)
    if model is Zone:
        values["code"] = free_zone_code(values.get("code") or "", taken)
        values["commune_id"] = _commune_of(contract, values)
    if there := taken.named(label, values.get("commune_id")):
        raise DomainError(f"« {there} » existe déjà dans ce contrat.", "label")
    return values


def _commune_of(contract: Contract, values: dict[str, Any]) -> int | None:
    chosen = _known_commune(contract, values)
    if chosen is None and contract.communes and values["priority"]:
        raise DomainError("Choisissez la commune de ce quartier.", "commune_id")
    return chosen


def _known_commune(contract: Contract, values: dict[str, Any]) -> int | None:
    chosen: int | None = values.get("commune_id")
    if chosen is not None and chosen not in {commune.id for commune in contract.communes}:
        raise DomainError("Cette commune n'est pas de ce contrat.", "commune_id")
    return chosen


def _has_instructors(institution: Institution) -> bool:
    statement = select(RoleGrant.id).where(
        RoleGrant.institution_id == institution.id, RoleGrant.role == Role.INSTRUCTOR
    )
    return db.session.scalar(statement.limit(1)) is not None
