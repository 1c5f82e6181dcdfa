"""How much a text still takes: told near its end, once the hands rest."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.conftest import Visitor

WATCH = """() => {
  window.told = [];
  new MutationObserver(all => all.forEach(one => window.told.push(one.target.textContent)))
    .observe(document.querySelector("#note + [role=status]"), { childList: true });
}"""


def test_what_is_left_is_told_near_the_end(visit: Callable[..., Visitor]) -> None:
    visitor = visit("chefdeprojet@demo.example")
    page = visitor.page
    visitor.go("/contrats/villeneuve-la-garenne/2021/projets")
    page.locator("table a[href*='/projets/']").first.click()
    note = page.locator("#note")
    told = page.locator("#note + [role=status]")
    note.fill("é" * 4000)
    note.fill("é" * 4880)
    expect(told).to_have_text("Encore 120\u00a0caractères")
    page.evaluate(WATCH)
    note.press("End")
    page.clock.install()  # from here on, nobody rests before the test says so
    note.press_sequentially("é" * 30)
    assert page.evaluate("window.told") == []
    page.clock.run_for(1000)
    assert page.evaluate("window.told") == ["Encore 90\u00a0caractères"]
    note.fill("é" * 5042)  # pasted: nothing is cut
    page.clock.run_for(1000)
    expect(told).to_have_text("42\u00a0caractères de trop")
    page.get_by_role("button", name="Enregistrer la note").click()
    expect(note).to_have_value("é" * 5042)  # the browser refuses to send it
    visitor.check()
    note.fill("court")
    page.clock.run_for(1000)
    expect(told).to_have_text("")


def test_a_long_text_is_refused_and_counted_again(visit: Callable[..., Visitor]) -> None:
    visitor = visit("adabe@demo.example")
    page = visitor.page
    visitor.go("/organisation/nouvelle")
    page.get_by_label("Nom", exact=False).first.fill("é" * 325)
    page.get_by_role("button", name="Créer l'organisation").click()
    expect(page.locator("#name")).to_have_value("é" * 325)
    expect(page.locator("#name + [role=status]")).to_have_text("75\u00a0caractères de trop")
    visitor.check()
