"""What is pasted into the grid in Chromium: by number, downwards, and what is no project's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visitor
from tests.e2e.grid import ETAT, OPEN, opened

# `of`: the text made of the references of the projects that are open, and of one that is not.
READ = """async ([of, closed]) => {
  const { Table } = await script("grid-table");
  const { readPaste } = await script("grid-paste");
  const table = new Table(document.querySelector(".grid"));
  const funder = table.funders.find(each => each.own);
  const rows = [...table.body.querySelectorAll("tr[id]")];
  const what = row => table.refusal({ row, funder, kind: "propose" });
  const open = rows.filter(row => !what(row) && !table.line(row, funder).decided);
  if (closed) rows.find(row => row !== open[0] && row !== open[1]).classList.add("is-locked");
  const numbers = open.map(row => table.reference(row));
  const shut = rows.filter(what).map(row => table.reference(row))[0];
  const text = of.replaceAll("{A}", numbers[0]).replaceAll("{B}", numbers[1]).replace("SHUT", shut);
  const found = await readPaste(table, table.at(open[0], funder, "propose"), text);
  const cells = found?.cells.map(cell => [open.indexOf(cell.row), cell.amount / 100]);
  return found && { ...found, cells };
}"""


def read(page: Page, text: str, *, closed: bool = False) -> Any:
    return page.evaluate(READ, [text, closed])


@pytest.fixture
def page(visit: Callable[..., Visitor]) -> Page:
    return opened(visit, ETAT, OPEN).page


def test_two_columns_go_to_the_projects_of_these_numbers(page: Page) -> None:
    found = read(page, "{B}\t7 001 €\n{A}\t7 002,50\n")
    assert found["cells"] == [[1, 7001], [0, 7002.5]]
    assert not found["faults"]


def test_of_our_own_workbook_only_the_projects_are_read(page: Page) -> None:
    found = read(
        page,
        (
            "N°\tCGET proposé\nCohésion sociale\t\n\nAxe\t\n{B}\t7 001 €\n{A}\t–\n"
            "Sous-total axe « Santé » : 2 actions\t7 001 €\n\nTotal Contrat de ville\t7 001 €\n"
            "Enveloppe\t100 000 €\nReste\t92 999 €\n"
        ),
    )
    assert (found["cells"], found["faults"]) == ([[1, 7001]], [])
    assert "7 titres ou totaux laissés de côté" in found["text"]


def test_the_column_of_amounts_among_others(page: Page) -> None:
    found = read(page, "Le porteur\t{A}\tTitre\t7 001\nUn autre\t{B}\tSuite\t7 002\n")
    assert found["cells"] == [[0, 7001], [1, 7002]]
    found = read(page, "{A}\t7 001\t7 002\n{B}\t7 003\t7 004\n")
    assert "plusieurs colonnes. Copiez une colonne de montants, ou deux" in found["faults"][0]


def test_what_is_not_open_is_one_refused_line(page: Page) -> None:
    found = read(page, "{A}\t7 001\nSHUT\t5\n2026-9999\t6\n", closed=True)
    assert found["cells"] == [[0, 7001]]
    assert not found["faults"]
    assert "n'est pas encore déclaré recevable" in found["list"][0]
    assert "Ligne 3 : le dossier 2026-9999 n'est pas dans cette grille" in found["list"][1]
    assert "2 lignes refusées" in found["text"]
    assert len(read(page, "SHUT\t5\n2026-9999\t6\n", closed=True)["faults"]) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{A}\t7 001\n{A}\t7 002", "est déjà à la ligne 1"),
        ("{A}\t7 001\nTitre\t7 002", "« Titre » n'est pas un numéro de dossier"),
        ("{A}\t12 OOO", "n'est pas un montant"),
        ("7 001\n1.234", "peut se lire de deux façons"),
        ("7 001\t3\n2\t5", "plusieurs colonnes"),
        ("7 001\n2 O00", "n'est pas un montant"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(page: Page, text: str, said: str) -> None:
    assert said in read(page, text)["faults"][0]


def test_a_line_that_is_the_sum_of_those_above_is_asked_about(page: Page) -> None:
    for press, cells in (("Laisser de côté", 2), ("Coller comme les autres", 3)):
        page.evaluate(
            f"""() => {{
              const run = {READ};
              window.found = run(["CGET accordé N-1\\n7 001\\n7 002\\n14 003", false]);
            }}"""
        )
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("Ligne 4 : 14 003")
        dialog.get_by_role("button", name=press).click()
        assert len(page.evaluate("window.found")["cells"]) == cells
    page.evaluate(f"""() => {{ const run = {READ}; window.found = run(["7 001\\n7 002\\n14 003", false]); }}""")
    expect(page.get_by_role("dialog")).to_contain_text("Ligne 3 : 14 003")
    page.keyboard.press("Escape")
    assert page.evaluate("window.found") is None


def test_granting_a_whole_request_is_asked_about(page: Page) -> None:
    page.evaluate(
        """async () => {
          const { Table } = await script("grid-table");
          const table = new Table(document.querySelector(".grid"));
          const funder = table.funders.find(each => each.own);
          const rows = [...table.body.querySelectorAll("tr[id]:not(.is-locked)")];
          const bare = rows.find(row => {
            const line = table.line(row, funder);
            return line.version && !line.decided && line.proposed === null && line.requested;
          });
          table.at(bare, funder, "accorde").click();
        }"""
    )
    page.keyboard.press("a")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Rien n'est proposé : accorder les")
    page.keyboard.press("Escape")
    expect(page.locator(".is-waiting, .is-kept, .is-refused")).to_have_count(0)
