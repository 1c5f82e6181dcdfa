"""Accounts by page: found, opened, given roles, closed; the last administrator stays."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from grants.database import db
from grants.models import Role, RoleGrant
from grants.queries.administration import account_list
from grants.queries.paging import PAGE_SIZE
from tests.conftest import SignIn
from tests.factories import World, campaign, grant_role, institution, theme, user


@pytest.fixture
def w(w: World) -> World:
    w.administrator.password_hash = "x"
    db.session.commit()
    return w


def press(client: FlaskClient, url: str, **data) -> str:
    return client.post(url, data=data, follow_redirects=True).text


def test_a_search_forgets_case_and_accents(w: World, admin: FlaskClient) -> None:
    user("Élodie Müller")
    db.session.commit()
    page = admin.get("/reglages/comptes?q=muller+ELODIE").text
    assert "Élodie Müller" in page
    assert "1 compte" in page
    for odd in ("%25", "'\"<b>", "x" * 5000):
        assert "Aucun compte" in admin.get(f"/reglages/comptes?q={odd}").text


def test_an_address_that_is_not_confirmed_is_told(w: World, admin: FlaskClient) -> None:
    person = user("Zoé Unique")
    person.password_hash, person.email_confirmed_at = "x", None
    db.session.commit()
    page = admin.get("/reglages/comptes?q=zoe+unique").text
    assert "<td>adresse pas confirmée</td>" in page
    assert "<td>ouvert</td>" not in page


@pytest.mark.slow
def test_accounts_come_by_pages(w: World, admin: FlaskClient) -> None:
    for number in range(60):
        user(f"Zoé {number:02}")
    db.session.commit()
    first, last = account_list.accounts("", 1), account_list.accounts("zoe", 99)
    assert (first.pages, len(first.rows)) == (2, PAGE_SIZE)
    assert (last.page, last.total, last.rows[-1].name) == (2, 60, "Zoé 59")
    assert "Page suivante" in admin.get("/reglages/comptes").text
    for page in ("0", "-5", "x", "9" * 30):
        assert admin.get(f"/reglages/comptes?page={page}").status_code == 200


def queries_of(client: FlaskClient, url: str) -> int:
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_more) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    assert client.get(url).status_code == 200
    event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


def test_lists_ask_as_many_queries_however_long(w: World, admin: FlaskClient) -> None:
    here = "/reglages/contrats/ici"
    lists = ("/reglages/comptes", f"{here}/appels", f"{here}/themes", f"{here}/financeurs")
    before = {url: queries_of(admin, url) for url in lists}
    for number in range(20):
        grant_role(user(), Role.COMMITTEE, w.contract)
        campaign(w.contract, [w.cget, w.ville])
        theme(w.contract, f"Thème {number}", position=10 + number)
        institution(w.contract, f"Institution {number}", f"I{number}")
    db.session.commit()
    assert {url: queries_of(admin, url) for url in lists} == before


@pytest.mark.slow
def test_roles_are_given_and_taken_back(w: World, admin: FlaskClient) -> None:
    person = user("Nouvelle")
    db.session.commit()
    url = f"/reglages/comptes/{person.id}"
    of = w.contract.id
    for role in (f"COORDINATOR:{of}", f"INSTRUCTOR:{of}:{w.state.id}", f"COMMITTEE:{of}", "ADMINISTRATOR"):
        assert "Le rôle est donné" in press(admin, f"{url}/roles", role=role)
    assert "déjà ce rôle" in press(admin, f"{url}/roles", role=f"COMMITTEE:{of}")
    page = admin.get(url).text
    assert "instructeur, État – Contrat de ville ici" in page
    held = db.session.scalars(db.select(RoleGrant).filter_by(user_id=person.id)).all()
    assert len(held) == 4
    assert "retiré" in press(admin, f"/reglages/roles/{held[0].id}/retirer")
    assert db.session.query(RoleGrant).filter_by(user_id=person.id).count() == 3


def test_the_last_administrator_stays(w: World, admin: FlaskClient) -> None:
    role = w.administrator.roles[0].id
    assert "dernier administrateur" in press(admin, f"/reglages/roles/{role}/retirer")
    page = press(admin, f"/reglages/comptes/{w.administrator.id}/fermer")
    assert "dernier administrateur" in page
    assert "Réglages" in admin.get("/reglages").text


def test_a_closed_account_is_out_until_it_is_opened_again(w: World, admin: FlaskClient, sign_in: SignIn) -> None:
    url = f"/reglages/comptes/{w.committee.id}"
    client = sign_in(w.committee)
    assert client.get("/compte").status_code == 200
    assert "Rouvrir" in press(admin, f"{url}/fermer")
    assert client.get("/compte").status_code == 302
    assert "rouvrez-le" in press(admin, f"{url}/lien")
    assert "Fermer ce compte" in press(admin, f"{url}/rouvrir")


def test_a_link_is_shown_once_and_the_one_before_is_void(w: World, admin: FlaskClient, sign_in: SignIn) -> None:
    def new_path() -> str:
        response = admin.post(f"/reglages/comptes/{w.committee.id}/lien")
        assert response.headers["Cache-Control"] == "no-store"
        return response.text.partition('value="http://localhost')[2].partition('"')[0]

    first, second = new_path(), new_path()
    guest = sign_in(None)
    assert guest.get(first).status_code == 410
    assert guest.get(second).status_code == 200
    assert second not in admin.get(f"/reglages/comptes/{w.committee.id}").text


def test_an_address_has_one_account(w: World, admin: FlaskClient) -> None:
    email = w.coordinator.email.upper()
    page = press(admin, "/reglages/comptes/ajouter", name="X", email=email, role="")
    assert "déjà un compte : cherchez-le" in page
    assert "Changer le nom" in press(admin, f"/reglages/comptes/{w.committee.id}/nom", name="Autre nom")
    db.session.expire_all()
    assert w.committee.name == "Autre nom"
