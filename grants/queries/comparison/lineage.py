"""What became of each action from one year to another, by what each dossier follows.

A dossier may bring several together (merged), and several may follow one (split): these are one
family, whose money is counted once. The amounts of the earlier year, and the difference of the
whole family, stand on one line of it: that of its first action retained. The lines of the others
have `–` there, so that a column adds up to what was granted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Select, select, union_all

from grants.database import db
from grants.models import Contract, Kind, Project, project_merges
from grants.names import fold
from grants.queries.figures import ZERO, Figure, Gap, difference, known, total
from grants.queries.programming.programming import Programming, ProgrammingSection
from grants.queries.programming.rows import Row
from grants.queries.programming.standing import Standing


class Fate(StrEnum):
    RENEWED = "reconduite"
    NEW = "nouvelle"
    REFUSED = "refusée"
    NEW_REFUSED = "nouvelle, refusée"
    NOT_ASKED_AGAIN = "non redemandée"
    WITHDRAWN = "retirée"
    UNDECIDED = "à décider"
    NOT_YET = "pas encore redemandée"
    UNKNOWN = "n. c."

    @property
    def slug(self) -> str:
        """In addresses."""
        return fold(self.value).replace(" ", "-")


# What one cannot know yet, or at all, has no difference and is in no total.
OPEN = (Fate.UNDECIDED, Fate.NOT_YET, Fate.UNKNOWN)
FATES = {
    Standing.RETAINED: Fate.RENEWED,
    Standing.NOT_RETAINED: Fate.REFUSED,
    Standing.WITHDRAWN: Fate.WITHDRAWN,
    Standing.UNDECIDED: Fate.UNDECIDED,
}


@dataclass(frozen=True)
class Lineage:
    """An action of the later year with those that it follows; or one of the earlier year that
    none follows. `ties`: in words, how it differs from a plain renewal. `granted_*`: euros of the
    funders that both years know; `–` in a year without this action, and where they stand on
    another line of the same family."""

    kind: str
    before: tuple[Row, ...]
    after: Row | None
    fate: Fate
    ties: tuple[str, ...]
    granted_a: Figure
    granted_b: Figure
    difference: Figure

    @property
    def bearer(self) -> str:
        return (self.after or self.before[0]).bearer

    @property
    def title_a(self) -> str:
        return " ; ".join(row.title for row in self.before)

    @property
    def title_b(self) -> str:
        return self.after.title if self.after else ""


@dataclass(frozen=True)
class FateSum:
    """Over all actions of one fate, or over all whose fate is known (`fate` is `None`)."""

    fate: Fate | None
    actions: int
    granted_a: Figure
    granted_b: Figure

    @property
    def difference(self) -> Figure:
        if self.fate in OPEN:
            return Gap.UNKNOWN
        return known(self.granted_b) - known(self.granted_a)


def fate_sums(lines: Sequence[Lineage]) -> tuple[FateSum, ...]:
    """Those that occur, then what is known."""
    by_fate = [(fate, [line for line in lines if line.fate is fate]) for fate in Fate]
    return (
        *(_fate_sum(fate, own) for fate, own in by_fate if own),
        _fate_sum(None, [line for line in lines if line.fate not in OPEN]),
    )


def _fate_sum(fate: Fate | None, lines: Sequence[Lineage]) -> FateSum:
    a, b = _sum(line.granted_a for line in lines), _sum(line.granted_b for line in lines)
    return FateSum(fate, len(lines), a, b)


def fates(lines: Iterable[Lineage]) -> dict[int, Fate]:
    """By the ids of both years' projects; of one that several follow, the best of theirs."""
    found: dict[int, Fate] = {}
    order = list(Fate)
    for line in lines:
        for row in (*line.before, *([line.after] if line.after else [])):
            found[row.id] = min(found.get(row.id, line.fate), line.fate, key=order.index)
    return found


def lineages(contract: Contract, a: Programming, b: Programming) -> tuple[Lineage, ...]:
    """By kind of call, in the order of the later year's tables, then what was not asked again
    (under any kind: an action may move from one to another). One query, where years lie between.
    """
    if a.year == b.year:
        return ()
    first, last = sorted((a, b), key=lambda programming: programming.year)
    return tuple(_Lines(first, last, _links_between(contract.id, first.year, last.year)).all())


def _links_between(contract_id: int, first: int, last: int) -> dict[int, list[int]]:
    """What the projects of the years between follow."""
    if last - first < 2:
        return {}
    between = (Project.contract_id == contract_id, Project.year > first, Project.year < last)
    links = project_merges.c
    firsts = select(Project.id, Project.predecessor_id).where(*between, Project.predecessor_id.is_not(None))
    merged: Select[int, int | None] = select(links.project_id, links.predecessor_id).where(
        links.project_id.in_(select(Project.id).where(*between))
    )
    found: dict[int, list[int]] = defaultdict(list)
    for follower, followed in db.session.execute(union_all(firsts, merged)):
        found[follower].append(followed or 0)
    return found


class _Lines:
    def __init__(self, a: Programming, b: Programming, links: dict[int, list[int]]) -> None:
        self.a, self.b = a, b
        self.links = links
        self.alike = {f.id for f in a.funders} & {f.id for f in b.funders}
        self.old = {row.id: row for section in a.sections for row in section.rows}
        self.new = {row.id: row for section in b.sections for row in section.rows}
        self.before = {row.id: self._before(row) for row in self.new.values()}
        self.after: dict[int, list[Row]] = defaultdict(list)
        for row in self.new.values():
            for each in self.before[row.id]:
                self.after[each.id].append(row)
        self.families = self._families()
        retained_first = sorted(self.new.values(), key=lambda row: row.standing is not Standing.RETAINED)
        # By family: the line that its money of the earlier year stands on.
        self.bears: dict[int, int] = {}
        for row in retained_first:
            self.bears.setdefault(id(self.families[row.id]), row.id)

    def _before(self, row: Row) -> tuple[Row, ...]:
        """What it follows in the earlier year, through the years between."""
        found, waiting = {}, list(row.follows)
        while waiting:
            each = waiting.pop(0)
            if each in self.old:
                found[each] = self.old[each]
            else:
                waiting += self.links.get(each, ())
        return tuple(found.values())

    def _families(self) -> dict[int, set[int]]:
        """Of each project of either year, all that hang together with it."""
        families: dict[int, set[int]] = {}
        for row in self.new.values():
            ids = {row.id}.union(*(families.get(each.id, {each.id}) for each in self.before[row.id]))
            families.update(dict.fromkeys(ids, ids))
        return families

    def all(self) -> Iterator[Lineage]:
        for kind in {s.kind: s for s in (*self.b.sections, *self.a.sections)}:
            in_a, in_b = self.a.section(kind), self.b.section(kind)
            for row in in_b.rows if in_b else ():
                yield self._line(kind, row)
            for row in in_a.rows if in_a else ():
                if row.standing is Standing.RETAINED and row.id not in self.after:
                    yield self._unfollowed(kind, row, in_b)

    def _unfollowed(self, kind: str, row: Row, later: ProgrammingSection | None) -> Lineage:
        """`later`: the calls of its kind, if that year has any; else all its money is told."""
        if later is None:
            return Lineage(kind, (row,), None, Fate.UNKNOWN, (), row.granted, Gap.UNKNOWN, Gap.UNKNOWN)
        fate = Fate.NOT_YET if later.open else Fate.NOT_ASKED_AGAIN
        return Lineage(kind, (row,), None, fate, (), self._granted(row), Gap.NOTHING, Gap.NOTHING)

    def _line(self, kind: str, row: Row) -> Lineage:
        before, family = self.before[row.id], self.families[row.id]
        granted_a: Figure = Gap.NOTHING
        gap: Figure = Gap.NOTHING
        if self.bears[id(family)] == row.id:
            granted_a = _sum(self._granted(self.old[x]) for x in family if x in self.old)
            granted_b = _sum(self._granted(self.new[x]) for x in family if x in self.new)
            gap = difference(granted_a, granted_b)
        return Lineage(
            kind,
            before,
            row,
            _fate(before, row),
            tuple(self._ties(before, row)),
            granted_a,
            self._granted(row),
            Gap.NOTHING if isinstance(gap, Gap) else gap,
        )

    def _granted(self, row: Row) -> Figure:
        if not row.counts or row.standing is Standing.UNDECIDED:
            return Gap.NOTHING
        alike = [line.granted for id, line in row.lines.items() if id in self.alike]
        return total(alike) if alike else Gap.UNKNOWN

    def _ties(self, before: Sequence[Row], row: Row) -> Iterator[str]:
        if len(before) > 1:
            yield f"regroupe {len(before)} actions"
        for each in before:
            others = [other for other in self.after[each.id] if other.id != row.id]
            if others:
                yield f"issue de la même action que « {others[0].title} »"
        if before and all(fold(each.title) != fold(row.title) for each in before):
            yield "renommée"
        if before and all(each.organisation_id != row.organisation_id for each in before):
            yield f"autre porteur (avant : {before[0].bearer})"


def _fate(before: Sequence[Row], row: Row) -> Fate:
    if before or row.standing in (Standing.UNDECIDED, Standing.WITHDRAWN):
        return FATES[row.standing]
    if row.kind is Kind.RENEWAL:
        return Fate.UNKNOWN  # of what, nobody has said
    return Fate.NEW if row.standing is Standing.RETAINED else Fate.NEW_REFUSED


def _sum(figures: Iterable[Figure]) -> Figure:
    """`–` where there is none."""
    amounts = [value for value in figures if not isinstance(value, Gap)]
    return sum(amounts, ZERO) if amounts else Gap.NOTHING
