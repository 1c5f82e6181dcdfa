"""A complete dossier deposited in each kind of call, on a phone; what each kind asks looked at by
axe, at both widths. The rules that scripts keep while typing are the server's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import expect

from grants import create_app
from grants.database import begin_write, db
from grants.demo.people import PASSWORD
from grants.domain.accounts.passwords import hash_password
from grants.domain.campaign.campaign import CampaignTerms, create_campaign
from grants.domain.campaign.opening import open_campaign
from grants.domain.importing.usual import USUAL_CAMPAIGNS, ask_usual_questions
from grants.models import Nature, Project, State, now
from tests.databases import settings
from tests.e2e.conftest import PHONE, WIDE, Visitor
from tests.factories import complete_record, member, organisation, world
from tests.serving import environment, run, served

pytestmark = pytest.mark.xdist_group("kinds")  # one server of its own
BEARERS = {  # CV is the contrat de ville itself, which asks nothing of its own
    "CV": Nature.ASSOCIATION,
    "VVV": Nature.ASSOCIATION,
    "PRE": Nature.PUBLIC_BODY,
    "DPV": Nature.MUNICIPAL_SERVICE,
    "TFPB": Nature.LANDLORD,
    "FIPD": Nature.ASSOCIATION,
}
ANSWERS = {
    "VVV": {
        "Période de vacances": "Été",
        "Séjour ou sorties": "Séjour",
        "Nombre de nuits": "5",
        "Jeunes de 11 à 14 ans": "20",
        "Jeunes de 15 à 18 ans": "10",
        "Nombre de filles": "12",
        "Nombre de garçons": "18",
    },
    "PRE": {
        "Nombre de parcours individuels": "25",
        "L'action comprend-elle des groupes ?": "oui",
        "Nombre de groupes": "3",
    },
    "DPV": {"Nature de la dépense": "Investissement"},
    "TFPB": {
        "Bailleur": "Rives Habitat",
        "Nombre de logements concernés": "420",
        "Axe du programme d'actions": "Sur-entretien",
        "Part valorisée au titre de l'abattement de TFPB (en euros)": "800",
    },
    "FIPD": {"Programme": "D – prévention de la délinquance"},
}


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """On a database of this file's own: a call of each kind, and a bearer of its usual nature."""
    folder = tmp_path_factory.mktemp("kinds")
    run("init", env=environment("", folder))
    app = create_app(settings("", folder))
    with app.app_context():
        begin_write()
        w, today, password = world("ici"), now(), hash_password(PASSWORD)
        for code, nature in BEARERS.items():
            terms = CampaignTerms(
                2026,
                USUAL_CAMPAIGNS[code].label if code in USUAL_CAMPAIGNS else "Contrat de ville",
                f"{code} 2026",
                opens_at=today - timedelta(days=9),
                closes_at=today + timedelta(days=9),
            )
            call = create_campaign(w.contract, terms, [w.ville], by=w.administrator)
            open_campaign(call, by=w.administrator)
            if code in USUAL_CAMPAIGNS:
                ask_usual_questions(call, code, by=w.administrator)
            bearer = complete_record(organisation(f"Porteur {code}", nature), 2026)
            person = member(bearer)
            person.email, person.password_hash = email(code), password
        db.session.commit()
    app.extensions["folder"] = folder
    return app


@pytest.fixture(scope="module")
def server(application: Flask) -> Iterator[str]:
    folder: Path = application.extensions["folder"]
    with served(environment("", folder)) as running:
        yield running.address


def email(code: str) -> str:
    return f"{code}@kinds.example".lower()


@pytest.mark.parametrize("code", [code for code in BEARERS if code != "FIPD"])
def test_a_dossier_is_deposited(visit: Callable[..., Visitor], application: Flask, code: str) -> None:
    deposit(visit(email(code)), code, thorough=code == "VVV")
    with application.app_context():
        project = (
            db.session.query(Project).filter(Project.title == f"Action {code}", Project.state == State.SUBMITTED).one()
        )
        assert len(project.answers) == len(USUAL_CAMPAIGNS[code].parts.asks if code in USUAL_CAMPAIGNS else ())


def deposit(one: Visitor, code: str, *, thorough: bool) -> None:
    """axe looks at every page, or at those alone that depend on the kind of call."""
    page = one.page
    page.set_viewport_size(PHONE)
    one.go("/mes-projets")
    page.get_by_role("link", name=f"{code} 2026").click()
    page.get_by_role("button", name="Commencer le dossier").click()
    page.get_by_role("link", name="Commencer : votre organisation").click()
    for heading, write in SECTIONS:
        if heading == "Questions" and code not in ANSWERS:
            continue
        expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
        write(one, code)
        _check(one, axe=thorough or heading == "Questions")
        page.get_by_role("button", name="Enregistrer et continuer").click()
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("Attestations")
    page.get_by_role("link", name="Vérifier et déposer").click()
    for label, answer in ANSWERS.get(code, {}).items():
        row = page.locator(".read > div").filter(has_text=label)
        expect(row).to_contain_text(answer)
    _check(one, axe=True)
    page.get_by_role("button", name="Déposer le dossier").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Accusé de réception")
    _check(one, axe=thorough)


def _check(one: Visitor, *, axe: bool) -> None:
    for width in (WIDE, PHONE) if axe else (PHONE,):
        one.page.set_viewport_size(width)
        assert one.wrong(None if axe else []) == []


def _organisation(one: Visitor, _code: str) -> None:
    one.page.get_by_label("Ces renseignements sont exacts et à jour").check()


def _project(one: Visitor, code: str) -> None:
    page = one.page
    page.get_by_label("Titre de l'action").fill(f"Action {code}")
    page.get_by_label("Orientation du contrat de ville").select_option(index=1)
    page.get_by_label("Objectifs de l'action").fill("Que chacun y trouve sa place.")
    page.get_by_label("Description de l'action").fill("Des ateliers, chaque semaine.")


def _public(one: Visitor, code: str) -> None:
    page = one.page
    page.get_by_label("Public visé").fill("Les habitants")
    page.get_by_label("Nombre de bénéficiaires attendu").fill("30")
    page.get_by_label("Dont habitants du quartier prioritaire").fill("20")
    page.get_by_label("Caravelle").check()
    if code == "VVV":
        said = page.get_by_text("tous habitent le quartier prioritaire")
        expect(said).to_contain_text("20 sur 30, non atteint")
        page.get_by_label("Dont habitants du quartier prioritaire").fill("30")
        expect(said).to_contain_text("30 sur 30, atteint")


def _calendar(one: Visitor, _code: str) -> None:
    one.page.get_by_label("Début de l'action").fill(date(2026, 2, 1).isoformat())
    one.page.get_by_label("Fin de l'action").fill(date(2026, 9, 30).isoformat())


def _means(one: Visitor, _code: str) -> None:
    one.page.get_by_label("Évaluation et indicateurs").fill("L'assiduité de chacun.")
    one.page.get_by_label("Responsable de l'action").fill("Dominique Martin")
    one.page.get_by_label("Son téléphone").fill("01 23 45 67 89")


def _questions(one: Visitor, code: str) -> None:
    page = one.page
    if code == "VVV":
        expect(page.get_by_label("Nombre de nuits")).to_be_hidden()
    for label, answer in ANSWERS[code].items():
        field = page.get_by_label(label, exact=True)
        if answer == "oui":
            page.get_by_role("group", name=label).get_by_label(answer).check()
        elif field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(answer)
        else:
            field.fill(answer)
    if code == "VVV":
        girls = page.get_by_text("au moins la moitié de filles")
        expect(girls).to_contain_text("12 sur 30, non atteint")


def _budget(one: Visitor, _code: str) -> None:
    page, bar = one.page, one.page.locator(".sums-bar")
    page.get_by_label("604 Prestations de services").fill("9 000,50")
    page.get_by_label("606 Autres fournitures").fill("999.50")
    page.get_by_label("756 Cotisations").fill("2000")
    page.get_by_text("Ajouter une subvention demandée ailleurs").click()
    page.get_by_label("Organisme (subvention n° 1)").fill("CAF")
    page.get_by_label("Montant (subvention n° 1)").fill("3000")
    page.get_by_label("Droit commun (subvention n° 1)").check()
    expect(bar).to_contain_text("il manque 5 000 €")
    expect(page.locator("[data-share-of=other_amount_0]")).to_have_text("60,00\u00a0%")
    expect(page.locator("[data-per-head]")).to_have_text("333,33\u00a0€")


def _requests(one: Visitor, _code: str) -> None:
    one.page.get_by_label("Ville – VILLE").fill("5000")
    expect(one.page.locator(".sums-bar")).to_contain_text("équilibré")
    expect(one.page.locator("p", has_text="La subvention demandée")).to_contain_text("50,00 %")


def _statements(one: Visitor, _code: str) -> None:
    for box in one.page.get_by_role("checkbox").all():
        box.check()


SECTIONS = (
    ("Votre organisation", _organisation),
    ("L'action", _project),
    ("Public", _public),
    ("Calendrier", _calendar),
    ("Moyens", _means),
    ("Questions", _questions),
    ("Budget", _budget),
    ("Montants demandés", _requests),
    ("Attestations", _statements),
)
