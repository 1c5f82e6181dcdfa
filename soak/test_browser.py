"""In Chromium what `make test` does in part: every page of every account with axe in full, and the
other ways from a wish to the workbook."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from werkzeug.routing import Map

from grants.demo.people import ACCOUNTS
from soak.conftest import LONG
from tests.e2e.conftest import Visitor
from tests.e2e.crawl import Crawl
from tests.e2e.hands import Keys, Mouse
from tests.e2e.test_the_whole_way import Way, walk

WAYS = {
    "mouse": Way(Mouse, 1280),
    "mouse on a phone": Way(Mouse, 360),
    "keyboard, narrow": Way(Keys, 360),
    "keyboard without JavaScript": Way(Keys, 1280, scripts=False),
}

# In a short run, as of those in `make test` whose pages others have as well: one of each, and its parts once.
SEEN: defaultdict[str, set[str]] = defaultdict(set)


@pytest.mark.parametrize("email", [None, *ACCOUNTS] if LONG else ["etat@demo.example", "departement@demo.example"])
def test_every_page_in_full(visit: Callable[..., Visitor], routes: Map, email: str | None) -> None:
    parts, most = (defaultdict(set), 2) if LONG else (SEEN, 1)
    crawl = Crawl(visit(email), parts, routes, most=most, thorough=LONG)
    crawl.run()
    assert not crawl.wrong, "\n".join(crawl.wrong)


@pytest.mark.parametrize("way", WAYS if LONG else ["mouse"])
def test_the_other_ways(visit: Callable[..., Visitor], way: str, tmp_path: Path) -> None:
    walk(visit, WAYS[way], f"Lire au square ({way})", tmp_path)
