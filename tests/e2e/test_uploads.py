"""Files in a browser: too heavy, on their way, and a cut in between."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Route

from tests.e2e.conftest import Visitor

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def test_a_file_is_weighed_sent_and_sent_again(visit: Callable[..., Visitor], tmp_path: Path) -> None:
    adabe = visit("adabe@demo.example")
    page = adabe.page
    adabe.go("/compte")
    organisation = page.locator("main a[href^='/organisation/']").first.get_attribute("href")
    adabe.go(f"{(organisation or '').split('?')[0]}/documents")
    field = page.locator("input[type=file]").first
    heavy, light = tmp_path / "lourd.pdf", tmp_path / "neuf.pdf"
    heavy.write_bytes(PDF + b" " * 11 * 1024 * 1024)
    light.write_bytes(PDF)
    field.set_input_files({"name": "faux.pdf", "mimeType": "application/pdf", "buffer": b"Bonjour"})
    page.get_by_role("button", name="Envoyer les fichiers choisis").first.click()
    old = page.locator(".field .error", has_text="n'est pas celui d'un PDF")
    old.wait_for()
    field.set_input_files(heavy)
    page.get_by_text("« lourd.pdf » pèse 11").wait_for()
    assert old.count() == 0
    sent: list[str] = []
    cuts = [
        None,
        {"status": 413, "content_type": "text/html", "body": "<h1>413</h1>"},
        {"status": 503, "json": {"message": "Le serveur n'a plus de place."}},
    ]

    def cut(route: Route) -> None:
        sent.append(route.request.method)
        if route.request.method == "POST" and cuts:
            answer = cuts.pop()
            route.fulfill(**answer) if answer else route.abort("connectionreset")
        else:
            route.continue_()

    asked: list[str] = []  # whether to leave the page, though all of it has arrived
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.route("**/documents", cut)
    field.set_input_files(heavy)
    page.get_by_text("« lourd.pdf » pèse 11").wait_for()
    page.get_by_role("button", name="Envoyer les fichiers choisis").first.click()
    assert sent == []
    field.set_input_files(light)
    assert page.get_by_text("« lourd.pdf » pèse").count() == 0
    for told in ("Le serveur n'a plus de place", "n'ont pas été pris (réponse 413)"):
        page.get_by_role("button", name="Envoyer les fichiers choisis").first.click()
        page.get_by_text(told).wait_for()
    page.get_by_role("button", name="Envoyer les fichiers choisis").first.click()
    page.get_by_text("l'envoi recommencera dans 3 secondes").wait_for()
    page.get_by_role("link", name="neuf.pdf").first.wait_for()
    assert sent.count("POST") == 4
    assert asked == []
    adabe.faults.clear()  # the cut
    adabe.check()
