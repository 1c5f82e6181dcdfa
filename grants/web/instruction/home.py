"""Aujourd'hui: what waits for the person who instructs, and what others have done."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from grants.models import Contract, Role
from grants.permissions import has_role, is_coordinator
from grants.queries.home.news import deeds, messages
from grants.queries.home.waiting import (
    closings,
    columns,
    how_many_to_judge,
    latest_year,
    pieces_due,
    states,
    to_judge,
    validated_calls,
)
from grants.queries.programming.envelopes import envelopes
from grants.queries.programming.programming import years
from grants.web.access import access, me
from grants.web.instruction import bp
from grants.web.instruction.loading import contract
from grants.web.instruction.operations import KINDS


@bp.get("/contrats/<slug>")
@access("contract.instruct", contract)
def home(of: Contract) -> ResponseReturnValue:
    """Of the year that the address names, or else the one at work."""
    known, year = years(of), request.args.get("annee", type=int)
    if year not in known:
        year = latest_year(of.id)
    if year is None:
        return render_template("no_call.html", contract=of)
    mine = {g.institution_id for g in me().roles if g.role is Role.INSTRUCTOR}
    coordinates = is_coordinator(me(), of)
    return render_template(
        "instruction/home.html",
        contract=of,
        year=year,
        years=known,
        coordinates=coordinates,
        states=states(of.id, year, me().id),
        columns=columns(of.id, year, {i for i in mine if i}, delegated=coordinates, reader_id=me().id),
        opinions=_opinions(of, year),
        envelopes=envelopes(of.id, year),
        closings=closings(of.id),
        dues=pieces_due(of.id, year),
        messages=messages(of.id),
        deeds=deeds(of.id, me().id),
        kinds=KINDS,
    )


def _opinions(of: Contract, year: int) -> int:
    """Asked of a committee's member, whatever else they are."""
    if not has_role(me(), Role.COMMITTEE, of.id):
        return 0
    return how_many_to_judge(of.id, year, me().id)


@bp.get("/contrats/<slug>/avis-a-donner")
@access("contract.read_tables", contract)
def opinions_due(of: Contract) -> ResponseReturnValue:
    """What waits for a committee's member: the projects without an opinion of theirs."""
    year = latest_year(of.id)
    if year is None:
        return render_template("no_call.html", contract=of)
    return render_template(
        "instruction/opinions_due.html",
        contract=of,
        year=year,
        projects=to_judge(of.id, year, me().id),
        closings=closings(of.id),
        validated=validated_calls(of.id, year),
    )
