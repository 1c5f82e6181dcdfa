"""A fictitious dossier and what happens to it.

A script is what happens to a dossier after it is written, a step a word:
`submit`, `admit`, `refuse`, `pieces`, `withdraw`, `propose CODE EUROS`, `accept CODE EUROS`,
`reject CODE`, `defer CODE`, `cancel CODE`, `notify CODE`; after the committee (`LATER`) also
`revise CODE EUROS`. A fourth word, `typed`: by the coordinator, on behalf of the institution.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Dossier:
    bearer: str
    title: str
    path: tuple[str, ...]
    orientation: int
    cost: int
    asked: dict[str, int]
    script: tuple[str, ...] = ()
    predecessor: str = ""
    public: tuple[int, int] = (60, 45)
    zones: tuple[str, ...] = field(default=("Caravelle",))
