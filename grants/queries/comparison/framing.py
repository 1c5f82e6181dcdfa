"""The money of two years side by side, funder by funder over all kinds of call: what both years
know is compared, like with like; what one of them alone knows stands apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from grants.queries.comparison.amounts import ALL, Amounts, Unlike, total_label
from grants.queries.figures import ZERO, Figure, Gap, known, total
from grants.queries.programming.overview import EnvelopeFigures, FunderOverview
from grants.queries.programming.programming import Programming
from grants.queries.programming.standing import Standing

KindFunders = set[tuple[str, int]]  # kinds of call and funder ids


@dataclass(frozen=True)
class Framed:
    """One funder, or several; `None` in a year that does not know them. `alike`: whether both years
    are over the same calls and funders."""

    label: str
    a: FunderOverview | None
    b: FunderOverview | None
    alike: bool = True

    @property
    def granted(self) -> Amounts:
        amounts: list[Figure] = [o.granted if o else Gap.UNKNOWN for o in (self.a, self.b)]
        made = Amounts if self.alike else Unlike
        return made(amounts[0], amounts[1], Gap.NOTHING, Gap.NOTHING)


@dataclass(frozen=True)
class Framing:
    """`wholes`: each year with all that it knows, as it is published."""

    alike: tuple[Framed, ...]
    total: Framed
    apart: tuple[Framed, ...]
    wholes: tuple[Framed, ...]


def framed(a: Programming, b: Programming) -> Framing:
    in_a, in_b = _cells(a), _cells(b)
    both = in_a & in_b
    funders = {f.id: f for f in (*b.funders, *a.funders)}
    alike, apart = [], []
    for id, funder in funders.items():
        if own := _of_funder(both, id):
            alike.append(Framed(funder.code, _sum(a, own), _sum(b, own)))
        left_a, left_b = _of_funder(in_a - both, id), _of_funder(in_b - both, id)
        for left, years in ((left_a, (_sum(a, left_a), None)), (left_b, (None, _sum(b, left_b)))):
            if left:
                kinds = ", ".join(sorted(kind for kind, _ in left))
                apart.append(Framed(f"{funder.code} ({kinds})" if own else funder.code, *years))
    total = Framed(total_label(x.label for x in apart), _sum(a, both), _sum(b, both))
    wholes = _wholes(a, b, [f.code for f in funders.values() if f.outside], alike=not apart)
    return Framing(tuple(alike), total, tuple(apart), tuple(wholes))


def _wholes(a: Programming, b: Programming, outside: list[str], *, alike: bool) -> Iterator[Framed]:
    wholes = [p.overview if p.sections else None for p in (a, b)]
    if outside:
        platform_a, platform_b = (each.platform if each else None for each in wholes)
        yield Framed(f"{ALL} hors {', '.join(outside)}", platform_a, platform_b, alike)
    if not alike:
        total_a, total_b = (each.total if each else None for each in wholes)
        yield Framed(ALL, total_a, total_b, alike)


def _cells(programming: Programming) -> KindFunders:
    return {(section.kind, f.id) for section in programming.sections for f in section.funders}


def _of_funder(cells: KindFunders, funder_id: int) -> KindFunders:
    return {cell for cell in cells if cell[1] == funder_id}


def _sum(programming: Programming, cells: KindFunders) -> FunderOverview | None:
    if not cells:
        return None
    amounts = [
        sum((known(x.granted) for id, x in row.lines.items() if (section.kind, id) in cells), ZERO)
        for section in programming.sections
        for row in section.rows
        if row.standing is Standing.RETAINED
    ]
    drawn = [programming.overview.by_funder[id].envelope for id in {id for _kind, id in cells}]
    envelope = EnvelopeFigures(
        _all(e.amount for e in drawn), _all(e.left for e in drawn), sum((e.deficit for e in drawn), ZERO), ()
    )
    return FunderOverview(sum(x > 0 for x in amounts), sum(amounts, ZERO), envelope)


def _all(figures: Iterable[Figure]) -> Figure:
    """`n. c.` where nothing is known."""
    amounts = [value for value in figures if value is not Gap.UNKNOWN]
    return total(amounts) if amounts else Gap.UNKNOWN
