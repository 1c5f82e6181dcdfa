"""Hands and eyes on a page of a dossier that saves itself."""

from __future__ import annotations

import re

from playwright.sync_api import Locator

from tests.e2e.conftest import Visitor

SAVED = re.compile(r"^Enregistré à \d\d\sh\s\d\d, pas encore déposé\.$")


def line(visitor: Visitor) -> Locator:
    return visitor.page.locator(".autosave")


def audience(visitor: Visitor) -> Locator:
    return visitor.page.get_by_label("Public visé")


def place(visitor: Visitor) -> Locator:
    return visitor.page.get_by_label("Lieu de l'action")


def expect_nothing_kept(visitor: Visitor) -> None:
    for _ in range(100):  # what waits in the page itself is not for our policy of scripts
        if visitor.page.evaluate("localStorage.length") == 0:
            return
        visitor.page.wait_for_timeout(50)
    raise AssertionError(visitor.page.evaluate("JSON.stringify(localStorage)"))
