"""What the legal pages say beside their defaults, and what is still missing of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

from grants.domain.contact import website_at
from grants.domain.ledger import history
from grants.errors import DomainError
from grants.models import SiteIdentity, User

# What an audit found (arrêté du 20 septembre 2019); without one nothing else may be claimed.
GRADES = {"": "non conforme", "partial": "partiellement conforme", "total": "totalement conforme"}
# Of the identity, or of its notices: what a site has to say.
WANTED = {
    "name": "le nom de la commune ou de l'intercommunalité",
    "address": "l'adresse postale du service",
    "phone": "son téléphone",
    "email": "son adresse électronique",
    "publisher": "le directeur de la publication",
    "host": "l'hébergeur du site",
    "dpo": "comment joindre le délégué à la protection des données",
    "plan": "l'adresse du schéma pluriannuel d'accessibilité",
}


@dataclass(frozen=True)
class Notices:
    """`hours`: when the service answers; `host`: name, address and telephone (loi 2004-575);
    `grade` of `GRADES`, by the `audit` at that address; `legal`, `data`, `accessibility`: what is
    added to each page; `financed`: "hidden" where "Ce qui est financé" is shown to nobody."""

    hours: str = ""
    publisher: str = ""
    host: str = ""
    legal: str = ""
    dpo: str = ""
    data: str = ""
    grade: str = ""
    audit: str = ""
    plan: str = ""
    accessibility: str = ""
    financed: str = ""

    @property
    def publishes(self) -> bool:
        return not self.financed

    @property
    def grade_in_words(self) -> str:
        return GRADES[self.grade]


def notices_of(identity: SiteIdentity) -> Notices:
    """Without what another version of grants may have written beside."""
    known = {field.name for field in fields(Notices)}
    return Notices(**{name: text for name, text in identity.notices.items() if name in known})


def missing(identity: SiteIdentity) -> dict[str, str]:
    """Of `WANTED`."""
    there = asdict(notices_of(identity))
    return {n: words for n, words in WANTED.items() if not (there[n] if n in there else getattr(identity, n))}


def change_notices(identity: SiteIdentity, notices: Notices, *, by: User) -> None:
    """Of the row that is locked. Raises `DomainError` at the field."""
    if notices.grade and not notices.audit:
        raise DomainError(
            "Sans rapport d'audit, la seule mention permise est « non conforme » : donnez l'adresse du rapport.",
            "audit",
        )
    addresses = {name: website_at(name, getattr(notices, name)) for name in ("audit", "plan")}
    history.change(identity, "update", "notices", asdict(notices) | addresses, by=by)
