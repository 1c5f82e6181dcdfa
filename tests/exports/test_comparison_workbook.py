"""The comparison of 2021 and 2022 comes out as printed: to the euro, and the hundredth of a
percent."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from io import BytesIO
from zipfile import ZipFile

import pytest
from flask import Flask
from openpyxl import Workbook

from exports import comparison as workbook
from grants.queries.comparison.comparison import comparison
from tests.exports.reading import Read, read
from tests.villeneuve import PUBLISHED, villeneuve


@pytest.fixture
def book(app: Flask):
    return _book()


@cache
def _book() -> Workbook:
    """Only read: one for all these tests."""
    contract = villeneuve()
    out = BytesIO()
    workbook.write(comparison(contract, 2021, 2022), contract, out)
    return read(out.getvalue())


@pytest.mark.slow
def test_numbers_of_actions(book) -> None:
    actions = Read(book["Actions"], "Pilier et axe")
    for axis, (a, b) in PUBLISHED["comparatif_nombre_actions"].items():
        line = next(x for x in actions.lines if x["Pilier et axe"] == axis and x["2021"])
        assert (line["2021"], line["2022"], line["Écart"]) == (a, b, b - a)
    total = actions.line("Total")
    assert (total["2021"], total["2022"]) == (62, 62)
    labels = [x["Pilier et axe"] for x in actions.lines]
    assert labels.count("Emploi et développement économique") == 1
    assert "Sous-total Emploi et développement économique" not in labels
    assert "Habitat" not in labels  # an axis without any action


def test_amounts_and_shares(book) -> None:
    table = Read(book["Montants"], "Pilier et axe")
    for axis, funders in PUBLISHED["comparatif_montants"].items():
        row, shares = table.row(axis), table.after(axis)
        for funder, (a, b) in funders.items():
            assert (row[f"{funder} 2021"], row[f"{funder} 2022"]) == (a, b)
            assert row[f"{funder} écart"] == b - a
            said = PUBLISHED["comparatif_part_du_financeur"][axis][funder]
            got = [Decimal(str(shares[f"{funder} {year}"])) * 100 for year in (2021, 2022)]
            assert got == said, (axis, funder)
    total, whole = table.row("Total"), table.after("Total")
    assert (total["CGET 2021"], total["CGET 2022"]) == (295_476, 296_976)
    assert (whole["CGET 2021"], whole["CGET 2022"], whole["CAF 2022"]) == (1, 1, "n. c.")


def test_differences_stand_outside_the_printed_page(book) -> None:
    sheet = book["Montants"]
    last = sheet.print_area.split(":")[1].replace("$", "")
    heads = {c.value: c.column_letter for c in sheet[6]}
    assert heads["CAF 2022"] == last.rstrip("0123456789")
    assert sheet[f"{heads['CGET écart']}6"].column > sheet[last].column


def test_what_was_not_communicated_is_never_zero(book) -> None:
    vvv = Read(book["Ville Vie Vacances"], "Pilier et axe").row("Total")
    assert (vvv["VVV 2021"], vvv["VVV 2022"], vvv["Actions 2021"]) == (13_000, "n. c.", 5)
    assert vvv["VVV écart"] == "n. c."
    assert Read(book["Montants"], "Pilier et axe").row("Santé")["CAF 2022"] == "n. c."


def test_lineages(book) -> None:
    lines = Read(book["Lignées"], "Appel").lines
    first = next(x for x in lines if x["Action 2021"] == "Atelier FLE Mathématique")
    assert (first["Suite"], first["Accordé 2021"], first["Accordé 2022"]) == ("reconduite", 17_500, 16_500)
    fates = {x["Suite"] for x in lines}
    assert {"reconduite", "nouvelle", "non redemandée"} <= fates


@pytest.mark.slow
def test_a_native_chart_of_the_axes(app: Flask) -> None:
    contract = villeneuve()
    out = BytesIO()
    workbook.write(comparison(contract, 2021, 2022), contract, out)
    with ZipFile(out) as file:
        chart = file.read("xl/charts/chart1.xml").decode()
        assert sorted(n for n in file.namelist() if n.startswith("xl/charts/")) == ["xl/charts/chart1.xml"]
    assert chart.count("'Actions'!$B$") == 6  # five axes and the year, no sums
    out = BytesIO()
    workbook.write(comparison(contract, 2020, 2021), contract, out)
    with ZipFile(out) as file:
        assert file.read("xl/charts/chart1.xml").decode().count("<ser>") == 1
