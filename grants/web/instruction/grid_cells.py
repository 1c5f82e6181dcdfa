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
from grants.models import NOT_COUNTING, Outcome, State
from grants.queries.figures import Figure, Gap
from grants.queries.programming.funder_columns import FunderColumn
from grants.queries.programming.grid import Grid, GridGroup, RowFigures
from grants.queries.programming.groups import GroupSums
from grants.queries.programming.rows import FunderLine, Row
from grants.queries.programming.standing import Standing
from grants.words import word

# Said where no amount is granted, because a word says more than a nought.
OUTCOMES = {o: word(o) for o in (Outcome.REJECTED, Outcome.DEFERRED, Outcome.CANCELLED)}
CLASSES = {Standing.RETAINED: "r", Standing.UNDECIDED: "u", Standing.NOT_RETAINED: "n", Standing.WITHDRAWN: "n"}
NOTIFIED, UNCONFIRMED = "✓", "?"
Amounts = tuple[AmountColumn, ...]
# What the script writes.
ACTIONS = {o.value: o for o in Outcome if o is not Outcome.PENDING} | {"PROPOSE": None}


def _due(opened: bool, decided: bool, validated: bool, raised: bool) -> dict[str, list[list[str]]]:
    """Of a line, by what is written: the reasons that it takes up to what is asked, and beyond."""
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

    return {action: [reasons(said, amount) for amount in (1, 2)] for action, said in ACTIONS.items()}


# By what is true of a line, as static/js/grid-table.js says it.
DUE = {
    " ".join(compress(("open", "decided", "validated", "raised"), bits)): _due(*bits)
    for bits in product((False, True), repeat=4)
}


@dataclass(frozen=True)
class GridChoice:
    """What one person looks at: funders, and the columns of each."""

    funders: tuple[FunderColumn, ...]
    columns: Amounts


@dataclass(frozen=True, slots=True)
class GridLine:
    """A row of the table. `level`: of a group; `None` for a project. `under`: beside its title.
    `versions`: of the chosen funders' lines, for the script."""

    level: int | None
    css: str
    label: str
    cells: Markup
    project_id: int = 0
    under: str = ""
    versions: str = ""


@lru_cache(4096)
def amount(value: Figure | None) -> str:
    """Euros without their sign; nothing where there is nothing (the style sheet shows a dash)."""
    if value is None or value is Gap.NOTHING:
        return ""
    return value if isinstance(value, Gap) else euros(value)[:-2]


def granted(line: FunderLine, outside: bool) -> str:
    """The amount or what was decided instead; whether it is notified, or waits to be confirmed."""
    said = OUTCOMES.get(line.outcome or Outcome.PENDING) or amount(line.granted)
    mark = NOTIFIED if line.notified else UNCONFIRMED if line.unconfirmed and not outside else ""
    return f"{said} {mark}" if mark else said


def of_line(line: FunderLine | None, outside: bool, columns: Amounts) -> list[str]:
    if line is None:
        return [""] * len(columns)
    return [granted(line, outside) if c is GRANTED else amount(c.cell(line)) for c in columns]


def version(row: Row | RowFigures, funder_id: int) -> str:
    """Of a line, and `r` where a reason to grant more than asked was given; 0 where it is not
    open, nothing where its call does not have this funder."""
    line = row.lines.get(funder_id)
    return "" if line is None else f"{line.version}{'r' if line.raised_reason else ''}"


def lines(grid: Grid, choice: GridChoice) -> Iterator[GridLine]:
    for group in grid.groups:
        yield from _group(group, choice, grid.validated)


def _group(group: GridGroup, choice: GridChoice, validated: Container[int]) -> Iterator[GridLine]:
    label = f"{group.label} ({group.count})"
    yield GridLine(group.level, f"g g{group.level}", label, sums(group.sums, choice))
    for row in group.rows:
        yield _row(row, choice, row.campaign_id in validated)
    for below in group.groups:
        yield from _group(below, choice, validated)


def _row(row: Row, choice: GridChoice, validated: bool) -> GridLine:
    texts = [amount(row.total_cost)]
    for funder in choice.funders:
        texts += of_line(row.lines.get(funder.id), funder.outside, choice.columns)
    return GridLine(
        None,
        f"{css(row)} v" if validated else css(row),
        row.title,
        _cells([*texts, *totals(row, choice.columns)]),
        row.id,
        under(row),
        ",".join(version(row, funder.id) for funder in choice.funders),
    )


def css(row: Row | RowFigures) -> str:
    """What became of it, whether it is closed to decisions, and out of the sums."""
    closed = "" if decidable(row.state) else " c"
    return CLASSES[row.standing] + closed + (" o" if row.state in NOT_COUNTING else "")


def under(row: Row) -> str:
    state = "" if decidable(row.state) else f" · {word(row.state)}"
    return f"{row.reference} · {row.bearer}{state}"


def totals(row: Row | RowFigures, columns: Amounts) -> list[str]:
    return [amount(column.whole(row)) for column in columns if column.sums]


def sums(of: GroupSums, choice: GridChoice) -> Markup:
    texts = [amount(of.total_cost)]
    for funder in choice.funders:
        texts += [amount(column.sum(of, funder.id)) for column in choice.columns]
    return _cells([*texts, *(amount(c.sum(of)) for c in choice.columns if c.sums)])


def _cells(texts: Iterable[str]) -> Markup:
    """Figures and words of our own: nothing in them to escape."""
    return Markup("<td>" + "<td>".join(texts))  # noqa: S704


def told(row: RowFigures, outside: Collection[int]) -> dict[str, object]:
    """A row for the script, the same whatever a page shows of it: the choice may have changed in
    another window. Last year's amounts never change. `outside`: funders that do not confirm."""
    return {
        "id": row.id,
        "css": css(row),
        "cells": {id: [version(row, id), *of_line(line, id in outside, SUMMED)] for id, line in row.lines.items()},
        "totals": totals(row, SUMMED),
    }
