"""The grid's script in Chromium, by its modules: what a person cannot be quick enough to meet."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.domain.test_money import CASES
from tests.e2e.conftest import Visitor
from tests.e2e.grid import ETAT, OPEN, cell, opened


def test_questions_wait_for_each_other(visit: Callable[..., Visitor]) -> None:
    page = opened(visit, ETAT, OPEN).page
    page.evaluate(
        """async () => {
          const { ask } = await script("grid-dialogs");
          const fields = [{ name: "reason", label: "Motif" }];
          const all = ["Une", "Deux"].map(title => ask({ title, fields }));
          window.said = Promise.all(all);
        }"""
    )
    for words in ("premier", "second"):
        page.keyboard.type(f"{words}\n")
    assert page.evaluate("window.said") == [{"reason": "premier"}, {"reason": "second"}]


def test_what_waits_is_not_written_over_what_was_not_seen(visit: Callable[..., Visitor]) -> None:
    """Two cells wait behind one that is saved: only that one's own has its new version."""
    page = opened(visit, ETAT, OPEN).page
    versions = page.evaluate(
        """async () => {
          const { Saving } = await script("grid-saving");
          const job = funder => ({ cells: [{ project: 7, funder, version: 3 }] });
          const jobs = [job(1), job(1), job(2)];
          const state = { jobs: [...jobs], seen: new Map() };
          const saving = Object.assign(Object.create(Saving.prototype), state);
          saving.grid = { saved() {} };
          saving.done(jobs[0], { rows: [{ id: 7, lines: { 1: { version: 4 }, 2: { version: 9 } } }] });
          jobs.shift();
          return jobs.map(each => each.cells[0].version);
        }"""
    )
    assert versions == [4, 3]


def test_of_a_paste_only_what_was_told_is_written_over(visit: Callable[..., Visitor]) -> None:
    """Two of its cells are others' now: the one that is asked about takes its new version."""
    page = opened(visit, ETAT, OPEN).page
    page.evaluate(
        """async () => {
          const { Saving } = await script("grid-saving");
          const said = { funder: 1, version: 3, action: "PROPOSE", amount: "5" };
          const cell = project => ({ project, ...said });
          window.job = { cells: [cell(7), cell(8)] };
          const marks = { restore() {}, nameOf: () => "CGET" };
          const state = { jobs: [job], seen: new Map(), grid: { marks, shown() {} } };
          const line = { version: 4, outcome: "PENDING", texts: { propose: "9", accorde: "" } };
          const row = id => ({ id, lines: { 1: line } });
          const answer = { message: "", project: 7, funder: 1, rows: [row(7), row(8)] };
          Object.assign(Object.create(Saving.prototype), state).conflict(job, answer);
        }"""
    )
    expect(page.get_by_role("button", name="Ne rien coller")).to_be_visible()
    page.get_by_role("button", name="Mettre le mien").click()
    assert page.evaluate("job.cells.map(each => each.version)") == [4, 3]


def test_sums_are_of_what_is_saved(visit: Callable[..., Visitor]) -> None:
    """A cell waits, and one is being written in, while its row is told to leave the sums and to
    come back: only what the server tells counts."""
    page = opened(visit, ETAT, OPEN).page
    sums = page.evaluate(
        """async () => {
          const { Table } = await script("grid-table");
          const { lay, lift, open } = await script("grid-cell");
          const table = new Table(document.querySelector(".grid"));
          const row = table.body.querySelector("tr[id]:not(.is-not-retained)");
          const funder = table.funders.find(each => table.line(row, each).version);
          const cell = table.at(row, funder, "propose");
          const sum = () => table.table.tFoot.rows[0].cells[cell.cellIndex].textContent;
          const all = table.funders.map(each => [each.id, table.line(row, each)]);
          const lines = Object.fromEntries(all.filter(([, line]) => line.known));
          const totals = { demande: "", propose: "", accorde: "" };
          const told = css => table.apply({ id: row.id.slice(1), lines, totals, css });
          const before = sum();
          lay(cell, "77 777", "is-waiting");
          told("is-not-retained is-uncounted");
          lift(cell);
          told("is-retained");
          const waited = sum();
          open(cell, document.createElement("input"));
          told("is-not-retained is-uncounted");
          lay(cell, "1", "is-kept");
          told("is-retained");
          return [before, waited, sum(), cell.firstElementChild.tagName];
        }"""
    )
    assert sums[0] == sums[1] == sums[2]
    assert sums[3] == "INPUT"


def test_a_key_after_an_answer_is_for_the_next_cell(visit: Callable[..., Visitor]) -> None:
    """However fast: before the browser has told that the question is closed."""
    page = opened(visit, ETAT, OPEN).page
    page.route("**/cellules", lambda route: route.abort())
    page.locator(".grid td[tabindex='0']").click()
    page.keyboard.press("Control+ArrowDown")
    page.keyboard.type("r")
    page.keyboard.type("Hors appel")
    decided = page.evaluate(
        """async () => {
          const asked = document.querySelector("[aria-selected], .grid [tabindex='0']");
          document.querySelector("#ask button").click();
          for (let i = 0; i < 20; i++) await null;
          const next = document.activeElement;
          next.dispatchEvent(new KeyboardEvent("keydown", { key: "Delete", bubbles: true }));
          return [asked.textContent, next !== asked, next.matches(".grid td")];
        }"""
    )
    assert decided == ["refusé", True, True]


def test_the_script_reads_amounts_as_the_server(visit: Callable[..., Visitor]) -> None:
    page = opened(visit, ETAT, OPEN).page
    read = page.evaluate(
        """async (texts) => {
          const { parse, refusal } = await script("amount");
          return texts.map(text => parse(text) === undefined ? refusal(text) : parse(text));
        }""",
        [text for text, _ in CASES],
    )
    for (text, cents), found in zip(CASES, read, strict=True):
        assert f"» {cents}" in found if isinstance(cents, str) else found == cents, text


def test_lines_pasted_into_a_field_stay_apart(visit: Callable[..., Visitor]) -> None:
    """A browser would make one number of them."""
    page = opened(visit, ETAT, OPEN).page
    page.locator(".grid td[tabindex='0']").click()
    page.keyboard.press("Control+ArrowDown")
    page.keyboard.press("Enter")
    page.evaluate(
        """() => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/plain", "300\\n150");
          document.activeElement.select();
          const options = { clipboardData, bubbles: true, cancelable: true };
          document.activeElement.dispatchEvent(new ClipboardEvent("paste", options));
        }"""
    )
    expect(page.locator("input.edit")).to_have_value("300 ; 150")
    page.keyboard.press("Enter")
    expect(page.locator(".state")).to_contain_text("n'est pas un montant")


def test_the_current_cell_is_described_in_one_place_and_help_needs_none(visit: Callable[..., Visitor]) -> None:
    visitor = opened(visit, ETAT, OPEN)
    page, here, saved = visitor.page, visitor.page.locator(".here"), visitor.page.locator(".saved")
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Touches du clavier")
    expect(keys.get_by_role("button", name="Fermer")).to_be_focused()
    assert keys.evaluate("dialog => dialog.scrollHeight <= dialog.clientHeight")
    page.keyboard.press("?")
    expect(keys).to_be_hidden()
    expect(here).to_be_empty()
    cell(page, "Atelier FLE Mathématique", "CGET", "accorde").click()
    said = re.compile(r"^CGET · Atelier FLE Mathématique · \d{4}-\d{4} · .+, demandé .+\s€, reste .+\s€$")
    expect(here).to_have_text(said)
    page.keyboard.press("Home")
    page.keyboard.press("Control+ArrowDown")
    expect(page.locator(".state")).to_have_text("Placez-vous dans la colonne d'un financeur.")
    cell(page, "Atelier FLE Mathématique", "CGET", "accorde").click()
    # What is steady is not told again and again.
    page.evaluate("""() => {
      window.heard = [];
      const saved = document.querySelector(".saved");
      const told = new MutationObserver(() => window.heard.push(saved.textContent));
      told.observe(saved, { childList: true, characterData: true, subtree: true });
    }""")
    for key in ("ArrowDown", "ArrowRight", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
    expect(saved).to_have_text("Tout est enregistré")
    assert page.evaluate("window.heard") == []
    page.keyboard.press("Control+Home")
    expect(here).to_be_empty()
    visitor.check()
