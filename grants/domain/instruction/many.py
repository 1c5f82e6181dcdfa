"""Many projects at once, all of them or none: locked by one statement, and each refusal named."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TypeVar

from sqlalchemy.orm import joinedload

from grants.domain.locking import fresh_all
from grants.errors import Conflict, DomainError, NotAllowed
from grants.french import counted
from grants.models import Project

MOST = 500
MOST_NAMED = 10
LIST = "La liste ci-dessous est à jour : relisez-la, puis confirmez de nouveau."
# Fields of the one form for all.
TYPED = {"reason", "revision_reason", "typed_from", "act_number", "act_date", "outcome"}
T = TypeVar("T")

# Project → the version that the person saw: of the project, or of its line.
SeenVersions = Mapping[int, int]


def locked(ids: Iterable[int], contract_id: int) -> dict[int, Project]:
    """The deposited projects, in the order of their ids, with campaign and bearer. Raises
    `DomainError` for none, for too many, and for one that is not of the contract."""
    wanted = set(ids)
    if not wanted:
        raise DomainError("Choisissez au moins un dossier.")
    refuse_too_many(wanted)
    found = fresh_all(Project, wanted, options=[joinedload(Project.campaign), joinedload(Project.organisation)])
    if found.keys() != wanted or any(p.contract_id != contract_id or p.reference is None for p in found.values()):
        raise DomainError("Un de ces dossiers n'est pas (ou plus) de ce contrat de ville.")
    return found


def refuse_too_many(wanted: Collection[int]) -> None:
    if len(wanted) > MOST:
        raise DomainError(
            f"Choisissez {MOST} dossiers au plus à la fois : il y en a {len(wanted)}. Filtrez la liste davantage."
        )


def refuse_stale(pairs: Iterable[tuple[str, int, int, str]]) -> None:
    """(reference, version, version seen, what it is now) of each; raises `Conflict` that names
    those that changed."""
    changed = [f"{ref} ({now})" for ref, version, seen, now in pairs if version != seen]
    if changed:
        raise Conflict(f"Rien n'a été fait. Depuis que vous avez vu la liste, cela a changé : {named(changed)}. {LIST}")


def do_each(items: Iterable[tuple[str, T]], work: Callable[[T], object]) -> None:
    """Do the work on each; raises one `DomainError` that names whatever was refused and why. A
    fault of what was typed for all of them (a reason, a source) is told once, at its field."""
    refused: dict[str, list[str]] = {}
    for reference, item in items:
        try:
            work(item)
        except NotAllowed:
            raise
        except DomainError as error:
            if error.field in TYPED:
                raise
            refused.setdefault(error.message, []).append(reference)
    refuse(refused)


def refuse(by_message: Mapping[str, list[str]]) -> None:
    """Of each message, the projects."""
    if by_message:
        raise DomainError(refusal(by_message))


def refusal(by_message: Mapping[str, list[str]]) -> str:
    words = " ".join(f"{named(references)} : {message}" for message, references in by_message.items())
    return f"Rien n'a été fait. {words}"


def refuse_changed(names: list[str]) -> None:
    """Raises `Conflict` that names what an undoing would overwrite."""
    if names:
        raise Conflict(
            f"Rien n'a été annulé, car cela a changé depuis : {named(names)}. Corrigez ces dossiers un à un."
        )


def named(references: list[str]) -> str:
    more = len(references) - MOST_NAMED
    text = ", ".join(references[:MOST_NAMED])
    return f"{text} et {counted(more, 'autre')}" if more > 0 else text
