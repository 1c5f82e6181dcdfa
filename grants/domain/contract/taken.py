"""The names and codes that a contract's parts have, each told apart from the others."""

from __future__ import annotations

import re
from collections.abc import Iterable

from grants.errors import DomainError
from grants.models import Commune, CrossTheme, Funder, Institution, Zone
from grants.names import fold

CODE = re.compile(r"[\w.-]{1,20}")
# Of a zone in the State's list: since 2024, and before.
ZONE_CODE = re.compile(r"\b(?:QN\d[\dAB]{2}\d\d[A-Z]|QP\d{6})\b", re.IGNORECASE | re.ASCII)
INSEE = re.compile(r"(\d\d|2[AB])\d{3}", re.ASCII)
INSEE_ADVICE = "cinq chiffres, par exemple 57463 (en Corse, 2A ou 2B puis trois chiffres)"
Part = Institution | Funder | Commune | Zone | CrossTheme


class TakenNames:
    """The names and codes that parts of one kind have, as they are compared: each with whose it is."""

    def __init__(self, parts: Iterable[Part]) -> None:
        self._names: dict[tuple[int | None, str], str] = {}
        self._codes: dict[str, str] = {}
        for part in parts:
            self.take(part)

    def take(self, part: Part) -> None:
        self._names.setdefault((getattr(part, "commune_id", None), fold(part.label)), part.label)
        code = getattr(part, "insee", None) or getattr(part, "code", None)
        if code:
            self._codes.setdefault(fold(code), part.label)

    def named(self, label: str, commune_id: int | None = None) -> str:
        return self._names.get((commune_id, fold(label)), "")

    def coded(self, code: str) -> str:
        return self._codes.get(fold(code), "") if code else ""


def free_insee(insee: str, taken: TakenNames) -> str:
    insee = insee.strip().upper()
    if not INSEE.fullmatch(insee):
        raise DomainError(f"Écrivez le code INSEE de la commune : {INSEE_ADVICE}.", "insee")
    if whose := taken.coded(insee):
        raise DomainError(f"Le code {insee} est déjà celui de {whose}.", "insee")
    return insee


def free_code(code: str, taken: TakenNames) -> str:
    code = code.strip()
    if not CODE.fullmatch(code):
        raise DomainError("Écrivez un code court, sans espace : lettres, chiffres, tirets. Exemple : VILLE.", "code")
    if whose := taken.coded(code):
        raise DomainError(f"Le code {code} est déjà celui de {whose}.", "code")
    return code


def free_zone_code(code: str, taken: TakenNames) -> str | None:
    code = code.strip().upper()
    if code and not ZONE_CODE.fullmatch(code):
        raise DomainError("Écrivez le code de la liste officielle, par exemple QN05701M, ou rien.", "code")
    if whose := taken.coded(code):
        raise DomainError(f"Le code {code} est déjà celui de « {whose} ».", "code")
    return code or None
