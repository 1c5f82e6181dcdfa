"""A city's first start, in the browser alone: from an empty folder to a call that is open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, expect

from grants.french import today
from tests.e2e.conftest import PHONE, WIDE, Visitor
from tests.serving import environment, served

MOST_PAGES = 25
YEAR = today().year
THEMES = "\n".join(
    f"{n}. {name}\n"
    + "\n".join(f"{n}.{m} {name}, {word}" for m, word in enumerate(("un", "deux", "trois", "quatre"), 1))
    for n, name in enumerate(("Emploi", "Éducation", "Santé", "Cadre de vie", "Culture"), 1)
)
ZONES = "\n".join(f"QN0570{n}M;Quartier {n};{'Metz' if n < 6 else 'Woippy'}" for n in range(1, 9))
PARTNERS = "État;CGET;État – CGET\nMétropole\nVille de Metz;METZ\nVille de Woippy;WOIPPY\nRégion;REGION;Région;oui"
PEOPLE = "\n".join(
    f"{name};{name.lower()}@metropole.fr;{role}"
    for name, role in {
        "Ada": "chef de projet",
        "Bruno": "instructeur État",
        "Clara": "instructeur Métropole",
        "David": "instructeur Ville de Metz",
        "Elsa": "instructeur Ville de Woippy",
        "Farid": "comité",
    }.items()
)


class Administrator(Visitor):
    """Counts the pages that are loaded; each is looked at."""

    pages = 0

    def arrive(self, heading: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)
        self.check()

    def write(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=False).first.fill(text)

    def press(self, name: str) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name, exact=True).click()

    def paste(self, heading: str, text: str) -> None:
        self.arrive(heading)
        self.write("Votre liste", text)
        self.press("Voir ce qui sera fait")
        expect(self.page.get_by_role("heading", name="Ce qui va être fait")).to_be_visible()
        self.check()
        self.press("Confirmer")


@pytest.fixture
def newcomer(browser: Browser, tmp_path: Path) -> Iterator[Administrator]:
    """At the address that the server prints."""
    said = tmp_path / "said"
    with served(environment("", tmp_path / "data"), said=said) as running:
        context = browser.new_context(viewport=PHONE, locale="fr-FR", reduced_motion="reduce")
        context.set_default_timeout(30_000)
        context.add_init_script(AXE_SCRIPT)
        found = re.search(r"http\S+/premiere-ouverture/\S+", said.read_text())
        assert found
        one = Administrator(context.new_page(), running.address, [])

        def count() -> None:
            one.pages += 1

        one.page.on("domcontentloaded", count)
        one.go(found[0], absolute=True)
        yield one
        context.close()


def test_from_an_empty_folder_to_an_open_call(newcomer: Administrator) -> None:
    one = newcomer
    one.arrive("Première ouverture")
    one.write("Prénom et nom", "Zoé Petit")
    one.write("Adresse de courriel", "zoe@metropole.fr")
    one.write("Mot de passe", "une phrase de passe bien longue")
    one.press("Créer mon compte")
    one.arrive("Réglages")
    one.page.set_viewport_size(WIDE)
    one.check()
    with one.page.expect_navigation():
        one.page.get_by_role("link", name="Ouvrir : Identité").click()
    _says_who_it_is(one)
    _makes_a_contract(one)
    _opens_calls(one)
    one.paste("Coller des personnes et leurs rôles", PEOPLE)
    one.arrive("Liens à transmettre")
    with one.page.expect_navigation():
        one.page.get_by_role("link", name="Continuer").click()
    for kind in ("Contrat de ville", "VVV"):
        one.arrive("Prêt à ouvrir ?")
        expect(one.page.locator(".lead")).to_contain_text(f"{kind} {YEAR}")
        one.press("Ouvrir l'appel")
    one.arrive("Réglages")
    left = one.page.locator(".rows li").filter(has=one.page.get_by_role("link")).all_inner_texts()
    known = re.compile("n'est encore entré|sans le lien|Aucun serveur d'envoi|Aucun antivirus")
    assert [words for words in left if not known.search(words)] == []
    assert one.pages <= MOST_PAGES, one.pages
    one.go("/")
    expect(one.page.get_by_role("link", name=f"Contrat de ville {YEAR}").first).to_be_visible()
    expect(one.page.get_by_role("link", name=f"VVV {YEAR}").first).to_be_visible()


def _says_who_it_is(one: Administrator) -> None:
    one.arrive("Identité de la commune")
    one.write("Commune ou intercommunalité", "Métropole de Metz")
    one.write("Nom du service", "Service politique de la ville")
    one.write("Adresse postale", "1 place du Parlement\n57000 Metz")
    one.write("Téléphone du service", "03 87 00 00 00")
    one.write("Adresse électronique", "ville@metropole.fr")
    one.press("Enregistrer")
    one.arrive("Mentions légales et textes du site")
    one.write("Directeur de la publication", "Le président")
    one.write("Hébergeur du site", "Métropole de Metz")
    one.write("Délégué à la protection", "dpo@metropole.fr")
    one.write("Adresse du schéma", "https://metropole.fr/schema")
    one.press("Enregistrer")


def _makes_a_contract(one: Administrator) -> None:
    one.arrive("Nouveau contrat de ville")
    one.write("Nom du contrat", "Contrat de ville de Metz Métropole")
    one.write("Première année", "2024")
    one.write("Dernière année", str(YEAR + 3))
    one.write("Niveaux", "Thématique\nSous-thème")
    one.press("Enregistrer")
    one.paste("Coller des institutions et leurs financeurs", PARTNERS)
    one.paste("Coller des quartiers", ZONES)
    one.paste("Coller des thèmes", THEMES)


def _opens_calls(one: Administrator) -> None:
    """The second from the list, and its envelopes with those of the first."""
    for number, (usual, kind) in enumerate({"CDV": "Contrat de ville", "VVV": "VVV"}.items()):
        one.arrive("Ajouter un appel à projets")
        one.write("Année", str(YEAR))
        one.write("Dispositif", kind)
        one.write("Nom de l'appel", f"{kind} {YEAR}")
        one.page.get_by_label("Partir de ce que demande").select_option(usual)
        one.write("Ouvre le", today().isoformat())
        one.write("Dernier jour pour déposer", f"{YEAR + 1}-12-31")
        for box in one.page.get_by_role("group", name="Financeurs").get_by_role("checkbox").all():
            box.check()
        one.press("Enregistrer")
        if not number:
            one.go(re.sub(r"coller/enveloppes.*", "appels/ajouter?suite=6", one.page.url), absolute=True)
    one.arrive("Coller des enveloppes")
    lines = one.page.get_by_label("Votre liste").input_value().splitlines()
    filled = [lines[0], *(line.replace("\t\t", "\t20000\t") for line in lines[1:])]
    assert len(filled) == 11
    one.paste("Coller des enveloppes", "\n".join(filled))
