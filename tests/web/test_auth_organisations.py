"""The pages of an organisation: what a stranger, a pending and an approved person reach."""

import re

import pytest
from flask import Flask
from sqlalchemy import event, select

from grants.database import db
from grants.domain.organisation import members as domain
from grants.domain.organisation.identity import Identity, create
from grants.models import HistoryEntry, MemberRole, Membership, Nature, Organisation, Role, User, now
from tests.conftest import SignIn, both
from tests.factories import grant_role, member, organisation, user
from tests.web.dossiers import fields_of
from tests.web.reading import plain

SIRET = "78467169500087"
FIELDS = {"name": "Écho", "nature": "ASSOCIATION", "siret": SIRET, "right": "representative"}


@pytest.fixture
def echo(app: Flask) -> Organisation:
    made = create(
        Identity("Écho", Nature.ASSOCIATION, SIRET, phone="0612345678", email="echo@example.org"), by=user("Fondatrice")
    )
    made.representative_name = "Madame Secrète"
    db.session.commit()
    return made


@pytest.fixture
def signatory(echo: Organisation) -> User:
    return echo.memberships[0].user


def pending_in(of: Organisation) -> tuple[User, Membership]:
    person = user("Nouveau")
    membership = domain.ask_to_join(of, by=person)
    db.session.commit()
    return person, membership


def role_of(membership_id: int) -> tuple[MemberRole, bool] | None:
    db.session.rollback()
    found = db.session.get(Membership, membership_id)
    return (found.role, found.approved_at is not None) if found else None


def test_creating_leads_where_one_was_going(app: Flask, sign_in) -> None:
    person = user()
    db.session.commit()
    answer = sign_in(person).post("/organisation/nouvelle?next=/deposer/3", data=FIELDS)
    assert answer.location == "/deposer/3"
    role = db.session.scalar(select(Membership.role).filter_by(user_id=person.id))
    assert role is MemberRole.SIGNATORY


@pytest.mark.parametrize(("right", "named"), [("representative", True), ("mandated", False)])
def test_who_founds_says_by_what_right(app: Flask, sign_in, right: str, named: bool) -> None:
    person = user("Awa")
    db.session.commit()
    client = sign_in(person)
    silent = client.post("/organisation/nouvelle", data={**FIELDS, "right": ""})
    assert "à quel titre vous signerez" in silent.text
    assert client.post("/organisation/nouvelle", data={**FIELDS, "right": right}).location
    made = db.session.scalars(select(Organisation)).one()
    assert (made.representative_name == "Awa") is named
    told = select(HistoryEntry.reason).where(HistoryEntry.action == "found")
    assert ("pouvoir" in db.session.scalars(told).one()) is not named


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"siret": "1234567890123"}, "14 chiffres du SIRET"),
        ({"siret": "12345678901234"}, "faute de frappe"),
        ({"siret": "7" * 400}, "30 caractères"),
        ({"nature": "KINGDOM"}, "nature"),
        ({"nature": ""}, "Choisissez la nature"),
        ({"name": "a\x00"}, "caractère invisible"),
        ({"address": "x" * 501}, "500 caractères"),
        ({"phone": "appelez-moi"}, "01 23 45 67 89"),
        ({"email": "é@x"}, "prenom.nom@exemple.fr"),
    ],
)
def test_creating_refuses_in_words(app: Flask, sign_in, changes: dict, message: str) -> None:
    person = user()
    db.session.commit()
    answer = sign_in(person).post("/organisation/nouvelle", data={**FIELDS, **changes})
    assert (answer.status_code, message in answer.text) == (422, True)
    assert db.session.scalars(select(Organisation.id)).all() == []


def test_all_that_is_wrong_is_told_at_once(app: Flask, sign_in) -> None:
    person = user()
    db.session.commit()
    wrong = {"siret": "123", "rna": "W1", "email": "é@x", "phone": "appelez-moi"}
    page = sign_in(person).post("/organisation/nouvelle", data=wrong).text
    for told in (
        "Indiquez le nom",
        "Choisissez la nature",
        "14 chiffres du SIRET",
        "Le RNA est un W",
        "prenom.nom@exemple.fr",
        "01 23 45 67 89",
    ):
        assert page.count(told) == 2, told  # in the summary and at the field
    page = sign_in(None).post("/inscription", data={"email": "é@x", "password": "court"}).text
    for told in ("Indiquez votre nom", "prenom.nom@exemple.fr", "trop court"):
        assert page.count(told) == 2, told


def test_a_siret_taken_leads_to_the_one_that_has_it(app: Flask, sign_in, echo) -> None:
    person = user()
    db.session.commit()
    client = sign_in(person)
    page = client.post("/organisation/nouvelle", data={**FIELDS, "name": "Autre"}).text
    assert "demandez à la rejoindre" in page
    assert f"/organisation?q={SIRET}" in page
    found = client.get(f"/organisation?q={SIRET}").text
    assert "Demander à rejoindre" in found
    for secret in ("0612345678", "Secrète", "echo@example.org", SIRET[:9] + " "):
        assert secret not in found


def test_a_pending_person_sees_nothing_and_is_told_so(app: Flask, sign_in, echo) -> None:
    person, membership = pending_in(echo)
    client = sign_in(person)
    assert "Demande en attente" in client.get("/organisation").text
    assert "Demande en attente" in client.get("/compte").text
    mine = Membership(
        user_id=person.id, organisation_id=organisation("Autre").id, role=MemberRole.EDITOR, approved_at=now()
    )
    db.session.add(mine)
    db.session.commit()
    assert f"demande de rejoindre {echo.name} attend" in client.get("/mes-projets").text
    assert "demande à rejoindre" in sign_in(echo.memberships[0].user).get("/compte").text
    base = f"/organisation/{echo.id}"
    assert client.get(base).status_code == 403
    assert client.get(f"{base}/membres").status_code == 403
    mine = f"{base}/membres/{membership.id}"
    assert client.post(f"{mine}/approuver", data={"role": "SIGNATORY"}).status_code == 403
    assert client.post(f"{mine}/role", data={"role": "SIGNATORY"}).status_code == 403
    assert role_of(membership.id) == (MemberRole.EDITOR, False)
    assert client.post(f"{mine}/retirer").location == "/compte"
    assert role_of(membership.id) is None


def test_asking_from_the_search_page(app: Flask, sign_in, echo) -> None:
    person = user()
    db.session.commit()
    client = sign_in(person)
    path = f"/organisation/{echo.id}/rejoindre?next=/deposer/3"
    for message in ("est envoyée", "attend une réponse"):
        answer = client.post(path, follow_redirects=True)
        assert message in answer.text
        assert answer.request.args["next"] == "/deposer/3"


def test_a_signatory_answers_and_changes_roles(app: Flask, sign_in, echo, signatory) -> None:
    _, membership = pending_in(echo)
    client, base = sign_in(signatory), f"/organisation/{echo.id}/membres"
    page = client.get(base).text
    assert "Accepter comme signataire" in page
    assert "<table" not in page  # which a phone would cut off: a card a member
    client.post(f"{base}/{membership.id}/approuver", data={"role": "EDITOR"})
    assert role_of(membership.id) == (MemberRole.EDITOR, True)
    client.post(f"{base}/{membership.id}/role", data={"role": "SIGNATORY"})
    assert role_of(membership.id) == (MemberRole.SIGNATORY, True)
    client.post(f"{base}/{membership.id}/retirer")
    assert role_of(membership.id) is None


@pytest.mark.parametrize("role", ["", "KING", "\x00"])
def test_a_forged_role_changes_nothing(app: Flask, sign_in, echo, signatory, role: str) -> None:
    _, membership = pending_in(echo)
    path = f"/organisation/{echo.id}/membres/{membership.id}/approuver"
    assert sign_in(signatory).post(path, data={"role": role}).status_code == 400
    assert role_of(membership.id) == (MemberRole.EDITOR, False)


def test_ids_of_another_organisation_are_not_taken(app: Flask, sign_in, echo) -> None:
    other = organisation()
    stranger = member(other)
    _, membership = pending_in(echo)
    client = sign_in(stranger)
    for action in ("approuver", "refuser", "role", "retirer"):
        through_own = f"/organisation/{other.id}/membres/{membership.id}/{action}"
        straight = f"/organisation/{echo.id}/membres/{membership.id}/{action}"
        assert client.post(through_own, data={"role": "EDITOR"}).status_code == 404
        assert client.post(straight, data={"role": "EDITOR"}).status_code == 403
    assert client.get(f"/organisation/{echo.id}").status_code == 403
    assert client.post(f"/organisation/{echo.id}/identite", data=FIELDS).status_code == 403
    assert client.get(f"/organisation/{2**31 - 1}").status_code == 404
    assert client.get(f"/organisation/{2**70}").status_code == 404
    assert role_of(membership.id) == (MemberRole.EDITOR, False)


def test_the_last_signatory_is_told_why_not(app: Flask, sign_in, echo, signatory) -> None:
    place = echo.memberships[0].id
    path = f"/organisation/{echo.id}/membres/{place}/retirer"
    assert "dernier signataire" in sign_in(signatory).post(path, follow_redirects=True).text
    assert role_of(place) == (MemberRole.SIGNATORY, True)


def test_an_edit_over_anothers_shows_both_then_saves(app: Flask, sign_in, echo, signatory) -> None:
    client, path = sign_in(signatory), f"/organisation/{echo.id}/identite"
    seen = fields_of(client, path) | {"nature": "ASSOCIATION"}
    assert client.post(path, data={**seen, "phone": "0123456701"}).status_code == 302
    conflict = client.post(path, data={**seen, "phone": "0123456702"})
    for words in ("écrit : X0123456702<", "enregistré : X01 23 45 67 01<"):
        words = words.replace("X", '<span class="as-written">')
        assert words in plain(conflict.text)
    now_seen = re.search(r'name="version"[^>]*value="([^"]+)"', conflict.text)[1]
    mine = dict(re.findall(r'name="(garder-\w+)" value="(moi-\w+)"', conflict.text))
    again = client.post(path, data={**seen, "phone": "0123456702", "version": now_seen, **mine})
    assert again.status_code == 302
    db.session.rollback()
    assert echo.phone == "01 23 45 67 02"


def test_anonymous_visitors_sign_in_first(app: Flask, echo) -> None:
    client = app.test_client()
    for path in ("/organisation", "/organisation/nouvelle", f"/organisation/{echo.id}", "/compte"):
        assert client.get(path).location.startswith("/connexion?next=")


@pytest.mark.slow
def test_the_number_of_queries_does_not_grow(app: Flask, sign_in, echo, signatory) -> None:
    counted: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: counted.append(a[2]))
    client = sign_in(signatory)

    def queries_of(path: str) -> int:
        db.session.expire_all()
        counted.clear()
        assert client.get(path).status_code == 200
        return len(counted)

    paths = ["/compte", "/organisation?q=amicale", f"/organisation/{echo.id}/membres"]
    few = [queries_of(p) for p in paths]
    for number in range(12):
        domain.ask_to_join(organisation(f"Amicale {number}"), by=signatory)
        member(echo)
        pending_in(echo)
    assert [queries_of(p) for p in paths] == few


def test_a_signatory_sees_on_their_projects_who_asks_to_join(
    app: Flask, sign_in, echo: Organisation, signatory: User
) -> None:
    client, notice = sign_in(signatory), f"/organisation/{echo.id}/membres"
    assert notice not in client.get("/mes-projets").text
    editor = member(echo, MemberRole.EDITOR)
    asking, _ = pending_in(echo)
    pending_in(echo)
    page = client.get("/mes-projets").text
    assert "2 personnes demandent à rejoindre Écho" in page
    assert notice in page
    assert notice not in sign_in(editor).get("/mes-projets").text
    assert sign_in(asking).get("/mes-projets").status_code == 302


@both
def test_founding_one_that_exists_leads_to_joining_it(app: Flask, sign_in: SignIn, echo) -> None:
    client, path = sign_in(user()), "/organisation/nouvelle"
    sent = {"name": "ECHO\u200b", "nature": "ASSOCIATION", "siret": "35600000049837", "right": "mandated"}
    for changes in ({}, {"name": "Tout autre", "siret": SIRET}):
        refused = client.post(path, data=sent | changes)
        assert refused.status_code == 422
        assert f"/organisation/{echo.id}/rejoindre" in refused.text
        assert f'value="{(sent | changes)["siret"]}"' in refused.text
    for name in ("\u0415cho", "Éch\u03bf"):
        refused = client.post(path, data=sent | {"name": name})
        assert "pas une lettre latine" in refused.text
    assert client.post(path, data=sent | {"another": "y"}).status_code == 302
    admin = grant_role(user(), Role.ADMINISTRATOR)
    db.session.commit()
    assert "1 paire d'organisations" in sign_in(admin).get("/reglages").text
