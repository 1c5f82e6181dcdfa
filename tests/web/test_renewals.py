"""Renewals that nobody linked, settled in one go; undone, or changed again, afterwards."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import event

from grants.database import db
from grants.domain.instruction.lineage import link_many
from grants.errors import Conflict, DomainError, NotAllowed
from grants.models import Kind, Project
from grants.queries.comparison.unlinked import renewals_unlinked
from tests.conftest import SignIn, both
from tests.factories import World, campaign, organisation, project, world

TITLE = "Atelier d'écriture"


def years() -> tuple[World, dict[str, Project], dict[str, Project]]:
    """2025 and 2026: one that is the same, one of two alike, one that has another title."""
    w = world()
    call = campaign(w.contract, [w.cget], year=2025)
    other = organisation("Autre")
    old = {title: project(call, w.applicant, bearer=w.bearer, title=title) for title in (TITLE, "Jardin", "Jardin !")}
    old["ailleurs"] = project(call, w.applicant, bearer=other, title=TITLE)
    new = {
        "same": w.project(title="ATELIER D’ECRITURE"),
        "several": w.project(title="jardin"),
        "none": w.project(title="Rien d'avant", bearer=organisation("Encore")),
        "new": w.project(title=TITLE + " bis"),
    }
    for name in ("same", "several", "none"):
        new[name].kind = Kind.RENEWAL
    db.session.commit()
    return w, old, new


def follows(project: Project) -> int | None:
    db.session.rollback()
    return db.session.get_one(Project, project.id).predecessor_id


@pytest.mark.slow
@both
def test_what_is_likely_is_chosen_and_the_rest_may_be(app: Flask, sign_in: SignIn) -> None:
    w, old, new = years()
    same, several, none = renewals_unlinked(w.contract.id, 2026)
    assert (same.likely, several.likely, none.choices) == (old[TITLE].id, None, [])
    assert [id_ for id_, *_ in several.choices[:2]] == [old["Jardin"].id, old["Jardin !"].id]
    assert old["ailleurs"].id in [id_ for id_, *_ in same.choices]
    client, home = sign_in(w.coordinator), f"/contrats/{w.contract.slug}"
    page = f"{home}/2026/renouvellements"
    told = re.search(
        r"<strong>2</strong>\s*<div><p>renouvellements à relier</p>(.*?)</li>", client.get(home).text, re.DOTALL
    )
    assert told
    assert f'href="{page}"' in told[1]
    assert f'href="{page}"' in client.get(f"{home}/comparaison/2025/2026").text
    shown = client.get(page).text
    assert f'<option selected value="{old[TITLE].id}">' in shown
    assert f"/projets/{new['none'].id}/filiation" in shown
    assert f"r-{new['new'].id}" not in shown
    answer = client.post(page, data={})
    assert (answer.status_code, follows(new["same"])) == (422, None)
    hostile = {f"r-{new['same'].id}": str(new["new"].id)}
    assert client.post(page, data=hostile).status_code == 422
    chosen = {f"r-{new['same'].id}": str(old[TITLE].id), f"r-{new['several'].id}": ""}
    assert client.post(page, data=chosen).location == page
    assert (follows(new["same"]), follows(new["several"])) == (old[TITLE].id, None)
    told = client.get(page).text
    assert "1 renouvellement relié" in told
    assert client.post(page, data=chosen).status_code == 422  # it has been linked meanwhile
    assert client.post(page, data={f"r-{new['several'].id}": str(old["Jardin"].id)}).location
    undo = re.search(r"/operations/\d+/annuler", told)
    assert undo
    client.post(home + undo[0])
    assert (follows(new["same"]), follows(new["several"])) == (None, old["Jardin"].id)


def test_only_the_coordinator_reaches_it(app: Flask, sign_in: SignIn) -> None:
    w, old, new = years()
    page = f"/contrats/{w.contract.slug}/2026/renouvellements"
    for person in (w.state_instructor, w.committee, w.applicant):
        assert sign_in(person).get(page).status_code == 403
    assert "renouvellements à relier" not in (sign_in(w.state_instructor).get(f"/contrats/{w.contract.slug}").text)
    with pytest.raises(NotAllowed):
        link_many(w.contract, {new["same"].id: old[TITLE].id}, by=w.state_instructor)
    for wrong in (new["new"].id, 0):
        with pytest.raises(DomainError):
            link_many(w.contract, {new["same"].id: wrong}, by=w.coordinator)
    link_many(w.contract, {new["same"].id: old[TITLE].id}, by=w.coordinator)
    with pytest.raises(Conflict, match=new["same"].reference):
        link_many(w.contract, {new["same"].id: old[TITLE].id}, by=w.coordinator)


def test_an_undoing_spares_what_changed_since(app: Flask, sign_in: SignIn) -> None:
    w, old, new = years()
    client, page = sign_in(w.coordinator), f"/contrats/{w.contract.slug}/2026/renouvellements"
    client.post(page, data={f"r-{new['same'].id}": str(old[TITLE].id)})
    undo = re.search(r"/contrats\S+/annuler", client.get(page).text)
    again = db.session.get_one(Project, new["same"].id)
    others = f"{old['Jardin'].reference}"
    client.post(f"/projets/{again.id}/filiation", data={"version": again.version, "others": others})
    assert undo
    client.post(undo[0])
    assert "Rien n&#39;a été annulé" in client.get(page).text
    assert follows(new["same"]) == old["Jardin"].id


def test_the_page_costs_the_same_however_many_there_are(app: Flask, sign_in: SignIn) -> None:
    w, _old, _new = years()
    client, page = sign_in(w.coordinator), f"/contrats/{w.contract.slug}/2026/renouvellements"
    assert client.get(page).status_code == 200
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    counts = set()
    for _ in range(2):
        for number in range(4):
            w.project(title=f"Jardin {number}").kind = Kind.RENEWAL
        db.session.commit()
        asked.clear()
        assert client.get(page).status_code == 200
        counts.add(len(asked))
    assert len(counts) == 1
