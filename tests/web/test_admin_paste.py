"""Lists pasted or uploaded: seen before they are made, their faults by line, all at once, and never twice."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from grants.database import db
from grants.domain.decisions.rules import Decision
from grants.domain.undo.operation import undo
from grants.errors import DomainError
from grants.models import Funder, Mail, Operation, Organisation, Outcome, Role, RoleGrant, Theme, User, Zone
from tests import acts
from tests.conftest import SignIn, both
from tests.factories import World, world
from tests.web.typed_forms import errors, send

LISTS = {
    "themes": (Theme, "1. Santé\n1.1 Bouger\n1.2 Manger\n2. Culture", 4, "4 thèmes créés"),
    "quartiers": (Zone, "QN05701M;Borny;Metz\nQN05702M;Bellecroix;Metz", 3, "3 quartiers créés"),
    "financeurs": (Funder, "État ; FIPD ; État – FIPD\nCAF\nDépartement ; DEP ; Dép. ; oui", 3, "3 financeurs créés"),
    "organisations": (Organisation, "Les Amis;association;732 829 320 00074\nLe Phare", 2, "2 organisations créées"),
    "personnes": (RoleGrant, "Ada;ada@x.fr;chef de projet\nAda;ada@x.fr;comité\nBo;bo@x.fr;instructeur Ville", 3, ""),
}
LONG = {
    "themes": "1. {}",
    "quartiers": "{};Metz;QN05701M",
    "organisations": "{}",
    "personnes": "{};ada@ville.fr;chef de projet",
    "financeurs": "{};X",
}


def page(what: str) -> str:
    return f"/reglages/contrats/ici/coller/{what}"


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def mark(shown: str) -> str:
    found = re.search(r'name="confirm" value="([0-9a-f]+)"', shown)
    assert found, errors(shown)
    return found[1]


@both
def test_a_list_is_seen_then_made_in_one_operation_and_not_twice(app: Flask, sign_in: SignIn) -> None:
    admin = sign_in(world("ici").administrator)
    db.session.commit()
    for made, (what, (model, text, lines, said)) in enumerate(LISTS.items()):
        before = count(model)
        shown = send(admin, page(what), text=text)
        assert (count(model), count(Operation), count(Mail)) == (before, made, 0), what
        assert said in send(admin, page(what), text=text, confirm=mark(shown)), what
        assert (count(model) - before, count(Operation)) == (lines, made + 1), what
        again = send(admin, page(what), text=text)
        assert ("tout existe déjà" in again, 'name="confirm"' in again) == (True, False), what


@pytest.mark.slow
def test_what_is_wrong_is_told_by_its_line_and_nothing_is_made(admin: FlaskClient) -> None:
    faults = {
        "themes": ("A. Santé\n1. Bouger\na) Marcher\n- Loin\n* Très loin", "ligne 5"),
        "organisations": ("Les Amis;732 829 320 00075", "ligne 1"),
        "personnes": ("Ada;ada@ville;chef de projet", "ligne 1"),
        "quartiers": ("", "collez une ligne"),
        "enveloppes": ("annee;dispositif;financeur;montant\n2027;?;?;", "ligne 2"),
        "financeurs": ("État;É T A T!;x", "ligne 1"),
    }
    long = "x" * 1001
    faults |= {what + "?": (text.format(long), "caractères au plus") for what, text in LONG.items()}
    for what, (text, told) in faults.items():
        shown = admin.post(page(what.strip("?")), data={"text": text, "confirm": "0" * 16})
        assert shown.status_code == 422
        assert told in errors(shown.text), what
        assert text.split("\n")[0].split(";")[0] in shown.text  # kept
    assert count(Operation) == 0


def test_funders_whose_names_begin_alike_are_all_made(admin: FlaskClient) -> None:
    """A code made of a name is free; one that is typed and another's is a fault of its line."""
    text = "État;;État – politique de la ville\nÉtat;;État – politique de la jeunesse\nÉtat;DRAC\nDépartement;;Drac"
    shown = send(admin, page("financeurs"), text=text)
    assert "existe déjà" not in shown
    send(admin, page("financeurs"), text=text, confirm=mark(shown))
    made = dict(db.session.execute(select(Funder.label, Funder.code)).all())
    assert made["État – politique de la ville"] == "ETAT-POLITIQUE-DE-LA"
    assert (made["État – politique de la jeunesse"], made["Drac"]) == ("ETAT-POLITIQUE-D-2", "DRAC-2")
    assert "tout existe déjà" in send(admin, page("financeurs"), text=f"{text}\nétat;drac")
    for taken in ("Ville\nDépartement;DRAC", "Ville\nÉtat;DRAC;Culture"):
        told = errors(send(admin, page("financeurs"), text=taken))
        assert "ligne 2" in told
        assert "Le code DRAC est déjà celui de État – DRAC" in told


def test_what_was_not_seen_is_not_made(admin: FlaskClient) -> None:
    first = mark(send(admin, page("themes"), text="Santé"))
    assert "est encore enregistré" in send(admin, page("themes"), text="Culture", confirm=first)
    assert count(Operation) == 0


def test_a_list_that_is_shown_and_not_made_is_asked_about_on_leaving(admin: FlaskClient) -> None:
    """`static/js/unsent.js`; of several files a browser lets one choose one."""
    shown = send(admin, page("themes"), text="Santé")
    assert "data-given-back" in shown
    assert "data-given-back" in send(admin, page("themes"), text="x" * 1001)
    assert re.search(r'<input[^>]* type="file"(?![^>]* multiple)', shown)
    send(admin, page("themes"), text="Santé", confirm=mark(shown))
    for nothing in (admin.get(page("themes")).text, send(admin, page("themes"), text="Santé")):
        assert "data-given-back" not in nothing


def test_a_list_is_not_undone_as_decisions_are(admin: FlaskClient, w: World) -> None:
    send(admin, page("themes"), text="Santé", confirm=mark(send(admin, page("themes"), text="Santé")))
    made = db.session.scalars(select(Operation)).one()
    with pytest.raises(DomainError, match="réglages"):
        undo(made.id, by=w.coordinator)


@pytest.mark.slow
def test_the_official_list_is_uploaded_and_only_some_communes_kept(admin: FlaskClient) -> None:
    rows = "".join(f"QN{n:05}M;Quartier {n};Ville-{n % 400}\r\n" for n in range(10_000, 11_609))
    official = ("code_qp;lib_qp;lib_com\r\n" + rows).encode("cp1252")
    refused = admin.post(page("quartiers"), data={"file": (BytesIO(official), "qpv.csv")})
    assert "1610 lignes" in errors(refused.text)
    sent = {"file": (BytesIO(official), "qpv.csv"), "only": "ville 7, Ville-8"}
    shown = admin.post(page("quartiers"), data=sent).text
    assert "Quartier 10007 (Ville-7)" in shown
    text = official.decode()
    send(admin, page("quartiers"), text=text, only="ville 7, Ville-8", confirm=mark(shown))
    assert count(Zone) == 1 + 10 + 1
    assert "aucune ligne" in errors(send(admin, page("quartiers"), text=text, only="Nulle-Part"))


def test_envelopes_that_are_missing_are_written_already(admin: FlaskClient, w: World) -> None:
    for link in w.campaign.funders:
        link.envelope_id = None
    db.session.commit()
    text = re.search(r"<textarea[^>]*>\s*(.*?)</textarea>", admin.get(page("enveloppes")).text, re.S)[1]
    lines = text.splitlines()
    assert len(lines) == 1 + len(w.campaign.funders)
    filled = "\n".join([lines[0], *(line.replace("\t\t", "\t12 000,50\t") for line in lines[1:])])
    shown = send(admin, page("enveloppes"), text=filled)
    assert "12\u202f000,50" in shown
    send(admin, page("enveloppes"), text=filled, confirm=mark(shown))
    db.session.expire_all()
    assert all(link.envelope_id for link in w.campaign.funders)


def test_an_envelope_that_changes_says_what_it_was(admin: FlaskClient, w: World) -> None:
    """Also where somebody changes it after the preview, or it falls below what is granted."""
    [link] = [each for each in w.campaign.funders if each.funder == w.ville]
    head = "annee;dispositif;campagne;financeur;montant;statut;date;source"
    line = f"{w.campaign.year};{w.campaign.kind};{w.campaign.label};{link.funder.code};1000;;02/03/2021;Gel"
    given = Decision(Outcome.ACCEPTED, amount=Decimal(5000))
    acts.decide(w.project({w.ville: 5000}), w.ville, given, by=w.city_instructor)
    db.session.commit()
    seen = send(admin, page("enveloppes"), text=f"{head}\n{line}")
    told = re.sub(r"\s", " ", unescape(seen))
    assert "devient 1 000 €, 2 mars 2021, Gel (était 20 000 €) ; l'enveloppe est sous" in told
    assert "déficit de 4 000 €" in told
    link.envelope.amount = Decimal(30_000)
    db.session.commit()
    again = send(admin, page("enveloppes"), text=f"{head}\n{line}", confirm=mark(seen))
    assert "était 30" in again
    assert "1 enveloppe enregistrée" in send(admin, page("enveloppes"), text=f"{head}\n{line}", confirm=mark(again))
    assert "inchangée" in send(admin, page("enveloppes"), text=f"{head}\n{line}")
    twice = errors(send(admin, page("enveloppes"), text=f"{head}\n{line}\n{line}"))
    assert "déjà à la ligne 2" in unescape(twice)


def test_who_is_new_gets_a_link_by_mail_or_on_the_page(admin: FlaskClient) -> None:
    text = "Ada;ada@ville.fr;chef de projet\nAda;ada@ville.fr;instructeur;Ville"
    shown = send(admin, page("personnes"), text=text)
    told = send(admin, page("personnes"), text=text, confirm=mark(shown))
    [link] = re.findall(r"/mot-de-passe/\S+?(?=<)", told)
    [mail] = db.session.scalars(select(Mail).where(Mail.purpose == "account_opened"))
    assert link in mail.text
    [ada] = db.session.scalars(select(User).where(User.email == "ada@ville.fr"))
    assert {grant.role for grant in ada.roles} == {Role.COORDINATOR, Role.INSTRUCTOR}


def test_following_the_list_of_what_is_missing(admin: FlaskClient) -> None:
    """A page that was opened from the list leads to the next one of it, other pages to their own list."""
    assert "suite=0" in admin.get("/reglages").text
    terms = {"start_year": "2015", "end_year": "2030", "level_names": "Un"}
    to = {"?suite=99": "/reglages", "": "/reglages/contrats/x2/financeurs", "?suite=1": "/reglages/mentions?suite=1"}
    for number, (suite, page) in enumerate(to.items(), 1):
        sent = terms | {"label": f"X{number}"}
        assert admin.post(f"/reglages/nouveau-contrat{suite}", data=sent).location == page
