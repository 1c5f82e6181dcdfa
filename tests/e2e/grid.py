"""Hands and eyes on the programming grid in a browser."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import YEAR, Visitor

GRID = "/contrats/villeneuve-la-garenne/2021/grille"
OPEN = GRID.replace("2021", str(YEAR))  # where nothing is validated yet
ETAT, VILLE = "etat@demo.example", "ville@demo.example"
# The real programming of 2021 as it stood before its committee: what was granted is proposed.
UNDECIDED = """
UPDATE funding_lines SET proposed = granted, granted = NULL, outcome = 'PENDING', reason = '',
  decided_by_id = NULL, decided_at = NULL, notified_at = NULL, act_number = '', act_date = NULL
WHERE campaign_id IN (SELECT id FROM campaigns WHERE year = 2021);
UPDATE campaigns SET validated_at = NULL, validated_by_id = NULL WHERE year = 2021;
"""
# After a jump to the end: whether one sees the cell there, and how high all rows are before and after
# each of them was drawn.
JUMPED = """
const drawn = () => new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)));
const frame = document.querySelector(".frame"), cell = document.activeElement;
await drawn();
const { x, y, width, height } = cell.getBoundingClientRect();
const seen = cell.contains(document.elementFromPoint(x + width / 2, y + height / 2));
const before = frame.scrollHeight;
for (const row of document.querySelectorAll(".grid tbody tr")) {
  row.scrollIntoView({ block: "center", behavior: "instant" });
  await drawn();
}
// Heights of rows are fractions of pixels, summed and rounded.
return [seen && !cell.closest("tr").nextElementSibling, Math.abs(frame.scrollHeight - before) < 3];
"""


def cell(page: Page, project: str, code: str, kind: str) -> Locator:
    """The cell of a project (its title) in a funder's column."""
    index = page.evaluate(
        """([code, kind]) => {
          const codes = [...document.querySelectorAll("[data-funder]")].map(h => h.dataset.code);
          const kinds = document.querySelector(".grid").dataset.columns.split(",");
          return 2 + codes.indexOf(code) * kinds.length + kinds.indexOf(kind);
        }""",
        [code, kind],
    )
    row = page.locator("tbody tr", has=page.get_by_role("link", name=project, exact=True))
    return row.locator(f":nth-child({index + 1})")


def texts(page: Page) -> list[str]:
    """Every cell of the grid."""
    cells = ".grid :is(tbody, tfoot) > tr > *"
    return page.eval_on_selector_all(cells, "all => all.map(c => c.textContent)")


def opened(visit: Callable[..., Visitor], email: str, address: str = GRID) -> Visitor:
    visitor = visit(email)
    visitor.go(address)
    expect(visitor.page.get_by_role("grid")).to_be_visible()
    return visitor


def sees(found: Locator, text: str) -> None:
    """Without waiting for the next time that the page asks for changes."""
    found.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(found).to_have_text(text, timeout=8000)
