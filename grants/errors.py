"""What the domain refuses, in words (French) that say what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class DomainError(Exception):
    """A refusal. `field` is the name of the form field that it concerns, if there is one."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    @property
    def messages(self) -> list[tuple[str | None, str]]:
        """All that a form has to say of it: fields, and the words at each."""
        return [(self.field, self.message)]


class Conflict(DomainError):
    """Somebody else changed the same thing meanwhile; the message shows both values."""


class NotAllowed(DomainError):
    """This person may not do this (a forged request, or a button that should not be there)."""


class Incomplete(DomainError):
    """Several faults at once; `faults` are (section, field, message)."""

    def __init__(self, message: str, faults: list[tuple[str, str, str]]) -> None:
        super().__init__(message)
        self.faults = faults


def refusal_of(check: Callable[..., None], *subjects: Any) -> str:
    """Why `check` refuses, in its words; nothing where it does not."""
    try:
        check(*subjects)
    except DomainError as error:
        return error.message
    return ""
