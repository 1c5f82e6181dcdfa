"""Two ways to work a page: a mouse, or the keyboard alone (Tab, arrows, Space, Enter, typing)."""

from __future__ import annotations

import re
from datetime import date

from playwright.sync_api import Download, Locator, Page

MOST_TABS = 400


class Mouse:
    def __init__(self, page: Page) -> None:
        self.page = page

    def fill(self, field: Locator, text: str) -> None:
        field.fill(text)

    def fill_date(self, field: Locator, day: date) -> None:
        field.fill(day.isoformat())

    def choose(self, field: Locator, label: str) -> None:
        field.select_option(label=label)

    def tick(self, box: Locator) -> None:
        box.check()

    def press(self, what: Locator) -> None:
        with self.page.expect_navigation():
            what.click()

    def download(self, link: Locator) -> Download:
        with self.page.expect_download() as started:
            link.click()
        return started.value


class Keys(Mouse):
    def reach(self, what: Locator) -> None:
        """Tab until it has the focus, as a person would who knows where it is."""
        what.wait_for()
        element = what.element_handle()  # found once, not at each Tab: that takes longer than both
        for _ in range(MOST_TABS):
            if element.evaluate("one => one === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {what}")

    def fill(self, field: Locator, text: str) -> None:
        self.reach(field)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def fill_date(self, field: Locator, day: date) -> None:
        self.reach(field)
        for written in (f"{day:%d%m%Y}", f"{day:%m%d%Y}"):  # the browser's own order of parts
            field.evaluate("one => { one.blur(); one.value = ''; one.focus() }")
            self.page.keyboard.type(written)
            if field.input_value() == day.isoformat():
                return
        raise AssertionError(f"typed, the date is {field.input_value()!r}")

    def choose(self, field: Locator, label: str) -> None:
        self.reach(field)
        self.page.keyboard.type(re.match(r"[ -~]*", label)[0])  # no key of its own types « é »
        assert field.evaluate("one => one.selectedOptions[0].label") == label

    def tick(self, box: Locator) -> None:
        if box.get_attribute("type") == "radio":
            self._reach_radio(box)
        else:
            self.reach(box)
        if not box.is_checked():
            self.page.keyboard.press("Space")
        assert box.is_checked()

    def _reach_radio(self, radio: Locator) -> None:
        """Tab stops once a group; arrows go on within it."""
        group = self.page.locator(f"input[name='{radio.get_attribute('name')}']")
        checked = group.and_(self.page.locator(":checked"))
        self.reach(checked if checked.count() else group.first)
        for _ in range(group.count()):
            if radio.evaluate("one => one === document.activeElement"):
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrows do not reach {radio}")

    def press(self, what: Locator) -> None:
        self.reach(what)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def download(self, link: Locator) -> Download:
        self.reach(link)
        with self.page.expect_download() as started:
            self.page.keyboard.press("Enter")
        return started.value
