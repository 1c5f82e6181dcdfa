"""Bars of shares and of two years: how long they are. Their figures stand in the tables beneath."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from exports.programming_columns import GRANTED
from exports.table import Unit, shown
from grants.french import NO_BREAK_SPACE
from grants.queries.comparison.amounts import ALL
from grants.queries.comparison.comparison import Compared, ComparedFunder, KindComparison
from grants.queries.comparison.framing import Framed
from grants.queries.figures import ZERO, Figure, Gap, difference, known, largest, part
from grants.queries.programming.groups import GroupSums
from grants.queries.programming.programming import ProgrammingSection

# More lines than this are no picture any more: bars of all funders together, no shares.
FEW, MOST = 8, 60
# From how many percent on a part has its figure in it, and on a telephone too.
WRITTEN, BROAD = 6, 20

PairLine = tuple[str, Figure, Figure]
Drawn = tuple[str, Sequence[PairLine]]


@dataclass(frozen=True)
class PairBar:
    """Two years, in percent of the largest figure drawn; `gap`: the difference, in words."""

    label: str
    before: Decimal
    after: Decimal
    gap: str


@dataclass(frozen=True)
class Pairs:
    """Drawings on one scale, each with its title. `finding`: what their figures prove, if anything."""

    finding: str
    drawings: list[tuple[str, list[PairBar]]]


@dataclass(frozen=True)
class SharePart:
    """In percent of the bar; `text`: the line's number and its share."""

    x: Decimal
    width: Decimal
    text: str
    broad: bool


@dataclass(frozen=True)
class ShareBar:
    label: str
    parts: list[SharePart]
    total: str


@dataclass(frozen=True)
class Shares:
    """`lines`: what the parts of each bar are, in order."""

    finding: str
    lines: list[str]
    bars: list[ShareBar]


def action_pairs(kind: KindComparison) -> Pairs | None:
    return _pairs([("", [(x.label, _count(x.actions.a), _count(x.actions.b)) for x in kind.lines])], Unit.WHOLE)


def _count(value: int | Gap) -> Figure:
    return Decimal(value) if isinstance(value, int) else value


def amount_pairs(kind: KindComparison, unit: Unit) -> Pairs | None:
    """One drawing a funder; a single one where the lines are many, or are the funders."""
    lines = kind.lines
    if kind.of_funders:
        return funder_pairs(kind.of_funders)
    if len(lines) > FEW:
        return _pairs([(kind.total_label, [(x.label, x.total.a, x.total.b) for x in lines])], unit)
    return _pairs([(f.code, [_amounts(x, f.id) for x in lines]) for f in kind.funders], unit)


def _amounts(line: Compared, funder_id: int) -> PairLine:
    return line.label, line.amounts[funder_id].a, line.amounts[funder_id].b


def funder_pairs(funders: Iterable[Framed | ComparedFunder]) -> Pairs | None:
    return _pairs([("", [(f.label, f.granted.a, f.granted.b) for f in funders])], Unit.EUROS)


def _pairs(drawings: Iterable[Drawn], unit: Unit) -> Pairs | None:
    """Like with like: what a year does not know has no bars. One line alone is no drawing."""
    alike = [(title, [line for line in lines if Gap.UNKNOWN not in line]) for title, lines in drawings]
    kept = [(title, lines) for title, lines in alike if 1 < len(lines) <= MOST]
    most = max((known(value) for _, lines in kept for _, *pair in lines for value in pair), default=ZERO)
    if most <= 0:
        return None
    return Pairs(_moves(kept, unit), [(title, [_pair(line, most, unit) for line in lines]) for title, lines in kept])


def _pair(line: PairLine, most: Decimal, unit: Unit) -> PairBar:
    label, before, after = line
    gap = known(difference(before, after))
    words = f"{'▲' if gap > 0 else '▼'} {shown(abs(gap), unit)}" if gap else "="
    return PairBar(label, _percent(before, most), _percent(after, most), words)


def _percent(value: Figure, whole: Decimal) -> Decimal:
    return known(part(value, whole))


def _moves(drawings: Iterable[Drawn], unit: Unit) -> str:
    """The largest rise and the largest fall."""
    gaps = [
        (f"{label} ({title})" if title else label, known(difference(before, after)))
        for title, lines in drawings
        for label, before, after in lines
    ]
    rise, fall = largest(gaps), largest((label, -gap) for label, gap in gaps)
    said = [f"plus forte hausse : {rise[0]}, {shown(rise[1], unit)} de plus"] if rise else []
    said += [f"plus forte baisse : {fall[0]}, {shown(fall[1], unit)} de moins"] if fall else []
    words = " ; ".join(said)
    return words[:1].upper() + words[1:]


def pillar_shares(section: ProgrammingSection) -> Shares | None:
    """What each funder of a kind of call grants, and all of them: the parts of its pillars."""
    pillars, whole = section.pillars, section.total
    first = largest((p.node.label, part(_granted(p.sums), _granted(whole))) for p in pillars)
    columns: list[tuple[str, int | None]] = [*((f.code, f.id) for f in section.funders), (ALL, None)]
    return _shares(
        f"{first[0]} : {shown(first[1], Unit.PERCENT)} du total accordé" if first else "",
        [p.node.label for p in pillars],
        [
            (code, [part(_granted(p.sums, id), _granted(whole, id)) for p in pillars], _granted(whole, id))
            for code, id in columns[: None if len(columns) > 2 else 1]
        ],
    )


def _granted(sums: GroupSums, funder_id: int | None = None) -> Decimal:
    return GRANTED.sum(sums, funder_id) or ZERO


def line_shares(kind: KindComparison, years: tuple[int, int], unit: Unit) -> Shares | None:
    """The parts of the lines, where they are few, in what each funder has in each year."""
    if len(kind.lines) > FEW:
        return None
    bars = []
    for f in kind.funders:
        own, whole = [line.amounts[f.id] for line in kind.lines], kind.total.amounts[f.id]
        bars.append((f"{f.code} {years[0]}", [x.share_a for x in own], whole.a))
        bars.append((f"{f.code} {years[1]}", [x.share_b for x in own], whole.b))
    return _shares("", [line.label for line in kind.lines], bars, unit)


def _shares(
    finding: str, lines: list[str], bars: Iterable[tuple[str, Sequence[Figure], Figure]], unit: Unit = Unit.EUROS
) -> Shares | None:
    """Of one line the whole is no picture, nor is nothing."""
    made = [ShareBar(label, list(_parts(shares)), shown(whole, unit)) for label, shares, whole in bars]
    return Shares(finding, lines, made) if len(lines) > 1 and any(bar.parts for bar in made) else None


def _parts(shares: Iterable[Figure]) -> Iterator[SharePart]:
    """One for each line, or none where the whole is zero or not known."""
    x = ZERO
    for number, share in enumerate(shares, 1):
        if isinstance(share, Gap):
            return
        whole = share.quantize(Decimal(1), ROUND_HALF_UP)
        text = f"{number} · {whole}{NO_BREAK_SPACE}%" if share >= WRITTEN else ""
        yield SharePart(x, share, text, share >= BROAD)
        x += share
