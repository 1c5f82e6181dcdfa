"""The sheet under the keys: from one dossier to the next, and to the decision."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.conftest import YEAR, Visitor

LIST = f"/contrats/villeneuve-la-garenne/{YEAR}/projets?financeur=1&decision=a-decider"


def test_arrows_walk_the_list_and_enter_decides(visit: Callable[..., Visitor]) -> None:
    instructor = visit("etat@demo.example")
    page = instructor.page
    instructor.go(LIST)
    page.locator("table.projects tbody th a").first.click()
    expect(page.locator(".keys")).to_be_visible()  # the script listens
    first = page.url
    page.keyboard.press("ArrowRight")
    expect(page.locator(".around")).to_contain_text(re.compile(r"\b2 sur"))
    page.get_by_label("Votre note").press("ArrowLeft")
    expect(page.locator(".around")).to_contain_text(re.compile(r"\b2 sur"))
    page.get_by_label("Votre note").blur()
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(first)
    expect(page.locator(".keys")).to_be_visible()
    page.keyboard.press("Enter")  # beside the dossier
    expect(page.get_by_label("Proposer un montant")).to_be_focused()
    page.keyboard.press("Space")
    page.get_by_label("Montant proposé").fill("1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Proposé 1")
    expect(page.locator(".around")).to_contain_text(re.compile(r"\b1 sur"))
    instructor.check()
