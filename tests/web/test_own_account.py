"""One's own account: what is kept of me, taken away; closed; and what the administrator deletes by rule."""

from __future__ import annotations

import json
from io import BytesIO
from zipfile import ZipFile

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from exports import own_data
from grants.cli import cli
from grants.database import db
from grants.domain.ledger import history
from grants.french import today
from grants.models import Base, MemberRole, Project, SecurityEvent, User, UserSession
from tests.conftest import SignIn, both
from tests.factories import World, campaign, member, project
from tests.test_cli import run  # noqa: F401 - a fixture
from tests.web.dossiers import fields_of
from tests.web.factors import add_application
from tests.web.test_instruction import count_queries

DATA = "/compte/mes-donnees.zip"


def files_of(client: FlaskClient) -> dict[str, str]:
    with ZipFile(BytesIO(client.get(DATA).data)) as archive:
        return {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}


@both
def test_what_is_kept_of_me_is_mine_to_take(w: World, sign_in: SignIn) -> None:
    w.coordinator.name = "=Chloé"
    draft = w.project()
    draft.objectives = "Ce qui est à l'organisation"
    history.record(draft, "edit", by=w.coordinator, field="objectives", old="secret", new="secret")
    db.session.commit()
    client = sign_in(w.coordinator)
    add_application(client)
    files = files_of(client)
    kept = json.loads(files["donnees.json"])
    [me] = kept["users.id"]
    assert (me["name"], me["email"]) == ("=Chloé", w.coordinator.email)
    assert "'=Chloé" in files["users.id.csv"]
    assert [row["role"] for row in kept["role_grants.user_id"]] == ["COORDINATOR"]
    assert ("edit", "objectives") in {(row["action"], row["field"]) for row in kept["history.by_id"]}
    everything = "".join(files.values())
    assert "secret" not in everything
    assert "Ce qui est à" not in everything
    assert w.applicant.email not in everything
    hashes = db.session.scalars(select(UserSession.token_hash)).all()
    assert all(known not in everything for known in hashes if known)
    told = db.session.scalars(select(SecurityEvent.detail).where(SecurityEvent.kind == "export")).all()
    assert told == [DATA]


def test_no_column_that_opens_anything_is_taken_out() -> None:
    names = {c.name for t in Base.metadata.sorted_tables for c in t.c if t.name in own_data.OWN}
    assert {name for name in names if "hash" in name or "secret" in name or "key" in name} <= own_data.NEVER


@both
def test_i_close_my_account(w: World, sign_in: SignIn) -> None:
    editor = member(w.bearer, MemberRole.EDITOR)
    db.session.commit()
    last, client = sign_in(w.applicant), sign_in(editor)
    refused = last.post("/compte/fermer")
    assert refused.status_code == 422
    assert "dernier signataire" in refused.text
    assert f"compte fermé n° {editor.id}" in client.get("/compte/fermer").text
    assert client.post("/compte/fermer").location == "/"
    assert client.get("/compte").status_code == 302
    assert db.session.get_one(User, editor.id).name == f"compte fermé n° {editor.id}"


def test_the_administrator_empties_a_closed_account(w: World, admin: FlaskClient) -> None:
    page = f"/reglages/comptes/{w.committee.id}"
    admin.post(f"{page}/fermer")
    assert "Effacer les données de ce compte" in admin.get(page).text
    admin.post(f"{page}/effacer")
    assert f"compte fermé n° {w.committee.id}" in admin.get(page).text
    assert "Rouvrir" not in admin.get(page).text
    assert "Ce compte n&#39;est à personne" in admin.post(f"{page}/rouvrir", follow_redirects=True).text


def old_dossier(w: World, years: int) -> Project:
    of = campaign(w.contract, [w.cget], year=today().year - years, open_now=False)
    made = project(of, w.applicant, bearer=w.bearer)
    db.session.commit()
    return made


@both
def test_dossiers_go_by_rule_once_the_administrator_has_seen_them(w: World, admin: FlaskClient) -> None:
    old, kept = old_dossier(w, 11), old_dossier(w, 10)
    ids = old.id, kept.id
    url = "/reglages/conservation"
    seen = fields_of(admin, url)
    another = old_dossier(w, 12).id
    assert "a changé entre-temps" in admin.post(url, data=seen, follow_redirects=True).text
    assert db.session.get(Project, ids[0])
    seen = fields_of(admin, url)
    gone, another = another, old_dossier(w, 12).id  # as many, and not the same
    db.session.delete(db.session.get_one(Project, gone))
    db.session.commit()
    assert "a changé entre-temps" in admin.post(url, data=seen, follow_redirects=True).text
    done = admin.post(url, data=fields_of(admin, url), follow_redirects=True).text
    assert "conservés 10 ans" in done
    db.session.expire_all()
    assert [bool(db.session.get(Project, id)) for id in (*ids, another)] == [False, True, False]
    count, _ = count_queries(admin, url)
    assert count <= 4


def test_the_command_tells_before_it_deletes(app: Flask, w: World, run) -> None:  # noqa: F811
    id_ = old_dossier(w, 11).id
    told = run("retention", "--dry-run")
    assert "1 dossier(s) à effacer" in told.stdout
    assert db.session.get(Project, id_)
    db.session.rollback()
    done = run("retention")
    assert (done.exit_code, "1 dossier(s) effacés" in done.stdout) == (0, True)
    db.session.expire_all()
    assert db.session.get(Project, id_) is None
    assert cli.commands["retention"].help
