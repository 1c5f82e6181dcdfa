"""The tables of a year's programming, for page and workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from exports.programming_columns import ProgrammingColumn, SectionRow, page_columns
from exports.table import Level, Line, Table, leading, line
from grants.french import counted
from grants.queries.figures import Figure, Gap
from grants.queries.programming.groups import AxisGroup, GroupSums, PillarGroup
from grants.queries.programming.overview import EnvelopeFigures
from grants.queries.programming.programming import ProgrammingSection
from grants.queries.theme_tree import Levels

RESERVED = "Réservé aux conventions (dossiers pas encore créés)"
DEFICIT = "dont déficit (enveloppe réduite sous ce qui est accordé)"


class SectionTable:
    """The table of a kind of call: one instance knows which columns stand in it."""

    def __init__(self, section: ProgrammingSection, levels: Levels) -> None:
        self.section = section
        self.levels = levels
        self.columns = page_columns(section, levels)
        self.undecided = section.counts.undecided > 0

    def table(self) -> Table:
        count = counted(self.section.counts.retained, "action", "retenue")
        if self.undecided:
            count = f"{counted(self.section.presented.actions, 'action', 'présentée')}, dont {count} à ce jour"
        return Table(
            caption=f"{self.section.kind} : {count}",
            columns=self.columns,
            lines=tuple(self._lines()),
            label_columns=leading(self.columns),
            breaks=True,
            notes=tuple(self._notes()),
        )

    def _lines(self) -> Iterator[Line]:
        for pillar in self.section.pillars:
            yield Line((pillar.node.title,), Level.PILLAR)
            yield from self._axes(pillar)
            yield from self._subtotal(self.levels.pillar, pillar.node.label, pillar)
        own = self.section
        yield from self._both(f"Total {own.kind}", own.presented, own.total, Level.TOTAL)
        yield self._envelope("Enveloppe", lambda envelope: envelope.amount)
        if self.section.all_envelopes.reserved:
            yield self._envelope(RESERVED, lambda envelope: envelope.reserved or Gap.NOTHING)
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
                    yield line(self.columns, SectionRow(row, self.section), project_id=row.id)
            if pillar.has_axes:
                yield from self._subtotal(self.levels.axis, label, axis)

    def _subtotal(self, level: str, label: str, group: AxisGroup | PillarGroup) -> Iterator[Line]:
        label = f"Sous-total {level.lower()} « {label} »"
        return self._both(label, group.presented, group.sums, Level.SUBTOTAL)

    def _both(self, label: str, presented: GroupSums, kept: GroupSums, level: Level) -> Iterator[Line]:
        """While some are undecided, a pair: what is asked and proposed of all rows, and what is
        asked by and granted to those retained."""
        if self.undecided:
            label_of_all = f"{label} : {counted(presented.actions, 'action', 'présentée')}"
            yield self._sums(label_of_all, presented, level, lambda column: not column.decided)
        label = f"{label} : {counted(kept.actions, 'action', 'retenue')}"
        yield self._sums(label, kept, level, lambda c: not (c.proposed and self.undecided))

    def _sums(self, label: str, sums: GroupSums, level: Level, stands: Callable[[ProgrammingColumn], bool]) -> Line:
        cells = [c.below(sums) if c.below and stands(c) else None for c in self.columns]
        return Line((label, *cells[1:]), level)

    def _envelope(self, label: str, figure: Callable[[EnvelopeFigures], Figure]) -> Line:
        cells = [c.envelope and figure(c.envelope(self.section)) for c in self.columns]
        return Line((label, *cells[1:]), Level.SUBTOTAL)

    def _notes(self) -> Iterator[str]:
        if self.undecided:
            yield (
                "Actions présentées : toutes celles du tableau, retenues, à décider ou non"
                " retenues ; ni retirées, ni irrecevables."
            )
        for funder in self.section.funders:
            others = self.section.envelopes[funder.id].shared_with
            if others:
                yield (f"{funder.code} : l'enveloppe et son reste valent aussi pour {', '.join(others)}.")


def without_empty(table: Table) -> Table:
    """For paper: without the columns in which no line has a word, nor a sum an amount. Without a
    row, those that the labels of sums run over stay."""
    lines = tuple(table.lines)
    least = 1 if any(line.level is Level.ROW for line in lines) else table.label_columns
    kept = [
        index for index in range(len(table.columns)) if any(_filled(line, index) for line in lines) or index < least
    ]
    return replace(
        table,
        columns=tuple(table.columns[index] for index in kept),
        lines=tuple(replace(line, cells=tuple(line.cells[i] for i in kept if i < len(line.cells))) for line in lines),
        label_columns=sum(index < table.label_columns for index in kept),
    )


def _filled(line: Line, index: int) -> bool:
    value = line.cells[index] if index < len(line.cells) else None
    said = value not in (None, "") and not isinstance(value, Gap)
    return said and (line.level is Level.ROW or value != 0)
