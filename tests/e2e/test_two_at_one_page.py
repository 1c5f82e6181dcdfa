"""Two people at one page of a dossier: nothing of either is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.autosave import SAVED, audience, expect_nothing_kept, line, place
from tests.e2e.conftest import APPLICANT, Visitor

# What one chooses stays chosen when a save, sent before, is answered.
CHOOSE_BEFORE_THE_ANSWER = """keep => {
  const { fetch } = window;
  window.fetch = async (...what) => {
    const answer = await fetch(...what);
    window.fetch = fetch;
    [...document.querySelectorAll("label")].find(each => each.textContent.includes(keep)).click();
    return answer;
  };
}"""


@pytest.mark.parametrize("keep", ["Garder ce que j'ai écrit", "Prendre ce qui est enregistré"])
def test_two_people_at_one_page(
    draft: tuple[Visitor, str], visit: Callable[..., Visitor], stored: Callable[[], str], keep: str
) -> None:
    """What one has not touched is the other's, at once; of the rest one is asked."""
    visitor, page = draft
    other = visit(APPLICANT)
    other.go(page, absolute=True)
    audience(other).fill("De l'autre")
    place(other).fill("Square")
    expect(line(other)).to_have_text(SAVED)
    visitor.page.set_viewport_size({"width": 360, "height": 740})
    audience(visitor).fill("De moi")
    question = visitor.page.get_by_role("group", name="Public visé : que garder")
    expect(question).to_be_in_viewport()
    for words in ("De l'autre", "De moi"):
        expect(question).to_contain_text(words)
    expect(place(visitor)).to_have_value("Square")
    assert stored() == "De l'autre"
    expect(line(visitor)).to_contain_text("choisissez ce qui est gardé")
    visitor.faults.clear()
    visitor.check()
    visitor.page.evaluate(CHOOSE_BEFORE_THE_ANSWER, keep)
    count = visitor.page.get_by_label("Nombre de bénéficiaires attendu")
    count.fill("12")  # the rest goes on being saved
    expect(line(visitor)).to_contain_text("Enregistré")
    expect(question).to_have_count(0)
    final = "De moi" if keep.startswith("Garder") else "De l'autre"
    expect(audience(visitor)).to_have_value(final)
    assert stored() == final
    expect_nothing_kept(visitor)
    other.page.reload()
    expect(place(other)).to_have_value("Square")
    expect(other.page.get_by_label("Nombre de bénéficiaires attendu")).to_have_value("12")


def test_kept_here_and_changed_there_meanwhile(
    draft: tuple[Visitor, str], visit: Callable[..., Visitor], stored: Callable[[], str]
) -> None:
    visitor, page = draft
    context = visitor.page.context
    context.set_offline(True)
    audience(visitor).fill("De moi, hors connexion")
    visitor.page.close()
    context.set_offline(False)
    other = visit(APPLICANT)
    other.go(page, absolute=True)
    audience(other).fill("De l'autre")
    place(other).fill("Square")
    expect(line(other)).to_have_text(SAVED)
    visitor.page = context.new_page()
    visitor.go(page, absolute=True)
    expect(audience(visitor)).to_have_value("De moi, hors connexion")
    expect(place(visitor)).to_have_value("Square")
    question = visitor.page.get_by_role("group", name="Public visé : que garder")
    expect(question).to_contain_text("De l'autre")
    question.get_by_label("Garder ce que j'ai écrit").check()
    expect(line(visitor)).to_contain_text("Enregistré")
    assert stored() == "De moi, hors connexion"
