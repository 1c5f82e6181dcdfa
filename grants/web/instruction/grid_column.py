"""One's own column of the grid as a plain form, for whoever has no script: all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import takewhile
from urllib.parse import urlencode

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import MultiDict

from grants.database import db
from grants.domain.decisions import rules
from grants.domain.decisions.refusals import Refused
from grants.domain.decisions.rules import Decision
from grants.domain.decisions.write import Wish
from grants.domain.money import parse_amount
from grants.errors import DomainError
from grants.french import counted
from grants.models import WAITING, Funder, Outcome
from grants.permissions import instructs_for
from grants.queries.figures import Figure
from grants.queries.programming.grid import GridGroup
from grants.queries.programming.grid import grid as read_grid
from grants.queries.programming.project_parts import ProposedAndGranted, amounts_of
from grants.queries.programming.rows import FunderLine
from grants.queries.projects.choices import choices
from grants.web.access import access, me
from grants.web.filters import number, plain_amount
from grants.web.forms import what_was_sent
from grants.web.instruction import bp
from grants.web.instruction.grid import ADDRESS
from grants.web.instruction.grid_cells import LEVELS, amount
from grants.web.instruction.list_filters import GRID, in_address, read
from grants.web.instruction.loading import ContractYear, place
from grants.web.instruction.operations import tell_done, written
from grants.words import REASONS

LONGEST = {"raised_reason": 5000, "revision_reason": 5000, "typed_from": 250}
GroupHeading = tuple[str, str]


@dataclass(frozen=True)
class FunderPlace:
    place: ContractYear
    funder: Funder


@dataclass(frozen=True)
class Shown:
    """A line as the form shows it."""

    id: int
    title: str
    line: FunderLine

    @property
    def requested(self) -> str:
        return amount(self.line.requested)

    @property
    def proposed(self) -> str:
        return plain_amount(_amount(self.line.proposed))

    @property
    def granted(self) -> str:
        """A refusal shows no amount."""
        accepted = self.line.outcome is Outcome.ACCEPTED
        return plain_amount(_amount(self.line.granted) if accepted else None)


@dataclass(frozen=True)
class GridPart:
    """Lines under the headings (class, words) that they begin with."""

    headings: tuple[GroupHeading, ...]
    rows: list[Shown]


@dataclass
class SentColumn:
    """`errors`: by field. `typed`: what each field shows again."""

    wishes: list[Wish] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)


def column(slug: str, year: int, funder_id: int) -> FunderPlace | None:
    here = place(slug, year)
    funder = db.session.get(Funder, funder_id, options=[joinedload(Funder.institution)])
    if here is None or funder is None or funder.contract_id != here.contract.id:
        return None
    return FunderPlace(here, funder)


@bp.route(f"{ADDRESS}/<int:funder_id>", methods=["GET", "POST"])
@access("funder.decide", column, about=lambda loaded: loaded.funder)
def grid_column(column: FunderPlace) -> ResponseReturnValue:
    """What is sent reads its own column only, and the page only once nobody waits for it."""
    sent, form = SentColumn(), what_was_sent()
    if form is not None:
        stored = amounts_of(column.place.contract.id, column.place.year, column.funder.id)
        sent = _read(form, stored, column.funder.id)
        if request.method == "POST" and not sent.errors and _saved(column, sent):
            return redirect(request.full_path.rstrip("?"))
        db.session.rollback()
    return _page(column, sent), 422 if sent.errors else 200


def _page(column: FunderPlace, sent: SentColumn) -> str:
    contract, year = column.place.contract, column.place.year
    filters, _ignored = read(request.args, contract, choices(contract.id, year))
    grid, query = read_grid(contract, year, filters), in_address(filters)
    parts = list(_parts(grid.groups, column.funder.id))
    decided = any(row.line.outcome not in WAITING for part in parts for row in part.rows)
    return render_template(
        "instruction/grid_column.html",
        contract=contract,
        year=year,
        funder=column.funder,
        parts=parts,
        sent=sent,
        envelopes=[row for row in grid.envelopes if row.funder_id == column.funder.id],
        query=query,
        carried=urlencode(query | GRID),
        behalf=not instructs_for(me(), column.funder),
        reasons=REASONS,
        revises=bool(grid.validated) or decided,
    )


def _parts(groups: tuple[GridGroup, ...], funder_id: int) -> Iterator[GridPart]:
    """Each heading once, above its first lines: none where nothing below may be decided."""
    above: tuple[GroupHeading, ...] = ()
    for path, rows in _paths(groups, funder_id):
        same = takewhile(lambda pair: pair[0] == pair[1], zip(above, path, strict=False))
        yield GridPart(path[len(list(same)) :], rows)
        above = path


def _paths(
    groups: tuple[GridGroup, ...], funder_id: int, above: tuple[GroupHeading, ...] = ()
) -> Iterator[tuple[tuple[GroupHeading, ...], list[Shown]]]:
    for group in groups:
        path = (*above, (LEVELS[group.level], group.label))
        if rows := _rows(group, funder_id):
            yield path, rows
        yield from _paths(group.groups, funder_id, path)


def _rows(group: GridGroup, funder_id: int) -> list[Shown]:
    """The lines of this funder that may be decided."""
    return [
        Shown(row.id, row.title, line)
        for row in group.rows
        if (line := row.lines.get(funder_id)) and line.version and rules.decidable(row.state)
    ]


def decision(outcome: Outcome | None, amount: Decimal | None, why: Mapping[str, str]) -> Decision:
    """Each outcome takes the words that are its own."""
    refuses = outcome not in (None, Outcome.ACCEPTED)
    words = {name: why[name] for name in LONGEST}
    return Decision(outcome, None if refuses else amount, reason=why.get("reason", "") if refuses else "", **words)


def _read(form: MultiDict[str, str], stored: dict[int, ProposedAndGranted], funder_id: int) -> SentColumn:
    """What differs from what is there; a field that was not sent changes nothing."""
    sent = SentColumn()
    for name in LONGEST:
        sent.typed[name] = form.get(name, "").strip()
        if len(sent.typed[name]) > LONGEST[name] or "\x00" in sent.typed[name]:
            sent.errors[name] = f"Au plus {LONGEST[name]} caractères, sans caractère invisible."
    for project_id, (proposed, granted) in stored.items():
        version = number(form.get(f"v-{project_id}", "")) or -1
        for prefix, outcome, there in (("p", None, proposed), ("a", Outcome.ACCEPTED, granted)):
            name = f"{prefix}-{project_id}"
            if name not in form:
                continue
            sent.typed[name] = form[name]
            try:
                euros = parse_amount(sent.typed[name])
            except DomainError as error:
                sent.errors[name] = error.message
                continue
            if euros != there:
                said = decision(outcome, euros, sent.typed)
                sent.wishes.append(Wish(project_id, funder_id, version, said))
    return sent


def _amount(value: Figure) -> Decimal | None:
    return value if isinstance(value, Decimal) else None


def _saved(column: FunderPlace, sent: SentColumn) -> bool:
    try:
        made = written(column.place.contract, column.place.year, sent.wishes) if sent.wishes else None
    except Refused as refused:
        sent.errors[_field_of(refused)] = refused.message
        return False
    db.session.commit()
    text = f"{counted(len(sent.wishes), 'montant', 'enregistré')}."
    if left := tell_done(text, made, column.place.contract.slug):
        flash(left, "success")
    return True


def _field_of(refused: Refused) -> str:
    """The question that was not answered, or the amount."""
    if refused.field in LONGEST:
        return refused.field or ""
    key = refused.refusals[0][0]
    return f"{'p' if refused.field == 'proposed' else 'a'}-{key[0]}" if key else ""
