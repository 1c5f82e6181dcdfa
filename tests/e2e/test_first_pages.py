"""The first page of each kind of user shows the next thing to do, without a long way down."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import PHONE, YEAR, Visitor

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


def test_the_buttons_of_a_first_page_stand_in_one_column_on_a_phone(visit: Callable[..., Visitor]) -> None:
    visitor = visit("chefdeprojet@demo.example")
    visitor.page.set_viewport_size(PHONE)
    visitor.go("/contrats/villeneuve-la-garenne")
    buttons = visitor.page.locator(".rows .btn").evaluate_all(
        "all => all.map(each => each.getBoundingClientRect().right)"
    )
    assert len(buttons) > 5
    assert len({round(right) for right in buttons}) == 1


@pytest.mark.parametrize("email", ["etat@demo.example", "chefdeprojet@demo.example"])
def test_the_decision_is_in_view_on_the_sheet(visit: Callable[..., Visitor], email: str) -> None:
    """All of it, from what is asked to the button, beside the top of the dossier."""
    visitor = visit(email)
    page = visitor.page
    page.set_viewport_size(DESK)
    visitor.go(f"/contrats/villeneuve-la-garenne/{YEAR}/projets?decision=a-decider&etat=ADMISSIBLE")
    sheets = page.locator("table.projects tbody th a").evaluate_all("all => all.map(link => link.href)")
    waiting = 0
    for sheet in sheets:
        visitor.go(sheet, absolute=True)
        waiting += (mine := page.locator("#decision").count())
        if not mine:  # for another institution
            continue
        for part in (page.locator("#decision"), page.locator(".decision").get_by_role("button")):
            expect(part).to_be_in_viewport(ratio=1)
    assert waiting > 2


def test_filters_are_folded_on_a_phone_and_long_words_widen_no_list(visit: Callable[..., Visitor]) -> None:
    visitor = visit("etat@demo.example", scripts=False)
    page = visitor.page
    words, fold = page.get_by_role("searchbox", name="Mots"), page.locator(".fold summary")
    visitor.go(f"/contrats/villeneuve-la-garenne/{YEAR}/projets?mots={'x' * 3000}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    expect(fold).to_be_hidden()
    expect(words).to_be_visible()
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    expect(words).to_be_hidden()
    fold.click()
    expect(words).to_be_visible()
    words.fill("Danse")
    page.get_by_role("button", name="Filtrer").click()
    expect(page.get_by_role("link", name="« Danse »")).to_be_visible()
