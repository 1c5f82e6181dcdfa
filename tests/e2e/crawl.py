"""Every page that a person can reach by links, or by the map of routes with what those links name,
at two widths."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from urllib.parse import urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map

from tests.e2e import axe
from tests.e2e.conftest import PHONE, WIDE, Visitor

# Addresses that answer with a file, which a browser keeps rather than shows.
FILES = re.compile(r"\.(xlsx|csv|pdf|zip)$|^/documents/\d+$")
MOST_TRIED = 4  # of a route that no link leads to
# What a page is made of, whatever it says; what of it is shown, and what scrolls within it.
PARTS = """all => [...new Set(all.map(e => {
  const wider = e.scrollWidth > e.clientWidth && /auto|scroll/.test(getComputedStyle(e).overflowX);
  return [e.checkVisibility(), wider, e.tagName, e.getAttribute("class"),
    ...e.getAttributeNames().filter(name => name !== "data-look")].join(" ");
}))]"""


def shape(address: str) -> str:
    """Pages that differ only in which row they show are one."""
    return re.sub(r"\d+", "N", urlsplit(address).path)


def links(visitor: Visitor) -> list[str]:
    found = visitor.page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
    paths = [urlsplit(link) for link in found if link.startswith(visitor.server)]
    return [p.path + (f"?{p.query}" if p.query else "") for p in paths]


class Crawl:
    """Looks at `most` pages of each shape at both widths, with axe when one has parts that were never seen
    in that shape (`parts`, by shape), nor elsewhere on a phone; `thorough`: always, and in full."""

    def __init__(
        self, visitor: Visitor, parts: defaultdict[str, set[str]], routes: Map, *, most: int = 2, thorough: bool = False
    ) -> None:
        self.visitor, self.page, self.parts = visitor, visitor.page, parts
        self.routes = routes.bind("")
        self.most, self.thorough = most, thorough
        self.counts: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.tried: set[str] = set()

    def run(self) -> None:
        waiting, named = ["/"], dict.fromkeys(["/"])
        while waiting:
            path = waiting.pop(0)
            if self.counts[shape(path)] < self.most and not FILES.search(urlsplit(path).path):
                self.counts[shape(path)] += 1
                self.look(path)
                new = [link for link in links(self.visitor) if link not in named]
                named |= dict.fromkeys(new)
                waiting += new
            if not waiting:
                waiting = [path for path in self._unlinked(named) if self._opens(path)]

    def _unlinked(self, named: dict[str, None]) -> Iterator[str]:
        """Of routes whose pages were not met, those about what the links name."""
        values = [found for link in named if (found := self._values(link)) is not None]
        for rule in self.routes.map.iter_rules():
            known = [v for v in values if v.keys() >= rule.arguments]
            paths = [self.routes.build(rule.endpoint, {name: of[name] for name in rule.arguments}) for of in known]
            if "GET" in (rule.methods or ()) and not any(self.counts[shape(p)] for p in paths):
                yield from sorted({path for path in paths if not FILES.search(path)})[-MOST_TRIED:]

    def _values(self, link: str) -> dict[str, object] | None:
        try:
            return dict(self.routes.match(urlsplit(link).path)[1])
        except HTTPException:
            return None

    def _opens(self, path: str) -> bool:
        """To this person, with a page; asked once."""
        if path in self.tried:
            return False
        self.tried.add(path)
        answer = self.page.request.get(self.visitor.server + path, max_redirects=0)
        return answer.status == 200 and "html" in answer.headers["content-type"]

    def look(self, path: str) -> None:
        response = self.page.goto(self.visitor.server + path)
        assert response is not None
        assert response.status == 200, (path, response.status)
        if self.page.evaluate("window.script('unsent').then(script => script.anyUnsent())"):
            self.wrong.append(f"{self.page.url} asks about what nobody has typed")
        known = self.parts[shape(self.page.url)]
        for width, elsewhere in ((WIDE, set()), (PHONE, self.parts["on a phone"])):
            self.page.set_viewport_size(width)
            parts = set(self.page.eval_on_selector_all("body *", PARTS))
            self.wrong += self.visitor.wrong(self._with_axe(parts <= known | elsewhere))
            known |= parts
        self.parts["on a phone"] |= parts
        self.page.set_viewport_size(WIDE)

    def _with_axe(self, known: bool) -> list[str]:
        """What axe finds; unless nothing is new, neither the page's parts nor a look of its text."""
        marked = axe.mark(self.page)
        if known and axe.looks.keys() >= set(marked) and not self.thorough:
            return []
        return axe.violations(self.page, every_contrast=self.thorough, marked=marked)
