"""What any workbook keeps to, and a programming before its validation."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from html import unescape
from io import BytesIO
from zipfile import ZipFile

import pytest
from flask import Flask

from exports import programming as programming_workbook
from exports.programming_tables import SectionTable, without_empty
from exports.table import Column, Level, Line, Sheet, Table, Unit
from exports.table_csv import write as csv_of
from exports.workbook import About, write
from grants.domain.contract.colours import contrast, tokens
from grants.domain.decisions.rules import Decision
from grants.models import Outcome
from grants.queries.programming.programming import programming
from grants.queries.theme_tree import Levels
from tests.acts import decide, propose
from tests.exports.reading import Read, read
from tests.factories import world

ABOUT = About("Contrat", "2026", datetime(2026, 7, 1, 10, 5, tzinfo=UTC))


def column(head: str, unit: Unit = Unit.TEXT, width: float = 11) -> Column[str, object]:
    return Column(head, str, unit, width)


def table(*cells, unit: Unit = Unit.EUROS) -> Table:
    lines = [Line((cell, cell)) for cell in cells]
    return Table("T", (column("Texte"), column("Nombre", unit)), lines)


def written(*sheets: Sheet):
    out = BytesIO()
    write(sheets, ABOUT, out)
    return read(out.getvalue())


def test_names_of_sheets_are_legal_and_unique() -> None:
    names = ["VVV : été/hiver [2026]", "a" * 40, "A" * 40, "'", "", "Synthèse", "SYNTHÈSE"]
    found = written(*(Sheet(name, "T", (table(),), "en cours") for name in names)).sheetnames
    assert len({n.casefold() for n in found}) == len(names)
    assert all(0 < len(n) <= 31 and not set(n) & set("\\/*?:[]") for n in found)
    assert found[2] == "A" * 27 + " (2)"


@pytest.mark.parametrize(
    ("name", "part", "short"),
    [
        ("Réussite éducative (PRE)", "", "Réussite éducative (PRE)"),
        ("Réussite éducative (PRE)", "montants", "Réussite éducative (montants)"),
        ("Contrat de ville et de la rénovation", "", "Contrat de ville"),
    ],
)
def test_long_names_of_sheets_end_after_a_word(name: str, part: str, short: str) -> None:
    assert written(Sheet(name, "T", (table(),), "", part=part)).sheetnames == [short]


@pytest.mark.parametrize(
    ("value", "unit", "expected", "number_format"),
    [
        (Decimal("12000.00"), Unit.EUROS, 12_000, '# ##0 "€"'),
        (Decimal("12000.50"), Unit.EUROS, 12_000.5, '# ##0.00 "€"'),
        (Decimal("1186077"), Unit.EUROS, 1_186_077, '# ### ##0 "€"'),
        (Decimal("4.82"), Unit.PERCENT, 0.0482, "0.00 %"),
        (2026, Unit.YEAR, 2026, "0"),
    ],
)
def test_numbers_are_numbers(value, unit, expected, number_format) -> None:
    cell = written(Sheet("S", "T", (table(value, unit=unit),), ""))["S"]["B7"]
    assert (cell.value, cell.number_format, cell.data_type) == (expected, number_format, "n")


def test_it_says_the_instant_of_paris_and_escapes_its_footer() -> None:
    sheet = written(Sheet("S", "Jeux & sports", (table(),), "en cours"))["S"]
    assert sheet["A4"].value == "Exporté le 1er juillet 2026 à 12\xa0h\xa005 (heure de Paris)"
    assert "Jeux && sports" in sheet.oddFooter.left.text


def test_a_footer_fits_in_what_excel_takes() -> None:
    about = About("_x0041_ Contrat & ville " * 20, "2026", ABOUT.read_at)
    out = BytesIO()
    write((Sheet("S", "Jeux", (table(),), ""),), about, out)
    with ZipFile(out) as archive:
        text = archive.read("xl/worksheets/sheet1.xml").decode()
    [footer] = re.findall("<oddFooter>(.*?)</oddFooter>", text)
    said = unescape(footer)
    assert len(said) <= 255
    assert said.startswith("&L&8 _x005F_x0041_ Contrat && ville")
    assert "…&R" in said
    assert said.count("&") == said.count("&&") * 2 + 6  # two sides and sizes, the page, all pages


def test_a_text_that_excel_would_decode_is_written_so_that_it_stays() -> None:
    out = BytesIO()
    words = ("_x0041_", "a_x000D_b", "_x005F_", "_xyz_", "x_x00e9__x00E9_")
    write((Sheet("S", "T", (table(*words),), ""),), ABOUT, out)
    with ZipFile(out) as archive:
        text = archive.read("xl/worksheets/sheet1.xml").decode()
    for said in ("_x005F_x0041_", "a_x005F_x000D_b", "_x005F_x005F_", "_xyz_", "x_x005F_x00e9__x005F_x00E9_"):
        assert f">{said}</t>" in text


def test_a_very_long_text_is_cut_where_a_cell_ends() -> None:
    cell = written(Sheet("S", "T", (table("x" * 40_000),), ""))["S"]["A7"]
    assert len(cell.value) == 32_767


def test_csv_of_a_table() -> None:
    content = csv_of(table(Decimal("1200.50"), "=1+1", None, "a;b\x00"))
    assert content.decode("utf-8-sig").split("\r\n")[:-1] == [
        "Texte;Nombre",
        "1200,50;1200,50",
        "'=1+1;'=1+1",
        ";",
        '"a;b";"a;b"',
    ]


def test_before_validation_proposals_stand_beside(app: Flask) -> None:
    w = world()
    retained, waiting, refused = w.project(), w.project(), w.project()
    decide(retained, w.cget, Decision(Outcome.ACCEPTED, Decimal(900)), by=w.state_instructor)
    propose(waiting, w.cget, Decimal(800), by=w.state_instructor)
    for funder, by in ((w.cget, w.state_instructor), (w.ville, w.city_instructor)):
        decide(refused, funder, Decision(Outcome.REJECTED, reason="Hors axe"), by=by)
    out = BytesIO()
    programming_workbook.write(programming(w.contract, 2026), w.contract, out)
    [section] = programming(w.contract, 2026).sections
    caption = SectionTable(section, Levels.of(w.contract)).table().caption
    assert caption == "Contrat de ville : 3 actions présentées, dont 1 action retenue à ce jour"
    city = Read(read(out.getvalue())["Contrat de ville"], "N°")
    at = city.heads.index("CGET demandé")
    assert city.heads[at : at + 3] == ["CGET demandé", "CGET proposé", "CGET accordé"]
    assert "CGET accordé N-1" not in city.heads  # the first year
    assert city.line(waiting.reference)["Situation"] == "à décider (recevable)"
    assert city.line(refused.reference)["Situation"] == "non retenu"
    amounts = [head for head in city.heads if head[:4] in ("Coût", "CGET", "Tota")]
    for part in ("Sous-total axe « Éducation »", "Sous-total pilier « Cohésion sociale »", "Total Contrat de ville"):
        presented = city.line(f"{part} : 3 actions présentées")
        rows = [city.line(p.reference) for p in (retained, waiting, refused)]
        for head in amounts:
            of_rows = sum(row[head] for row in rows if row[head] != "–")
            assert presented[head] == (None if "accordé" in head else of_rows)
        kept = city.line(f"{part} : 1 action retenue")
        proposed = (head for head in amounts if "proposé" in head)
        assert {head: kept[head] for head in amounts} == {
            head: row for head, row in rows[0].items() if head in amounts
        } | dict.fromkeys(proposed)
        assert (presented["% du coût"], kept["% du coût"]) == (None, 0.09)


@pytest.mark.parametrize("kind", [{"breaks": True}, {"flat": True}, {}])
@pytest.mark.parametrize(("columns", "pages"), [(10, 1), (30, 2)])
def test_a_wide_table_takes_pages_beside_one_another(columns: int, pages: int, kind: dict[str, bool]) -> None:
    amounts = (column("Somme", Unit.EUROS, 10) for _ in range(columns))
    wide = Table(
        "T",
        (column("N°", width=11), column("Action", width=23), *amounts),
        [Line(("1", "Chorale", *[1] * columns))],
        label_columns=2,
        **kind,
    )
    sheet = written(Sheet("S", "T", (wide,), ""))["S"]
    assert sheet.print_title_rows == "$6:$6"
    assert not sheet.sheet_properties.pageSetUpPr.fitToPage  # else Excel forgets its breaks
    assert 80 <= sheet.page_setup.scale <= 100
    assert sheet.print_title_cols == ("$A:$B" if pages > 1 else None)
    fonts = {cell.font.size for row in sheet.iter_rows(min_row=6) for cell in row if cell.value}
    assert min(fonts) * sheet.page_setup.scale / 100 >= 8


@pytest.mark.parametrize(("several", "ends"), [(2, [12, 22]), (4, [10, 18, 26]), (30, [])])
def test_a_printed_page_does_not_part_the_columns_of_a_funder(several: int, ends: list[int]) -> None:
    amounts = (Column("Somme", str, Unit.EUROS, 15, group=str(index // several)) for index in range(30))
    wide = Table("T", (column("N°"), column("Action", width=23), *amounts), [], label_columns=2)
    sheet = written(Sheet("S", "T", (wide,), ""))["S"]
    assert [each.id for each in sheet.col_breaks.brk] == ends


@pytest.mark.parametrize("accent", ["#ffcc00", "#cc0000", "#000000", "#ffffff"])
def test_the_tables_have_the_accent_of_the_commune(accent: str) -> None:
    out = BytesIO()
    lines = [Line(("Texte", "Mot"), level) for level in Level]
    write([Sheet("S", "T", (Table("T", (column("A"), column("B")), lines),), "")], replace(ABOUT, accent=accent), out)
    sheet = read(out.getvalue())["S"]
    assert sheet["A6"].fill.fgColor.rgb == f"00{tokens(accent)['brand-line'][1:].upper()}"
    for cell in (cell for row in sheet.iter_rows(min_row=6) for cell in row if cell.font.color):
        ground = f"#{cell.fill.fgColor.rgb[2:]}" if cell.fill.fill_type else "#ffffff"
        assert contrast(f"#{cell.font.color.rgb[2:]}", ground) >= 4.5


def test_each_printed_page_begins_with_its_pillar_and_axis() -> None:
    axis = [
        Line(("Éducation",), Level.AXIS),
        *[Line((f"2026-{n}", 10)) for n in range(60)],
        Line(("Sous-total", 600), Level.SUBTOTAL),
    ]
    other = [Line(("Emploi",), Level.PILLAR), Line(("2026-61", 10))]
    lines = [Line(("Cohésion",), Level.PILLAR), *axis, *other, Line(("Total", 610), Level.TOTAL)]
    columns = (column("N°", width=40), column("Somme", Unit.EUROS, 40))
    table = Table("T", columns, lines, breaks=True)
    sheet = written(Sheet("S", "T", (table,), ""))["S"]
    first = [row[0].value for row in sheet.iter_rows(min_row=7)]
    again = [first[b.id - 6] for b in sheet.row_breaks.brk]
    assert again == ["Cohésion (suite)"] * 2
    suite = [words for words in first if "suite" in words]
    assert suite == ["Cohésion (suite)", "Éducation (suite)"] * 2
    assert [words for words in first if "suite" not in words] == [line.cells[0] for line in lines]
    assert sum(row[1].value or 0 for row in sheet.iter_rows(min_row=7)) == 610 * 2 + 600


def test_small_pillars_share_a_printed_page() -> None:
    """One begins a page only where it does not fit whole below the one before."""
    lines = [
        line
        for name, count in (("Cohésion", 20), ("Emploi", 5), ("Cadre de vie", 20))
        for line in (Line((name,), Level.PILLAR), *[Line((f"{name} {n}", 1)) for n in range(count)])
    ]
    table = Table("T", (column("N°", width=40), column("Somme", Unit.EUROS, 40)), lines, breaks=True)
    sheet = written(Sheet("S", "T", (table,), ""))["S"]
    assert [sheet.cell(b.id + 1, 1).value for b in sheet.row_breaks.brk] == ["Emploi"]


def test_what_a_sheet_says_of_itself_is_on_the_printed_page() -> None:
    narrow = Table("T", (column("N°"),), [])
    sheet = written(Sheet("S", "Programmation 2026 – Ville Vie Vacances", (narrow,), ""))["S"]
    assert sheet.print_area.split(":")[1].startswith("$H$")


def test_without_rows_the_columns_under_the_labels_of_sums_stay() -> None:
    columns = (column("N°"), column("Porteur"), column("Somme", Unit.EUROS))
    total = Line(("Total VVV : 0 action retenue", None, 0), Level.TOTAL)
    left = without_empty(Table("T", columns, [total], label_columns=2))
    assert [column.head for column in left.columns] == ["N°", "Porteur"]


def test_levels_fill_the_whole_line() -> None:
    heading = Table("T", (column("A"), column("B")), [Line(("Pilier",), Level.PILLAR)])
    sheet = written(Sheet("S", "T", (heading,), ""))["S"]
    assert sheet["B7"].fill.fgColor.rgb == sheet["A7"].fill.fgColor.rgb != "00000000"


@pytest.mark.parametrize(
    ("bearer", "lines"),
    [
        ("MOUVEMENT WWW MMM WAGON MAMMOUTH COMMUNAUTAIRE", 5),  # so many in LibreOffice
        ("Association pour la promotion des métiers et des savoirs", 4),
        ("AssociationIntercommunautairedesHabitantsDuQuartierDeLaCaravelle92390", 5),
        ("ESPACE-JEUNESSE-LOISIRS-CULTURE", 3),
        ("CCAS", 1),
    ],
)
def test_a_row_is_as_tall_as_its_longest_wrapped_text(bearer: str, lines: int) -> None:
    columns = (column("Porteur", width=15), column("Action", width=23))
    rows = [Line((bearer, "Atelier"))]
    sheet = written(Sheet("S", "T", (Table("T", columns, rows),), ""))["S"]
    points = sheet.row_dimensions[7].height or 15
    assert lines * 12.5 <= points <= (lines + 1) * 12.5 + 2.5
