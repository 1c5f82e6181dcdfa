"""The settings pages: a city without a file, from the first page to an instructor at work."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from grants.database import db
from grants.domain.contract.contract import ContractTerms, create_contract
from grants.models import Campaign, Contract, Envelope, HistoryEntry, Institution, MemberRole, Membership, Role, User
from tests.conftest import SignIn, both
from tests.factories import World, grant_role, organisation, user, world
from tests.web.typed_forms import errors, send


@pytest.mark.slow
@both
def test_a_city_without_a_file(app: Flask, sign_in: SignIn) -> None:
    admin = sign_in(grant_role(user(), Role.ADMINISTRATOR))
    db.session.commit()
    send(
        admin,
        "/reglages/nouveau-contrat",
        label="Ville-du-Pont",
        start_year="2024",
        end_year="2030",
        level_names="Axe\r\nOrientation\r\n",
    )
    base = "/reglages/contrats/ville-du-pont"
    send(admin, f"{base}/institutions/ajouter", label="État")
    send(admin, f"{base}/institutions/ajouter", label="Région", outside="y")
    of = db.session.scalars(db.select(Contract)).one()
    state = of.institutions[0]
    send(admin, f"/reglages/institutions/{state.id}/financeurs/ajouter", code="CGET", label="État – CGET")
    cget = state.funders[0]
    send(admin, f"{base}/quartiers/ajouter", label="Les Rives", priority="y")
    send(admin, f"{base}/thematiques/ajouter", label="Jeunesse")
    send(admin, f"{base}/themes/ajouter", label="Éducation", parent="0", depth="0")
    parent = str(of.themes[0].id)
    send(admin, f"{base}/themes/ajouter", label="Lire", parent=parent, depth="1", number="1")
    send(
        admin,
        f"{base}/appels/ajouter",
        year="2027",
        kind="Contrat de ville",
        label="Contrat de ville 2027",
        opens_on="2026-10-01",
        opens_time="09:00",
        closes_on="15/12/2026",
        closes_time="",
        funders=[str(cget.id)],
    )
    call = db.session.scalars(db.select(Campaign)).one()
    assert "15 décembre 2026 à 23\xa0h\xa059" in admin.get(f"{base}/appels").text
    send(
        admin,
        f"/reglages/financeurs/{cget.id}/enveloppe/2027",
        amount="12 000,50",
        status="NOTIFIED",
        dated_on="2026-03-01",
        source="Arrêté",
        campaigns=[str(call.id)],
    )
    assert "12\u202f000,50" in admin.get(f"{base}/enveloppes").text

    page = send(
        admin,
        "/reglages/comptes/ajouter",
        name="Dominique",
        email="D@pref.example.fr",
        role=f"INSTRUCTOR:{of.id}:{state.id}",
    )
    link = re.search(r'value="http://localhost(/mot-de-passe/[^"]+)"', page)
    assert link
    guest = sign_in(None)
    assert guest.get(link[1]).status_code == 200
    password = "un mot de passe bien long"
    guest.post(link[1], data={"password": password})
    instructor = db.session.scalars(db.select(User).filter_by(email="d@pref.example.fr")).one()
    assert instructor.password_hash
    assert [(g.role, g.institution_id) for g in instructor.roles] == [(Role.INSTRUCTOR, state.id)]
    assert guest.get(link[1]).status_code == 410
    written = {h.subject for h in db.session.scalars(db.select(HistoryEntry))}
    assert written >= {
        "contracts",
        "institutions",
        "funders",
        "zones",
        "cross_themes",
        "themes",
        "campaigns",
        "envelopes",
        "users",
    }


def test_what_was_typed_stays_when_it_is_refused(admin: FlaskClient) -> None:
    page = send(admin, "/reglages/contrats/ici/institutions/ajouter", label="ÉTAT")
    assert "existe déjà" in errors(page)
    assert 'value="ÉTAT"' in page


HUGE, NUL = "x" * 30_000, "a\x00b"
CONTRACT = {"label": "X", "start_year": "2024", "end_year": "2030", "level_names": "Axe"}
CALL = {"year": "2027", "kind": "K", "label": "L"}
ENVELOPE = {"amount": "100", "status": "PROVISIONAL"}
HOSTILE = [
    ("nouveau-contrat", CONTRACT | {"start_year": "0"}),
    ("nouveau-contrat", CONTRACT | {"end_year": "99999"}),
    ("nouveau-contrat", CONTRACT | {"end_year": "9" * 5000}),
    ("nouveau-contrat", CONTRACT | {"label": HUGE}),
    ("nouveau-contrat", CONTRACT | {"label": NUL}),
    ("nouveau-contrat", CONTRACT | {"level_names": "\n".join("abcdefgh")}),
    ("nouveau-contrat", CONTRACT | {"level_names": NUL}),
    ("nouveau-contrat", CONTRACT | {"slug": "../x"}),
    ("nouveau-contrat", {}),
    ("contrats/ici", CONTRACT | {"service_text": HUGE}),
    ("contrats/ici", CONTRACT | {"appeal_text": NUL, "level_names": "A\nB\nC\nD"}),
    ("contrats/ici/institutions/ajouter", {"label": HUGE}),
    ("contrats/ici/institutions/ajouter", {"label": NUL}),
    ("institutions/{state}/financeurs/ajouter", {"code": "x" * 21, "label": "L"}),
    ("institutions/{state}/financeurs/ajouter", {"code": "A;B", "label": "L"}),
    ("financeurs/{cget}", {"code": "VILLE", "label": "L"}),
    ("contrats/ici/quartiers/ajouter", {"label": " "}),
    ("contrats/ici/themes/ajouter", {"label": "T", "parent": "{foreign_theme}", "depth": "1"}),
    ("contrats/ici/themes/ajouter", {"label": "T", "parent": "0", "depth": "9"}),
    ("contrats/ici/themes/ajouter", {"label": "T", "parent": "0", "depth": "0", "number": "-1"}),
    ("contrats/ici/themes/ajouter", {"label": HUGE, "parent": "0", "depth": "0"}),
    ("contrats/ici/appels/ajouter", CALL | {"year": "0"}),
    ("contrats/ici/appels/ajouter", CALL | {"opens_on": "2026-12-01", "closes_on": "2026-11-30"}),
    ("contrats/ici/appels/ajouter", CALL | {"opens_on": "0001-01-01", "closes_on": "9999-12-31"}),
    ("contrats/ici/appels/ajouter", CALL | {"opens_on": "demain"}),
    ("contrats/ici/appels/ajouter", CALL | {"closes_on": "2026-12-01", "opens_time": "25:00"}),
    ("contrats/ici/appels/ajouter", CALL | {"funders": "{foreign_funder}"}),
    ("contrats/ici/appels/ajouter", CALL | {"funders": "x"}),
    ("contrats/ici/appels/ajouter", CALL | {"introduction": NUL}),
    ("enveloppes/{envelope}", ENVELOPE | {"campaigns": "{call}", "amount": "-1"}),
    ("enveloppes/{envelope}", ENVELOPE | {"campaigns": "{call}", "amount": " "}),
    ("enveloppes/{envelope}", ENVELOPE | {"campaigns": "{call}", "amount": "9" * 40}),
    ("enveloppes/{envelope}", ENVELOPE | {"campaigns": "{call}", "status": "X"}),
    ("enveloppes/{envelope}", ENVELOPE | {"campaigns": "{foreign_call}"}),
    ("enveloppes/{envelope}", ENVELOPE | {"campaigns": "{call}", "version": "0"}),
    ("enveloppes/{envelope}", ENVELOPE | {"campaigns": "{call}", "version": "x"}),
    ("comptes/ajouter", {"name": "N", "email": "pas une adresse"}),
    ("comptes/ajouter", {"name": NUL, "email": "a@b.fr"}),
    ("comptes/ajouter", {"name": "N", "email": "a@b.fr", "role": "INSTRUCTOR:1:999"}),
    ("comptes/{applicant}/roles", {"role": "GOD"}),
    ("comptes/{applicant}/roles", {}),
]


def test_bad_input_is_told_at_its_field(app: Flask, sign_in: SignIn) -> None:
    w, other = world("ici"), world("ailleurs")
    envelope = db.session.query(Envelope).filter_by(funder_id=w.cget.id).one()
    ids = {
        "state": w.state.id,
        "cget": w.cget.id,
        "call": w.campaign.id,
        "envelope": envelope.id,
        "applicant": w.applicant.id,
        "foreign_theme": other.contract.themes[0].id,
        "foreign_funder": other.cget.id,
        "foreign_call": other.campaign.id,
    }
    db.session.commit()
    admin, before = sign_in(w.administrator), db.session.query(HistoryEntry).count()
    for url, data in HOSTILE:
        known = {key: value.format(**ids) if "{" in value else value for key, value in data.items()}
        page = send(admin, "/reglages/" + url.format(**ids), **known)
        assert "Il y a un problème" in errors(page), (url, data)
        assert db.session.query(HistoryEntry).count() == before, (url, data)


def test_what_is_not_there_is_not_found(admin: FlaskClient) -> None:
    contracts = ("contrats/a%00b", "contrats/nulle-part")
    for path in (*contracts, "appels/999", "themes/99999999999999", "financeurs/999/enveloppe/2026"):
        assert admin.get(f"/reglages/{path}").status_code == 404, path


def test_a_year_that_is_not_there_shows_the_latest(admin: FlaskClient) -> None:
    for year in ("x", "9" * 30, "0"):
        assert "Enveloppes 2026" in admin.get(f"/reglages/contrats/ici/enveloppes?annee={year}").text, year


@pytest.mark.slow
def test_only_administrators_enter(w: World, sign_in: SignIn) -> None:
    for person in (w.coordinator, w.state_instructor, w.committee, w.applicant):
        client = sign_in(person)
        for path in ("", "/comptes", "/contrats/ici", "/nouveau-contrat"):
            assert client.get(f"/reglages{path}").status_code == 403
        assert client.post("/reglages/nouveau-contrat", data=CONTRACT).status_code == 403
    assert db.session.query(Contract).count() == 1


def test_a_conflict_shows_both_and_the_next_try_holds(w: World, admin: FlaskClient) -> None:
    envelope = db.session.query(Envelope).filter_by(funder_id=w.cget.id).one()
    url = f"/reglages/enveloppes/{envelope.id}"
    form = ENVELOPE | {"campaigns": str(w.campaign.id), "version": str(envelope.version)}
    form |= {"dated_on": "2026-05-04", "source": "Gel"}
    send(admin, url, **form | {"amount": "15000", "source": "Délibération"})
    page = send(admin, url, **form | {"amount": "17 000"})
    assert "15\u202f000" in errors(page)
    assert 'value="17 000"' in page
    version = re.search(r'name="version"[^>]*value="(\d+;[^"]+)"', page)
    assert version
    send(admin, url, **form | {"amount": "17 000", "version": version[1]})
    db.session.expire_all()
    assert envelope.amount == 17000


def test_themes_are_moved_and_archived_by_buttons(w: World, admin: FlaskClient) -> None:
    employment = next(t for t in w.contract.themes if t.label == "Emploi")
    send(admin, f"/reglages/themes/{employment.id}/deplacer", vers="haut")
    page = send(admin, f"/reglages/themes/{employment.id}/archiver")
    assert page.index("Emploi</a>") < page.index("Cohésion sociale</a>")
    assert page.count("Réactiver") == 2  # and what is below it
    assert send(admin, f"/reglages/themes/{employment.id}/reactiver").count("Réactiver") == 1
    assert "au bout" in send(admin, f"/reglages/themes/{employment.id}/deplacer", vers="haut")


def test_who_asks_to_join_is_answered_here(w: World, admin: FlaskClient) -> None:
    requests = [
        Membership(user_id=user(name).id, organisation_id=organisation("Les Amis").id, role=MemberRole.EDITOR)
        for name in ("Alix", "Brice")
    ]
    db.session.add_all(requests)
    db.session.commit()
    alix, brice = (request.id for request in requests)
    assert "(2)" in admin.get("/reglages").text
    send(admin, f"/reglages/adhesions/{alix}/approuver", role="SIGNATORY")
    page = send(admin, f"/reglages/adhesions/{brice}/refuser")
    assert "Demandes à rejoindre" not in page
    approved = db.session.get_one(Membership, alix)
    assert approved.approved_at
    assert approved.role is MemberRole.SIGNATORY
    assert db.session.get(Membership, brice) is None


def test_a_contract_lists_its_own_institutions(w: World, admin: FlaskClient) -> None:
    terms = ContractTerms("Autre", 2024, 2030, ["Axe"])
    create_contract("autre", terms, by=w.administrator)
    db.session.commit()
    assert "CGET" not in admin.get("/reglages/contrats/autre/financeurs").text
    assert db.session.query(Institution).count() == 3


def test_a_settings_page_says_of_which_contract_it_is(w: World, admin: FlaskClient) -> None:
    for path in (f"contrats/{w.contract.slug}/themes", f"appels/{w.campaign.id}/listes/pieces"):
        page = admin.get(f"/reglages/{path}").text
        assert f'<p class="trail muted">{w.contract.label}</p>' in page.partition("<h1>")[0]
        assert page.count(' aria-current="page"') == 1
    assert 'class="trail' not in admin.get("/reglages/nouveau-contrat").text
