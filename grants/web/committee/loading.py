"""What the addresses of these pages name, loaded once; `None` is a page that does not exist."""

from __future__ import annotations

from dataclasses import dataclass

from grants.queries.programming.programming import years
from grants.web.instruction.loading import Year, contract


@dataclass(frozen=True)
class Pair(Year):
    """Two years to compare, one of which at least has a campaign; `year`: the first."""

    b: int

    @property
    def a(self) -> int:
        return self.year


def pair_of(slug: str, year_a: int, year_b: int) -> Pair | None:
    found = contract(slug)
    known = years(found) if found else []
    return Pair(found, year_a, known, year_b) if found and {year_a, year_b} & set(known) else None
