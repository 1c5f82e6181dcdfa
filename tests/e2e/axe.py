"""What is wrong with a page that a browser shows: what axe finds, and what every page must be.

Most of axe's time goes to weighing the same colours against each other in every cell of every
table of every page: contrast is weighed once a process for each look of text, or in `make soak` for
each text. All other rules see every element.
"""

from __future__ import annotations

from pathlib import Path

from axe_playwright_python.base import AxeResults
from playwright.sync_api import Page

LOOKS = (Path(__file__).parent / "looks.js").read_text()
MARK = f"""(known) => {{
  ({LOOKS.strip()})(known);
  return [...document.querySelectorAll("[data-look]")].map(({{ dataset }}) => dataset.look);
}}"""
RUN = """async ([all, rules]) => {
  axe.configure({ rules: [{ id: "color-contrast", selector: all ? "*" : "[data-look]" }] });
  const asked = { elementRef: true, resultTypes: ["violations", "incomplete"], ...(rules && { runOnly: rules }) };
  const { violations, incomplete } = await axe.run(asked);
  const nodes = [...violations, ...incomplete].flatMap((rule) => rule.nodes);
  const unsure = nodes.map(({ element }) => element.dataset.look);
  for (const node of nodes) delete node.element;
  return { violations, unsure };
}"""
SHAPE = """() => ({
  headings: [...document.querySelectorAll("h1")].map(h => h.innerText.replace(/\\s+/g, " ").trim()),
  title: document.title.replace(/\\s+/g, " "),
  width: document.documentElement.scrollWidth,
})"""
# Looks that axe was asked about: is it sure that nothing is wrong with them?
looks: dict[str, bool] = {}


def violations(
    page: Page, *, every_contrast: bool = False, marked: list[str] | None = None, contrast_alone: bool = False
) -> list[str]:
    """axe's report, or nothing; its script is there from the beginning (`visit`)."""
    marked = mark(page) if marked is None else marked
    if contrast_alone and not marked:
        return []  # no look that was not weighed
    found = AxeResults(page.evaluate(RUN, [every_contrast, ["color-contrast"] if contrast_alone else None]))
    looks.update((look, look not in found.response["unsure"]) for look in marked)
    return [found.generate_report()] if found.violations_count else []


def mark(page: Page) -> list[str]:
    """The looks of text whose contrast is to be weighed, which are marked in the page."""
    found: list[str] = page.evaluate(MARK, [look for look, sure in looks.items() if sure])
    return found


def misshapen(page: Page) -> list[str]:
    """Not one h1 that agrees with the title; a page that scrolls sideways."""
    found, wrong = page.evaluate(SHAPE), []
    headings, title = found["headings"], found["title"]
    if len(headings) != 1 or headings[0] not in title:
        wrong.append(f"h1 {headings} and title {title}")
    if found["width"] > page.viewport_size["width"]:
        wrong.append(f"{found['width']} px wide")
    return wrong
