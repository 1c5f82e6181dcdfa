"""Every page that a person can reach by links, for each kind of person, at two widths."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from grants.demo.people import ACCOUNTS
from tests.e2e.conftest import PHONE, WIDE, Visitor

# Addresses that answer with a file, which a browser keeps rather than shows.
FILES = re.compile(r"\.(xlsx|csv|pdf)$|^/documents/\d+$")


def shape(path: str) -> str:
    """Pages that differ only in which row they show are one: looked at twice at most."""
    return re.sub(r"\d+", "N", path)


def links(visitor: Visitor) -> list[str]:
    found = visitor.page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
    paths = [urlsplit(link) for link in found if link.startswith(visitor.server)]
    return [p.path + (f"?{p.query}" if p.query else "") for p in paths]


@pytest.mark.parametrize("email", [None, *ACCOUNTS])
def test_every_page_reached_by_links(visit: Callable[..., Visitor], email: str | None) -> None:
    visitor = visit(email)
    waiting, seen, counts, wrong = ["/"], set(), {}, []
    while waiting:
        path = waiting.pop(0)
        form = shape(urlsplit(path).path)
        if path in seen or counts.get(form, 0) >= 2 or FILES.search(urlsplit(path).path):
            continue
        seen.add(path)
        counts[form] = counts.get(form, 0) + 1
        response = visitor.page.goto(visitor.server + path)
        assert response is not None
        assert response.status == 200, (path, response.status)
        wrong += visitor.wrong()
        if counts[form] == 1:
            visitor.page.set_viewport_size(PHONE)
            wrong += visitor.wrong()
            visitor.page.set_viewport_size(WIDE)
        waiting += links(visitor)
    assert not wrong, "\n".join(wrong)
    assert len(counts) > 3


ENDLESS = """() => {
  const texts = [...document.querySelectorAll("tbody th, td, .card-call h3")]
    .filter(e => !e.matches(".number, [colspan]") && e.textContent.trim() && e.offsetWidth);
  texts.forEach(e => e.textContent = "x".repeat(300));
  return Math.max(...texts.map(e => e.offsetWidth));
}"""


@pytest.mark.parametrize(
    ("email", "page"),
    [("chefdeprojet@demo.example", "/contrats/villeneuve-la-garenne/2021/projets"),
     ("comite@demo.example", "/contrats/villeneuve-la-garenne/2021/programmation"),
     ("comite@demo.example", "/contrats/villeneuve-la-garenne/comparaison/2021/2022"),
     ("adabe@demo.example", "/mes-projets")],
)  # fmt: skip
def test_a_word_without_end_widens_nothing(
    visit: Callable[..., Visitor], email: str, page: str
) -> None:
    visitor = visit(email)
    visitor.page.set_viewport_size(PHONE)
    visitor.go(page)
    assert visitor.page.evaluate(ENDLESS) <= 352  # 22 rem
    visitor.check()
