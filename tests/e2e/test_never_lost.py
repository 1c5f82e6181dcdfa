"""Nothing typed is lost: network cut, signed out, a closed tab."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Dialog, Page, expect

from tests.e2e.autosave import SAVED, audience, expect_nothing_kept, line
from tests.e2e.conftest import APPLICANT, YEAR, Visitor

MATE = "mjc@demo.example"


def test_it_saves_itself_while_typing(draft: tuple[Visitor, str], stored: Callable[[], str]) -> None:
    visitor, _ = draft
    expect(line(visitor)).to_have_text("Cette page s'enregistre toute seule.")
    audience(visitor).press_sequentially("Enfants")
    expect(line(visitor)).to_have_text(SAVED)
    visitor.check()
    visitor.page.set_viewport_size({"width": 360, "height": 740})
    visitor.check()
    count = visitor.page.get_by_label("Nombre de bénéficiaires attendu")
    count.focus()
    count.evaluate("e => scrollBy(0, e.getBoundingClientRect().bottom - innerHeight)")
    count.press_sequentially("douze")
    expect(line(visitor)).to_contain_text("À corriger : Nombre de bénéficiaires attendu")
    field, told = count.bounding_box(), line(visitor).bounding_box()
    assert field["y"] + field["height"] <= told["y"], "the line covers the field that it is about"
    assert stored() == "Enfants"
    visitor.page.get_by_label("Nombre de bénéficiaires attendu").fill("12")
    expect(line(visitor)).to_have_text(SAVED)
    expect_nothing_kept(visitor)
    visitor.page.get_by_label("Nombre de bénéficiaires attendu").fill("douze")
    audience(visitor).fill("Enfants, parents")
    expect(line(visitor)).to_contain_text("Le reste est enregistré")
    assert stored() == "Enfants, parents", "one bad field does not stop the others"
    visitor.page.get_by_role("button", name="Enregistrer et continuer").click()
    expect(visitor.page).to_have_title(re.compile(r"^Erreur\s: "))
    expect(visitor.page.locator(".error-summary")).to_be_focused()
    visitor.faults.clear()  # the console names the answer 422


def test_typed_before_the_script_was_there(draft: tuple[Visitor, str], stored: Callable[[], str]) -> None:
    visitor, page = draft
    held = []
    visitor.page.route("**/autosave.js*", lambda route: held.append(route))
    with visitor.page.expect_request("**/autosave.js*"):
        visitor.page.goto(page, wait_until="commit")
    audience(visitor).fill("Tapé tout de suite")
    held[0].continue_()
    expect(line(visitor)).to_have_text(SAVED)
    assert stored() == "Tapé tout de suite"


def test_a_network_cut_while_typing(draft: tuple[Visitor, str], stored: Callable[[], str]) -> None:
    visitor, _ = draft
    visitor.page.context.set_offline(True)
    audience(visitor).fill("Écrit pendant la coupure")
    expect(line(visitor)).to_have_text("Pas enregistré : plus de connexion, gardé sur cet appareil.")
    visitor.page.get_by_role("button", name="Enregistrer et continuer").click()
    expect(audience(visitor)).to_have_value("Écrit pendant la coupure")
    visitor.page.context.set_offline(False)
    expect(line(visitor)).to_have_text(SAVED)
    assert stored() == "Écrit pendant la coupure"


def test_a_tab_closed_without_network(draft: tuple[Visitor, str], stored: Callable[[], str]) -> None:
    visitor, page = draft
    context = visitor.page.context
    context.set_offline(True)
    audience(visitor).fill("Gardé sur cet appareil")
    visitor.page.close()
    context.set_offline(False)
    assert stored() == ""
    visitor.page = context.new_page()
    visitor.go(page, absolute=True)
    expect(audience(visitor)).to_have_value("Gardé sur cet appareil")
    notice = visitor.page.locator("#put-back")
    expect(notice).to_contain_text("nous l'avons remis dans la page")
    expect(line(visitor)).to_have_text(SAVED)
    visitor.faults.clear()
    visitor.check()
    assert stored() == "Gardé sur cet appareil"
    notice.get_by_role("button").click()
    expect(audience(visitor)).to_have_value("")
    expect(line(visitor)).to_have_text(SAVED)
    expect_nothing_kept(visitor)
    assert stored() == ""


def test_a_tab_closed_before_the_pause(draft: tuple[Visitor, str], stored: Callable[[], str]) -> None:
    visitor, page = draft
    audience(visitor).fill("Fermé aussitôt")
    visitor.page.close(run_before_unload=True)
    visitor.page = visitor.page.context.new_page()
    visitor.go(page, absolute=True)
    expect(audience(visitor)).to_have_value("Fermé aussitôt")
    expect_nothing_kept(visitor)
    assert stored() == "Fermé aussitôt"


def test_signed_out_while_typing(draft: tuple[Visitor, str], stored: Callable[[], str]) -> None:
    visitor, _ = draft
    visitor.page.context.clear_cookies()
    audience(visitor).fill("Écrit déconnecté")
    expect(line(visitor)).to_contain_text("Vous êtes déconnecté : reconnectez-vous")
    visitor.page.get_by_role("button", name="Enregistrer et continuer").click()
    line(visitor).get_by_role("link", name="Se reconnecter").click()
    visitor.page.get_by_label("Adresse de courriel").fill(APPLICANT)
    visitor.page.get_by_label("Mot de passe").fill("villeneuve en demonstration")
    visitor.page.get_by_role("button", name="Se connecter").click()
    expect(audience(visitor)).to_have_value("Écrit déconnecté")
    expect(line(visitor)).to_have_text(SAVED)
    assert stored() == "Écrit déconnecté"


def test_signed_in_again_in_another_tab(draft: tuple[Visitor, str], stored: Callable[[], str]) -> None:
    visitor, _ = draft
    visitor.page.context.clear_cookies()
    audience(visitor).fill("Un")
    expect(line(visitor)).to_contain_text("Vous êtes déconnecté")
    tab = Visitor(visitor.page.context.new_page(), visitor.server, [])
    tab.sign_in(APPLICANT)
    tab.page.close()
    audience(visitor).fill("Un, deux")
    expect(line(visitor)).to_have_text(SAVED)
    assert stored() == "Un, deux"


def test_what_one_person_typed_is_not_for_the_next(draft: tuple[Visitor, str]) -> None:
    """On a shared computer, whoever signs out leaves nothing of others there."""
    visitor, page = draft
    visitor.page.context.clear_cookies()
    audience(visitor).fill("Rien que pour moi")
    expect(line(visitor)).to_contain_text("Vous êtes déconnecté")
    visitor.sign_in(MATE)
    assert visitor.page.evaluate("localStorage.length") == 1
    visitor.page.goto(page)
    expect(visitor.page.get_by_text("Rien que pour moi")).to_have_count(0)
    visitor.page.locator(".me summary").click()
    visitor.page.get_by_role("button", name="Se déconnecter").click()
    visitor.page.wait_for_url(re.compile("/$|connexion"))
    expect_nothing_kept(visitor)


def test_every_page_of_a_dossier_saves_itself(draft: tuple[Visitor, str]) -> None:
    """No page needs code of its own; those that are signed, or that send files, are apart."""
    visitor, page = draft
    visitor.page.clock.install()
    home = page.removesuffix("/public")
    visitor.go(home, absolute=True)
    links = visitor.page.locator("ol.tasks a").evaluate_all("all => all.map(a => a.href)")
    for link in links:
        if link.endswith(("attestations", "pieces")):
            continue
        visitor.go(link, absolute=True)
        fields = "form[data-autosave] :is(textarea, input[inputmode]):visible"
        field = visitor.page.locator(fields).first
        if field.count():
            field.fill("7")
        else:
            visitor.page.locator("form[data-autosave] input[type=checkbox]").first.check()
        visitor.page.clock.fast_forward(2000)  # the pause, which others wait for
        expect(line(visitor)).to_have_text(SAVED)


def test_without_scripts(visit: Callable[..., Visitor], draft: tuple[Visitor, str]) -> None:
    _, page = draft
    visitor = visit(APPLICANT, scripts=False)
    visitor.go(page, absolute=True)
    expect(line(visitor)).to_be_hidden()
    audience(visitor).fill("Sans script")
    visitor.page.get_by_role("button", name="Enregistrer et continuer").click()
    expect(visitor.page.get_by_text("pas encore déposé").first).to_be_visible()
    visitor.go(page, absolute=True)
    expect(audience(visitor)).to_have_value("Sans script")


def left_by(page: Page, press: Callable[[], None], *, stay: bool) -> int:
    """How often the browser asks before a press leads on."""
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        (dialog.dismiss if stay else dialog.accept)()

    page.on("dialog", answer)
    press()
    page.wait_for_timeout(200)
    page.remove_listener("dialog", answer)
    assert set(asked) <= {"beforeunload"}
    return len(asked)


def test_what_no_journal_keeps_is_asked_about_before_a_page_is_left(visit: Callable[..., Visitor]) -> None:
    visitor = visit("etat@demo.example")
    page = visitor.page
    visitor.go(f"/contrats/villeneuve-la-garenne/{YEAR}/projets?financeur=1&decision=a-decider")
    page.locator("table.projects tbody th a").first.click()
    sheet, back, note = page.url, page.get_by_role("link", name="La liste"), page.get_by_label("Votre note")
    note.fill("Voir la")
    note.fill("")  # nothing left of it, nothing to ask
    page.get_by_text("Accorder", exact=True).click()
    page.get_by_label("Montant accordé").fill("1 200")
    note.fill("Voir la Ville.")
    assert left_by(page, back.click, stay=True) == 1
    assert (page.url, note.input_value()) == (sheet, "Voir la Ville.")
    # What is sent is not asked about; what another form of the page holds would go with it.
    send = page.get_by_role("button", name="Enregistrer la note")
    assert left_by(page, send.click, stay=True) == 1
    assert page.get_by_label("Montant accordé").input_value() == "1 200"
    assert left_by(page, send.click, stay=False) == 1
    expect(page.get_by_role("status").first).to_contain_text("Note enregistrée")
    note.fill("Une autre.")
    assert left_by(page, send.click, stay=True) == 0
    expect(page.locator("main")).to_contain_text("Une autre.")
    # Refused, it is not stored either.
    page.get_by_text("Accorder", exact=True).click()
    page.get_by_label("Montant accordé").fill("beaucoup")
    page.get_by_label("Montant accordé").press("Enter")
    expect(page.locator(".error-summary")).to_be_visible()
    assert left_by(page, back.click, stay=True) == 1
    assert left_by(page, back.click, stay=False) == 1
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Projets {YEAR}")
    visitor.check()


def test_settings_are_asked_about_once_something_is_typed(visit: Callable[..., Visitor]) -> None:
    visitor = visit("admin@demo.example")
    page = visitor.page
    visitor.go("/reglages/identite")
    page.get_by_label("Téléphone du service").click()
    cancel = page.get_by_role("link", name="Annuler")
    assert left_by(page, cancel.click, stay=True) == 0  # nothing was typed
    page.go_back()
    page.get_by_label("Téléphone du service").fill("01 40 00 00 00")
    assert left_by(page, cancel.click, stay=True) == 1
