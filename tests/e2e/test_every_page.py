"""Every page that a person can open, for each kind of person, at two widths."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import pytest
from werkzeug.routing import Map

from tests.e2e import axe
from tests.e2e.conftest import PHONE, Visitor
from tests.e2e.crawl import Crawl

# Those of a kind see the same pages, bearers in different states. The instructors of the State and
# of the Département see those of the city: soak has all accounts, one by one.
KINDS = {
    "anybody": [None],
    "administrator": ["admin@demo.example"],
    "coordinator": ["chefdeprojet@demo.example"],
    "instructor": ["ville@demo.example"],
    "committee": ["comite@demo.example"],
    "bearers": ["adabe@demo.example", "mjc@demo.example"],
}
# Whose pages the coordinator has as well: one of each is looked at.
COORDINATORS_TOO = {"instructor", "committee"}
# What this process has seen, whoever it was: a page made of the same parts is the same for axe.
SEEN: defaultdict[str, set[str]] = defaultdict(set)
# Pages that no link of the demonstration leads to: met by the map of routes.
UNLINKED = {"coordinator": {"/appels/N/dossier-recu", "/contrats/villeneuve-la-garenne/avis-a-donner"}}


@pytest.mark.parametrize("kind", KINDS)
def test_every_page(visit: Callable[..., Visitor], routes: Map, kind: str) -> None:
    for email in KINDS[kind]:
        crawl = Crawl(visit(email), SEEN, routes, most=1 if kind in COORDINATORS_TOO else 2)
        crawl.run()
        assert not crawl.wrong, "\n".join(crawl.wrong)
        assert len(crawl.counts) > 3
        assert crawl.counts.keys() >= UNLINKED.get(kind, set())


FAULTY = """<!doctype html><html lang="fr"><meta charset="utf-8"><title>Pages</title><main><h1>Pages</h1>
<table><caption>Nombres</caption><tr><th scope="col">Un<th scope="col">Deux</tr>%s</table></main>"""
ROW = "<tr><td>deux cents<td>trois cents</tr>"


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("", ""),
        ("<tr><td>un<td style='color: #bbb'>pâle</tr>", "color-contrast"),
        ("<tr style='background: #444'><td>un<td>sombre</tr>", "color-contrast"),
        ("<tr><td>un<td><div style='opacity: .3'><b>pâle</b></div></tr>", "color-contrast"),
        ("<tr><td>un<td><input></tr>", "label"),
    ],
)
def test_axe_finds_one_fault_in_a_long_table(visit: Callable[..., Visitor], row: str, rule: str) -> None:
    page = visit().page
    page.set_content(FAULTY % (ROW * 20 + row + ROW * 20))
    found = axe.violations(page)
    assert [rule in report for report in found] == ([True] if rule else [])


@pytest.mark.parametrize(
    ("style", "rule"), [("label { display: none }", "label"), ("td { color: #bbb }", "color-contrast")]
)
def test_what_is_wrong_on_a_phone_alone_is_found(
    visit: Callable[..., Visitor], routes: Map, style: str, rule: str
) -> None:
    """On a page that is made like one that was seen, too."""
    visitor, body = visit(), FAULTY % (ROW + "<tr><td><label for=name>Nom</label><td><input id=name></tr>")
    styles = iter(["", f"@media (width < 400px) {{ {style} }}"])
    visitor.page.route("**/faulty/*", lambda route: route.fulfill(body=f"<style>{next(styles)}</style>{body}"))
    crawl = Crawl(visitor, defaultdict(set), routes)
    crawl.look("/faulty/1")
    assert crawl.wrong == []
    crawl.look("/faulty/2")
    assert len(crawl.wrong) == 1
    assert "at 360 px" in crawl.wrong[0]
    assert rule in crawl.wrong[0]


ENDLESS = """() => {
  const texts = [...document.querySelectorAll("tbody th, td, .card-call h3, .rows h3")]
    .filter(e => !e.matches(".number, [colspan]") && e.textContent.trim() && e.offsetWidth);
  texts.forEach(e => e.textContent = "x".repeat(300));
  return Math.max(...texts.map(e => e.offsetWidth));
}"""


@pytest.mark.parametrize(
    ("email", "page"),
    [
        ("chefdeprojet@demo.example", "/contrats/villeneuve-la-garenne/2021/projets"),
        ("comite@demo.example", "/contrats/villeneuve-la-garenne/2021/programmation"),
        ("comite@demo.example", "/contrats/villeneuve-la-garenne/comparaison/2021/2022"),
        ("adabe@demo.example", "/mes-projets"),
    ],
)
def test_a_word_without_end_widens_nothing(visit: Callable[..., Visitor], email: str, page: str) -> None:
    visitor = visit(email)
    visitor.page.set_viewport_size(PHONE)
    visitor.go(page)
    assert visitor.page.evaluate(ENDLESS) <= 352  # 22 rem
    visitor.check()


def test_the_page_of_an_address_too_long_fits_a_phone(visit: Callable[..., Visitor]) -> None:
    """The server's own, before the application is asked."""
    visitor = visit()
    visitor.page.set_viewport_size(PHONE)
    visitor.go("/?q=" + "a" * 9000)
    assert visitor.page.title() == "Adresse trop longue"
    visitor.faults.clear()  # its status, which Chromium remarks on
    visitor.check()
