"""The first page of each kind of user shows the next thing to do, without a long way down."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.conftest import PHONE, Visitor

DESK = {"width": 1280, "height": 800}
DOSSIERS = "new Set([...document.querySelectorAll('main :is(h3, th) > a')].map(a => a.href)).size"


@pytest.mark.parametrize(("size", "screens"), [(DESK, 2), (PHONE, 3)])
def test_ten_dossiers_take_few_screens(visit: Callable[..., Visitor], size: dict[str, int], screens: int) -> None:
    visitor = visit("mjc@demo.example")  # for whom no other test begins a dossier on this server
    visitor.page.set_viewport_size(size)
    visitor.go("/mes-projets")
    assert visitor.page.evaluate(DOSSIERS) >= 10
    height = visitor.page.evaluate("document.documentElement.scrollHeight")
    assert height <= screens * size["height"]
    visitor.page.locator("summary").evaluate_all("all => all.forEach(one => one.click())")
    visitor.check()
