"""What each nature of organisation is asked, in one table: for the pages and for the checks.

The Cerfa 12156*06 is written for associations; a municipal service has no statutes, bank account
or budget of its own, a public body or a social landlord no members or publication in the JO.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import func, select

from grants.database import db
from grants.domain.organisation.budget import has_budget
from grants.domain.organisation.profile import RecordPage
from grants.french import today
from grants.models import Nature, Organisation, Project, State

# A `*` before what a dossier cannot be deposited without.
IDENTITY = "*name *nature acronym *siret *address mail_address website email phone"
REPRESENTATIVE = "*representative_name *representative_role *representative_email representative_phone"
BANK = "*iban bic *account_holder"
TABLE: dict[Nature, dict[RecordPage, str]] = {
    Nature.ASSOCIATION: {
        RecordPage.IDENTITY: f"{IDENTITY} rna",
        RecordPage.REPRESENTATIVE: REPRESENTATIVE,
        RecordPage.STANDING: "agreements federation *public_utility jo_published_on"
        " *commercial_taxes *large_public_aid",
        RecordPage.PEOPLE: "*members_count *volunteers *employees employees_fte",
        RecordPage.BUDGET: "*budget",
        RecordPage.BANK: BANK,
    },
    Nature.MUNICIPAL_SERVICE: {
        RecordPage.IDENTITY: IDENTITY.replace("*siret", "siret"),
        RecordPage.REPRESENTATIVE: REPRESENTATIVE,
    },
    Nature.PUBLIC_BODY: {
        RecordPage.IDENTITY: IDENTITY,
        RecordPage.REPRESENTATIVE: REPRESENTATIVE,
        RecordPage.PEOPLE: "*employees employees_fte",
        RecordPage.BUDGET: "*budget",
        RecordPage.BANK: BANK,
    },
    Nature.LANDLORD: {
        RecordPage.IDENTITY: IDENTITY,
        RecordPage.REPRESENTATIVE: REPRESENTATIVE,
        RecordPage.STANDING: "federation *commercial_taxes",
        RecordPage.PEOPLE: "*employees employees_fte",
        RecordPage.BANK: BANK,
    },
    Nature.OTHER: {
        RecordPage.IDENTITY: IDENTITY,
        RecordPage.REPRESENTATIVE: REPRESENTATIVE,
        RecordPage.STANDING: "agreements public_utility jo_published_on *commercial_taxes *large_public_aid",
        RecordPage.PEOPLE: "volunteers *employees employees_fte",
        RecordPage.BUDGET: "*budget",
        RecordPage.BANK: BANK,
    },
}
NEEDED = {
    "name": "le nom",
    "nature": "la nature",
    "siret": "le numéro SIRET",
    "address": "l'adresse du siège",
    "representative_name": "le nom du représentant légal",
    "representative_role": "la fonction du représentant légal",
    "representative_email": "le courriel du représentant légal",
    "public_utility": "si elle est reconnue d'utilité publique",
    "commercial_taxes": "si elle est soumise aux impôts commerciaux",
    "large_public_aid": "si ses aides publiques dépassent 500 000 € sur trois ans",
    "members_count": "le nombre d'adhérents (0 si aucun)",
    "volunteers": "le nombre de bénévoles (0 si aucun)",
    "employees": "le nombre de salariés (0 si aucun)",
    "iban": "l'IBAN",
    "account_holder": "le titulaire du compte",
}


class Missing(NamedTuple):
    """What a dossier still needs to know; `field` stands on the page of `part`."""

    part: RecordPage
    field: str
    message: str


def parts(nature: Nature) -> tuple[RecordPage, ...]:
    """The pages that an organisation of this nature has."""
    return tuple(TABLE[nature])


def fields_asked(nature: Nature, part: RecordPage) -> tuple[str, ...]:
    return tuple(name.lstrip("*") for name in TABLE[nature].get(part, "").split())


def year_needed(organisation: Organisation) -> int:
    """Of its dossier still to be deposited, so that its record asks what the deposit will; else this year."""
    of_draft = Project.organisation == organisation, Project.state == State.DRAFT
    return max(db.session.scalar(select(func.max(Project.year)).where(*of_draft)) or 0, today().year)


def missing(organisation: Organisation, year: int) -> list[Missing]:
    """What a dossier of this year still needs; the budget may be the year's or the last one's."""
    lacking = []
    for part, names in TABLE[organisation.nature].items():
        if part is RecordPage.BUDGET:
            if not has_budget(organisation, (year, year - 1)):
                lacking.append(Missing(part, "budget", f"Indiquez le budget {year} ou {year - 1}."))
            continue
        for name in (n[1:] for n in names.split() if n.startswith("*")):
            if getattr(organisation, name) in (None, ""):
                lacking.append(Missing(part, name, f"Indiquez {NEEDED[name]}."))
    return lacking
