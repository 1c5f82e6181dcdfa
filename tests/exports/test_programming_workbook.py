"""The workbook of 2021 says what the city published, cell by cell."""

from __future__ import annotations

from functools import cache
from io import BytesIO

import pytest
from flask import Flask
from openpyxl import Workbook

from exports import programming as workbook
from exports.programming_lists import bearers_table
from grants.queries.programming.programming import programming
from tests.exports.reading import Read, read
from tests.villeneuve import PUBLISHED, villeneuve

GRANTED = {code: total for code, total in PUBLISHED["enveloppes_2021"].items() if code != "TOTAL"}


@pytest.fixture
def book(app: Flask):
    return _book()


@cache
def _book() -> Workbook:
    """Only read: one for all these tests."""
    contract = villeneuve()
    out = BytesIO()
    workbook.write(programming(contract, 2021), contract, out)
    return read(out.getvalue())


def test_sheets(book) -> None:
    assert book.sheetnames == [
        "Synthèse",
        "Contrat de ville",
        "Réussite éducative (PRE)",
        "Ville Vie Vacances",
        "Par porteur",
        "Non retenus",
        "Publiable",
        "Données",
        "Légende",
    ]
    for sheet in book:
        top = [sheet.cell(row, 1).value for row in range(1, 5)]
        assert "2021" in top[0]
        assert top[1] == "Contrat de ville de Villeneuve-la-Garenne – 2021"
        assert top[2] == "Programmation en cours"
        assert top[3].startswith("Exporté le ")
        assert top[3].endswith("(heure de Paris)")


def test_codes_are_explained(book) -> None:
    codes = Read(book["Légende"], "Code")
    assert {line["Code"] for line in codes.lines[: len(GRANTED)]} == set(GRANTED)
    assert codes.line("CGET") == {"Code": "CGET", "Financeur": "État – CGET", "Institution": "État"}


def test_the_overview_is_as_published(book) -> None:
    budget = Read(book["Synthèse"], "Budget")
    total = PUBLISHED["enveloppes_2021"]["TOTAL"]
    assert budget.line("Accordé") == {"Budget": "Accordé", **GRANTED, "Total": total}
    assert budget.line("Enveloppe") == {"Budget": "Enveloppe", **GRANTED, "Total": total}
    assert set(budget.line("Reste").values()) == {"Reste", 0}
    calls = Read(book["Synthèse"], "Appel")
    city = calls.line("Contrat de ville")
    said, projects = PUBLISHED["programmation_globale_2021"], PUBLISHED["projets"]["2021"]
    assert (city["Déposés"], city["Retenus"], city["Non retenus"]) == (
        projects["deposes"],
        projects["retenus"],
        projects["non_retenus"],
    )
    assert (city["Nouvelles"], city["Renouvelées"]) == (8, said["renouvellements"])
    assert calls.line("Réussite éducative")["Retenus"] == said["actions_PRE"]
    assert calls.line("Ville Vie Vacances")["Retenus"] == said["actions_VVV"]
    without = "Total hors REGION, ARS, CAF"  # as the report's own total, whose heading says so
    assert calls.line("Total")[without] == said["total_PRE_VVV_CGET_VILLE_DEPT"]
    assert city["PRE accordé"] == "n. c."


def test_subtotals_and_totals_of_the_calls(book) -> None:
    city = Read(book["Contrat de ville"], "N°")
    assert len(city.references) == 62
    for axis, funders in PUBLISHED["comparatif_montants"].items():
        line = (
            city.line(f"Sous-total axe « {axis} »")
            if axis[:6] != "Emploi"
            else city.line(f"Sous-total pilier « {axis} »")
        )
        count = PUBLISHED["comparatif_nombre_actions"][axis][0]
        assert line["N°"].endswith(f": {count} actions retenues")
        for funder, (amount, _next_year) in funders.items():
            assert line[f"{funder} accordé"] == amount
    total = city.line("Total Contrat de ville : 62 actions retenues")
    envelope, left = city.line("Enveloppe"), city.line("Reste")
    for code in ("CGET", "VILLE", "DEPT", "REGION", "ARS", "CAF"):
        assert total[f"{code} accordé"] == envelope[f"{code} accordé"] == GRANTED[code]
        assert left[f"{code} accordé"] == 0
    assert "PRE accordé" not in city.heads
    assert sum(x["N°"].startswith("Sous-total pilier « Emploi") for x in city.lines) == 1
    assert not any(x["N°"].startswith("Sous-total axe « Emploi") for x in city.lines)
    pre = Read(book["Réussite éducative (PRE)"], "N°")
    assert (len(pre.references), pre.line("Total")["PRE accordé"]) == (12, 224_600)
    vvv = Read(book["Ville Vie Vacances"], "N°")
    assert (len(vvv.references), vvv.line("Total")["VVV accordé"]) == (5, 13_000)


def test_a_share_is_a_rounded_fraction(book) -> None:
    pillars = Read(book["Synthèse"], "Pilier")
    assert pillars.line("Emploi")["CGET part du total"] == 0.4306
    assert pillars.line("Total")["CGET part du total"] == 1
    city = Read(book["Contrat de ville"], "N°")
    first = city.line("2021-0001")
    cost = "Coût total (hors contributions volontaires)"
    assert first["% du coût"] == round(first["Total accordé"] / first[cost], 4)


def test_bearers_refusals_and_what_may_be_published(book) -> None:
    bearers = Read(book["Par porteur"], "Porteur")
    total = bearers.line("Total")
    each = bearers.lines[: bearers.lines.index(total)]
    assert total["Total"] == PUBLISHED["enveloppes_2021"]["TOTAL"]
    assert sum(b["Actions"] for b in each) == 79
    state = "État : convention"
    for bearer in each:
        known = sum(bearer[code] for code in ("CGET", "PRE", "VVV") if bearer[code] != "–")
        public = bearer["Nature du porteur"] in ("service municipal", "établissement public")
        assert bearer[state] == ("–" if public else "oui" if known > 23_000 else "non")
    refused = Read(book["Non retenus"], "N°")
    assert len(refused.references) == PUBLISHED["projets"]["2021"]["non_retenus"]
    assert refused.line("Total : 5 actions non retenues")["Total demandé"] == sum(
        x["Total demandé"] for x in refused.lines[:-1]
    )
    assert {x["Motif"] for x in refused.lines[:-1]} == {"Motif non publié"}
    public = book["Publiable"]
    words = [str(c) for row in public.iter_rows(values_only=True) for c in row if c is not None]
    assert not any("€" in word or "Motif" in word for word in words)
    assert sum(row[2].value is not None for row in public.iter_rows(min_row=8)) == 79


def test_data_is_flat_and_sums_to_the_same(book) -> None:
    data = Read(book["Données"], "Année")
    for code, total in GRANTED.items():
        assert sum(x["Accordé"] or 0 for x in data.lines if x["Financeur"] == code) == total
    assert {x["Année"] for x in data.lines} == {2021}
    assert not book["Données"].merged_cells.ranges
    assert book["Données"].auto_filter.ref.startswith("A6:")


def test_empty_columns_are_left_out(book) -> None:
    city = Read(book["Contrat de ville"], "N°")
    assert "Quartier(s)" not in city.heads
    for head in city.heads:
        assert any(line[head] not in (None, "–", "n. c.") for line in city.lines), head


def test_every_sheet_is_ready_to_print_and_to_read(book) -> None:
    for sheet in book:
        assert sheet.page_setup.orientation == "landscape"
        too_wide_for_a4 = ("Synthèse", "Contrat de ville", "Par porteur", "Non retenus", "Données")
        a3 = sheet.title in too_wide_for_a4
        assert sheet.page_setup.paperSize == (8 if a3 else 9), sheet.title
        fitted = sheet.sheet_properties.pageSetUpPr.fitToPage
        assert fitted == (sheet.title == "Synthèse")
        assert sheet.page_setup.fitToWidth == 1 if fitted else sheet.page_setup.scale >= 80
        assert sheet.print_area
        assert "&P" in sheet.oddFooter.right.text
        if sheet.title != "Synthèse":
            assert sheet.print_title_rows
            assert sheet.freeze_panes
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" for cell in row)
    city = book["Contrat de ville"]
    tops = [city.cell(each.id + 1, 1).value for each in city.row_breaks.brk]
    assert tops == [
        "Cohésion sociale (suite)",
        "Emploi et développement économique",
        "Cadre de vie et renouvellement urbain",
    ]
    assert book["Synthèse"].page_setup.fitToHeight == 1
    formats = {c.number_format for r in city.iter_rows() for c in r if c.data_type == "n"}
    assert {'# ##0 "€"', "0.00 %"} <= formats


@pytest.mark.parametrize(("year", "count"), [(2021, 11), (2022, 5)])
def test_who_must_sign_an_agreement_with_one_institution(app: Flask, year, count) -> None:
    table = bearers_table(programming(villeneuve(), year))
    assert f"Au moins {count} porteurs, sur les crédits suivis ici" in table.notes[0]
    [mjc] = [line.cells for line in table.lines if line.cells[0] == "MJC"]
    said = {column.head: cell for column, cell in zip(table.columns, mjc, strict=True)}
    assert (said["État : convention"], said["Ville : convention"]) == ("oui", "non")
