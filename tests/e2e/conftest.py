"""A real server with the demonstration, and Debian's Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from grants.demo.people import PASSWORD
from tests.databases import skip
from tests.serving import environment, run, served

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of this run's own, with the demonstration loaded."""
    folder = tmp_path_factory.mktemp("server")
    env = environment("", folder)
    run("demo", env=env)
    with served(env) as running:
        yield running.address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        skip("needs Chromium: install Debian's package chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        launched.close()


@dataclass
class Visitor:
    """One person at one browser; `faults` gathers what the console complains of."""

    page: Page
    server: str
    faults: list[str]

    def go(self, path: str, *, absolute: bool = False) -> None:
        self.page.goto(path if absolute else self.server + path)

    def sign_in(self, email: str) -> None:
        self.go("/connexion")
        self.page.get_by_label("Adresse de courriel").fill(email)
        self.page.get_by_label("Mot de passe").fill(PASSWORD)
        self.page.get_by_role("button", name="Se connecter").click()

    def wrong(self) -> list[str]:
        """What axe finds; not one h1 that agrees with the title; a page that scrolls sideways;
        what the console complained of."""
        page, size = self.page, self.page.viewport_size
        found = Axe().run(page)
        wrong = [found.generate_report()] if found.violations_count else []
        headings = [" ".join(h.split()) for h in page.locator("h1").all_inner_texts()]
        if len(headings) != 1 or headings[0] not in " ".join(page.title().split()):
            wrong.append(f"h1 {headings} and title {page.title()}")
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > size["width"]:
            wrong.append(f"{width} px wide")
        wrong += self.faults
        self.faults.clear()
        return [f"{page.url} at {size['width']} px: {what}" for what in wrong]

    def check(self) -> None:
        assert self.wrong() == []


def _is_fault(message: ConsoleMessage) -> bool:
    """A form refused (422), which Chromium remarks on, is none."""
    return message.type == "error" and "status of 422" not in message.text


@pytest.fixture
def visit(browser: Browser, server: str) -> Iterator[Callable[..., Visitor]]:
    contexts = []

    def new_visitor(email: str | None = None, *, scripts: bool = True) -> Visitor:
        context = browser.new_context(
            viewport=WIDE, locale="fr-FR", accept_downloads=True, java_script_enabled=scripts
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        visitor = Visitor(page, server, [])
        page.on("console", lambda m: visitor.faults.append(m.text) if _is_fault(m) else None)
        page.on("pageerror", lambda error: visitor.faults.append(str(error)))
        if email:
            visitor.sign_in(email)
        return visitor

    yield new_visitor
    for context in contexts:
        context.close()
