"""What an import says back: the faults of a refused file, or what was done with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from grants.errors import DomainError

_SHOWN = 60
_OPTIONS = 20


@dataclass(frozen=True)
class FileFault:
    """One thing to correct. `line` as counted in the file; `column` its name, or the path in a
    JSON file; `value` as written there; `advice` what is wrong and what to write; `also`: the other
    lines that have the same."""

    line: int | None
    column: str
    value: str
    advice: str
    also: tuple[int, ...] = ()

    def __str__(self) -> str:
        column = f"colonne {self.column}" if self.line and self.column else self.column
        lines = _in_words([self.line, *self.also]) if self.line else ""
        place = ", ".join(filter(None, (lines, column)))
        said = f"« {shown(self.value)} » {self.advice}" if self.value.strip() else self.advice
        return f"{place} : {said}" if place else said


class ImportRefused(DomainError):
    """Nothing of the file was imported; `faults` are all that was found in it, equal ones once."""

    def __init__(self, faults: Iterable[FileFault]) -> None:
        lines: dict[FileFault, dict[int, None]] = {}
        for fault in sorted(faults, key=lambda fault: fault.line or 0):
            lines.setdefault(replace(fault, line=None), {})[fault.line or 0] = None
        self.faults = [
            replace(fault, line=first or None, also=tuple(others)) for fault, (first, *others) in lines.items()
        ]
        super().__init__("\n".join(map(str, self.faults)))


@dataclass(frozen=True)
class Report:
    """What was done (on a dry run: would be), in numbers and in words."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    messages: list[str] = field(default_factory=list)


def _in_words(lines: list[int]) -> str:
    """`ligne 3`, `lignes 3, 5, 8 à 20`"""
    runs: list[list[int]] = []
    for line in lines:
        if runs and line == runs[-1][-1] + 1:
            runs[-1].append(line)
        else:
            runs.append([line])
    parts = [f"{r[0]} à {r[-1]}" if len(r) > 2 else ", ".join(map(str, r)) for r in runs]
    return f"ligne{'s' if len(lines) > 1 else ''} {', '.join(parts)}"


def shown(value: str) -> str:
    """`value` fit for one line of a message, whatever it holds."""
    text = " ".join(value[: _SHOWN * 4].split())
    text = "".join(char if char.isprintable() else "\ufffd" for char in text)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def one_of(options: Iterable[str]) -> str:
    """`écrire l'un de : …` over what exists; says so when nothing does."""
    known = list(dict.fromkeys(options))
    if not known:
        return "il n'en existe aucun"
    more = " ; …" if len(known) > _OPTIONS else ""
    return "écrire l'un de : " + " ; ".join(map(shown, known[:_OPTIONS])) + more
