"""The texts of the grid's cells: the same in the page and in what its script is told."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import compress, product

from markupsafe import Markup

from exports.programming_columns import GRANTED, SUMMED, AmountColumn
from grants.domain.decisions.refusals import REASONS
from grants.domain.decisions.rules import Decision, Facts, decidable, refusals
from grants.french import euros
from grants.models import NOT_COUNTING, Kind, Outcome, State
from grants.queries.figures import Figure, Gap
from grants.queries.programming.funder_columns import FunderColumn
from grants.queries.programming.grid import Grid, GridGroup, RowFigures
from grants.queries.programming.groups import GroupSums
from grants.queries.programming.rows import FunderLine, Row
from grants.queries.programming.standing import Standing
from grants.words import word

# Said where no amount is granted, because a word says more than a nought.
OUTCOMES: dict[Outcome, str] = {o: word(o) for o in Outcome if o not in (Outcome.PENDING, Outcome.ACCEPTED)}
CLASSES = {Standing.RETAINED: "is-retained", Standing.UNDECIDED: "is-undecided"}  # or "is-not-retained"
# Of the groups, by level.
LEVELS = ("is-kind", "is-pillar", "is-axis", "is-orientation")
NOTIFIED, UNCONFIRMED = "✓", "?"
AmountColumns = tuple[AmountColumn, ...]
# What the script writes.
ACTIONS = {o.value: o for o in Outcome if o is not Outcome.PENDING} | {"PROPOSE": None}


def _due(opened: bool, decided: bool, validated: bool, raised: bool) -> dict[str, dict[str, list[str]]]:
    """Of a line, by what is written: the reasons that it takes within what is asked, and beyond."""
    there = Outcome.ACCEPTED if decided else Outcome.PENDING
    facts = Facts(
        state=State.ADMISSIBLE,
        validated=validated,
        requested=Decimal(1) if opened else None,
        outcome=there if opened else None,
        raised="x" if raised else "",
    )

    def reasons(outcome: Outcome | None, amount: int) -> list[str]:
        found = {why.code.field for why in refusals(facts, Decision(outcome, Decimal(amount)))}
        return [name for name in REASONS if name in found]

    return {a: {"within": reasons(said, 1), "beyond": reasons(said, 2)} for a, said in ACTIONS.items()}


# By what is true of a line, as static/js/grid-table.js says it.
DUE = {
    " ".join(compress(("open", "decided", "validated", "raised"), bits)): _due(*bits)
    for bits in product((False, True), repeat=4)
}


@dataclass(frozen=True)
class GridChoice:
    """What one person looks at: funders, and the columns of each."""

    funders: tuple[FunderColumn, ...]
    columns: AmountColumns


@dataclass(frozen=True, slots=True)
class GridLine:
    """A row of the table. `level`: of a group; `None` for a project. `under`: beside its title."""

    level: int | None
    css: str
    label: str
    cells: Markup
    project_id: int = 0
    under: str = ""


@lru_cache(4096)
def amount(value: Figure | None) -> str:
    """Euros without their sign; nothing where there is nothing (the style sheet shows a dash)."""
    if value is None or value is Gap.NOTHING:
        return ""
    return value if isinstance(value, Gap) else euros(value)[:-2]


def text(column: AmountColumn, line: FunderLine, outside: bool) -> str:
    """Granted: or what was decided instead; whether it is notified, or waits to be confirmed."""
    if column is not GRANTED:
        return amount(column.cell(line))
    said = OUTCOMES.get(line.outcome or Outcome.PENDING) or amount(line.granted)
    mark = NOTIFIED if line.notified else UNCONFIRMED if line.unconfirmed and not outside else ""
    return f"{said} {mark}" if mark else said


@lru_cache(1024)
def _state(version: int, outcome: Outcome | None, raised: bool) -> str:
    """Of a line, for the script, at the cell that is always shown; none where its call does not have this funder."""
    said = f" data-outcome={outcome}" if outcome not in (None, Outcome.PENDING) else ""
    return f"<td data-version={version}{said}{' data-raised=true' if raised else ''}>"


def lines(grid: Grid, choice: GridChoice) -> Iterator[GridLine]:
    for group in grid.groups:
        yield from _group(group, choice, grid.validated)


def _group(group: GridGroup, choice: GridChoice, validated: Container[int]) -> Iterator[GridLine]:
    label = f"{group.label} ({group.count})"
    yield GridLine(group.level, f"is-group {LEVELS[group.level]}", label, sums(group.sums, choice))
    for row in group.rows:
        yield _row(row, choice, row.campaign_id in validated)
    for below in group.groups:
        yield from _group(below, choice, validated)


def _row(row: Row, choice: GridChoice, validated: bool) -> GridLine:
    cells = [f"<td>{amount(row.total_cost)}"]
    for funder in choice.funders:
        line, outside = row.lines.get(funder.id), funder.outside
        if line is None:
            cells.append("<td>" * len(choice.columns))
            continue
        state = _state(line.version, line.outcome, bool(line.raised_reason))
        cells += [(state if c is GRANTED else "<td>") + text(c, line, outside) for c in choice.columns]
    whole = Markup("".join(cells)) + _cells(totals(row, choice.columns).values())  # noqa: S704
    return GridLine(None, f"{css(row)} is-validated" if validated else css(row), row.title, whole, row.id, under(row))


def css(row: Row | RowFigures) -> str:
    """What became of it, whether it is closed to decisions, and out of the sums."""
    closed = "" if decidable(row.state) else " is-locked"
    return (
        CLASSES.get(row.standing, "is-not-retained") + closed + (" is-uncounted" if row.state in NOT_COUNTING else "")
    )


def under(row: Row) -> str:
    state = "" if decidable(row.state) else f" · {word(row.state)}"
    mark = f"{row.mark} · " if row.kind is Kind.MULTIYEAR else ""
    return f"{row.reference} · {mark}{row.bearer}{state}"


def totals(row: Row | RowFigures, columns: AmountColumns) -> dict[str, str]:
    return {column.key: amount(column.whole(row)) for column in columns if column.sums}


def sums(group: GroupSums, choice: GridChoice) -> Markup:
    texts = [amount(group.total_cost)]
    for funder in choice.funders:
        texts += [amount(column.sum(group, funder.id)) for column in choice.columns]
    return _cells([*texts, *(amount(c.sum(group)) for c in choice.columns if c.sums)])


def _cells(texts: Iterable[str]) -> Markup:
    """Figures and words of our own: nothing in them to escape."""
    return Markup("<td>" + "<td>".join(texts))  # noqa: S704


def for_script(row: RowFigures, outside: Collection[int]) -> dict[str, object]:
    """A row for the script, the same whatever a page shows of it: the choice may have changed in
    another window. Last year's amounts never change. `outside`: funders that do not confirm."""
    return {
        "id": row.id,
        "css": css(row),
        "lines": {
            id: {
                "version": line.version,
                "outcome": line.outcome or Outcome.PENDING,
                "raised": bool(line.raised_reason),
                "texts": {column.key: text(column, line, id in outside) for column in SUMMED},
            }
            for id, line in row.lines.items()
        },
        "totals": totals(row, SUMMED),
    }
