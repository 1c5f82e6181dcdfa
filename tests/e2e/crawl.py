"""Every page that a person can reach by links, at two widths."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from urllib.parse import urlsplit

from tests.e2e import axe
from tests.e2e.conftest import PHONE, WIDE, Visitor

# Addresses that answer with a file, which a browser keeps rather than shows.
FILES = re.compile(r"\.(xlsx|csv|pdf)$|^/documents/\d+$")
MOST = 2  # of a shape
# What a page is made of, whatever it says.
PARTS = """all => [...new Set(all.map(
  e => [e.tagName, e.getAttribute("class"), ...e.getAttributeNames()].join(" ")
))]"""


def shape(address: str) -> str:
    """Pages that differ only in which row they show are one."""
    return re.sub(r"\d+", "N", urlsplit(address).path)


def links(visitor: Visitor) -> list[str]:
    found = visitor.page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
    paths = [urlsplit(link) for link in found if link.startswith(visitor.server)]
    return [p.path + (f"?{p.query}" if p.query else "") for p in paths]


class Crawl:
    """Looks at each shape of page twice, with axe when it has parts that nobody of this kind has
    seen in that shape (`parts`, by shape); `thorough`: always, and in full."""

    def __init__(
        self, visitor: Visitor, parts: defaultdict[str, set[str]], *, thorough: bool = False
    ) -> None:
        self.visitor, self.page, self.parts = visitor, visitor.page, parts
        self.thorough = thorough
        self.counts: Counter[str] = Counter()
        self.wrong: list[str] = []

    def run(self) -> None:
        waiting, seen = ["/"], set()
        while waiting:
            path = waiting.pop(0)
            form = shape(path)
            enough = self.counts[form] >= MOST or FILES.search(urlsplit(path).path)
            if path not in seen and not enough:
                seen.add(path)
                self.counts[form] += 1
                self._look(path)
                waiting += links(self.visitor)

    def _look(self, path: str) -> None:
        response = self.page.goto(self.visitor.server + path)
        assert response is not None
        assert response.status == 200, (path, response.status)
        known = self.parts[shape(self.page.url)]
        parts = set(self.page.eval_on_selector_all("body *", PARTS))
        if parts <= known and not self.thorough:
            self.wrong += self.visitor.wrong([])
        else:
            self._look_closely()
        known |= parts

    def _look_closely(self) -> None:
        for width in (WIDE, PHONE):
            self.page.set_viewport_size(width)
            found = axe.violations(self.page, every_contrast=self.thorough)
            self.wrong += self.visitor.wrong(found)
        self.page.set_viewport_size(WIDE)
