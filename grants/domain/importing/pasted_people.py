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
from grants.models import Commune, Institution, Role, User
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
    """A role a line: who has two is named twice. An instructor's institution may follow the word, a
    coordinator's commune too."""
    contract = done.contract

    def make(name: str, email: str, role: Role, institution: Institution | None, commune: Commune | None) -> str:
        email = accounts.known_email(email)
        user = db.session.scalar(select(User).where(User.email == email))
        if user is None:
            user = accounts.create(name, email, by=done.by)
            link = f"/mot-de-passe/{accounts.new_link(user, by=done.by)}"
            mail.queue("account_opened", user, link=link, by=done.by.name)
            done.links.append((user, link))
        of = None if role is Role.ADMINISTRATOR else contract
        if any((g.role, g.contract, g.institution, g.commune) == (role, of, institution, commune) for g in user.roles):
            return f"{user.name} a déjà ce rôle"
        accounts.grant(user, role, of, institution, commune, by=done.by)
        return ""

    for row in read_rows(text, PEOPLE, done.faults):
        role, typed = _role_in(row.get("Rôle")), row.get("Institution")
        words = fold(f"{row.get('Rôle')} {typed}")
        institution, commune = None, None
        if role is None:
            known = one_of(map(word, Role))
            done.faults.append(FileFault(row.line, "Rôle", row.get("Rôle"), f"n'est pas connu, {known}"))
            continue
        if role is Role.INSTRUCTOR:
            institution = _named_in(words, [i for i in contract.institutions if not i.outside])
            if institution is None:
                known = one_of(i.label for i in contract.institutions if not i.outside)
                done.faults.append(FileFault(row.line, "Institution", typed, f"institution inconnue, {known}"))
                continue
        if role is Role.COORDINATOR and contract.named_communes:
            commune = _named_in(words, contract.named_communes)
            if (
                {w for w in words.split() if not w.startswith("coord")}
                - _WHOLE
                - set(fold(commune.label if commune else "").split())
            ):
                known = one_of(c.label for c in contract.named_communes)
                done.faults.append(FileFault(row.line, "Commune", typed, f"commune inconnue, {known}, ou rien"))
                continue
        part = institution or commune
        cells = (row.get("Nom"), row.get("Courriel"), word(role), part.label if part else "")
        yield ListEntry(row.line, cells, partial(make, cells[0], cells[1], role, institution, commune))


def _named_in(words: str, parts: Iterable[Place]) -> Place | None:
    """Of those that the words name, the one of the longest name."""
    named = (part for part in parts if f" {fold(part.label)} " in f" {words} ")
    return max(named, key=lambda part: len(part.label), default=None)
