"""Depositing, and what is seen and may be done afterwards, by whom."""

from dataclasses import asdict
from datetime import date
from decimal import Decimal

import pytest

from grants.database import db
from grants.domain import dossier
from grants.domain.decisions.rules import Decision
from grants.domain.workflow import advance
from grants.french import today
from grants.models import MemberRole, Nature, Outcome, Role, State, now
from grants.queries.applicant.applicant import answers_to
from tests import acts
from tests.conftest import SignIn, both
from tests.factories import World, campaign, complete_record, grant_role, member, organisation
from tests.web.dossiers import draft_of, fields_of, send


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


def test_the_record_asks_for_the_budget_that_the_deposit_of_a_draft_asks_for(w: World, sign_in: SignIn) -> None:
    of = complete_record(organisation("Écho"), today().year - 1)
    call = campaign(w.contract, [w.cget], year=today().year + 1)
    here = f"?next=/deposer/{call.id}"
    client, base = sign_in(member(of)), f"/organisation/{of.id}"
    db.session.commit()
    assert "à compléter" not in client.get(base).text
    home = send(client, f"/deposer/{call.id}").location
    asked = f"Indiquez le budget {today().year + 1} ou {today().year}."
    record = client.get(base + here).text
    assert asked in client.get(f"{home}/organisation").text
    assert asked in record
    assert f"{base}/budget/{today().year + 1}?" in record
    answer = send(client, f"{base}/budget/{today().year}{here}", a606="1000", a756="1000")
    assert answer.location == here.partition("=")[2]
    assert f"{base}/budget/{today().year}?" in client.get(base + here).text


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


@pytest.mark.slow
def test_a_deposited_dossier_is_only_read(w: World, sign_in: SignIn) -> None:
    project = draft_of(w)
    client, path = sign_in(w.applicant), f"/mes-projets/{project.id}"
    sections = ("organisation", "projet", "public", "calendrier", "budget", "demandes", "attestations")
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


@pytest.mark.slow
def test_other_people_do_not_enter(w: World, sign_in: SignIn) -> None:
    project = draft_of(w)
    stranger = member(organisation())
    waiting = member(w.bearer)
    waiting.memberships[0].approved_at = None
    db.session.commit()
    path = f"/mes-projets/{project.id}"
    for person in (stranger, waiting, w.coordinator, w.administrator):
        client = sign_in(person)
        for page in (path, f"{path}/projet", f"{path}/deposer", f"{path}/accuse", f"{path}/retirer"):
            assert client.get(page).status_code == 403, page
        for page in (f"{path}/projet", f"{path}/deposer", f"{path}/retirer"):
            assert client.post(page, data={"reason": "x"}).status_code == 403, page
        assert project.title not in client.get("/mes-projets", follow_redirects=True).text
    assert sign_in(None).get(path).location.startswith("/connexion?next=")
    client = sign_in(w.applicant)
    for page in (f"{path}/inconnue", "/mes-projets/99999", "/deposer/99999", f"{path}/accuse"):
        assert client.get(page).status_code == 404, page


def test_an_answer_has_nothing_of_a_decision_that_is_not_notified(w: World) -> None:
    """Whatever its fields come to be: they are read by name from the line."""
    p = w.project()
    acts.decide(p, w.cget, Decision(Outcome.ACCEPTED, amount=Decimal(100), condition="x"), by=w.state_instructor)
    [answer] = [each for each in answers_to(p.id) if each.funder == w.cget.label]
    told = {name: value for name, value in asdict(answer).items() if value is not None}
    assert told.keys() == {"project_id", "funder", "requested"}


@pytest.mark.slow
def test_a_decision_is_seen_once_it_is_notified_and_never_before(w: World, sign_in: SignIn) -> None:
    project = draft_of(w)
    dossier.submit(project, by=w.applicant)
    advance(project, "admit", by=w.coordinator)
    acts.propose(project, w.ville, Decimal(1777), by=w.city_instructor)
    acts.decide(project, w.cget, Decision(Outcome.ACCEPTED, Decimal(2999)), by=w.state_instructor)
    acts.decide(project, w.ville, Decision(Outcome.REJECTED, reason="Hors critères"), by=w.city_instructor)
    db.session.commit()
    client, pages = sign_in(w.applicant), ("/mes-projets", f"/mes-projets/{project.id}")
    secrets = ("2\u202f999", "Hors critères", "1\u202f777", "Accordé", "Refusé")
    for page in pages:
        text = client.get(page).text
        assert not [secret for secret in secrets if secret in text], page
    assert "Pas encore de décision notifiée" in client.get(pages[1]).text
    acts.notify(project, w.cget, "ARR-12", date(2026, 3, 2), by=w.state_instructor)
    db.session.commit()
    for page in pages:
        text = client.get(page).text
        assert "2\u202f999" in text, page
        assert "Refusé" not in text, page
    assert "ARR-12" in text
    assert "Hors critères" not in text
    acts.notify(project, w.ville, "DEL-4", date(2026, 4, 2), by=w.city_instructor)
    db.session.commit()
    for page in pages:
        assert "Refusé" in client.get(page).text, page
        assert "1\u202f777" not in client.get(page).text, page
    assert "Hors critères" in client.get(pages[1]).text


def test_withdrawing(w: World, sign_in: SignIn) -> None:
    begun, deposited = draft_of(w), draft_of(w)
    dossier.submit(deposited, by=w.applicant)
    db.session.commit()
    client = sign_in(w.applicant)
    for project in (begun, deposited):
        path = f"/mes-projets/{project.id}/retirer"
        assert client.get(path).status_code == 200
        if project is deposited:
            assert client.post(path, data={"reason": "  "}).status_code == 422
        assert client.post(path, data={"reason": "Plus d'encadrants"}).status_code == 302
        db.session.expire_all()
        assert (project.state, project.state_reason) == (State.WITHDRAWN, "Plus d'encadrants")
        assert client.get(f"/mes-projets/{project.id}").status_code == 200
    assert "Brouillon abandonné" in client.get("/mes-projets").text


def test_what_was_granted_is_freed_by_the_withdrawal(w: World, sign_in: SignIn) -> None:
    project = w.project()
    decision = Decision(Outcome.ACCEPTED, amount=Decimal(4000))
    acts.decide(project, w.cget, decision, by=w.state_instructor)
    acts.notify(project, w.cget, "A1", date(2026, 3, 1), by=w.state_instructor)
    db.session.commit()
    client, pages = sign_in(w.applicant), ("/mes-projets", f"/mes-projets/{project.id}")
    assert all('is-accepted">' in client.get(page).text for page in pages)
    advance(project, "withdraw", by=w.applicant, reason="Plus d'encadrants")
    db.session.commit()
    for page in pages:
        text = client.get(page).text
        assert ("libéré par le retrait du dossier" in text) is (page == pages[1])
        assert "Pas encore de décision" not in text
        assert "is-accepted" not in text
    assert 'Motif\xa0: <span class="as-written">Plus' in client.get(pages[1]).text


def test_every_state_is_told_in_plain_words(w: World, sign_in: SignIn) -> None:
    for state in State:
        w.project(state=state, title=f"Action {state}")
    db.session.commit()
    client = sign_in(w.applicant)
    text = client.get("/mes-projets").text
    for words in (
        "Brouillon, pas encore déposé",
        "les financeurs l&#39;examinent",
        "Irrecevable",
        "Retiré",
        "clos",
        "Envoyer les pièces demandées avant le 1er décembre 2026",
    ):
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


def test_a_signatory_who_is_also_the_coordinator_stays_an_applicant(w: World, sign_in: SignIn) -> None:
    """Somebody with two roles loses none (Hypha#3449), and sees no secret as an applicant."""
    grant_role(w.applicant, Role.COORDINATOR, w.contract)
    project = draft_of(w)
    assert sign_in(w.applicant).get(f"/mes-projets/{project.id}/deposer").status_code == 200


def test_an_orientation_archived_since_is_still_read(w: World, sign_in: SignIn) -> None:
    project = draft_of(w)
    dossier.submit(project, by=w.applicant)
    leaf = next(t for t in w.contract.themes if t.id == project.applicant_theme_id)
    leaf.archived = True
    db.session.commit()
    assert leaf.label in sign_in(w.applicant).get(f"/mes-projets/{project.id}").text


@both
def test_the_same_title_typed_otherwise_is_warned_of_before_the_deposit(w: World, sign_in: SignIn) -> None:
    there = w.project(title="École – l'été")
    project = draft_of(w)
    client, path = sign_in(w.applicant), f"/mes-projets/{project.id}"
    assert "Déjà déposé sous" not in client.get(f"{path}/deposer").text
    send(client, f"{path}/projet", title="Ecole - l’ete\u200b")
    assert project.title == "Ecole - l’ete"
    for page in ("projet", "deposer"):
        text = client.get(f"{path}/{page}").text
        assert f"numéro {there.reference}" in text
        assert "Déjà déposé sous" in text


def test_a_title_that_nobody_sees_is_none(w: World, sign_in: SignIn) -> None:
    project = draft_of(w)
    client, path = sign_in(w.applicant), f"/mes-projets/{project.id}"
    send(client, f"{path}/projet", title="\u200b\u00ad", description="\u2800\n\u200d")
    assert (project.title, project.description) == ("", "")
