"""The second factor in a browser: a passkey by Chromium's own authenticator, codes without a script, on a phone."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from pyotp import TOTP

from tests.e2e.conftest import PHONE
from tests.serving import environment, served

WHO, OTHER = "chefdeprojet@demo.example", "admin@demo.example"

# As an impatient hand does; each question to the browser is told.
PRESS_TWICE = """() => {
  const get = navigator.credentials.get.bind(navigator.credentials);
  navigator.credentials.get = (options) => { console.log("asked"); return get(options); };
  const button = document.querySelector("form[data-passkey] button");
  button.click();
  button.click();
}"""

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("second-factor")]


@pytest.fixture(scope="module")
def server(demonstration: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Of its own: whoever signs in elsewhere is asked for no factor. A passkey wants a name, not a number."""
    folder = shutil.copytree(demonstration, tmp_path_factory.mktemp("factors") / "data")
    env = environment("", folder) | {"GRANTS_SECOND_FACTOR": "required"}
    with served(env) as running:
        yield running.address.replace("127.0.0.1", "localhost")


def test_a_passkey_is_made_and_opens_the_door(visit) -> None:
    one = visit()
    one.page.set_viewport_size(PHONE)
    device = one.page.context.new_cdp_session(one.page)
    device.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "internal", "hasUserVerification": True, "isUserVerified": True}
    device.send("WebAuthn.addVirtualAuthenticator", {"options": kind | {"automaticPresenceSimulation": True}})
    one.sign_in(WHO)
    expect(one.page.get_by_text("Votre rôle demande une double vérification")).to_be_visible()
    one.check()
    one.page.get_by_role("link", name="Ajouter une clé d'accès").click()
    one.check()
    one.page.get_by_role("button", name="Créer la clé d'accès").click()
    expect(one.page.get_by_role("heading", level=1)).to_have_text("Vos codes de secours")
    one.check()
    one.page.get_by_role("link", name="C'est noté, continuer").click()
    expect(one.page.get_by_role("heading", level=1)).to_have_text(re.compile("Aujourd'hui"))
    one.go("/compte/double-verification")
    one.check()
    one.page.context.clear_cookies()
    one.sign_in(WHO)
    one.check()
    asked: list[str] = []
    one.page.on("console", lambda said: asked.append(said.text))
    one.page.evaluate(PRESS_TWICE)
    expect(one.page.get_by_role("heading", level=1)).to_have_text(re.compile("Aujourd'hui"))
    assert asked == ["asked"]


def test_codes_do_without_a_script(visit) -> None:
    one = visit(scripts=False)
    one.sign_in(OTHER)
    one.page.get_by_role("link", name="Ajouter une application de codes").click()
    totp = TOTP(one.page.locator("code").inner_text().replace(" ", ""))
    one.page.get_by_label("Code à six chiffres").fill("000000")
    one.page.get_by_role("button", name="Ajouter").click()
    expect(one.page.locator("code")).to_have_text(re.compile(totp.secret[:4]))  # the application holds it by now
    one.page.get_by_label("Code à six chiffres").fill(totp.now())
    one.page.get_by_role("button", name="Ajouter").click()
    spare = one.page.locator("code").first.inner_text()
    one.page.context.clear_cookies()
    one.sign_in(OTHER)
    one.page.get_by_label("Code").fill(spare)
    with one.page.expect_navigation():
        one.page.get_by_role("button", name="Continuer").click()
    one.go("/compte/double-verification")
    expect(one.page.get_by_text("Il vous en reste 9")).to_be_visible()
