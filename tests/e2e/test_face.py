"""Pages of each kind as few see them: dark, in a commune's own colour, zoomed, in forced colours, on paper."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Route

from grants.domain.contract.colours import DEFAULT, style_sheet
from tests.databases import skip
from tests.e2e import axe
from tests.e2e.conftest import APPLICANT, PHONE, Visitor

COORDINATOR = "chefdeprojet@demo.example"
CONTRACT = "/contrats/villeneuve-la-garenne"
PROGRAMMING, COMPARISON = f"{CONTRACT}/2021/programmation", f"{CONTRACT}/comparaison/2021/2022"
# By who opens them; `a[…]`: where the page before leads.
PAGES = {
    None: ["/", "/connexion"],
    "admin@demo.example": ["/reglages/identite"],
    APPLICANT: ["/mes-projets", "a[href^='/mes-projets/']"],
    COORDINATOR: [
        CONTRACT,
        f"{CONTRACT}/2021/projets",
        "a[href^='/projets/']",
        f"{CONTRACT}/2021/grille",
        PROGRAMMING,
        COMPARISON,
    ],
}
SCHEMES = ("light", "dark")
ACCENTS = {"yellow": "#ffd500", "red": "#c8102e", "black": "#000000"}
RECOLOURED = """accent => new Promise(done => {
  const link = document.querySelector("link[href*='/theme.css']");
  link.onload = done;
  link.href = "/theme.css?accent=" + encodeURIComponent(accent);
})"""
# Left out: what is for screen readers alone, fields, and what ends in an ellipsis.
CUT = """() => [...document.querySelectorAll("body :not(.visually-hidden, input)")].filter(e => {
  const s = getComputedStyle(e);
  return /hidden|clip/.test(s.overflowX) && s.textOverflow !== "ellipsis" && e.scrollWidth > e.clientWidth + 1
    && e.clientWidth > 1 && e.checkVisibility();
}).map(e => e.outerHTML.slice(0, 120))"""


def opened(visit: Callable[..., Visitor]) -> Iterator[Visitor]:
    """One person after the other at each of their pages."""
    for email, pages in PAGES.items():
        visitor = visit(email)
        for page in pages:
            if page.startswith("a["):
                page = visitor.page.locator(page).first.get_attribute("href")
            visitor.go(page)
            yield visitor


TAKEN = """() => document.querySelector(".top").getBoundingClientRect().bottom
  + [...document.querySelectorAll(".notice")].reduce((sum, each) => sum + each.getBoundingClientRect().height, 0)"""


def test_header_and_notices_take_a_fifth_of_a_phone_s_screen(visit: Callable[..., Visitor]) -> None:
    taken = {}
    for visitor in opened(visit):
        visitor.page.set_viewport_size(PHONE)
        taken[visitor.page.url] = visitor.page.evaluate(TAKEN)
    assert {url: height for url, height in taken.items() if height > PHONE["height"] / 5} == {}


def _theme(route: Route) -> None:
    [accent] = parse_qs(urlsplit(route.request.url).query)["accent"]
    route.fulfill(body=style_sheet(accent), content_type="text/css")


def test_contrast_holds_in_every_colour(visit: Callable[..., Visitor]) -> None:
    wrong = []
    for visitor in opened(visit):
        visitor.page.route("**/theme.css?accent=*", _theme)
        for accent in (DEFAULT, *ACCENTS.values()):
            visitor.page.evaluate(RECOLOURED, accent)
            for scheme in SCHEMES:
                visitor.page.emulate_media(color_scheme=scheme)
                wrong += [
                    f"{visitor.page.url} {accent} {scheme}: {w}"
                    for w in axe.violations(visitor.page, contrast_alone=True)
                ]
    assert wrong == []


@pytest.mark.parametrize("zoom", [200, 400])
def test_zoomed_pages_neither_scroll_sideways_nor_cut(visit: Callable[..., Visitor], zoom: int) -> None:
    wrong = []
    for visitor in opened(visit):
        visitor.page.set_viewport_size({"width": 1280 * 100 // zoom, "height": 1024 * 100 // zoom})
        wrong += [f"{visitor.page.url}: {w}" for w in axe.misshapen(visitor.page) + visitor.page.evaluate(CUT)]
    assert wrong == []


# What colour alone would say: the shape of a state, what a bar is filled with; and where the focus is.
BARS, STATES = ".bar:has(.bar-granted)", ".badge-state, .task-status, .standing"
UNSEEN = f"""() => {{
  const {{ backgroundColor: canvas, color: ink }} = getComputedStyle(document.body);
  const shapes = [...document.querySelectorAll("{STATES}")]
    .filter(e => e.checkVisibility() && getComputedStyle(e, "::before").maskImage !== "none")
    .filter(e => getComputedStyle(e, "::before").backgroundColor === canvas);
  const bars = [...document.querySelectorAll("{BARS}")].filter(e => e.checkVisibility() && e.clientWidth)
    .filter(e => getComputedStyle(e.querySelector(".bar-granted")).fill !== ink);
  return [...shapes, ...bars].map(e => e.outerHTML.slice(0, 200));
}}"""
FOCUS = """() => {
  const wanted = [...document.querySelectorAll("main a[href], main button, main input:not([type=hidden]), main select")]
    .filter(e => e.checkVisibility()).slice(0, 8);
  return wanted.filter(e => {
    e.focus({ focusVisible: true });
    const s = getComputedStyle(e);
    return document.activeElement === e && (s.outlineStyle === "none" || parseFloat(s.outlineWidth) < 2);
  }).map(e => e.outerHTML.slice(0, 120));
}"""


def test_forced_colours_leave_states_bars_and_focus(visit: Callable[..., Visitor]) -> None:
    wrong, seen = [], {BARS: 0, STATES: 0}
    for visitor in opened(visit):
        visitor.page.emulate_media(forced_colors="active")
        seen = {what: number + visitor.page.locator(what).count() for what, number in seen.items()}
        wrong += [f"{visitor.page.url}: {w}" for w in visitor.page.evaluate(UNSEEN) + visitor.page.evaluate(FOCUS)]
    assert wrong == []
    assert all(seen.values())


# Each row of each table, of the cells that belong on paper, without white space.
ROWS = """() => [...document.querySelectorAll("main tr")].filter(row => row.checkVisibility())
  .map(row => [...row.cells].filter(cell => cell.checkVisibility()).map(cell => cell.innerText).join(""))
  .map(text => text.replace(/\\s/g, ""))"""


@pytest.mark.parametrize("paper", ["A4", "A3"])
@pytest.mark.parametrize("address", [PROGRAMMING, COMPARISON])
def test_no_column_is_lost_on_paper(visit: Callable[..., Visitor], tmp_path: Path, address: str, paper: str) -> None:
    visitor, file = visit("comite@demo.example"), tmp_path / "page.pdf"
    visitor.go(address)
    visitor.page.emulate_media(media="print")
    rows = visitor.page.evaluate(ROWS)
    visitor.page.pdf(path=file, format=paper, landscape=True)
    try:
        text = subprocess.run(["pdftotext", "-raw", file, "-"], capture_output=True, text=True, check=True).stdout
    except FileNotFoundError:
        skip("needs pdftotext: install Debian's package poppler-utils")
    printed = "".join(text.split())
    assert len(rows) > 50
    assert [row for row in rows if row not in printed] == []
