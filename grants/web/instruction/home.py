"""Aujourd'hui: what waits for the person who instructs."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from grants.models import Contract, Role
from grants.permissions import is_coordinator
from grants.queries.envelopes import envelopes
from grants.queries.programming import years
from grants.queries.waiting import closings, columns, latest_year, states
from grants.web.access import access, me
from grants.web.instruction import bp
from grants.web.instruction.loading import contract


@bp.get("/contrats/<slug>")
@access("contract.instruct", contract)
def home(of: Contract) -> ResponseReturnValue:
    """Of the year that the address names, or else the one at work."""
    known, year = years(of), request.args.get("annee", type=int)
    if year not in known:
        year = latest_year(of.id)
    if year is None:
        return render_template("instruction/nothing_yet.html", contract=of)
    mine = {g.institution_id for g in me().roles if g.role is Role.INSTRUCTOR}
    return render_template(
        "instruction/home.html",
        contract=of,
        year=year,
        years=known,
        states=states(of.id, year),
        columns=columns(
            of.id, year, {i for i in mine if i}, delegated=is_coordinator(me(), of)
        ),
        envelopes=envelopes(of.id, year),
        closings=closings(of.id),
    )
