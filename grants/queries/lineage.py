"""What became of each action from one year to the other, by the predecessors of dossiers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from grants.queries.figures import Figure, Gap, difference
from grants.queries.programming import Programming
from grants.queries.programming_rows import Row, Standing


class Fate(StrEnum):
    RENEWED = "reconduite"
    REFUSED = "refusée"
    WITHDRAWN = "retirée"
    UNDECIDED = "à décider"
    NOT_ASKED_AGAIN = "non redemandée"
    NEW = "nouvelle"
    NEW_REFUSED = "nouvelle, refusée"


FATES = {
    Standing.RETAINED: Fate.RENEWED,
    Standing.NOT_RETAINED: Fate.REFUSED,
    Standing.WITHDRAWN: Fate.WITHDRAWN,
    Standing.UNDECIDED: Fate.UNDECIDED,
}


@dataclass(frozen=True)
class Lineage:
    """`granted_*`: euros of all funders of its call; `–` in a year without this action."""

    kind: str
    bearer: str
    title_a: str
    title_b: str
    fate: Fate
    granted_a: Figure
    granted_b: Figure

    @property
    def difference(self) -> Figure:
        both = difference(self.granted_a, self.granted_b)
        return Gap.NOTHING if isinstance(both, Gap) else both


def lineages(a: Programming, b: Programming) -> tuple[Lineage, ...]:
    """By kind of call, in the order of year b's tables, then what was not asked again (under
    any kind: an action may move from one to another)."""
    if a.year == b.year:
        return ()
    before = {row.id: row for section in a.sections for row in section.rows}
    taken_up = {row.predecessor_id for section in b.sections for row in section.rows}
    found: list[Lineage] = []
    for kind in {s.kind: s for s in (*b.sections, *a.sections)}:
        in_a, in_b = a.section(kind), b.section(kind)
        for row in in_b.rows if in_b else ():
            found.append(_lineage(kind, before.get(row.predecessor_id or 0), row))
        for row in in_a.rows if in_a else ():
            if row.standing is Standing.RETAINED and row.id not in taken_up:
                found.append(_lineage(kind, row, None))
    return tuple(found)


def _lineage(kind: str, a: Row | None, b: Row | None) -> Lineage:
    bearer = b or a
    assert bearer is not None  # noqa: S101  one of the two years has it
    return Lineage(
        kind=kind,
        bearer=bearer.bearer,
        title_a=a.title if a else "",
        title_b=b.title if b else "",
        fate=_fate(a, b),
        granted_a=_granted(a),
        granted_b=_granted(b),
    )


def _fate(a: Row | None, b: Row | None) -> Fate:
    if b is None:
        return Fate.NOT_ASKED_AGAIN
    if a is not None or b.standing in (Standing.UNDECIDED, Standing.WITHDRAWN):
        return FATES[b.standing]
    return Fate.NEW if b.standing is Standing.RETAINED else Fate.NEW_REFUSED


def _granted(row: Row | None) -> Figure:
    if row is None or not row.counts or row.standing is Standing.UNDECIDED:
        return Gap.NOTHING
    return row.granted
