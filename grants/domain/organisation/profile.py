"""What is kept of an organisation, in parts (Cerfa 12156*06, parts 1 to 4), a page each.

Kept from year to year and only confirmed (CRPA L113-12); nobody's words are overwritten.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, Self

from grants.database import copy_as, db
from grants.domain.contact import email_at, phone_at
from grants.domain.ledger import history
from grants.domain.ledger.seen import fingerprint
from grants.domain.locking import fresh
from grants.errors import Conflict, DomainError
from grants.french import day, decimal, today, whole
from grants.models import Nature, Organisation, User, now
from grants.permissions import require
from grants.words import word


class RecordPage(StrEnum):
    """The pages of an organisation's record, in the order that they are asked."""

    IDENTITY = "identite"
    REPRESENTATIVE = "representant"
    STANDING = "statut"
    PEOPLE = "moyens"
    BUDGET = "budget"
    BANK = "banque"


FIRST_PUBLISHED = date(1901, 7, 1)  # law on associations
LABELS = {
    "name": "nom",
    "nature": "nature",
    "acronym": "sigle",
    "siret": "SIRET",
    "rna": "RNA",
    "address": "adresse du siège",
    "mail_address": "adresse pour le courrier",
    "website": "site internet",
    "email": "courriel",
    "phone": "téléphone",
    "representative_name": "nom du représentant légal",
    "representative_role": "fonction du représentant légal",
    "representative_email": "courriel du représentant légal",
    "representative_phone": "téléphone du représentant légal",
    "agreements": "agréments",
    "federation": "fédération",
    "public_utility": "reconnue d'utilité publique",
    "jo_published_on": "date de publication au Journal officiel",
    "commercial_taxes": "soumise aux impôts commerciaux",
    "large_public_aid": "plus de 500 000 € d'aides publiques sur trois ans",
    "members_count": "nombre d'adhérents",
    "volunteers": "nombre de bénévoles",
    "employees": "nombre de salariés",
    "employees_fte": "salariés en équivalent temps plein",
    "iban": "IBAN",
    "bic": "BIC",
    "account_holder": "titulaire du compte",
}


@dataclass(frozen=True)
class Details:
    """One part, as typed; fields are named after the columns."""

    part: ClassVar[RecordPage]

    @classmethod
    def of(cls, organisation: Organisation) -> Self:
        return copy_as(cls, organisation)

    def stored(self, organisation: Organisation) -> Details:
        """The same part as it is in the database."""
        return self.of(organisation)

    def columns(self, own_id: int | None) -> dict[str, Any]:
        """The columns to store (texts without spaces around); raises `DomainError` at a field."""
        return {n: v.strip() if type(v) is str else v for n, v in vars(self).items()}

    def write(self, organisation: Organisation, by: User) -> None:
        history.change_each(organisation, "edit", self.columns(organisation.id), by=by)

    def fingerprint(self) -> str:
        """Of this part alone: two people on different parts do not disturb each other."""
        return fingerprint(self)


@dataclass(frozen=True)
class Representative(Details):
    """Who answers for the organisation in law."""

    representative_name: str = ""
    representative_role: str = ""
    representative_email: str = ""
    representative_phone: str = ""

    part: ClassVar[RecordPage] = RecordPage.REPRESENTATIVE

    def columns(self, own_id: int | None) -> dict[str, Any]:
        values = super().columns(own_id)
        email = values["representative_email"]
        return values | {
            "representative_email": email_at("representative_email", email),
            "representative_phone": phone_at("representative_phone", self.representative_phone),
        }


@dataclass(frozen=True)
class LegalStanding(Details):
    """`None`: not answered yet."""

    agreements: str = ""
    federation: str = ""
    public_utility: bool | None = None
    jo_published_on: date | None = None
    commercial_taxes: bool | None = None
    large_public_aid: bool | None = None

    part: ClassVar[RecordPage] = RecordPage.STANDING

    def columns(self, own_id: int | None) -> dict[str, Any]:
        on = self.jo_published_on
        if on and not FIRST_PUBLISHED <= on <= today():
            raise DomainError(
                "Vérifiez cette date : les associations sont publiées depuis 1901, et pas avant d'être créées.",
                "jo_published_on",
            )
        return super().columns(own_id)


@dataclass(frozen=True)
class People(Details):
    """Of the whole organisation; `employees_fte` in full-time equivalents."""

    members_count: int | None = None
    volunteers: int | None = None
    employees: int | None = None
    employees_fte: Decimal | None = None

    part: ClassVar[RecordPage] = RecordPage.PEOPLE

    def columns(self, own_id: int | None) -> dict[str, Any]:
        if self.employees is not None and (self.employees_fte or 0) > self.employees:
            raise DomainError(
                f"L'équivalent temps plein ne peut pas dépasser le nombre de salariés ({self.employees}).",
                "employees_fte",
            )
        return super().columns(own_id)


def save(organisation: Organisation, details: Details, *, by: User, seen: str) -> None:
    """`seen` is the fingerprint of what the person had before them; raises `Conflict` when somebody
    has saved this part since: sent again, the page asks field by field."""
    _refuse_strangers(organisation, by)
    fresh(organisation)
    if details.stored(organisation).fingerprint() != seen:
        raise Conflict("Un autre membre a modifié cette page entre-temps. Enregistrez de nouveau.")
    details.write(organisation, by)
    db.session.flush()


def confirm(organisation: Organisation, *, by: User) -> None:
    """« Tout est toujours exact »: said once a year, instead of typing everything again."""
    _refuse_strangers(organisation, by)
    history.change(organisation, "confirm", "confirmed_at", now(), by=by)
    db.session.flush()


def _refuse_strangers(organisation: Organisation, by: User) -> None:
    require(by, "organisation.edit", organisation, "Seuls ses membres modifient une organisation.")


def in_words(value: object) -> str:
    """A value of the record as one reads it."""
    if isinstance(value, Nature):
        return word(value)
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, date):
        return day(value)
    if isinstance(value, Decimal):
        return decimal(value)
    if isinstance(value, int):
        return whole(value)
    return str(value or "–")
