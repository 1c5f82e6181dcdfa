"""The tables that committees read: a year's programming, and two years compared."""

from __future__ import annotations

from io import BytesIO

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from exports import comparison as comparison_workbook_of
from exports import programming as programming_workbook_of
from exports import table_csv
from exports.comparison_tables import actions_table, amounts_table, lineages_table
from exports.programming_lists import data_table
from grants.models import Contract
from grants.queries.comparison import comparison as compare
from grants.queries.programming import programming as programme
from grants.queries.programming import years
from grants.queries.waiting import latest_year
from grants.web.access import access
from grants.web.committee import bp
from grants.web.committee.chart import chart
from grants.web.committee.downloads import CSV, XLSX, download
from grants.web.committee.loading import Pair, Year, pair_of, the_contract, year_of
from grants.web.committee.screen import screen
from grants.web.committee.tables import tables
from grants.web.instruction.loading import contract


@bp.get("/contrats/<slug>/programmation")
@access("contract.read_tables", contract)
def latest(of: Contract) -> ResponseReturnValue:
    year = latest_year(of.id)
    if year is None:
        return render_template("committee/no_call.html", contract=of)
    return redirect(url_for("committee.programming", slug=of.slug, year=year))


@bp.get("/contrats/<slug>/<int:year>/programmation")
@access("contract.read_tables", year_of, of=the_contract)
def programming(of: Year) -> ResponseReturnValue:
    return render_template(
        "committee/programming.html", contract=of.contract, year=of.year, years=of.years,
        **tables(programme(of.contract, of.year)),
    )


@bp.get("/contrats/<slug>/<int:year>/programmation.xlsx")
@access("contract.read_tables", year_of, of=the_contract)
def programming_workbook(of: Year) -> ResponseReturnValue:
    out = BytesIO()
    programming_workbook_of.write(programme(of.contract, of.year), of.contract, out)
    return download(out, f"Programmation {of.year} – {of.contract.label}.xlsx", XLSX)


@bp.get("/contrats/<slug>/<int:year>/programmation.csv")
@access("contract.read_tables", year_of, of=the_contract)
def programming_csv(of: Year) -> ResponseReturnValue:
    rows = table_csv.write(data_table(programme(of.contract, of.year)))
    return download(rows, f"Données {of.year} – {of.contract.label}.csv", CSV)


@bp.get("/contrats/<slug>/comparaison")
@access("contract.read_tables", contract)
def choose_years(of: Contract) -> ResponseReturnValue:
    """Where the form that chooses two years leads; without them, to the two that make sense."""
    known, latest = years(of), latest_year(of.id)
    if latest is None:
        return render_template("committee/no_call.html", contract=of)
    b = request.args.get("a", latest, type=int)
    a = request.args.get("de", _partner(b, known), type=int)
    if not all(0 <= year < 10_000 for year in (a, b)):
        abort(404)
    return redirect(url_for("committee.comparison", slug=of.slug, year_a=a, year_b=b))


def _partner(year: int, known: list[int]) -> int:
    """The year with a campaign before this one, or else the next one."""
    before = [other for other in known if other < year]
    after = [other for other in known if other > year]
    return max(before) if before else min(after, default=max(year - 1, 0))


@bp.get("/contrats/<slug>/comparaison/<int:year_a>/<int:year_b>")
@access("contract.read_tables", pair_of, of=the_contract)
def comparison(of: Pair) -> ResponseReturnValue:
    figures = compare(of.contract, of.a, of.b)
    return render_template(
        "committee/comparison.html",
        contract=of.contract,
        a=of.a,
        b=of.b,
        years=sorted({of.a, of.b, *of.years}),
        without=[year for year in sorted({of.a, of.b}) if year not in of.years],
        kinds=[
            (kind.kind, chart(kind), screen(actions_table(figures, kind)),
             screen(amounts_table(figures, kind)))
            for kind in figures.kinds
        ],
        lineages=screen(lineages_table(figures)) if figures.lineages else None,
    )  # fmt: skip


@bp.get("/contrats/<slug>/comparaison/<int:year_a>/<int:year_b>.xlsx")
@access("contract.read_tables", pair_of, of=the_contract)
def comparison_workbook(of: Pair) -> ResponseReturnValue:
    out = BytesIO()
    comparison_workbook_of.write(compare(of.contract, of.a, of.b), of.contract, out)
    return download(out, f"Comparaison {of.a}-{of.b} – {of.contract.label}.xlsx", XLSX)
