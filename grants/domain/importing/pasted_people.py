"""People and their roles, pasted: `lists` writes them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TypeVar

from sqlalchemy import select

from grants.database import db
from grants.domain.accounts import accounts
from grants.domain.importing.faults import FileFault, one_of
from grants.domain.importing.lists import ListEntry, ListReading
from grants.domain.importing.pasted import PastedColumn, read_rows
from grants.domain.mail import mail
from grants.errors import DomainError
from grants.models import Commune, Contract, Institution, Role, User
from grants.names import fold
from grants.words import word

Place = TypeVar("Place", Institution, Commune)
_ROLES = {
    "chef": Role.COORDINATOR,
    "coord": Role.COORDINATOR,
    "instruc": Role.INSTRUCTOR,
    "comite": Role.COMMITTEE,
    "membre": Role.COMMITTEE,
    "admin": Role.ADMINISTRATOR,
}


def _role_in(cell: str) -> Role | None:
    return next((role for begins, role in _ROLES.items() if fold(cell).startswith(begins)), None)


PEOPLE = (
    PastedColumn("Courriel", ("courriel", "mail", "email", "adresse"), lambda cell: "@" in cell, needed=True),
    PastedColumn("Rôle", ("role", "fonction"), lambda cell: _role_in(cell) is not None, needed=True),
    PastedColumn("Nom", ("nom", "prenom", "personne"), needed=True),
    PastedColumn("Institution", ("institution", "financeur", "structure", "commune")),
)
# In the role of who coordinates a whole contract.
_WHOLE = frozenset(("chef", "cheffe", "de", "du", "la", "projet", "contrat", "politique", "ville"))


def read_people(text: str, done: ListReading) -> Iterable[ListEntry]:
    """A role a line: who has two is named twice."""

    def make(name: str, email: str, role: Role, institution: Institution | None, commune: Commune | None) -> str:
        email = accounts.known_email(email)
        user = db.session.scalar(select(User).where(User.email == email))
        if user is None:
            user = accounts.create(name, email, by=done.by)
            link = f"/mot-de-passe/{accounts.new_link(user, by=done.by)}"
            mail.queue("account_opened", user, link=link, by=done.by.name)
            done.links.append((user, link))
        of = None if role is Role.ADMINISTRATOR else done.contract
        if any((g.role, g.contract, g.institution, g.commune) == (role, of, institution, commune) for g in user.roles):
            return f"{user.name} a déjà ce rôle"
        accounts.grant(user, role, of, institution, commune, by=done.by)
        return ""

    for row in read_rows(text, PEOPLE, done.faults):
        role, typed = _role_in(row.get("Rôle")), row.get("Institution")
        if role is None:
            known = one_of(map(word, Role))
            done.faults.append(FileFault(row.line, "Rôle", row.get("Rôle"), f"n'est pas connu, {known}"))
            continue
        try:
            institution, commune = _where(role, fold(f"{row.get('Rôle')} {typed}"), done.contract)
        except DomainError as error:
            done.faults.append(FileFault(row.line, error.field or "", typed, error.message))
            continue
        part = institution or commune
        cells = (row.get("Nom"), row.get("Courriel"), word(role), part.label if part else "")
        yield ListEntry(row.line, cells, partial(make, cells[0], cells[1], role, institution, commune))


def _where(role: Role, words: str, contract: Contract) -> tuple[Institution | None, Commune | None]:
    """Find an instructor's institution and a coordinator's commune, which may follow the word of the role. Raises
    `DomainError` at the column for one that is not known."""
    if role is Role.INSTRUCTOR:
        inside = [institution for institution in contract.institutions if not institution.outside]
        if (institution := _named_in(words, inside)) is None:
            known = one_of(institution.label for institution in inside)
            raise DomainError(f"institution inconnue, {known}", "Institution")
        return institution, None
    commune = None
    if role is Role.COORDINATOR and contract.named_communes:
        commune = _named_in(words, contract.named_communes)
        left = {w for w in words.split() if not w.startswith("coord")} - _WHOLE
        if left - set(fold(commune.label if commune else "").split()):
            known = one_of(commune.label for commune in contract.named_communes)
            raise DomainError(f"commune inconnue, {known}, ou rien", "Commune")
    return None, commune


def _named_in(words: str, parts: Iterable[Place]) -> Place | None:
    """Of those that the words name, the one of the longest name."""
    named = (part for part in parts if f" {fold(part.label)} " in f" {words} ")
    return max(named, key=lambda part: len(part.label), default=None)
