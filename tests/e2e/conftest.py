"""A real server with the demonstration, and Debian's Chromium."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright
from werkzeug.routing import Map

from grants import create_app, demo
from grants.config import Settings
from grants.demo.people import PASSWORD
from grants.paths import static_version
from tests.databases import skip
from tests.e2e import axe
from tests.serving import environment, run, served

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# Without a graphics card, to draw as if there were one takes a quarter of the processor's time.
ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-gpu"]
WIDE = {"width": 1280, "height": 900}
SCRIPTS = f"/static/{static_version()}/js"
PHONE = {"width": 360, "height": 740}
APPLICANT = "adabe@demo.example"
# Of the demonstration's open calls.
YEAR = demo.campaign_year()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: item.path.stem != "test_the_whole_way")  # begun last, one process would wait for it


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the demonstration, to copy: loaded once a run, by the first to need it."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = base / "demonstration"
    with (base / "demonstration.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            run("demo", env=environment("", folder))
    return folder


@pytest.fixture(scope="session")
def server(demonstration: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with the demonstration, of this process's own."""
    folder = shutil.copytree(demonstration, tmp_path_factory.mktemp("server") / "data")
    with served(environment("", folder)) as running:
        yield running.address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        skip("needs Chromium: install Debian's package chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def routes(tmp_path_factory: pytest.TempPathFactory) -> Map:
    folder = str(tmp_path_factory.mktemp("routes"))
    return create_app(Settings.from_environment({"GRANTS_DATA_DIR": folder})).url_map


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
        with self.page.expect_navigation():
            self.page.get_by_role("button", name="Se connecter").click()

    def wrong(self, found: list[str] | None = None) -> list[str]:
        """What axe finds (or `found` instead); the wrong shape; what the console complained of."""
        found = axe.violations(self.page) if found is None else found
        wrong = found + axe.misshapen(self.page) + self.faults
        self.faults.clear()
        return [f"{self.page.url} at {self.page.viewport_size['width']} px: {w}" for w in wrong]

    def check(self) -> None:
        assert self.wrong() == []


def _is_fault(message: ConsoleMessage) -> bool:
    """A form refused (422), which Chromium remarks on, is none."""
    return message.type == "error" and "status of 422" not in message.text


@pytest.fixture(scope="session")
def cookies() -> dict[tuple[str, str], list[Any]]:
    """Of those who have signed in, by server and address."""
    return {}


@pytest.fixture
def visit(browser: Browser, server: str, cookies: dict[tuple[str, str], list[Any]]) -> Iterator[Callable[..., Visitor]]:
    """`visit(email)` is somebody signed in, by the form the first time; `visit()` anybody."""
    contexts = []

    def new_visitor(email: str | None = None, *, scripts: bool = True) -> Visitor:
        context = browser.new_context(
            viewport=WIDE,
            locale="fr-FR",
            accept_downloads=True,
            java_script_enabled=scripts,
            reduced_motion="reduce",  # colours half way through a transition are nobody's
        )
        context.set_default_timeout(15_000)
        context.add_init_script(AXE_SCRIPT)  # a third of the time of handing it to each page
        context.add_init_script(f"window.script = name => import(`{SCRIPTS}/${{name}}.js`)")
        contexts.append(context)
        page = context.new_page()
        visitor = Visitor(page, server, [])
        page.on("console", lambda m: visitor.faults.append(m.text) if _is_fault(m) else None)
        page.on("pageerror", lambda error: visitor.faults.append(str(error)))
        if email and (server, email) not in cookies:
            visitor.sign_in(email)
            cookies[server, email] = context.cookies()
        elif email:
            context.add_cookies(cookies[server, email])
        return visitor

    yield new_visitor
    for context in contexts:
        context.close()


@pytest.fixture
def draft(visit: Callable[..., Visitor]) -> tuple[Visitor, str]:
    """Somebody at the page « Public » of a new dossier, and its address."""
    visitor = visit(APPLICANT)
    visitor.go("/mes-projets")
    visitor.page.get_by_role("link", name=f"Contrat de ville {YEAR}").last.click()
    visitor.page.get_by_label("ADABE", exact=True).check()
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("button", name="Commencer le dossier").click()
    page = visitor.page.url + "/public"
    visitor.go(page, absolute=True)
    expect(visitor.page.locator(".autosave")).to_be_visible()
    return visitor, page


@pytest.fixture
def stored(draft: tuple[Visitor, str], cookies: dict) -> Callable[[], str]:
    """What the server holds as audience, asked without a browser."""
    visitor, page = draft
    one = next(c for c in cookies[visitor.server, APPLICANT] if c["name"] == "session")

    def ask() -> str:
        request = Request(page, headers={"Cookie": f"session={one['value']}"})
        with urlopen(request) as answer:
            html = answer.read().decode()
        return unescape(re.search(r'name="audience"[^>]*>\s*([^<]*)</textarea>', html)[1])

    return ask
