"""The tables of a year's programming, for page and workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from exports.table import Column, Level, Line, Table, Unit, Value
from grants.french import counted
from grants.queries.figures import Figure, Gap
from grants.queries.programming.groups import NO_LINE, AxisGroup, GroupSums, PillarGroup
from grants.queries.programming.groups import line as line_of
from grants.queries.programming.overview import EnvelopeFigures
from grants.queries.programming.programming import ProgrammingSection
from grants.queries.programming.rows import FunderLine, Row
from grants.queries.programming.standing import Standing
from grants.queries.theme_tree import Levels
from grants.words import word

DEFICIT = "dont déficit (enveloppe réduite sous ce qui est accordé)"


class SectionTable:
    """The table of a kind of call: one instance knows which columns stand in it."""

    def __init__(self, section: ProgrammingSection, levels: Levels) -> None:
        self.section = section
        self.levels = levels
        self.situation = section.counts.undecided > 0

    def table(self) -> Table:
        count = counted(self.section.counts.retained, "action", "retenue")
        return Table(
            caption=f"{self.section.kind} : {count}",
            columns=tuple(self._columns()),
            lines=tuple(self._lines()),
            label_columns=self._leading,
            breaks=True,
            notes=tuple(self._notes()),
        )

    @property
    def _leading(self) -> int:
        return 7 if self.situation else 6

    def _columns(self) -> Iterator[Column]:
        yield Column("N°", width=11)
        yield Column(self.levels.orientation, width=11, screen=False)
        yield Column("Porteur", width=15)
        yield Column("Action", width=23)
        yield Column("Quartier(s)", width=12, screen=False)
        yield Column("N / R / CPO", width=7)
        if self.situation:
            yield Column("Situation", width=16)
        yield Column("Coût total (hors contributions volontaires)", Unit.EUROS, 13)
        for funder in self.section.funders:
            yield Column(f"{funder.code} accordé N-1", Unit.EUROS, 8.5)
            yield Column(f"{funder.code} demandé", Unit.EUROS, 8.5)
            if self.section.proposals:
                yield Column(f"{funder.code} proposé", Unit.EUROS, 8.5)
            yield Column(f"{funder.code} accordé", Unit.EUROS, 8.5)
        yield Column("Autres cofinancements", Unit.EUROS, 14.5, screen=False)
        yield Column("Total demandé", Unit.EUROS, 9.5)
        if self.section.proposals:
            yield Column("Total proposé", Unit.EUROS, 9.5)
        yield Column("Total accordé", Unit.EUROS, 9.5)
        yield Column("% du coût", Unit.PERCENT, 7.5)
        yield Column("Bénéficiaires", Unit.WHOLE, 13, screen=False)
        yield Column("dont QPV", Unit.WHOLE, 6, screen=False)
        yield Column("Avis", width=14)
        yield Column("Observations", width=26, screen=False)

    def _lines(self) -> Iterator[Line]:
        for pillar in self.section.pillars:
            yield Line((pillar.node.title,), Level.PILLAR)
            yield from self._axes(pillar)
            yield from self._subtotal(self.levels.pillar, pillar.node.label, pillar)
        section = self.section
        yield from self._both(
            f"Total {section.kind}", section.presented, section.total, Level.TOTAL
        )
        yield self._envelope("Enveloppe", lambda envelope: envelope.amount)
        yield self._envelope("Reste", lambda envelope: envelope.left)
        if self.section.all_envelopes.deficit:
            yield self._envelope(DEFICIT, lambda envelope: envelope.deficit or Gap.NOTHING)

    def _axes(self, pillar: PillarGroup) -> Iterator[Line]:
        for axis in pillar.axes:
            label = self.levels.axis_label(pillar.node, axis.node)
            if pillar.has_axes:
                yield Line((label,), Level.AXIS)
            for orientation in axis.orientations:
                if orientation.node:
                    yield Line((orientation.node.title,), Level.ORIENTATION)
                for row in orientation.rows:
                    yield self._row(row)
            if pillar.has_axes:
                yield from self._subtotal(self.levels.axis, label, axis)

    def _row(self, row: Row) -> Line:
        return Line(
            (
                row.reference,
                _short_orientation(row),
                row.bearer,
                row.title,
                row.zones,
                row.mark,
                *((_situation(row),) if self.situation else ()),
                row.total_cost,
                *self._by_funder(lambda funder_id: line_of(row, funder_id)),
                row.other_funding,
                row.requested,
                *((row.proposed,) if self.section.proposals else ()),
                row.granted if row.standing is Standing.RETAINED else Gap.NOTHING,
                row.share_of_cost,
                row.beneficiaries,
                row.beneficiaries_qpv,
                row.opinions,
                observations(row, self.section),
            ),
            project_id=row.id,
        )

    def _by_funder(self, of: Callable[[int], FunderLine]) -> Iterator[Value]:
        for funder in self.section.funders:
            line = of(funder.id)
            yield line.before
            yield line.requested
            if self.section.proposals:
                yield line.proposed
            yield line.granted

    def _subtotal(self, level: str, label: str, of: AxisGroup | PillarGroup) -> Iterator[Line]:
        label = f"Sous-total {level.lower()} « {label} »"
        return self._both(label, of.presented, of.sums, Level.SUBTOTAL)

    def _both(
        self, label: str, presented: GroupSums, kept: GroupSums, level: Level
    ) -> Iterator[Line]:
        """While some are undecided, a pair: what is asked and proposed of all rows, and what is
        asked by and granted to those retained."""
        if self.situation:
            label_of_all = f"{label} : {counted(presented.actions, 'action', 'présentée')}"
            yield self._sums(label_of_all, presented, level, granted=False)
        label = f"{label} : {counted(kept.actions, 'action', 'retenue')}"
        yield self._sums(label, kept, level, proposed=not self.situation)

    def _sums(
        self,
        label: str,
        sums: GroupSums,
        level: Level,
        *,
        proposed: bool = True,
        granted: bool = True,
    ) -> Line:
        def amounts(requested: Value, would_be: Value, is_granted: Value) -> Iterator[Value]:
            yield requested
            if self.section.proposals:
                yield would_be if proposed else None
            yield is_granted if granted else None

        cells: list[Value] = [label, *[None] * (self._leading - 1), sums.total_cost]
        for id in (funder.id for funder in self.section.funders):
            cells += [None, *amounts(sums.requested[id], sums.proposed[id], sums.granted[id])]
        cells.append(sums.other_funding)
        cells += amounts(sums.total_requested, sums.total_proposed, sums.total_granted)
        cells += [sums.share_of_cost if granted else None, *[None] * 4]
        return Line(tuple(cells), level)

    def _envelope(self, label: str, of: Callable[[EnvelopeFigures], Figure]) -> Line:
        blank: list[Value] = [None] * (3 if self.section.proposals else 2)
        cells: list[Value] = [label, *[None] * self._leading]
        for funder in self.section.funders:
            cells += [*blank, of(self.section.envelopes[funder.id])]
        cells += [*blank, of(self.section.all_envelopes), *[None] * 5]
        return Line(tuple(cells), Level.SUBTOTAL)

    def _notes(self) -> Iterator[str]:
        if self.situation:
            yield (
                "Actions présentées : toutes celles du tableau, retenues, à décider ou non"
                " retenues ; ni retirées, ni irrecevables."
            )
        for funder in self.section.funders:
            others = self.section.envelopes[funder.id].shared_with
            if others:
                yield (
                    f"{funder.code} : l'enveloppe et son reste valent aussi pour"
                    f" {', '.join(others)}."
                )


def without_empty(table: Table) -> Table:
    """For paper: without the columns in which no line has a word, nor a sum an amount. Without a
    row, those that the labels of sums run over stay."""
    lines = tuple(table.lines)
    least = 1 if any(line.level is Level.ROW for line in lines) else table.label_columns
    kept = [
        index for index in range(len(table.columns))
        if any(_filled(line, index) for line in lines) or index < least
    ]  # fmt: skip
    return replace(
        table,
        columns=tuple(table.columns[index] for index in kept),
        lines=tuple(
            replace(line, cells=tuple(line.cells[i] for i in kept if i < len(line.cells)))
            for line in lines
        ),
        label_columns=sum(index < table.label_columns for index in kept),
    )


def _filled(line: Line, index: int) -> bool:
    value = line.cells[index] if index < len(line.cells) else None
    said = value not in (None, "") and not isinstance(value, Gap)
    return said and (line.level is Level.ROW or value != 0)


def _situation(row: Row) -> str:
    if row.standing is Standing.UNDECIDED:
        return f"à décider ({word(row.state)})"
    return row.standing.value


def _short_orientation(row: Row) -> str:
    node = row.place.orientation
    if node is None:
        return ""
    return str(node.number) if node.number else node.label


def observations(row: Row, section: ProgrammingSection) -> str:
    """Conditions, reasons for more than was asked, and what those who gave opinions add."""
    said = []
    for funder in section.funders:
        line = row.lines.get(funder.id, NO_LINE)
        said += [f"{funder.code} : {text}" for text in (line.condition, line.raised_reason) if text]
    return " ; ".join([*said, row.remarks] if row.remarks else said)
