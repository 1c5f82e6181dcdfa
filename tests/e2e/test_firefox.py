"""What Firefox may do otherwise than Chromium: the grid drawn, typed in, pasted in and live in two
windows; a dossier that saves itself; tables of the committee; consoles without a complaint."""

from __future__ import annotations

import re
import shutil
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import skip
from tests.e2e.conftest import YEAR
from tests.e2e.crawl import FILES, shape
from tests.e2e.firefox import COPY, FIREFOX, NETWORK, RESIZE, Firefox, firefox
from tests.e2e.grid import ETAT, GRID, JUMPED, UNDECIDED, VILLE
from tests.serving import environment, served

pytestmark = pytest.mark.xdist_group("firefox")  # one Firefox, and one server of its own
COORDINATOR, APPLICANT = "chefdeprojet@demo.example", "adabe@demo.example"
PROJECT = "Atelier FLE Mathématique"
READY = "document.querySelector('.tools:not([hidden])')"  # the grid's script is there
# The cell of a project (its title) in a funder's column.
CELL = """(([title, code, kind]) => {
  const table = document.querySelector(".grid"), kinds = table.dataset.columns.split(",");
  const codes = [...document.querySelectorAll("[data-funder]")].map((head) => head.dataset.code);
  const link = [...table.querySelectorAll("tbody a")].find((each) => each.textContent === title);
  return link.closest("tr").cells[2 + codes.indexOf(code) * kinds.length + kinds.indexOf(kind)];
})(given)"""
# Rows out of sight are not drawn until the next frames.
MISSING = """
const drawn = () => new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)));
const frame = document.querySelector(".frame"), missing = [];
let cells = 0;
frame.scrollIntoView({ behavior: "instant" });
frame.style.scrollPadding = 0;
for (const row of document.querySelectorAll(".grid tbody tr")) {
  row.scrollIntoView({ block: "center", behavior: "instant" });
  await drawn();
  const first = row.cells[0].getBoundingClientRect().width;
  for (const cell of row.cells) {
    cells += 1;
    frame.scrollLeft = cell.offsetLeft - first - 5;
    const { x, y, width, height } = cell.getBoundingClientRect();
    const hit = document.elementFromPoint(x + width / 2, y + height / 2);
    if (!cell.contains(hit)) missing.push(`${row.id || row.textContent} ${cell.cellIndex}`);
  }
}
return [cells, missing];
"""
# The line below a row is its own, and none of its cells covers it; wherever the frame is scrolled
# to, the names of the funders that it shows are seen, all on one line; the note below the table fits the frame.
IN_VIEW = """
const frame = document.querySelector(".frame"), grid = frame.querySelector(".grid"), names = [];
const covered = [...grid.tBodies[0].rows].filter((row) => {
  const line = row.getBoundingClientRect().bottom - 1;
  return getComputedStyle(row).borderBottom.startsWith("0px")
    || [...row.cells].some((cell) => cell.getBoundingClientRect().bottom > line + .1);
});
frame.scrollIntoView({ behavior: "instant" });
const heads = [...grid.tHead.rows[0].cells].slice(2), first = grid.rows[0].cells[0];
for (let left = 0; left < grid.offsetWidth - frame.clientWidth; left += 57) {
  frame.scrollTo({ left, behavior: "instant" });
  const from = first.getBoundingClientRect().right, to = frame.getBoundingClientRect().right - 16;
  for (const head of heads) {
    const space = head.getBoundingClientRect(), name = head.querySelector("span");
    const { x, y, width, height } = name.getBoundingClientRect();
    const room = Math.min(space.right, to) - Math.max(space.left, from);
    if (room < width + 24) continue;
    const seen = name.contains(document.elementFromPoint(x + width / 2, y + height / 2));
    if (x < from || x + width > to || !seen) names.push(`${name.textContent} at ${left}`);
  }
}
const note = grid.caption.getBoundingClientRect().width <= frame.clientWidth;
const tops = heads.map((head) => {
  const words = document.createRange();
  words.selectNodeContents(head.querySelector("a") ?? head.querySelector("span"));
  return Math.round(words.getBoundingClientRect().top);
});
return [covered.map((row) => row.textContent), names, note, new Set(tops).size];
"""
# Which columns a person has chosen to see: the first so many funders, and the kinds named.
CHOOSE = """
const form = document.querySelector("[action*=colonnes]"), [funders, kinds] = given;
const boxes = [...form.querySelectorAll("[name=financeur]")];
boxes.forEach((box, i) => (box.checked = i < funders));
for (const box of form.querySelectorAll("[name=colonne]")) box.checked = kinds.includes(box.value);
return (await fetch(form.action, { method: "POST", body: new FormData(form) })).ok;
"""
UNSEEN = """
const missing = [], cells = [...document.querySelectorAll("main :is(td, tbody th, .changed p)")];
for (const cell of cells.filter((each) => each.offsetWidth)) {
  cell.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
  const { x, y, width, height } = cell.getBoundingClientRect();
  const hit = document.elementFromPoint(x + width / 2, y + height / 2);
  if (!cell.contains(hit) && !hit?.contains(cell)) missing.push(cell.textContent.trim());
}
return [cells.length, missing];
"""


@pytest.fixture(scope="module")
def server(demonstration: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = shutil.copytree(demonstration, tmp_path_factory.mktemp("firefox") / "data")
    with sqlite3.connect(folder / "grants.sqlite3") as database:
        database.executescript(UNDECIDED)
    with served(environment("", folder)) as running:
        yield running.address


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    if FIREFOX is None:
        skip("needs Firefox: install Debian's package firefox-esr")
    with firefox(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture
def instructor(browser: Firefox, server: str) -> Firefox:
    browser.privileged(RESIZE, 1280, 900)
    browser.sign_in(server, ETAT)
    browser.complaints()
    return browser


@pytest.mark.parametrize(
    ("width", "year", "choice"),
    [
        (1280, "2021", None),
        (500, "2021", None),
        (360, "2021", None),
        (1280, str(YEAR), None),
        (500, str(YEAR), None),
        (360, str(YEAR), [9, ["avant", "demande", "propose", "accorde"]]),
        (360, str(YEAR), [1, ["accorde"]]),
    ],
)
def test_every_cell_of_the_grid_is_drawn(
    instructor: Firefox, server: str, width: int, year: str, choice: list[object] | None
) -> None:
    address = server + GRID.replace("2021", year)
    instructor.privileged(RESIZE, width, 740)
    if choice:  # which is kept
        instructor.sign_in(server, VILLE)
        instructor.go(address)
        assert instructor.waits_for(CHOOSE, *choice)
    instructor.go(address)
    instructor.until(READY)
    cells, missing = instructor.waits_for(MISSING)
    assert cells > 150
    assert missing == []


@pytest.mark.parametrize("width", [1280, 360])
def test_the_first_jump_to_the_end_goes_there(instructor: Firefox, server: str, width: int) -> None:
    instructor.privileged(RESIZE, width, 740)
    instructor.go(server + GRID)
    instructor.until(READY)
    instructor.waits_for("document.querySelector('.grid td[tabindex]').focus()")
    instructor.press("Control+End")
    assert instructor.waits_for(JUMPED) == [True, True]


@pytest.mark.parametrize("width", [1280, 360])
def test_lines_names_of_funders_and_the_note_stay_in_view(instructor: Firefox, server: str, width: int) -> None:
    instructor.privileged(RESIZE, width, 740)
    instructor.go(server + GRID)
    instructor.until(READY)
    covered, names, note, levels = instructor.waits_for(IN_VIEW)
    assert covered == []
    assert names == []
    assert note
    assert levels == 1


def test_the_grid_typed_in_pasted_in_and_undone_in_two_windows(instructor: Firefox, server: str) -> None:
    mine = (PROJECT, "CGET", "propose")
    instructor.go(server + GRID)
    first = instructor.call("WebDriver:GetWindowHandle")["value"]
    second = instructor.call("WebDriver:NewWindow", type="window", focus=False)["handle"]
    instructor.call("WebDriver:SwitchToWindow", handle=second)
    instructor.go(server + GRID)
    instructor.until(READY)
    instructor.call("WebDriver:SwitchToWindow", handle=first)
    instructor.until(READY)
    for key, is_open in (("?", "true"), ("Enter", "false")):  # before any cell has the focus
        instructor.press(key)
        instructor.until(f"document.querySelector('#keys').open === {is_open}")

    def shows(text: str, cell: tuple[str, str, str] = mine) -> None:
        for window in (first, second):
            instructor.call("WebDriver:SwitchToWindow", handle=window)
            instructor.waits_for("document.dispatchEvent(new Event('visibilitychange'))")
            instructor.until(f"{CELL}.textContent === given[3]", *cell, text)
        instructor.call("WebDriver:SwitchToWindow", handle=first)

    instructor.click(CELL, *mine)
    instructor.press("2 400", "Enter")
    shows("2\u202f400")
    instructor.click(CELL, *mine)
    instructor.privileged(COPY, "1 000\n1500,50\n")
    instructor.press("Control+v")
    instructor.until("document.querySelector('#ask[open]')")
    instructor.press("Enter")
    shows("1\u202f000")
    shows("1\u202f500,50", ("Atelier FLE ALPHA", *mine[1:]))
    for before in ("2\u202f400", "2\u202f500"):
        instructor.press("Control+z")
        shows(before)
    instructor.call("WebDriver:SwitchToWindow", handle=second)
    instructor.call("WebDriver:CloseWindow")
    instructor.call("WebDriver:SwitchToWindow", handle=first)
    assert instructor.complaints() == []


def test_a_dossier_saves_itself_and_survives_a_cut_network(browser: Firefox, server: str) -> None:
    browser.sign_in(server, APPLICANT)
    browser.go(f"{server}/mes-projets")
    browser.complaints()
    draft = browser.waits_for(
        "return [...document.querySelectorAll('main a')].find((link) => link.textContent.startsWith('Continuer')).href"
    )
    says = "document.querySelector('.autosave').textContent.startsWith(given[0])"
    day = "document.querySelector('[name=starts_on]')"
    browser.go(f"{draft}/calendrier")
    browser.until("document.querySelector('.autosave:not([hidden])')")
    for written in (f"0915{YEAR}", f"1509{YEAR}"):  # the browser's own order of parts
        browser.waits_for(f"{day}.value = ''; {day}.blur(); {day}.focus()")
        browser.press(written)
        if browser.waits_for(f"return {day}.value") == f"{YEAR}-09-15":
            break
    browser.until(says, "Enregistré à")
    browser.go(f"{draft}/calendrier")
    assert browser.waits_for(f"return {day}.value") == f"{YEAR}-09-15"

    amount = "document.querySelector('[name=a604]')"
    browser.go(f"{draft}/budget")
    browser.until("document.querySelector('.autosave:not([hidden])')")
    browser.privileged(NETWORK, False)
    browser.waits_for(f"{amount}.value = ''; {amount}.focus()")
    browser.press("1 234,50")
    browser.until(says, "Pas enregistré : plus de connexion")
    browser.privileged(NETWORK, True)
    browser.until(says, "Enregistré à")
    browser.go(f"{draft}/budget")
    assert browser.waits_for(f"return {amount}.value").replace("\u202f", "") == "1234,50"
    assert browser.complaints() == []


@pytest.mark.parametrize("width", [1280, 360])
def test_tables_of_the_committee_are_drawn(browser: Firefox, server: str, width: int) -> None:
    contract = f"{server}/contrats/villeneuve-la-garenne"
    browser.sign_in(server, COORDINATOR)
    browser.privileged(RESIZE, width, 740)
    for page in ("2022/programmation", "comparaison/2021/2022", f"{YEAR}/changements?mur=1"):
        browser.go(f"{contract}/{page}")
        cells, unseen = browser.waits_for(UNSEEN)
        assert cells, page
        assert unseen == [], page


FAULT = """document.body.append(Object.assign(document.createElement('script'), { text: '1' }));
console.error('Essai');"""


def test_no_console_complains_over_forty_pages(browser: Firefox, server: str) -> None:
    browser.privileged(RESIZE, 1280, 900)
    count = 0
    complaints: list[str] = []
    for email in (COORDINATOR, APPLICANT, "admin@demo.example"):
        browser.sign_in(server, email)
        browser.complaints()
        waiting, seen = ["/"], set[str]()
        while waiting and len(seen) < 20:
            path = waiting.pop(0)
            if shape(path) in seen or FILES.search(path):
                continue
            seen.add(shape(path))
            browser.go(server + path)
            waiting += browser.waits_for(
                "return [...document.links].filter((a) => a.origin === location.origin).map((a) => a.pathname)"
            )
            complaints += browser.complaints()
        count += len(seen)
    assert count >= 40
    assert complaints == []
    browser.waits_for(FAULT)
    end = time.monotonic() + 20  # a console's words come when the browser has the time
    while not {"Content", "Essai"} <= set(re.findall("Content|Essai", " ".join(complaints))):
        assert time.monotonic() < end, complaints
        complaints += browser.complaints()
