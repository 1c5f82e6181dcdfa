"""The pages that the law asks for, and help: open to anyone, true without a word of the administrator."""

from __future__ import annotations

from html import unescape

import pytest
from flask.testing import FlaskClient

from grants.database import db
from grants.domain.contract import identifying
from grants.domain.contract.identity import IdentityTerms
from grants.domain.contract.notices import Notices, change_notices
from grants.models import SiteIdentity
from grants.web.public import GUIDE_NAMES
from tests.conftest import SignIn
from tests.factories import World
from tests.web.dossiers import draft_of, fields_of
from tests.web.test_identity import save

HERE = "/reglages/mentions"
PAGES = ("/mentions-legales", "/donnees-personnelles", "/accessibilite", "/aide")


def write(admin: FlaskClient, **notices: str):
    return admin.post(HERE, data=fields_of(admin, HERE) | notices)


@pytest.mark.parametrize("path", PAGES)
def test_they_are_linked_at_the_foot_of_every_page(w: World, sign_in: SignIn, path: str) -> None:
    for person in (None, w.applicant, w.administrator):
        page = sign_in(person).get(path)
        assert page.status_code == 200
        for other in PAGES:
            assert f'href="{other}"' in page.text


def test_without_an_audit_the_site_conforms_to_nothing(admin: FlaskClient) -> None:
    page = admin.get("/accessibilite").text
    assert "aucun audit n'a été fait" in page
    assert "partiellement" not in page
    assert "Accessibilité\u00a0: non conforme" in admin.get("/aide").text
    refused = write(admin, grade="total")
    assert refused.status_code == 422
    assert "la seule mention permise" in refused.text
    assert write(admin, grade="partial", audit="https://ville.example/audit.pdf").status_code == 302
    page = admin.get("/accessibilite").text
    assert 'href="https://ville.example/audit.pdf"' in page
    assert "aucun audit" not in page
    assert "Accessibilité\u00a0: partiellement conforme" in page


@pytest.mark.parametrize("address", ["javascript:alert(1)//x.y", "audit.pdf", "https://"])
def test_an_address_that_is_none_is_refused(admin: FlaskClient, address: str) -> None:
    page = write(admin, audit=address)
    assert page.status_code == 422
    assert "adresse entière" in page.text
    assert db.session.get(SiteIdentity, 1) is None


def test_what_is_added_stays_text_in_its_lines(admin: FlaskClient, sign_in: SignIn) -> None:
    hostile = "<script>un</script>\nla suite\n\nautre paragraphe"
    write(admin, legal=hostile, data=hostile, accessibility=hostile, host=hostile, dpo=hostile)
    for path in PAGES[:3]:
        page = sign_in(None).get(path).text
        assert "<p>&lt;script&gt;un&lt;/script&gt;<br>la suite</p>" in page
        assert "<p>autre paragraphe</p>" in page


def test_what_is_missing_is_said_to_the_administrator_until_it_is_written(admin: FlaskClient) -> None:
    assert "le directeur de la publication" in admin.get("/reglages").text
    save(admin)
    write(admin, publisher="Le maire", host="H", dpo="D", plan="https://ville.example/plan")
    page = admin.get("/reglages").text
    assert "Identité de la commune :" not in page
    assert "Pages que la loi demande :" not in page
    save(admin, phone="")
    assert "<p>Identité de la commune : son téléphone</p>" in admin.get("/reglages").text
    assert "Le maire" in admin.get("/mentions-legales").text


def test_retention_is_that_of_the_software(admin: FlaskClient) -> None:
    page = admin.get("/donnees-personnelles").text
    for days in (90, 30, 366):
        assert f"<td>{days} jours" in page


def test_each_guide_is_a_page(sign_in: SignIn) -> None:
    anybody = sign_in(None)
    for name in GUIDE_NAMES:
        page = anybody.get(f"/aide/{name}").text
        assert page.count("<h1>") == 1
        assert "**" not in page
    assert "confirmez votre adresse</strong>" in unescape(page := anybody.get("/aide/porteur").text), page
    assert anybody.get("/aide/../secret").status_code == 404
    assert anybody.get("/aide/README").status_code == 404


def test_a_page_of_a_dossier_says_whom_to_ask(admin: FlaskClient, w: World, sign_in: SignIn) -> None:
    save(admin)
    page = sign_in(w.applicant).get(f"/mes-projets/{draft_of(w).id}").text
    assert "Besoin d'aide\u00a0?" in page
    assert 'href="tel:0123456789"' in page
    assert 'href="mailto:ville@ailleurs.example"' in page


def test_whom_to_ask_stands_on_each_page_of_a_dossier(w: World, sign_in: SignIn) -> None:
    """The contract's own service, where it has one; with its hours, and a number that no line breaks."""
    site = identifying.locked()
    identifying.change(site, IdentityTerms(name="Ville", service="Service", phone="01 23 45 67 89"), by=w.administrator)
    change_notices(site, Notices(hours="de 9 h à 17 h"), by=w.administrator)
    w.contract.service_text = ""
    draft = draft_of(w)
    client, own = sign_in(w.applicant), f"/mes-projets/{draft.id}"
    record = f"/organisation/{w.bearer.id}"
    for path in (own, f"{own}/public", f"{own}/deposer", record, f"{record}/documents"):
        page = client.get(path).text
        assert 'href="tel:0123456789">01\xa023\xa045\xa067\xa089</a>, de 9 h à 17 h' in page, path
    w.contract.service_text = "Maison des projets"
    db.session.commit()
    assert "Maison des projets</p>" in client.get(f"{own}/public").text
