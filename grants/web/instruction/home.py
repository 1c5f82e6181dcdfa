"""Aujourd'hui: what waits for the person who instructs, and what others have done."""

from __future__ import annotations

from itertools import groupby

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.models import Contract, Role
from grants.permissions import confined_to, has_role, instructs, is_coordinator
from grants.queries.home.news import deeds, messages
from grants.queries.home.waiting import (
    closings,
    columns,
    how_many_to_judge,
    judged_campaigns,
    latest_year,
    pieces_due,
    states,
    to_judge,
)
from grants.queries.programming.envelopes import envelopes
from grants.queries.programming.programming import years
from grants.queries.theme_tree import places
from grants.web.access import access, me
from grants.web.instruction import bp
from grants.web.instruction.loading import contract
from grants.web.instruction.operations import KINDS


@bp.get("/contrats/<slug>")
@access("contract.instruct_part", contract)
def home(contract: Contract) -> ResponseReturnValue:
    """Of the year that the address names, or else the one at work."""
    known, year = years(contract), request.args.get("annee", type=int)
    if year not in known:
        year = latest_year(contract.id)
    if year is None:
        return render_template("no_campaign.html", contract=contract)
    if confined_to(me(), contract, instructs):
        return redirect(url_for("instruction.projects", slug=contract.slug, year=year))
    mine = {g.institution_id for g in me().roles if g.role is Role.INSTRUCTOR}
    coordinates, judges = is_coordinator(me(), contract), has_role(me(), Role.COMMITTEE, contract.id)
    return render_template(
        "instruction/home.html",
        contract=contract,
        year=year,
        years=known,
        coordinates=coordinates,
        states=states(contract.id, year, me().id),
        columns=columns(contract.id, year, {i for i in mine if i}, delegated=coordinates, reader_id=me().id),
        opinions=how_many_to_judge(contract.id, year, me().id) if judges else 0,
        envelopes=envelopes(contract.id, year),
        closings=closings(contract.id),
        dues=pieces_due(contract.id, year),
        messages=messages(contract.id),
        deeds=deeds(contract.id, me().id),
        kinds=KINDS,
    )


@bp.get("/contrats/<slug>/avis-a-donner")
@access("contract.read_tables", contract)
def opinions_due(contract: Contract) -> ResponseReturnValue:
    """What waits for a committee's member: the projects without an opinion of theirs."""
    year = latest_year(contract.id)
    if year is None:
        return render_template("no_campaign.html", contract=contract)
    of = places(contract)
    by_axis = groupby(to_judge(contract.id, year, me().id), key=lambda project: of[project.theme_id].axis)
    return render_template(
        "instruction/opinions_due.html",
        contract=contract,
        year=year,
        axes=[(place.label, list(rows)) for place, rows in by_axis],
        calls=judged_campaigns(contract.id, year),
    )
