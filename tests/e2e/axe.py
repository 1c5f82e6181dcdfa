"""What is wrong with a page that a browser shows: what axe finds, and what every page must be.

Most of axe's time goes to weighing the same colours against each other in every cell of every
table: contrast is weighed for each look of text only, or in `make soak` for each text. All other
rules see every element.
"""

from __future__ import annotations

from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page

CONTRAST = """all => axe.configure({
  rules: [{ id: "color-contrast", selector: all ? "*" : "[data-look]" }],
})"""
LOOKS = (Path(__file__).parent / "looks.js").read_text()
RUN = f"""async () => {{
  ({LOOKS.strip()})();
  const {{ violations }} = await axe.run({{ resultTypes: ["violations"] }});
  return {{ violations }};
}}"""
SHAPE = """() => ({
  headings: [...document.querySelectorAll("h1")].map(h => h.innerText.replace(/\\s+/g, " ").trim()),
  title: document.title.replace(/\\s+/g, " "),
  width: document.documentElement.scrollWidth,
})"""


def violations(page: Page, *, every_contrast: bool = False) -> list[str]:
    """axe's report, or nothing. Loaded once a page, whatever the widths it is looked at."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
        page.evaluate(CONTRAST, every_contrast)
    found = AxeResults(page.evaluate(RUN))
    return [found.generate_report()] if found.violations_count else []


def misshapen(page: Page) -> list[str]:
    """Not one h1 that agrees with the title; a page that scrolls sideways."""
    found, wrong = page.evaluate(SHAPE), []
    headings, title = found["headings"], found["title"]
    if len(headings) != 1 or headings[0] not in title:
        wrong.append(f"h1 {headings} and title {title}")
    if found["width"] > page.viewport_size["width"]:
        wrong.append(f"{found['width']} px wide")
    return wrong
