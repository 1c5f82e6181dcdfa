"""What the public directory of companies says of a SIRET, as a proposal that a person confirms.

The format is that of the API "Recherche d'entreprises" (specification of July 2026): no key,
seven requests a second and address, any field may be null or missing. It may not answer: nothing
here is ever needed to go on. Call it outside a transaction: it waits for the network.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from stdnum.fr import siret as stdnum_siret

from grants.errors import DomainError
from grants.models import Nature
from grants.names import compact

SECONDS = 4.0
MOST_BYTES = 500_000


class Unavailable(DomainError):
    """The directory did not answer, or not in its format; the message says so to the person."""


@dataclass(frozen=True)
class Proposal:
    """Empty where the directory says nothing; `closed`: the establishment does not exist any
    more."""

    siret: str
    name: str = ""
    acronym: str = ""
    rna: str = ""
    address: str = ""
    nature: Nature = Nature.OTHER
    closed: bool = False


def lookup(siret: str, *, api: str) -> Proposal | None:
    """Ask the directory at the address `api`; `None` for a number that it does not know.

    Raises `DomainError` at `siret` for what is no SIRET, `Unavailable` when there is no answer.
    """
    number = compact(siret)
    if not stdnum_siret.is_valid(number):
        raise DomainError("Écrivez les 14 chiffres du SIRET.", "siret")
    query = urlencode({"q": number, "page": 1, "per_page": 1})
    answer = _read(f"{api}/search?{query}")
    try:
        results = answer["results"]
        return _proposal(number, results[0]) if results else None
    except (TypeError, KeyError, AttributeError, IndexError) as error:
        raise Unavailable(_without("a répondu de façon inattendue")) from error


def _read(url: str) -> Any:
    """At most `SECONDS` and `MOST_BYTES`, also when it answers a byte at a time."""
    until = time.monotonic() + SECONDS
    content = b""
    request = Request(url, headers={"Accept": "application/json", "User-Agent": "grants"})  # noqa: S310 - the address is a setting, http or https
    try:
        with urlopen(request, timeout=SECONDS) as response:  # noqa: S310
            while chunk := response.read1(65_536):
                content += chunk
                if len(content) > MOST_BYTES or time.monotonic() > until:
                    raise Unavailable(_without("a répondu trop lentement"))
        return json.loads(content)
    except HTTPError as error:
        with error:
            raise Unavailable(_refusal(error)) from None
    except (OSError, ValueError, RecursionError) as error:  # network, HTTP, encoding, JSON
        raise Unavailable(_without("ne répond pas")) from error


def _refusal(error: HTTPError) -> str:
    wait = error.headers.get("Retry-After", "")
    if error.code == 429 and wait.isascii() and wait.isdecimal():
        return _without(f"est trop demandé : réessayez dans {int(wait[:4])} secondes")
    return _without("ne répond pas")


def _without(what: str) -> str:
    return f"L'annuaire des entreprises {what}. Vous pouvez remplir la fiche vous-même."


def _proposal(number: str, unit: dict[str, Any]) -> Proposal:
    more = unit.get("complements") or {}
    place = _establishment(number, unit)
    nature = _nature(str(unit.get("nature_juridique") or ""), more)
    commune = nature is Nature.MUNICIPAL_SERVICE  # the service has a name of its own
    return Proposal(
        siret=number,
        name="" if commune else _text(unit, "nom_raison_sociale") or _text(unit, "nom_complet"),
        acronym=_text(unit, "sigle"),
        rna=_text(more, "identifiant_association"),
        address=_address(place),
        nature=nature,
        closed="C" in (place.get("etat_administratif"), unit.get("etat_administratif")),
    )


def _establishment(number: str, unit: dict[str, Any]) -> dict[str, Any]:
    """The one asked for, which need not be the seat."""
    known = [*(unit.get("matching_etablissements") or []), unit.get("siege") or {}]
    return next((place for place in known if place.get("siret") == number), {})


def _nature(legal: str, complements: dict[str, Any]) -> Nature:
    """From INSEE's categories: 92 associations, 721 communes, 7 and 4 other public law."""
    if complements.get("est_association") is True or legal.startswith("92"):
        return Nature.ASSOCIATION
    if legal == "7210":
        return Nature.MUNICIPAL_SERVICE
    return Nature.PUBLIC_BODY if legal.startswith(("4", "7")) else Nature.OTHER


def _address(place: dict[str, Any]) -> str:
    """Street, then postal code and commune on a line of their own."""
    whole, code = _text(place, "adresse"), _text(place, "code_postal")
    street = whole.partition(code)[0].strip(" ,") if code else whole
    town = f"{code} {_text(place, 'libelle_commune')}".strip()
    return "\n".join(line for line in (street, town) if line)


def _text(part: dict[str, Any], name: str) -> str:
    value = part.get(name)
    tidy = " ".join(value.split()) if isinstance(value, str) else ""
    return tidy.replace("\x00", "")
