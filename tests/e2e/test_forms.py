"""What forms do by script for who types on a phone; without it they are as whole."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from grants.demo.people import PASSWORD
from tests.e2e.conftest import PHONE, Visitor


def test_a_password_is_shown_on_demand_and_hidden_again_when_sent(visit: Callable[..., Visitor]) -> None:
    one = visit()
    one.go("/connexion")
    field = one.page.get_by_label("Mot de passe")
    press = one.page.get_by_role("button", name="Afficher le mot de passe")
    field.fill(PASSWORD)
    expect(press).to_have_attribute("aria-pressed", "false")
    press.click()
    expect(press).to_have_attribute("aria-pressed", "true")
    expect(field).to_have_attribute("type", "text")
    one.check()
    one.page.evaluate("document.forms[0].addEventListener('submit', event => event.preventDefault())")
    one.page.get_by_role("button", name="Se connecter").click()
    expect(field).to_have_attribute("type", "password")


def test_each_budget_says_what_it_lacks_where_it_is_mended(
    visit: Callable[..., Visitor], draft: tuple[Visitor, str]
) -> None:
    visitor, page = draft
    visitor.page.set_viewport_size(PHONE)
    visitor.go(page.replace("/public", "/budget"), absolute=True)
    form = visitor.page
    expect(form.get_by_label("613 Locations")).to_be_hidden()
    form.get_by_text("Ajouter une ligne de dépense").click()
    form.get_by_label("613 Locations").fill("1 200,50")
    form.get_by_label("864 Personnel bénévole").fill("300")
    apart = form.locator("[data-balance='in_kind_expenses in_kind_income']")
    expect(apart).to_have_text("il manque 300\u00a0€")
    form.get_by_label("870 Bénévolat").fill("300")
    expect(apart).to_have_text("équilibré")
    for place in form.locator("[data-balance='cost income']").all():
        expect(place).to_have_text("il manque 1\u202f200,50\u00a0€")
    visitor.check()


def test_the_first_field_is_in_view_and_no_field_is_covered(draft: tuple[Visitor, str]) -> None:
    """On a phone: title, one line, then the field; what tells of saving covers none that is typed in."""
    visitor, page = draft
    visitor.page.set_viewport_size(PHONE)
    visitor.go(page, absolute=True)
    fields = visitor.page.locator("form[data-autosave] :is(textarea, input:not([type=hidden]))")
    expect(visitor.page.locator(".autosave")).to_be_visible()
    assert fields.first.bounding_box()["y"] < 400
    for field in fields.all():
        field.focus()
        line, box = visitor.page.locator(".autosave").bounding_box(), field.bounding_box()
        assert box["y"] + min(box["height"], 44) <= line["y"], field.get_attribute("name")
