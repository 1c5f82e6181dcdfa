"""From an association's wish to the committee's workbook: deposit, admit, decide, notify, export.
By keyboard alone, and without JavaScript on a phone; other ways in `make soak`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from grants.french import today
from tests.documents import PDF
from tests.e2e.conftest import YEAR, Visitor
from tests.e2e.hands import Keys, Mouse

CALL = f"Contrat de ville {YEAR}"
ORIENTATION = "1. Combattre les inégalités d'accès aux savoirs, à l'expression et à la lecture"


@dataclass(frozen=True)
class Way:
    hands: type[Mouse]
    width: int
    scripts: bool = True  # axe needs them


WAYS = {"keyboard": Way(Keys, 1280), "no JavaScript on a phone": Way(Mouse, 360, scripts=False)}


class Person:
    """Somebody at a browser; each page that they come to is checked."""

    def __init__(self, visitor: Visitor, way: Way) -> None:
        self.visitor, self.page, self.way = visitor, visitor.page, way
        self.hands = way.hands(visitor.page)

    def sees(self, heading: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(heading)
        assert self.visitor.wrong(None if self.way.scripts else []) == []

    def link(self, name: str) -> None:
        begins = re.compile(f"^{re.escape(name)}")  # what follows is for screen readers
        self.hands.press(self.page.get_by_role("link", name=begins).first)

    def button(self, name: str) -> None:
        self.hands.press(self.page.get_by_role("button", name=name, exact=True))

    def write(self, label: str, text: str) -> None:
        self.hands.fill(self.page.get_by_label(label).first, text)

    def tick(self, label: str) -> None:
        self.hands.tick(self.page.get_by_label(label, exact=True))


@pytest.mark.parametrize("way", WAYS)
def test_the_whole_way(visit: Callable[..., Visitor], way: str, tmp_path: Path) -> None:
    walk(visit, WAYS[way], f"Lire au square ({way})", tmp_path)


def walk(visit: Callable[..., Visitor], way: Way, title: str, folder: Path) -> None:
    def person(email: str) -> Person:
        visitor = visit(scripts=way.scripts)
        visitor.page.set_viewport_size({"width": way.width, "height": 800})
        visitor.sign_in(email)
        return Person(visitor, way)

    applicant = person("adabe@demo.example")
    own = _write(applicant, title)
    _deposit(applicant, own)
    coordinator = person("chefdeprojet@demo.example")
    sheet = _admit(coordinator, title)
    _accept(person("etat@demo.example"), sheet, "État – CGET", "500")
    city = person("ville@demo.example")
    _accept(city, sheet, "Ville", "1500")
    _notify(city, sheet)
    _reads_decisions(applicant, own)
    _reads_workbooks(person("comite@demo.example"), title, folder)


def _write(one: Person, title: str) -> str:
    one.visitor.go("/mes-projets")
    one.sees("Mes projets")
    one.hands.press(one.page.get_by_role("link", name=CALL).last)
    one.sees("")
    one.tick("ADABE")
    one.button("Commencer le dossier")
    own = one.page.url
    one.link("Commencer : votre organisation")
    one.tick("Ces renseignements sont exacts et à jour")
    _next(one, "L'action")
    one.write("Titre de l'action", title)
    one.tick("Une action nouvelle")
    one.hands.choose(one.page.get_by_label("Orientation du contrat de ville"), ORIENTATION)
    one.write("Objectifs de l'action", "Donner le goût de lire, dehors, aux enfants et parents.")
    one.write("Description de l'action", "Une malle de livres, deux conteuses, chaque mercredi.")
    _next(one, "Public")
    one.write("Public visé", "Enfants de 3 à 12 ans et leurs parents")
    one.write("Nombre de bénéficiaires attendu", "80")
    one.write("Dont habitants du quartier prioritaire", "70")
    one.tick("Caravelle")
    one.write("Lieu de l'action", "Square Pompidou")
    _next(one, "Calendrier")
    one.hands.fill_date(one.page.get_by_label("Début de l'action"), date(YEAR, 4, 1))
    one.hands.fill_date(one.page.get_by_label("Fin de l'action"), date(YEAR, 10, 31))
    _next(one, "Moyens")
    one.write("Évaluation et indicateurs", "Nombre d'enfants présents, livres empruntés.")
    _next(one, "Budget")
    one.write("604 Prestations de services", "4 000")
    one.write("606 Autres fournitures", "1000")
    one.write("756 Cotisations", "2000")
    _next(one, "Montants demandés")
    return own


def _next(one: Person, heading: str) -> None:
    one.button("Enregistrer et continuer")
    one.sees(heading)


def _deposit(one: Person, own: str) -> None:
    """Asked for too much at first: refused at the field, and what was typed stays."""
    one.write("État – CGET", "1000")
    one.write("Ville", "2500")
    one.button("Enregistrer et continuer")
    one.visitor.go(f"{own}/deposer", absolute=True)
    one.hands.press(one.page.get_by_role("link", name="n'est pas équilibré"))
    expect(one.page.get_by_label("Ville")).to_have_value("2500")
    one.write("Ville", "2000")
    _next(one, "Pièces")
    quote = {"name": "devis.pdf", "mimeType": "application/pdf", "buffer": PDF}
    one.page.get_by_label("Devis", exact=True).set_input_files(quote)
    _next(one, "Attestations")
    one.tick("J'atteste sur l'honneur ce qui précède")
    one.tick("L'organisation souscrit le contrat d'engagement républicain")
    one.button("Enregistrer et continuer")
    one.visitor.go(f"{own}/deposer", absolute=True)
    one.sees("Vérifier")
    one.button("Déposer le dossier")
    expect(one.page.get_by_text("Votre dossier est arrivé.")).to_be_visible()
    one.sees("Accusé de réception")


def _admit(one: Person, title: str) -> str:
    one.sees("Aujourd'hui")
    one.link("Projets")
    one.sees(f"Projets {YEAR}")
    if (fold := one.page.locator(".fold summary")).is_visible():  # on a phone
        fold.click()
    one.write("Mots", title)
    one.button("Filtrer")
    one.link(title)
    one.sees(title)
    quote = one.hands.download(one.page.get_by_role("link", name="devis.pdf"))
    assert quote.path().read_bytes() == PDF
    one.button("Déclarer recevable")
    one.sees(title)
    return one.page.url


def _accept(one: Person, sheet: str, funder: str, amount: str) -> None:
    one.visitor.go(sheet, absolute=True)
    one.sees("Lire au square")
    one.link("Décider")
    one.sees(f"Décider : {funder}")
    one.tick("Accorder")
    one.write("Montant accordé, en euros", "12 OOO")
    one.button("Enregistrer")
    expect(one.page.get_by_label("Montant accordé, en euros")).to_have_value("12 OOO")
    one.write("Montant accordé, en euros", amount)
    one.button("Enregistrer")
    one.sees("Lire au square")


def _notify(one: Person, sheet: str) -> None:
    one.link("Notifier")
    one.sees("Notifier")
    one.write("Numéro de l'acte", "2026-DEL-12")
    one.hands.fill_date(one.page.get_by_label("Date de l'acte"), today())
    one.button("Notifier la décision")
    one.sees("Lire au square")


def _reads_decisions(one: Person, own: str) -> None:
    """The city has notified, the State has not."""
    one.visitor.go(own, absolute=True)
    said = one.page.get_by_role("main").inner_text()
    assert "Accordé : 1\u202f500\u00a0€" in said
    assert "Accordé : 500" not in said
    assert "Pas encore de décision notifiée" in said


def _reads_workbooks(one: Person, title: str, folder: Path) -> None:
    one.link("Programmation")
    one.sees(f"Programmation {YEAR}")
    book = one.hands.download(one.page.get_by_role("link", name="Télécharger le classeur (Excel)"))
    book.save_as(folder / "programmation.xlsx")
    sheet = load_workbook(folder / "programmation.xlsx")["Contrat de ville"]
    row = next(r for r in sheet.iter_rows(values_only=True) if title in r)
    assert 500 in row
    assert 1500 in row
    assert 2000 in row
    one.link("Comparaison")
    one.sees("Comparaison")
    other = one.hands.download(one.page.get_by_role("link", name="Télécharger la comparaison du rapport (Excel)"))
    other.save_as(folder / "comparaison.xlsx")
    assert load_workbook(folder / "comparaison.xlsx").sheetnames
