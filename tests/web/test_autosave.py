"""A page of the dossier that saves itself: what its script is answered."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient

from grants.database import db
from grants.domain import dossier
from grants.domain.dossier.budget import RequestAnswers, surprising
from grants.models import HistoryEntry, Presence, Project, now
from tests.conftest import SignIn, both
from tests.factories import World, member
from tests.web.dossiers import draft_of, fields_of

JSON = {"Accept": "application/json"}


def save(client: FlaskClient, path: str, **typed):
    return client.post(path, data={**fields_of(client, path), **typed}, headers=JSON)


@both
def test_what_is_typed_is_saved_and_the_next_save_follows(w: World, sign_in: SignIn) -> None:
    project, client = draft_of(w), sign_in(w.applicant)
    path = f"/mes-projets/{project.id}/public"
    page = fields_of(client, path)
    for audience in ("Enfants", "Enfants de 3 à 12 ans"):
        answer = client.post(path, data={**page, "audience": audience}, headers=JSON)
        assert answer.status_code == 200
        assert answer.json["message"].startswith("Enregistré à ")
        assert answer.json["message"].endswith(", pas encore déposé.")
        page["version"] = answer.json["version"]
        db.session.expire_all()
        assert db.session.get_one(Project, project.id).audience == audience


def test_a_wrong_value_is_named_and_the_rest_of_the_page_saved(w: World, sign_in: SignIn) -> None:
    project, client = draft_of(w), sign_in(w.applicant)
    path = f"/mes-projets/{project.id}/public"
    answer = save(client, path, audience="Autres", beneficiaries="douze")
    assert answer.status_code == 422
    [error] = answer.json["errors"]
    assert (error["field"], "nombre entier" in error["message"]) == ("beneficiaries", True)
    db.session.expire_all()
    stored = db.session.get_one(Project, project.id)
    assert (stored.audience, stored.beneficiaries) == ("Autres", 30)
    assert answer.json["version"]


def test_what_the_domain_refuses_is_left_alone(w: World, sign_in: SignIn) -> None:
    """Also where the field that it names is held up by another one."""
    project, client = draft_of(w), sign_in(w.applicant)
    path = f"/mes-projets/{project.id}"
    answer = save(client, f"{path}/public", audience="Autres", beneficiaries_qpv="99")
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "beneficiaries_qpv")
    assert save(client, f"{path}/public", place="Square", beneficiaries="1").status_code == 422
    assert save(client, f"{path}/projet", kind="MULTIYEAR", description="Neuve").status_code == 422
    page = client.post(
        f"{path}/calendrier",
        data={**fields_of(client, f"{path}/calendrier"), "ends_on": "2020-01-01", "schedule": "Lundi"},
    )
    assert page.status_code == 422
    assert "Le reste de la page est enregistré" in page.text
    db.session.expire_all()
    stored = db.session.get_one(Project, project.id)
    assert (stored.audience, stored.place, stored.description) == ("Autres", "Square", "Neuve")
    assert (stored.beneficiaries, stored.kind, stored.schedule) == (30, "NEW", "Lundi")


@both
def test_two_people_on_one_page(w: World, sign_in: SignIn) -> None:
    project, other = draft_of(w), member(w.bearer)
    other.name = "Marc Jollivet"
    db.session.commit()
    path = f"/mes-projets/{project.id}/public"
    one, two = sign_in(w.applicant), sign_in(other)
    seen = fields_of(one, path)
    assert save(two, path, place="Square", beneficiaries="40").status_code == 200
    typed = {**seen, "place": "<i>Parc</i>", "audience": "Tous"}
    answer = one.post(path, data=typed, headers=JSON)
    assert answer.status_code == 422
    for words in ("Marc Jollivet", "Square", "&lt;i&gt;Parc&lt;/i&gt;"):
        assert words in answer.json["questions"]
    assert answer.json["taken"] == {"beneficiaries": ["40"]}
    db.session.expire_all()
    stored = db.session.get_one(Project, project.id)
    assert (stored.place, stored.audience, stored.beneficiaries) == ("Square", "Tous", 40)
    chosen = re.search(r'value="(moi-\w+)"', answer.json["questions"])[1]
    known = {**typed, "beneficiaries": "40", "version": answer.json["version"]}
    asked_still = one.post(path, data=known, headers=JSON)
    assert "Square" in asked_still.json["questions"]
    assert one.post(path, data=known | {"garder-place": chosen}, headers=JSON).status_code == 200
    same = one.post(path, data={**known, "version": "older"}, headers=JSON)
    assert same.status_code == 200, "the same words twice are no conflict"


def test_signed_out_or_no_such_dossier(w: World, sign_in: SignIn) -> None:
    project = draft_of(w)
    path = f"/mes-projets/{project.id}/public"
    answer = sign_in(None).post(path, data={"audience": "x"}, headers=JSON)
    assert (answer.status_code, "reconnectez-vous" in answer.json["message"]) == (401, True)
    answer = sign_in(w.applicant).post("/mes-projets/999/public", headers=JSON)
    assert answer.status_code == 404
    assert answer.json["message"]


def test_a_token_of_another_session(app: Flask, w: World, sign_in: SignIn) -> None:
    """Signed in again since: the script gets a new token, and learns whose it is."""
    project = draft_of(w)
    path = f"/mes-projets/{project.id}/public"
    app.config["WTF_CSRF_ENABLED"] = True
    client = sign_in(w.applicant)
    page = fields_of(client, path)
    refused = client.post(path, data={**page, "csrf_token": "older"}, headers=JSON)
    assert (refused.status_code, refused.json["user"]) == (400, w.applicant.id)
    page["csrf_token"] = refused.json["token"]
    assert client.post(path, data=page, headers=JSON).status_code == 200
    assert sign_in(None).post(path, data=page, headers=JSON).status_code == 401


def test_once_deposited_nothing_is_saved(w: World, sign_in: SignIn) -> None:
    project, client = draft_of(w), sign_in(w.applicant)
    path = f"/mes-projets/{project.id}/public"
    page = fields_of(client, path)
    dossier.submit(project, by=w.applicant)
    db.session.commit()
    answer = client.post(path, data={**page, "place": "x"}, headers=JSON)
    assert (answer.status_code, "brouillon" in answer.json["message"]) == (403, True)


def entries(project: Project, action: str) -> list[HistoryEntry]:
    found = db.session.query(HistoryEntry).filter_by(project_id=project.id, action=action)
    return list(found.order_by(HistoryEntry.id))


@pytest.mark.slow
@both
def test_history_says_who_writes_once_in_ten_minutes(
    w: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, other = draft_of(w), member(w.bearer)
    project.sworn_at = project.sworn_by_id = None
    db.session.commit()
    path = f"/mes-projets/{project.id}/public"
    one, two = sign_in(w.applicant), sign_in(other)
    for number, client in enumerate((one, one, one, two, one)):
        assert save(client, path, place=f"Lieu {number}").status_code == 200
    assert [entry.by_id for entry in entries(project, "save")] == [w.applicant.id, other.id, w.applicant.id]
    later = now() + timedelta(minutes=11)
    monkeypatch.setattr("grants.domain.dossier.drafts.now", lambda: later)
    save(one, path, place="Plus tard")
    assert len(entries(project, "save")) == 4


@both
def test_history_rebuilds_each_amount_asked(w: World, sign_in: SignIn) -> None:
    project, client = draft_of(w), sign_in(w.applicant)
    path = f"/mes-projets/{project.id}/demandes"
    for amount in ("1", "12", "1200"):
        assert save(client, path, **{f"funder_{w.cget.id}": amount}).status_code == 200
    told = [(e.old, e.new) for e in entries(project, "request") if e.funder_id == w.cget.id]
    assert told == [("3000.00", "1.00"), ("1.00", "12.00"), ("12.00", "1200.00")]


@both
def test_people_at_one_dossier_see_each_other(w: World, sign_in: SignIn) -> None:
    project, other = draft_of(w), member(w.bearer)
    other.name = "Marc Jollivet"
    db.session.commit()
    here = f"/mes-projets/{project.id}/presence"
    one, two = sign_in(w.applicant), sign_in(other)
    assert two.post(here, data={"page": "public"}).json == {"others": []}
    assert two.post(here, data={"page": "public"}).json == {"others": []}
    [words] = one.post(here, data={"page": "public"}).json["others"]
    assert words.startswith("Marc Jollivet a cette page ouverte depuis ")
    assert words in one.get(f"/mes-projets/{project.id}/public").text
    [words] = one.post(here, data={"page": "\x00forged"}).json["others"]
    assert "« Public et territoire »" in words
    assert words in one.get(f"/mes-projets/{project.id}").text
    gone = db.session.query(Presence).filter_by(user_id=other.id).one()
    gone.seen_at = now() - timedelta(seconds=61)
    db.session.commit()
    assert one.post(here, data={"page": "public"}).json == {"others": []}


@pytest.mark.slow
@both
def test_an_amount_far_beyond_an_envelope_is_asked_about_once(w: World, sign_in: SignIn) -> None:
    """By the script and without it; the answer is for this amount, and what is stored stays."""
    project, client = draft_of(w), sign_in(w.applicant)
    path, field = f"/mes-projets/{project.id}/demandes", f"funder_{w.cget.id}"

    def stored() -> Decimal | None:
        db.session.expire_all()
        now_there = RequestAnswers.of(db.session.get_one(Project, project.id))
        return dict(now_there.amounts).get(w.cget.id)

    before = stored()
    asked = save(client, path, **{field: "30 001 500"})
    assert (asked.status_code, stored()) == (422, before)
    assert "répondez à la question" in asked.json["message"]
    assert "avez-vous bien voulu écrire 30" in asked.json["questions"]
    [meant] = re.findall(r'value="(sur-[0-9a-f]+)"', asked.json["questions"])
    page = client.post(path, data={**fields_of(client, path), field: "30 001 500"})
    assert (page.status_code, meant in page.text, stored()) == (422, True, before)
    assert f'href="#garder-{field}"' in page.text
    other = save(client, path, **{field: "40 001 500", f"garder-{field}": meant})
    assert (other.status_code, stored()) == (422, before)
    answer = save(client, path, **{field: "30 001 500", f"garder-{field}": meant})
    assert (answer.status_code, stored()) == (200, Decimal(30_001_500))
    assert save(client, path).status_code == 200


def test_the_question_tells_no_more_than_how_many_figures_an_envelope_has(w: World) -> None:
    project = draft_of(w)
    [link] = [each for each in w.campaign.funders if each.funder_id == w.cget.id]
    for amount, least in ((10_000, 10**5), (10_001, 10**6), (80_500, 10**6), (100_000, 10**6), (100_001, 10**7)):
        link.envelope.amount = Decimal(amount)
        db.session.flush()
        assert surprising(project.campaign_id)[w.cget.id] == least > amount * 10 - 1
    link.envelope.amount = Decimal(0)
    db.session.flush()
    assert surprising(project.campaign_id)[w.cget.id] == 10**6
