"""The dossier as an applicant meets it in a browser: from the call to the receipt."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, update

from grants.database import db
from grants.domain import dossier, funding
from grants.domain.workflow import advance
from grants.models import (
    CrossTheme,
    FundingLine,
    MemberRole,
    Nature,
    Outcome,
    Project,
    Role,
    State,
    User,
    now,
)
from tests.conftest import both
from tests.factories import (
    World,
    campaign,
    complete_draft,
    grant_role,
    member,
    organisation,
    theme,
    user,
    world,
)

SignIn = Callable[[User | None], FlaskClient]


@pytest.fixture
def w(app: Flask) -> World:
    made = world()
    db.session.add(CrossTheme(contract_id=made.contract.id, label="La jeunesse", position=1))
    made.bearer.rna, made.bearer.representative_name = "W921000001", "Dominique Martin"
    db.session.commit()
    return made


@pytest.fixture
def counted(app: Flask) -> Callable[[], list[str]]:
    """From each call on, the statements asked of the database (by a session that knows nothing
    yet, as a request's is)."""
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))

    def begin() -> list[str]:
        db.session.remove()
        statements.clear()
        return statements

    return begin


def draft_of(w: World, **more) -> Project:
    made = complete_draft(w, **more)
    db.session.commit()
    return made


def fields_of(client: FlaskClient, path: str) -> dict[str, str]:
    """What the page would send, untouched (text fields and hidden ones)."""
    html = client.get(path).text
    found = {}
    for tag in re.findall(r"<input[^>]*>", html):
        name = re.search(r'name="([^"]*)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        box = re.search(r'type="(checkbox|radio)"', tag)
        if name and (not box or " checked" in tag):
            found[name[1]] = value[1] if value else ""
    for name, text in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>\s*(.*?)</textarea>', html):
        found[name] = text
    for name, options in re.findall(r'(?s)<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', html):
        chosen = re.search(r'<option selected value="([^"]*)"', options)
        found[name] = chosen[1] if chosen else ""
    return found


def send(client: FlaskClient, path: str, **changes):
    return client.post(path, data={**fields_of(client, path), **changes})


def test_a_volunteer_deposits_a_dossier(w: World, sign_in: SignIn) -> None:
    client = sign_in(w.applicant)
    start = f"/deposer/{w.campaign.id}"
    assert db.session.query(Project).count() == 0
    assert client.get(start).status_code == 200
    assert db.session.query(Project).count() == 0
    home = send(client, start).location
    assert "à faire" in client.get(home).text
    leaf = next(t for t in w.contract.themes if t.number)
    pages = [
        ("organisation", {"confirmed": "y"}),
        ("projet", {"title": "Lire ensemble", "kind": "NEW", "applicant_theme_id": leaf.id,
                    "objectives": "Lire", "description": "Ateliers"}),
        ("public", {"audience": "Enfants", "beneficiaries": "1 200", "beneficiaries_qpv": "30",
                    "zone_ids": w.contract.zones[0].id}),
        ("calendrier", {"starts_on": "2026-01-15", "ends_on": "2026-06-30"}),
        ("budget", {"a641": "9 000,50", "a606": "999.50", "a756": "2000",
                    "other_label_0": "CAF", "other_amount_0": "3000"}),
        ("demandes", {f"funder_{w.cget.id}": "3 000 €", f"funder_{w.ville.id}": "2000"}),
        ("attestations", {"sworn": "y", "commitment": "y"}),
    ]  # fmt: skip
    for section, typed in pages:
        answer = send(client, f"{home}/{section}", **typed)
        assert answer.status_code == 302, (section, answer.text)
    check = client.get(f"{home}/deposer")
    assert "Le dossier est complet" in check.text
    assert "Lire ensemble" in check.text
    done = send(client, f"{home}/deposer")
    assert done.location == f"{home}/accuse"
    receipt = client.get(done.location).text
    assert "2026-0001" in receipt
    assert "Votre dossier est arrivé" in receipt
    project = db.session.query(Project).one()
    assert (project.state, project.total_cost) == (State.SUBMITTED, Decimal(10_000))
    assert "2026-0001" in client.get("/mes-projets").text


def test_a_half_filled_section_is_saved_and_says_what_it_lacks(w: World, sign_in: SignIn) -> None:
    client = sign_in(w.applicant)
    home = send(client, f"/deposer/{w.campaign.id}").location
    send(client, f"{home}/public", audience="Enfants", beneficiaries="", beneficiaries_qpv="")
    page = client.get(home).text
    assert "commencé" in page
    assert "Indiquez le nombre de bénéficiaires attendu." in page
    assert "pas encore déposé" in page
    assert 'href="#beneficiaries"' in client.get(f"{home}/public").text
    assert 'id="beneficiaries-erreur"' in client.get(f"{home}/public?verifier=1").text


@pytest.mark.parametrize(
    ("section", "field", "typed", "message"),
    [
        ("projet", "title", "x" * 251, "250 caractères"),
        ("projet", "title", "a\x00b", "caractère invisible"),
        ("projet", "kind", "OTHER", ""),
        ("projet", "applicant_theme_id", "9" * 30, ""),
        ("projet", "applicant_theme_id", "abc", ""),
        ("projet", "predecessor_id", "1", ""),
        ("projet", "cross_theme_ids", "77", ""),
        ("projet", "description", "é" * 10_001, "10000 caractères"),
        ("public", "beneficiaries", "douze", "nombre entier"),
        ("public", "beneficiaries", "-1", "nombre entier"),
        ("public", "beneficiaries", "9" * 5000, "nombre entier"),
        ("public", "beneficiaries_qpv", "31", "ne peut pas dépasser"),
        ("public", "zone_ids", "999999999999999999999", ""),
        ("calendrier", "starts_on", "2026-02-30", "Écrivez une date"),
        ("calendrier", "starts_on", "31/12/2026", "Écrivez une date"),
        ("calendrier", "ends_on", "2025-12-31", "précéder"),
        ("budget", "a641", "12 OOO", "pas un montant"),
        ("budget", "a641", "-5", "pas un montant"),
        ("budget", "a641", "9" * 40, "trop grand"),
        ("budget", "a67", "1e9", "pas un montant"),
        ("budget", "other_status_0", "MAYBE", ""),
    ],
)
def test_bad_shapes_are_told_at_the_field_and_what_was_typed_stays(
    w: World, sign_in: SignIn, section: str, field: str, typed: str, message: str
) -> None:
    project = draft_of(w)
    client, path = sign_in(w.applicant), f"/mes-projets/{project.id}/{section}"
    answer = send(client, path, **{field: typed})
    assert answer.status_code == 422
    assert message in answer.text
    assert f'id="{field}-erreur"' in answer.text
    if message and "\x00" not in typed:
        assert typed in answer.text
    db.session.expire_all()
    assert dossier.faults(project) == []


@pytest.mark.parametrize(
    ("field", "at"), [("other_label_0", "other_amount_0"), ("other_amount_0", "other_label_0")]
)
def test_half_a_subsidy_is_asked_for_its_other_half(
    w: World, sign_in: SignIn, field: str, at: str
) -> None:
    project = draft_of(w)
    answer = send(sign_in(w.applicant), f"/mes-projets/{project.id}/budget", **{field: "12"})
    assert answer.status_code == 422
    assert f'id="{at}-erreur"' in answer.text


def test_forged_choices_are_refused(w: World, sign_in: SignIn) -> None:
    elsewhere = world()
    reserved = theme(w.contract, "Parcours", number=1, position=9)
    reserved.call_kind = "Réussite éducative (PRE)"
    project = draft_of(w)
    client, path = sign_in(w.applicant), f"/mes-projets/{project.id}"
    leaf = project.applicant_theme_id
    for forged in (elsewhere.contract.themes[2].id, reserved.id):
        answer = send(client, f"{path}/projet", applicant_theme_id=forged)
        assert answer.status_code == 422
    send(client, f"{path}/demandes", **{f"funder_{elsewhere.cget.id}": "1"})
    send(client, f"{path}/organisation", state="SUBMITTED", reference="2026-0001", confirmed="y")
    db.session.expire_all()
    assert (project.applicant_theme_id, project.state, project.reference) == (
        leaf, State.DRAFT, None,
    )  # fmt: skip
    lines = db.session.query(FundingLine).filter_by(project_id=project.id)
    assert {line.funder_id for line in lines} == {w.cget.id, w.ville.id}


def test_a_field_sent_twice_counts_once(w: World, sign_in: SignIn) -> None:
    project = draft_of(w)
    client, path = sign_in(w.applicant), f"/mes-projets/{project.id}/demandes"
    sent = {**fields_of(client, path), f"funder_{w.cget.id}": ["1", "2"]}
    assert client.post(path, data=sent).status_code == 302
    line = db.session.query(FundingLine).filter_by(funder_id=w.cget.id).one()
    assert line.requested == 1


def test_two_people_at_once_see_both_values(w: World, sign_in: SignIn) -> None:
    project = draft_of(w)
    path = f"/mes-projets/{project.id}/projet"
    mine, theirs = sign_in(w.applicant), sign_in(member(w.bearer, MemberRole.EDITOR))
    db.session.commit()
    opened = fields_of(mine, path)
    assert send(theirs, path, title="Leur titre").status_code == 302
    clash = mine.post(path, data={**opened, "title": "Mon titre"})
    assert clash.status_code == 422
    assert "Leur titre" in clash.text
    assert 'value="Mon titre"' in clash.text
    db.session.expire_all()
    assert project.title == "Leur titre"
    seen = re.search(r'name="version"[^>]*value="([^"]*)"', clash.text)
    assert seen
    mine.post(path, data={**opened, "title": "Mon titre", "version": seen[1]})
    db.session.expire_all()
    assert project.title == "Mon titre"


@pytest.mark.parametrize("version", [None, "", "0", "9" * 50, "\x00"])
def test_a_forged_version_saves_and_deposits_nothing(
    w: World, sign_in: SignIn, version: str | None
) -> None:
    project = draft_of(w)
    client = sign_in(w.applicant)
    sent = {} if version is None else {"version": version}
    path = f"/mes-projets/{project.id}"
    assert client.post(f"{path}/calendrier", data={"schedule": "x", **sent}).status_code == 422
    assert client.post(f"{path}/deposer", data=sent).status_code == 422
    db.session.expire_all()
    assert (project.schedule, project.state) == ("", State.DRAFT)


def test_incomplete_unbalanced_and_late_dossiers_are_refused(w: World, sign_in: SignIn) -> None:
    project = draft_of(w)
    client, path = sign_in(w.applicant), f"/mes-projets/{project.id}"
    page = fields_of(client, f"{path}/deposer")
    project.budget[0].amount = Decimal(9000)
    db.session.commit()
    refused = client.post(f"{path}/deposer", data=page)
    assert refused.status_code == 422
    assert "équilibré" in refused.text
    assert f'href="{path}/demandes?verifier=1#balance"' in refused.text
    at_the_field = client.get(f"{path}/demandes?verifier=1").text
    assert "équilibré" in at_the_field
    project.budget[0].amount = Decimal(10_000)
    w.campaign.closes_at = now()
    db.session.commit()
    late = client.post(f"{path}/deposer", data=page)
    assert late.status_code == 422
    assert "clos" in late.text
    db.session.expire_all()
    assert (project.state, project.reference) == (State.DRAFT, None)


def test_an_editor_is_told_who_deposits(w: World, sign_in: SignIn) -> None:
    project = draft_of(w)
    client = sign_in(member(w.bearer, MemberRole.EDITOR))
    db.session.commit()
    path = f"/mes-projets/{project.id}"
    page = client.get(f"{path}/deposer").text
    assert "Seul un signataire" in page
    assert "Déposer le dossier</button>" not in page
    assert "Seul un signataire" in client.get(f"{path}/attestations").text
    forged = client.post(f"{path}/deposer", data={"version": project.version})
    assert "Seul un signataire" in forged.text
    refused = client.post(f"{path}/retirer", data={"reason": "x"})
    db.session.expire_all()
    assert (forged.status_code, refused.status_code, project.state) == (422, 422, State.DRAFT)


def test_a_deposited_dossier_is_only_read(w: World, sign_in: SignIn) -> None:
    project = draft_of(w)
    client, path = sign_in(w.applicant), f"/mes-projets/{project.id}"
    sections = ("organisation", "projet", "public", "calendrier", "budget", "demandes",
                "attestations")  # fmt: skip
    opened = {section: fields_of(client, f"{path}/{section}") for section in sections}
    send(client, f"{path}/deposer")
    again = client.post(f"{path}/deposer", data={"version": "1"})
    assert again.location == path
    for section in sections:
        assert client.get(f"{path}/{section}").location == path
        assert client.post(f"{path}/{section}", data=opened[section]).status_code == 403
    page = client.get(path).text
    assert "Déposé" in page
    assert "Modifier" not in page


def test_other_people_do_not_enter(w: World, sign_in: SignIn) -> None:
    project = draft_of(w)
    stranger = member(organisation())
    waiting = member(w.bearer)
    waiting.memberships[0].approved_at = None
    db.session.commit()
    path = f"/mes-projets/{project.id}"
    for person in (stranger, waiting, w.coordinator, w.administrator):
        client = sign_in(person)
        for page in (path, f"{path}/projet", f"{path}/deposer", f"{path}/accuse",
                     f"{path}/retirer"):  # fmt: skip
            assert client.get(page).status_code == 403, page
        for page in (f"{path}/projet", f"{path}/deposer", f"{path}/retirer"):
            assert client.post(page, data={"reason": "x"}).status_code == 403, page
        assert project.title not in client.get("/mes-projets", follow_redirects=True).text
    assert sign_in(None).get(path).location.startswith("/connexion?next=")
    client = sign_in(w.applicant)
    for page in (f"{path}/inconnue", "/mes-projets/99999", "/deposer/99999", f"{path}/accuse"):
        assert client.get(page).status_code == 404, page


def test_starting(w: World, sign_in: SignIn) -> None:
    path = f"/deposer/{w.campaign.id}"
    assert sign_in(None).get(path).location.startswith("/connexion?next=")
    assert sign_in(user()).get(path).location.startswith("/organisation?next=")
    two = member(w.bearer)
    other = organisation("Deuxième")
    from grants.models import Membership

    db.session.add(Membership(user_id=two.id, organisation_id=other.id,
                              role=MemberRole.EDITOR, approved_at=now()))  # fmt: skip
    closed = campaign(w.contract, [w.cget], open_now=False)
    later = campaign(w.contract, [w.cget])
    later.opens_at = now() + timedelta(days=1)
    db.session.commit()
    client = sign_in(two)
    assert client.post(path, data={}).status_code == 200  # which one?
    assert client.post(path, data={"organisation_id": organisation().id}).status_code == 200
    for call, words in ((closed, "clos"), (later, "ouvrira")):
        page = client.get(f"/deposer/{call.id}").text
        assert words in page
        assert "Commencer le dossier" not in page
        client.post(f"/deposer/{call.id}", data={"organisation_id": other.id})
    assert db.session.query(Project).count() == 0
    client.post(path, data={"organisation_id": other.id})
    assert db.session.query(Project).one().organisation_id == other.id


def test_a_decision_is_seen_once_it_is_notified_and_never_before(
    w: World, sign_in: SignIn
) -> None:
    project = draft_of(w)
    dossier.submit(project, by=w.applicant)
    advance(project, "admit", by=w.coordinator)
    funding.propose(project, w.ville, Decimal(1777), by=w.city_instructor)
    funding.decide(project, w.cget, funding.Decision(Outcome.ACCEPTED, Decimal(2999)),
                   by=w.state_instructor)  # fmt: skip
    funding.decide(project, w.ville, funding.Decision(Outcome.REJECTED, reason="Hors critères"),
                   by=w.city_instructor)  # fmt: skip
    db.session.commit()
    client, pages = sign_in(w.applicant), ("/mes-projets", f"/mes-projets/{project.id}")
    secrets = ("2\u202f999", "Hors critères", "1\u202f777", "Accordé", "Refusé")
    for page in pages:
        text = client.get(page).text
        assert not [secret for secret in secrets if secret in text], page
        assert "Pas encore de décision notifiée" in text
    funding.notify(project, w.cget, "ARR-12", date(2026, 3, 2), by=w.state_instructor)
    db.session.commit()
    for page in pages:
        text = client.get(page).text
        assert "2\u202f999" in text, page
        assert "ARR-12" in text, page
        assert "Hors critères" not in text, page
    funding.notify(project, w.ville, "DEL-4", date(2026, 4, 2), by=w.city_instructor)
    db.session.commit()
    for page in pages:
        assert "Hors critères" in client.get(page).text, page
        assert "1\u202f777" not in client.get(page).text, page


def test_withdrawing(w: World, sign_in: SignIn) -> None:
    begun, deposited = draft_of(w), draft_of(w)
    dossier.submit(deposited, by=w.applicant)
    db.session.commit()
    client = sign_in(w.applicant)
    for project in (begun, deposited):
        path = f"/mes-projets/{project.id}/retirer"
        assert client.get(path).status_code == 200
        assert client.post(path, data={"reason": "  "}).status_code == 422
        assert client.post(path, data={"reason": "Plus d'encadrants"}).status_code == 302
        db.session.expire_all()
        assert (project.state, project.state_reason) == (State.WITHDRAWN, "Plus d'encadrants")
        assert client.get(f"/mes-projets/{project.id}").status_code == 200
    assert "Brouillon abandonné" in client.get("/mes-projets").text


def test_every_state_is_told_in_plain_words(w: World, sign_in: SignIn) -> None:
    for state in State:
        w.project(state=state, title=f"Action {state}")
    db.session.commit()
    client = sign_in(w.applicant)
    text = client.get("/mes-projets").text
    for words in ("Brouillon, pas encore déposé", "des pièces vous sont demandées",
                  "les financeurs l&#39;examinent", "Irrecevable", "Retiré", "clos",
                  "Envoyer les pièces demandées avant le 1er décembre 2026"):  # fmt: skip
        assert words.replace("&#39;", "'") in text.replace("&#39;", "'"), words
    for project in w.projects:
        assert client.get(f"/mes-projets/{project.id}").status_code == 200


def test_a_public_service_is_not_asked_for_the_commitment(w: World, sign_in: SignIn) -> None:
    w.bearer.nature = Nature.MUNICIPAL_SERVICE
    project = draft_of(w)
    client, path = sign_in(w.applicant), f"/mes-projets/{project.id}/attestations"
    assert "engagement républicain" not in client.get(path).text
    assert client.post(path, data={**fields_of(client, path), "sworn": "y"}).status_code == 302
    assert send(client, f"/mes-projets/{project.id}/deposer").status_code == 302


def test_a_signatory_who_is_also_the_coordinator_stays_an_applicant(
    w: World, sign_in: SignIn
) -> None:
    """Somebody with two roles loses none (Hypha#3449), and sees no secret as an applicant."""
    grant_role(w.applicant, Role.COORDINATOR, w.contract)
    project = draft_of(w)
    assert sign_in(w.applicant).get(f"/mes-projets/{project.id}/deposer").status_code == 200


@both
def test_depositing_takes_few_queries(
    app: Flask, sign_in: SignIn, counted: Callable[[], list[str]]
) -> None:
    w = world()
    project = draft_of(w)
    client, path = sign_in(w.applicant), f"/mes-projets/{project.id}/deposer"
    sent = fields_of(client, path)
    statements = counted()
    assert client.post(path, data=sent).status_code == 302
    assert len(statements) <= 13, statements


def test_the_list_takes_the_same_queries_for_one_dossier_or_many(
    w: World, sign_in: SignIn, counted: Callable[[], list[str]]
) -> None:
    client, counts = sign_in(w.applicant), []
    others = [w.project().id for _ in range(8)] + [draft_of(w).id]
    client.get("/mes-projets")  # what a process reads once
    statements = counted()
    client.get("/mes-projets")
    counts.append(len(statements))
    first = db.session.get_one(Project, others[0])
    db.session.execute(
        update(Project).where(Project.id != first.id).values(organisation_id=organisation().id)
    )
    db.session.commit()
    statements = counted()
    assert client.get("/mes-projets").text.count("card-call own") == 1
    counts.append(len(statements))
    assert counts[0] == counts[1] <= 7
