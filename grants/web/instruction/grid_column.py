"""One's own column of the grid as a plain form, for whoever has no script: all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from urllib.parse import urlencode

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload

from grants.database import db
from grants.domain.cells import CellRefused, CellWrite, Why, write
from grants.domain.money import parse_amount
from grants.errors import DomainError
from grants.french import counted
from grants.models import WAITING, Funder, Outcome, State
from grants.permissions import instructs_for
from grants.queries.figures import Figure
from grants.queries.grid import Group
from grants.queries.grid import grid as read_grid
from grants.queries.programming_rows import Line
from grants.queries.project_choices import choices
from grants.web.access import access, me
from grants.web.filters import number, plain_amount
from grants.web.instruction import bp
from grants.web.instruction.grid import ADDRESS
from grants.web.instruction.grid_cells import amount
from grants.web.instruction.list_filters import GRID, in_address, read
from grants.web.instruction.loading import Place, place

LONGEST = {"raised_reason": 5000, "revision_reason": 5000, "typed_from": 250}


@dataclass(frozen=True)
class Column:
    place: Place
    funder: Funder


@dataclass(frozen=True)
class Shown:
    """A line as the form shows it."""

    id: int
    title: str
    line: Line

    @property
    def requested(self) -> str:
        return amount(self.line.requested)

    @property
    def proposed(self) -> str:
        return plain_amount(_amount(self.line.proposed))

    @property
    def granted(self) -> str:
        return plain_amount(granted(self.line))


@dataclass
class Sent:
    """`errors`: by field. `typed`: what each field shows again."""

    cells: list[CellWrite] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)


def column(slug: str, year: int, funder_id: int) -> Column | None:
    here = place(slug, year)
    funder = db.session.get(Funder, funder_id, options=[joinedload(Funder.institution)])
    if here is None or funder is None or funder.contract_id != here.contract.id:
        return None
    return Column(here, funder)


@bp.route(f"{ADDRESS}/<int:funder_id>", methods=["GET", "POST"])
@access("funder.decide", column, of=lambda found: found.funder)
def grid_column(of: Column) -> ResponseReturnValue:
    contract, year = of.place.contract, of.place.year
    filters, _ignored = read(request.args, choices(contract.id, year))
    found, query = read_grid(contract, year, filters), in_address(filters)
    groups = [(g.label, rows) for g in _groups(found.groups) if (rows := _rows(g, of.funder.id))]
    lines = {row.id: row.line for _label, rows in groups for row in rows}
    sent = Sent()
    if request.method == "POST":
        sent = _read(lines, of.funder.id)
        if not sent.errors and _saved(of, sent):
            return redirect(request.full_path.rstrip("?"))
    page = render_template(
        "instruction/grid_column.html",
        contract=contract,
        year=year,
        funder=of.funder,
        groups=groups,
        sent=sent,
        envelopes=[row for row in found.envelopes if row.funder_id == of.funder.id],
        query=query,
        carried=urlencode(query | GRID),
        behalf=not instructs_for(me(), of.funder),
        revises=bool(found.validated) or any(x.outcome not in WAITING for x in lines.values()),
    )  # fmt: skip
    return (page, 422) if sent.errors else page


def _groups(groups: tuple[Group, ...]) -> Iterator[Group]:
    for group in groups:
        yield group
        yield from _groups(group.groups)


def _rows(group: Group, funder_id: int) -> list[Shown]:
    """The lines of this funder that may be decided."""
    return [
        Shown(row.id, row.title, line)
        for row in group.rows
        if (line := row.lines.get(funder_id)) and line.version and row.state is State.ADMISSIBLE
    ]


def _read(lines: dict[int, Line], funder_id: int) -> Sent:
    """What differs from what is there; a field that was not sent changes nothing."""
    sent = Sent()
    for name in LONGEST:
        sent.typed[name] = request.form.get(name, "").strip()
        if len(sent.typed[name]) > LONGEST[name] or "\x00" in sent.typed[name]:
            sent.errors[name] = f"Au plus {LONGEST[name]} caractères, sans caractère invisible."
    for project_id, line in lines.items():
        version = number(request.form.get(f"v-{project_id}", "")) or -1
        for prefix, outcome, stored in (
            ("p", None, _amount(line.proposed)), ("a", Outcome.ACCEPTED, granted(line))
        ):
            name = f"{prefix}-{project_id}"
            if name not in request.form:
                continue
            sent.typed[name] = request.form[name]
            try:
                euros = parse_amount(sent.typed[name][:100])
            except DomainError as error:
                sent.errors[name] = error.message
                continue
            if euros != stored:
                sent.cells.append(CellWrite(project_id, funder_id, version, outcome, euros))
    return sent


def _amount(value: Figure) -> Decimal | None:
    return value if isinstance(value, Decimal) else None


def granted(line: Line) -> Decimal | None:
    """A refusal shows no amount."""
    return _amount(line.granted) if line.outcome is Outcome.ACCEPTED else None


def _saved(of: Column, sent: Sent) -> bool:
    why = Why(**{name: sent.typed[name] for name in LONGEST})
    try:
        if sent.cells:
            write(of.place.contract, of.place.year, sent.cells, why, by=me())
    except CellRefused as refused:
        db.session.rollback()
        sent.errors[_field_of(refused)] = refused.error.message
        return False
    db.session.commit()
    flash(f"{counted(len(sent.cells), 'montant', 'enregistré')}.", "success")
    return True


def _field_of(refused: CellRefused) -> str:
    """The question that was not answered, or the amount."""
    if refused.error.field in LONGEST:
        return refused.error.field or ""
    if refused.key is None:
        return ""
    return f"{'p' if refused.error.field == 'proposed' else 'a'}-{refused.key[0]}"

