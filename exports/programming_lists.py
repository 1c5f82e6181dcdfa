"""The lists beside a year's tables: bearers, what was not retained, what may be published, and
one flat row per project and funder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

from exports.programming_columns import AMOUNTS, REQUESTED, SectionRow, data_columns
from exports.table import Column, Columns, Level, Line, Table, Unit, Value, leading, line, line_below
from grants.french import counted
from grants.models import PUBLIC_BODIES, Nature, State
from grants.queries.figures import Gap
from grants.queries.programming.funder_columns import FunderColumn
from grants.queries.programming.groups import GroupSums, retained
from grants.queries.programming.groups import line as line_of
from grants.queries.programming.overview import Bearer, Overview
from grants.queries.programming.programming import Programming
from grants.queries.programming.rows import FunderLine, Row
from grants.words import word


def bearers_table(programming: Programming) -> Table:
    institutions = dict.fromkeys(f.institution for f in programming.funders)
    column = Column[Bearer, Overview]
    columns = (
        column("Porteur", lambda b: b.name, width=34),
        column("Nature du porteur", lambda b: word(b.nature), width=20),
        column("Actions", lambda b: b.actions, Unit.WHOLE, 9, lambda o: o.counts.retained),
        *column.each(
            programming.funders,
            lambda f: column(f.code, lambda b: b.granted[f.id], Unit.EUROS, 12, lambda o: o.by_funder[f.id].granted),
        ),
        column("Total", lambda b: b.total, Unit.EUROS, 13, lambda o: o.total.granted),
        *column.each(
            institutions, lambda name: column(f"{name} : convention", lambda b: _agreement(b, name), width=13)
        ),
    )
    lines = [line(columns, bearer) for bearer in programming.bearers]
    sure = sum(REQUIRED in each.cells[-len(institutions) :] for each in lines)
    lines.append(line_below("Total", columns, programming.overview, Level.TOTAL))
    notes = (AGREEMENTS.format(counted(sure, "porteur")),)
    return Table("Montants accordés par porteur", columns, tuple(lines), notes=notes)


REQUIRED = "oui"
AGREEMENTS = (
    "Convention : obligatoire au-delà de 23 000 € accordés dans l'année par une même institution,"
    " sur tous ses crédits, à un organisme de droit privé (loi du 12 avril 2000, article 10 ;"
    " décret 2001-495). Au moins {}, sur les crédits suivis ici : ses autres crédits et les aides"
    " en nature comptent aussi."
)


def _agreement(bearer: Bearer, institution: str) -> Value:
    if bearer.nature in PUBLIC_BODIES:
        return Gap.NOTHING
    if not bearer.must_agree(institution):
        return "non"
    return REQUIRED if bearer.nature is Nature.ASSOCIATION else f"{REQUIRED}, si droit privé"


def rejected_table(programming: Programming) -> Table:
    columns: Columns[SectionRow, GroupSums] = (
        Column("N°", lambda x: x.row.reference),
        Column("Appel", lambda x: x.section.kind, width=17),
        Column("Porteur", lambda x: x.row.bearer, width=20),
        Column("Action", lambda x: x.row.title, width=30),
        Column(programming.levels.axis, lambda x: x.row.place.axis.label, width=20),
        Column("N / R / CPO", lambda x: x.row.mark, width=8),
        *(REQUESTED.column(11, f) for f in programming.funders),
        REQUESTED.column(12),
        Column("Motif", _reason, width=34),
        Column("Réorienté vers", lambda x: _by_funder(x, lambda own: own.redirected_to), width=16),
    )
    lines = [
        line(columns, SectionRow(row, section), project_id=row.id)
        for section in programming.sections
        for row in section.rejected
    ]
    rejected = programming.rejected
    label = f"Total : {counted(rejected.actions, 'action', 'non retenue')}"
    lines.append(line_below(label, columns, rejected, Level.TOTAL))
    return Table("Projets non retenus", columns, tuple(lines), leading(columns))


def _reason(x: SectionRow) -> str:
    if x.row.state is State.INADMISSIBLE:
        return f"Irrecevable : {x.row.state_reason}"
    return _by_funder(x, lambda own: own.reason)


def _by_funder(x: SectionRow, words: Callable[[FunderLine], str]) -> str:
    """Said once where all funders say the same."""
    said = {f.code: words(line_of(x.row, f.id)) for f in x.section.funders}
    texts = [text for text in said.values() if text]
    if len(set(texts)) <= 1:
        return "".join(texts[:1])
    return " ; ".join(f"{code} : {text}" for code, text in said.items() if text)


def publishable_table(programming: Programming) -> Table:
    """Retained actions only; neither amounts nor reasons."""
    columns: Columns[Row, object] = (
        Column(programming.levels.orientation, lambda row: row.place.orientation_title, width=55),
        Column("Porteur", lambda row: row.bearer, width=34),
        Column("Action", lambda row: row.title, width=52),
    )
    return Table("Actions retenues", columns, tuple(_publishable(programming, columns)))


def _publishable(programming: Programming, columns: Columns[Row, object]) -> Iterator[Line]:
    for section in programming.sections:
        count = counted(section.counts.retained, "action", "retenue")
        yield Line((f"{section.kind} : {count}",), Level.PILLAR)
        for axis, rows in groupby(retained(section.rows), lambda row: row.place.axis):
            yield Line((axis.label,), Level.AXIS)
            yield from (line(columns, row) for row in rows)


# A line of the data sheet has these of one funder.
OwnColumn = Column[tuple[FunderColumn, FunderLine], object]
OF_FUNDER: Columns[tuple[FunderColumn, FunderLine], object] = (
    Column("Institution", lambda x: x[0].institution, width=18),
    Column("Financeur", lambda x: x[0].code, width=12),
    *OwnColumn.each(
        AMOUNTS, lambda a: OwnColumn(a.label[0].upper() + a.label[1:], lambda x: a.cell(x[1]), Unit.EUROS, 12)
    ),
    Column("Décision", lambda x: word(x[1].outcome) if x[1].outcome else "", width=12),
    Column("Motif", lambda x: x[1].reason, width=30),
    Column("Condition", lambda x: x[1].condition, width=30),
)


def data_table(programming: Programming) -> Table:
    """For pivot tables and other tools: what is not known is an empty cell. Read once."""
    first, last = data_columns(programming.levels)
    columns: Columns[Any, Any] = (*first, *OF_FUNDER, *last)
    printed = len(columns) - 1  # without their source
    lines = _data(programming, first, last)
    return Table("Données", columns, lines, label_columns=3, printed=printed, flat=True)


def _data(programming: Programming, first: Columns[SectionRow, Any], last: Columns[SectionRow, Any]) -> Iterator[Line]:
    for section in programming.sections:
        for row in section.rows:
            own = SectionRow(row, section)
            before, after = ([c.cell(own) for c in columns] for columns in (first, last))
            for funder in section.funders:
                of = line_of(row, funder.id)
                if of.outcome is None:
                    continue
                cells = (*before, *[c.cell((funder, of)) for c in OF_FUNDER], *after)
                yield Line(tuple([None if value is Gap.NOTHING else value for value in cells]))
