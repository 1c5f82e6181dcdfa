"""Who an organisation is: its name, nature, numbers and addresses; founding one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import dropwhile, takewhile
from typing import Any, ClassVar

from sqlalchemy import select
from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.fr import siret as stdnum_siret

from grants.database import all_of, db
from grants.domain.accounts.accounts import check_confirmed
from grants.domain.contact import email_at, phone_at, website_at
from grants.domain.ledger import history
from grants.domain.locking import one_at_a_time
from grants.domain.organisation.merging import standing
from grants.domain.organisation.profile import LABELS, Details, RecordPage
from grants.errors import DomainError
from grants.models import Contract, MemberRole, Membership, Merge, Nature, Organisation, User, now
from grants.names import compact, essence, fold, foreign_letter
from grants.permissions import membership_in

RNA = re.compile(r"W[0-9A-Z]{9}")
COMMUNE = re.compile(r"\b\d{5}\s+([^\n,;(]+)")
FOREIGN = "« {} » n'est pas une lettre latine, même si elle y ressemble : effacez-la et retapez-la."
_OF_CONTRACTS = {"contrat", "de", "ville", "d", "du", "des"}


@dataclass(frozen=True)
class Identity(Details):
    name: str
    nature: Nature
    siret: str | None = None
    rna: str | None = None
    acronym: str = ""
    address: str = ""
    mail_address: str = ""
    website: str = ""
    email: str = ""
    phone: str = ""

    part: ClassVar[RecordPage] = RecordPage.IDENTITY

    def write(self, organisation: Organisation, by: User) -> None:
        values = self.columns(organisation.id)
        _refuse_namesake(organisation, values["name"])
        history.change_each(organisation, "edit", values, by=by)

    def columns(self, own_id: int | None) -> dict[str, Any]:
        """Raises `DomainError` at the first field that will not do."""
        one_at_a_time("identity")  # of two who found the same, the second sees the first's
        name = " ".join(self.name.split())
        if not name:
            raise DomainError("Indiquez le nom de l'organisation.", "name")
        if strange := foreign_letter(name):
            raise DomainError(FOREIGN.format(strange), "name")
        return super().columns(own_id) | {
            "name": name,
            "siret": _siret(self.siret or "", self.nature, own_id),
            "rna": rna_number(self.rna or ""),
            "website": website_at("website", self.website),
            "email": email_at("email", self.email),
            "phone": phone_at("phone", self.phone),
        }


def create(identity: Identity, *, by: User, represents: bool = False, another: bool = False) -> Organisation:
    """Found an organisation; `by` is its first signatory, as its legal representative
    (`represents`) or by a power of theirs. Raises `DomainError` at the field, and where one has
    this name already, unless `by` says that theirs is `another`: the administrator sees both."""
    check_confirmed(by)
    values = identity.columns(None)
    if by_same_name := _mine_named(by, values["name"]):
        raise DomainError(f"Vous êtes déjà membre de « {by_same_name} ».", "name")
    if not another and resembling(values["name"], values["address"]):
        raise DomainError(
            "Une organisation porte déjà ce nom, ou presque : demandez à la rejoindre. S'il s'agit"
            " d'une autre, cochez-le ici.",
            "another",
        )
    made = Organisation(**values, representative_name=by.name if represents else "")
    db.session.add(made)
    db.session.flush()
    history.record(made, "create", by=by, field="name", new=made.name)
    membership = Membership(
        user_id=by.id, organisation_id=made.id, role=MemberRole.SIGNATORY, approved_at=now(), approved_by_id=by.id
    )
    db.session.add(membership)
    db.session.flush()
    right = "représentant légal" if represents else "pouvoir du représentant légal"
    history.record(membership, "found", by=by, field="role", new=membership.role, reason=right)
    db.session.expire(by, ["memberships"])
    return made


def list_organisation(
    contract: Contract, name: str, nature: Nature, siret: str, rna: str, *, by: User
) -> tuple[str, str]:
    """One that an administrator knows of a contract's bearers, as a file's import makes them: of no member
    yet, who may lack its SIRET. Returns which it is the double of, and then makes none; or what the one of this
    name has now that it lacked. Raises `DomainError`."""
    number = siret_number(siret, nature) if siret else None
    numbers = {"siret": number, "rna": rna_number(rna)}
    same = Organisation.name_key == fold(name)
    if number and nature is not Nature.MUNICIPAL_SERVICE:
        same |= Organisation.siret == number
    doubles = all_of(select(Organisation).where(same).order_by(Organisation.name_key != fold(name), Organisation.id))
    if doubles and doubles[0].name_key != fold(name):
        return f"a le SIRET de {doubles[0].name}", ""
    if doubles:
        lacking = _completed(doubles[0], numbers, by) if len(doubles) == 1 else []
        there = f"existe déjà : {doubles[0].name}"
        return ("", f"existe déjà, reçoit {' et '.join(lacking)}") if lacking else (there, "")
    if strange := foreign_letter(name):
        raise DomainError(FOREIGN.format(strange), "name")
    made = Organisation(home_contract_id=contract.id, name=name, nature=nature, **numbers)
    db.session.add(made)
    db.session.flush()
    history.record(made, "create", by=by, field="name", new=name, contract_id=contract.id)
    return "", ""


def _completed(organisation: Organisation, numbers: dict[str, str | None], by: User) -> list[str]:
    """Which of these numbers it lacked, and has now; none where it was merged into another."""
    lacking = {key: value for key, value in numbers.items() if value and not getattr(organisation, key)}
    if db.session.scalar(select(Merge.id).where(Merge.gone_id == organisation.id)):
        return []
    history.change_each(organisation, "edit", lacking, by=by)
    return [LABELS[key] for key in lacking]


def resembling(name: str, address: str = "") -> list[int]:
    """The organisations whose name is the same but for what people add or leave out, as the town
    (that of its `address` too)."""
    towns = known_towns(address)
    whole, bare = essence(name), essence(name, towns)
    rows = db.session.execute(select(Organisation.id, Organisation.name_key))
    return [id_ for id_, key in rows if whole and (essence(key) in (whole, bare) or essence(key, towns) == whole)]


def known_towns(address: str = "") -> list[str]:
    """Folded, those of contracts, of organisations and of this address; the longest first."""
    addresses = db.session.scalars(select(Organisation.address).distinct())
    said = [*map(commune, (*addresses, address)), *db.session.scalars(select(Contract.label))]
    return sorted(set(map(_town, said)), key=len, reverse=True)


def _town(words: str) -> str:
    """Folded, without a contract's first words, and without what post and years add."""
    name = dropwhile(_OF_CONTRACTS.__contains__, fold(words).split())
    return " ".join(takewhile(lambda word: word != "cedex" and not word[0].isdigit(), name))


def commune(address: str) -> str:
    """What stands behind the postal code."""
    found = COMMUNE.search(address)
    return found[1].strip() if found else ""


def is_representative(user: User, organisation: Organisation) -> bool:
    """By name, whatever the order of its words."""
    named = set(fold(organisation.representative_name).split())
    return bool(named) and named == set(fold(user.name).split())


def _refuse_namesake(organisation: Organisation, name: str) -> None:
    """Imports tell the organisations of a contract apart by their names."""
    namesake = db.session.scalar(
        select(Organisation.name).where(
            Organisation.home_contract_id.is_not(None),
            Organisation.home_contract_id == organisation.home_contract_id,
            Organisation.name_key == fold(name),
            Organisation.id != organisation.id,
        )
    )
    if namesake:
        raise DomainError(f"« {namesake} » existe déjà dans ce contrat de ville : distinguez les deux noms.", "name")


def siret_number(typed: str, nature: Nature | None) -> str | None:
    """Its 14 digits, or nothing for who can do without; raises `DomainError`."""
    if not compact(typed) and nature is Nature.MUNICIPAL_SERVICE:
        return None
    try:
        return str(stdnum_siret.validate(compact(typed)))
    except InvalidChecksum:
        raise DomainError(
            "Ce numéro a bien 14 chiffres, mais une faute de frappe s'y est glissée : relisez-le.", "siret"
        ) from None
    except ValidationError:
        raise DomainError(
            "Écrivez les 14 chiffres du SIRET (il figure sur l'avis de situation de l'Insee)."
            " Un service municipal peut s'en passer.",
            "siret",
        ) from None


def _siret(typed: str, nature: Nature, own_id: int | None) -> str | None:
    number = siret_number(typed, nature)
    if number is None:
        return None
    same = [Organisation.siret == number]
    if nature is Nature.MUNICIPAL_SERVICE:  # a commune's services share its number
        same.append(Organisation.nature != Nature.MUNICIPAL_SERVICE)
    taken = select(Organisation.name).where(Organisation.id.in_(standing(*same)))
    if own_id is not None:
        taken = taken.where(Organisation.id != own_id)
    if holder := db.session.scalar(taken.limit(1)):
        raise DomainError(f"« {holder} » a déjà ce SIRET : demandez à la rejoindre au lieu de la créer.", "siret")
    return number


def rna_number(typed: str) -> str | None:
    """A W and 9 signs, or nothing; raises `DomainError`."""
    number = compact(typed)
    if number and not RNA.fullmatch(number):
        raise DomainError("Le RNA est un W suivi de 9 chiffres, comme W922001234.", "rna")
    return number or None


def _mine_named(user: User, name: str) -> str | None:
    """A second press of the button must not found a second organisation."""
    return next(
        (
            m.organisation.name
            for m in user.memberships
            if m.organisation.name_key == fold(name) and membership_in(user, m.organisation_id)
        ),
        None,
    )
