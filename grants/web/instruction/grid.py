"""The programming grid: the contract's year on one page, where several institutions decide."""

from __future__ import annotations

import gzip
from collections.abc import Container
from urllib.parse import urlencode

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from exports.programming_columns import AMOUNTS, GRANTED, SUMMED
from grants.database import db
from grants.domain.instruction.layouts import GRID as PAGE
from grants.domain.instruction.layouts import keep
from grants.models import WAITING, Contract
from grants.permissions import instructs
from grants.queries.layouts import layouts_of
from grants.queries.programming.funder_columns import written_by
from grants.queries.programming.grid import Grid
from grants.queries.programming.grid import grid as read_grid
from grants.queries.projects.choices import choices, unplaced
from grants.queries.theme_tree import Levels
from grants.web.access import access, me
from grants.web.filters import number
from grants.web.instruction import bp
from grants.web.instruction.grid_cells import DUE, GridChoice, lines, sums
from grants.web.instruction.list_filters import GRID, in_address, read
from grants.web.instruction.loading import ContractYear, place
from grants.web.instruction.projects import FIELDS, selects
from grants.words import REASONS

ADDRESS = "/contrats/<slug>/<int:year>/grille"
AT_FIRST = [column.key for column in SUMMED]


@bp.get(ADDRESS)
@access("contract.read_tables", place)
def grid(place: ContractYear) -> ResponseReturnValue:
    offered = choices(place.contract.id, place.year)
    filters, ignored = read(request.args, place.contract, offered)
    figures = read_grid(place.contract, place.year, filters)
    mine = written_by(me(), place.contract)
    choice = chosen(place.contract, figures, mine)
    query = in_address(filters)
    page = render_template(
        "instruction/grid.html",
        contract=place.contract,
        year=place.year,
        years=list(offered.years),
        grid=figures,
        choice=choice,
        due=DUE,
        reasons=REASONS,
        waiting=WAITING,
        all_columns=AMOUNTS,
        lines=lines(figures, choice),
        total=sums(figures.sums, choice),
        mine=mine,
        query=query,
        ignored=[FIELDS[name] for name in ignored],
        unplaced=unplaced(place.contract.id, place.year, filters),
        selects=selects(offered, query, Levels.of(place.contract)),
        link=_link(place.contract, query),
    )
    return _packed(page)


def _packed(page: str) -> ResponseReturnValue:
    """Hundreds of kilobytes of figures weigh a tenth compressed. Only where nothing of the address
    is written in the page: beside words of a stranger's choosing, the length of what is compressed
    would tell of its token (BREACH)."""
    if request.args or not request.accept_encodings.quality("gzip"):
        return page
    headers = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return Response(gzip.compress(page.encode(), 5), mimetype="text/html", headers=headers)


def _link(contract: Contract, query: dict[str, str]) -> list[str]:
    """What stands before and after its number in the address of a project's page."""
    page = "instruction.sheet" if instructs(me(), contract) else "instruction.opinions"
    return url_for(page, project_id=0, liste=urlencode(query | GRID)).split("0", 1)


@bp.post(f"{ADDRESS}/colonnes")
@access("contract.read_tables", place)
def grid_columns(place: ContractYear) -> ResponseReturnValue:
    """What one looks at, kept for the contract: other years have the same funders."""
    shown, columns = request.form.getlist("financeur"), request.form.getlist("colonne")
    offered = request.form.getlist("offert")
    hidden = [id for typed in offered if (id := number(typed)) and typed not in shown]
    kept = [c.key for c in AMOUNTS if c.key in columns or c is GRANTED]
    if offered and len(hidden) == len(offered):
        flash("Cochez au moins un financeur : rien n'a changé.", "danger")
    else:
        keep(place.contract, PAGE, kept, {"hidden": hidden}, by=me())
        db.session.commit()
    filters, _ignored = read(request.args, place.contract)
    address = url_for("instruction.grid", slug=place.contract.slug, year=place.year)
    return redirect(f"{address}?{urlencode(in_address(filters))}".rstrip("?"))


def chosen(contract: Contract, grid: Grid, mine: Container[int]) -> GridChoice:
    """Until one has chosen, those of others of whom nothing is asked, and who give nothing, are folded.
    A funder that comes later is shown; where all that are left were hidden, none is."""
    kept = layouts_of(me(), contract, PAGE).get("")
    asked = {row.funder_id for row in grid.envelopes if row.asked or row.planned}
    hidden = kept.filters.get("hidden", ()) if kept else {f.id for f in grid.funders if f.id not in mine} - asked
    shown = tuple(funder for funder in grid.funders if funder.id not in hidden)
    columns = kept.columns if kept else AT_FIRST
    return GridChoice(shown or grid.funders, tuple(c for c in AMOUNTS if c.key in columns))
