"""The tables that committees read of a year's programming."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from exports import programming as programming_workbook_of
from exports import table_csv
from exports.programming_lists import data_table
from grants.models import Contract
from grants.queries.home.waiting import latest_year
from grants.queries.programming.programming import programming as programme
from grants.web.access import access
from grants.web.committee import bp
from grants.web.committee.screen import present_tables
from grants.web.downloads import CSV, send_table, send_workbook
from grants.web.instruction.loading import Year, contract, year_of


@bp.get("/contrats/<slug>/programmation")
@access("contract.read_tables", contract)
def latest(of: Contract) -> ResponseReturnValue:
    year = latest_year(of.id)
    if year is None:
        return render_template("no_call.html", contract=of)
    return redirect(url_for("committee.programming", slug=of.slug, year=year))


@bp.get("/contrats/<slug>/<int:year>/programmation")
@access("contract.read_tables", year_of)
def programming(of: Year) -> ResponseReturnValue:
    return render_template(
        "committee/programming.html",
        contract=of.contract,
        year=of.year,
        years=of.years,
        **present_tables(of.contract, of.year),
    )


@bp.get("/contrats/<slug>/<int:year>/programmation.xlsx")
@access("contract.read_tables", year_of)
def programming_workbook(of: Year) -> ResponseReturnValue:
    name, figures = (f"Programmation {of.year} – {of.contract.label}", programme(of.contract, of.year))
    return send_workbook(name, programming_workbook_of.write, figures, of.contract)


@bp.get("/contrats/<slug>/<int:year>/programmation.csv")
@access("contract.read_tables", year_of)
def programming_csv(of: Year) -> ResponseReturnValue:
    rows = table_csv.write(data_table(programme(of.contract, of.year)))
    return send_table(rows, f"Données {of.year} – {of.contract.label}.csv", CSV)
