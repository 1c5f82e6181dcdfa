"""What Firefox may show otherwise than Chromium: every cell of the grid is where it is drawn."""

from __future__ import annotations

from pathlib import Path

from grants.demo.people import PASSWORD
from tests.databases import skip
from tests.e2e.firefox import FIREFOX, firefox
from tests.e2e.grid import ETAT, GRID

SIGN_IN = """
document.querySelector("[type=email]").value = given[0];
document.querySelector("[type=password]").value = given[1];
const form = new FormData(document.querySelector("main form"));
return (await fetch(location.href, { method: "POST", body: form })).ok;
"""
# Rows out of sight are not drawn until the next frames.
MISSING = """
const drawn = () => new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)));
const frame = document.querySelector(".frame"), missing = [];
let cells = 0;
while (document.querySelector(".tools").hidden) await drawn();  // until its script is there
frame.scrollIntoView();
frame.style.scrollPadding = 0;
for (const row of document.querySelectorAll(".grid tbody tr")) {
  row.scrollIntoView({ block: "center" });
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


def test_every_cell_of_the_grid_is_drawn(server: str, tmp_path: Path) -> None:
    if FIREFOX is None:
        skip("needs Firefox: install Debian's package firefox-esr")
    with firefox(tmp_path, 1280, 900) as browser:
        browser.go(f"{server}/connexion")
        assert browser.waits_for(SIGN_IN, ETAT, PASSWORD)
        for year in ("2021", "2026"):
            browser.go(server + GRID.replace("2021", year))
            cells, missing = browser.waits_for(MISSING)
            assert cells > 500
            assert missing == []
