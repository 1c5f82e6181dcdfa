"""Why funders refused: the column `motif`, for all of them or each (`CGET : … | VILLE : …`)."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

UNPUBLISHED = "Motif non publié"


@dataclass(frozen=True)
class Reasons:
    """`general` is that of the funders which have none of their own."""

    general: str
    by_code: dict[str, str]

    def of(self, code: str) -> str:
        return self.by_code.get(code) or self.general or UNPUBLISHED

    def unused(self, refused: set[str]) -> str:
        """What no refusal of these funders carries, so that no words of the file are lost."""
        parts = [f"{code} : {text}" for code, text in self.by_code.items() if code not in refused]
        if self.general not in ("", UNPUBLISHED) and refused <= self.by_code.keys():
            parts.insert(0, self.general)
        return " | ".join(parts)


def read_reasons(text: str, codes: Container[str]) -> Reasons:
    """A part that names no code goes on with the reason before it."""
    general: list[str] = []
    by_code: dict[str, list[str]] = {}
    current = general
    for part in filter(None, map(str.strip, text.replace("|", ";").split(";"))):
        code, _, words = (side.strip() for side in part.partition(":"))
        if words and code in codes:
            current, part = by_code.setdefault(code, []), words
        current.append(part)
    return Reasons(" ; ".join(general), {code: " ; ".join(own) for code, own in by_code.items()})
