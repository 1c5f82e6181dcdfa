"""Two figures beside each other, their difference, and what a total leaves out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from grants.queries.figures import Figure, Gap, difference, growth

Count = int | Gap


ALL = "Ensemble"


@dataclass(frozen=True)
class Actions:
    """Numbers of projects."""

    a: Count
    b: Count

    @property
    def difference(self) -> Count:
        if isinstance(self.a, Gap) or isinstance(self.b, Gap):
            return Gap.UNKNOWN
        return self.b - self.a


@dataclass(frozen=True)
class Amounts:
    """Of one funder or of all, in euros (or actions), and the share in percent of its total."""

    a: Figure
    b: Figure
    share_a: Figure
    share_b: Figure

    @property
    def difference(self) -> Figure:
        return difference(self.a, self.b)

    @property
    def growth(self) -> Figure:
        return growth(self.a, self.b)


class Unlike(Amounts):
    """Of what the two years do not know alike: side by side, without a difference."""

    @property
    def difference(self) -> Figure:
        return Gap.NOTHING

    @property
    def growth(self) -> Figure:
        return Gap.NOTHING


def total_label(apart: Iterable[str]) -> str:
    """`apart`: what is left out of a total, as one year alone knows it."""
    names = ", ".join(apart)
    return f"Total sans {names}" if names else "Total"
