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
from grants.web.committee.cutting import commune_options, cut_of, in_address, name_of
from grants.web.committee.screen import present_tables
from grants.web.downloads import CSV, send_table, send_workbook
from grants.web.instruction.loading import Year, contract, year_of


@bp.get("/contrats/<slug>/programmation")
@access("contract.read_part", contract)
def latest(contract: Contract) -> ResponseReturnValue:
    year = latest_year(contract.id)
    if year is None:
        return render_template("no_campaign.html", contract=contract)
    return redirect(url_for("committee.programming", slug=contract.slug, year=year))


@bp.get("/contrats/<slug>/<int:year>/programmation")
@access("contract.read_part", year_of)
def programming(place: Year) -> ResponseReturnValue:
    cut = cut_of(place.contract)
    return render_template(
        "committee/programming.html",
        contract=place.contract,
        year=place.year,
        years=place.years,
        cut=cut,
        communes=commune_options(place.contract),
        query=in_address(cut),
        **present_tables(place.contract, place.year, cut),
    )


@bp.get("/contrats/<slug>/<int:year>/programmation.xlsx")
@access("contract.read_part", year_of)
def programming_workbook(place: Year) -> ResponseReturnValue:
    contract, cut = place.contract, cut_of(place.contract)
    name = f"Programmation {place.year} – {contract.label}{name_of(contract, cut.commune_id)}"
    return send_workbook(name, programming_workbook_of.write, programme(contract, place.year, cut=cut), contract)


@bp.get("/contrats/<slug>/<int:year>/programmation.csv")
@access("contract.read_part", year_of)
def programming_csv(place: Year) -> ResponseReturnValue:
    contract, cut = place.contract, cut_of(place.contract)
    rows = table_csv.write(data_table(programme(contract, place.year, cut=cut)))
    return send_table(rows, f"Données {place.year} – {contract.label}{name_of(contract, cut.commune_id)}.csv", CSV)
