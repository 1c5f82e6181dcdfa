"""Whose service this is: written once by the administrator, shown everywhere at once."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from PIL import Image
from sqlalchemy import delete, select

from grants.database import db
from grants.domain.contract.colours import tokens
from grants.domain.contract.identity import service_of
from grants.domain.mail.mail import queue
from grants.models import Document, HistoryEntry, SiteIdentity, now
from grants.web import uploads
from tests.conftest import SignIn, both
from tests.exports.test_pdf import poppler
from tests.factories import World
from tests.web.dossiers import fields_of
from tests.web.test_after_deposit import deposited
from tests.web.test_instruction import count_queries

HERE = "/reglages/identite"
FILLED = {
    "name": "Ville d'<Ailleurs>",
    "service": "Service politique de la ville",
    "address": "1 rue Haute\n99000 Ailleurs",
    "phone": "0123456789",
    "email": "ville@ailleurs.example",
    "website": "www.ailleurs.example",
    "accent": "#FFCC00",
}


def save(client: FlaskClient, **more: str):
    return client.post(HERE, data=fields_of(client, HERE) | FILLED | more)


def theme_of(page: str) -> str:
    return re.search(r'href="(/theme\.css\?v=\w+)"', page)[1]


@both
def test_what_is_written_is_shown_to_everybody_at_once(admin: FlaskClient, w: World, sign_in: SignIn) -> None:
    before = theme_of(sign_in(w.applicant).get("/mes-projets").text)
    assert save(admin).status_code == 302
    row = db.session.get(SiteIdentity, 1)
    assert (row.accent, row.phone) == ("#ffcc00", "01 23 45 67 89")
    assert row.website == "https://www.ailleurs.example"
    fields = db.session.scalars(select(HistoryEntry.field).where(HistoryEntry.subject == "identities"))
    assert {"name", "accent"} <= set(fields)
    for person in (None, w.applicant):
        page = sign_in(person).get("/").text
        assert theme_of(page) != before
        client = sign_in(person)
        with client.session_transaction() as session:
            session["active"] = 0  # so that a page would write it anew
        sheet = client.get(theme_of(page))
        assert "Set-Cookie" not in sheet.headers
        assert "immutable" in sheet.headers["Cache-Control"]
        assert "--brand: #ffcc00" in sheet.text
    assert sign_in(None).get(before).headers["Cache-Control"] == "no-cache"
    assert service_of(w.contract).splitlines()[-1] == "01\xa023\xa045\xa067\xa089, ville@ailleurs.example"
    w.contract.service_text = "Un autre service"
    assert service_of(w.contract) == "Un autre service"


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("name", "", "Remplissez ce champ."),
        ("accent", "rouge", "Écrivez une couleur comme #0b6b64"),
        ("accent", "", "Écrivez une couleur comme #0b6b64"),
        ("phone", "demain", "Écrivez un numéro entier"),
        ("email", "personne", "Écrivez une adresse de courriel"),
        ("website", "javascript:alert(1)", "Écrivez une adresse entière"),
        ("address", "x" * 501, "500 caractères au plus"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(admin: FlaskClient, field: str, typed: str, told: str) -> None:
    page = save(admin, **{field: typed})
    assert page.status_code == 422
    assert told in page.text
    assert "1 rue Haute" in page.text or field == "address"
    assert db.session.get(SiteIdentity, 1) is None


def test_a_colour_is_tried_without_being_saved(admin: FlaskClient) -> None:
    page = save(admin, preview="1", service="Un <service>")
    assert page.status_code == 200
    assert "Un &lt;service&gt;" in page.text
    [sheet] = re.findall(r'href="(/reglages/identite/apercu\.css[^"]+)"', page.text)
    assert "--brand: #ffcc00" in admin.get(sheet).text
    assert "--brand: #0b6b64" in admin.get("/reglages/identite/apercu.css?couleur=}body{x").text
    assert db.session.get(SiteIdentity, 1) is None


def test_two_administrators_are_asked_field_by_field(admin: FlaskClient) -> None:
    save(admin)
    seen = fields_of(admin, HERE)
    save(admin, service="Le premier")
    page = admin.post(HERE, data=seen | {"service": "Le second"})
    assert page.status_code == 422
    assert "a changé entre-temps" in page.text


def picture(kind: str, size: tuple[int, int] = (900, 300)) -> bytes:
    made = BytesIO()
    Image.new("RGB", size, "red").save(made, kind)
    return made.getvalue()


def send_logo(client: FlaskClient, content: bytes, name: str = "logo.jpg"):
    return client.post(f"{HERE}/logo", data={"logo": (BytesIO(content), name)})


def test_the_logo_is_drawn_anew(admin: FlaskClient, sign_in: SignIn) -> None:
    assert sign_in(None).get("/logo.png").status_code == 404
    photo = picture("JPEG") + b"<script>alert(1)</script>"
    assert send_logo(admin, photo).status_code == 302
    page = admin.get(HERE).text
    [address] = set(re.findall(r'src="(/logo\.png\?v=\w+)"', page))
    shown = sign_in(None).get(address)
    assert "immutable" in shown.headers["Cache-Control"]
    assert b"script" not in shown.data
    with Image.open(BytesIO(shown.data)) as image:
        assert (image.format, image.size) == ("PNG", (480, 160))
    assert send_logo(admin, picture("PNG")).status_code == 302
    assert address not in admin.get(HERE).text
    assert admin.post(f"{HERE}/logo/retirer").status_code == 302
    assert sign_in(None).get("/logo.png").status_code == 404
    # SQLite gives the number of a row again that was deleted last.
    db.session.execute(delete(Document))
    db.session.commit()
    send_logo(admin, picture("PNG", (90, 30)))
    assert address not in admin.get(HERE).text


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "contenu n'est pas celui d'un PNG"),
        (picture("JPEG")[:300], "ne s'ouvre pas"),
        (picture("PNG", (4000, 2500)), "trop grande"),
        (picture("TIFF", (90, 30)), "PNG, JPEG ou WebP"),
        (b"", "Choisissez"),
    ],
    ids=["svg", "broken", "huge", "tiff", "none"],
)
def test_what_is_no_logo_is_refused_and_not_kept(admin: FlaskClient, content: bytes, told: str) -> None:
    before = set(uploads.storage().older_than(-timedelta(days=1)))
    page = send_logo(admin, content, "logo.png" if content else "")
    assert page.status_code == 422
    assert told in unescape(page.text)
    assert db.session.get(SiteIdentity, 1) is None
    assert set(uploads.storage().older_than(-timedelta(days=1))) == before


def test_a_page_of_who_is_signed_in_asks_no_more_than_before(admin: FlaskClient, w: World, sign_in: SignIn) -> None:
    client = sign_in(w.applicant)
    without, _ = count_queries(client, "/mes-projets")
    save(admin)
    assert count_queries(client, "/mes-projets")[0] == without


def test_mails_documents_and_workbooks_bear_it(admin: FlaskClient, w: World, sign_in: SignIn, tmp_path: Path) -> None:
    save(admin)
    send_logo(admin, picture("PNG"))
    mail = queue("late_permission", w.applicant, organisation="O", campaign="C", until=now(), link="/mes-projets")
    assert FILLED["name"] in mail.text
    assert "01\xa023\xa045\xa067\xa089" in mail.text
    assert "Ville d&#39;&lt;Ailleurs&gt;" in mail.html
    assert tokens("#ffcc00")["brand-text"] in mail.html
    assert "/logo.png?v=" in mail.html
    p = deposited(w)
    pdf = sign_in(w.applicant).get(f"/mes-projets/{p.id}/accuse.pdf")
    assert pdf.data.startswith(b"%PDF")
    text = poppler("pdftotext", content=pdf.data, folder=tmp_path)
    assert "Ville d'<Ailleurs>" in text.replace("’", "'")
    assert "1 rue Haute · 99000 Ailleurs · 01 23 45 67 89" in text
    book = sign_in(w.coordinator).get(f"/contrats/{w.contract.slug}/2026/programmation.xlsx")
    sheet = load_workbook(BytesIO(book.data)).worksheets[0]
    assert sheet["A2"].value.startswith("Ville d'<Ailleurs> · ")


def test_a_photo_stands_upright(admin: FlaskClient, sign_in: SignIn) -> None:
    lying, sides = BytesIO(), Image.Exif()
    sides[0x0112] = 6  # turned by a quarter, as telephones say it
    Image.new("RGB", (200, 50)).save(lying, "JPEG", exif=sides)
    assert send_logo(admin, lying.getvalue()).status_code == 302
    with Image.open(BytesIO(sign_in(None).get("/logo.png").data)) as image:
        assert image.size == (50, 200)


def test_what_another_version_wrote_stops_no_page(admin: FlaskClient, sign_in: SignIn) -> None:
    save(admin)
    db.session.get(SiteIdentity, 1).notices = {"unknown": "x"}
    db.session.commit()
    assert sign_in(None).get("/").status_code == 200


def test_a_workbook_opens_whatever_the_name(admin: FlaskClient, w: World, sign_in: SignIn) -> None:
    save(admin)
    db.session.get(SiteIdentity, 1).name = "Ville\x07 de X\ufffe"
    w.contract.label = "Contrat\x07"
    db.session.commit()
    db.session.commit()
    book = sign_in(w.coordinator).get(f"/contrats/{w.contract.slug}/2026/programmation.xlsx")
    assert load_workbook(BytesIO(book.data)).properties.creator == "Ville de X"
