"""One dossier written by two people, or in two tabs, at once."""

import re

import pytest

from grants.database import db
from grants.models import MemberRole, State
from tests.conftest import SignIn
from tests.factories import World, member
from tests.web.dossiers import draft_of, fields_of, send


def asked_in(page: str) -> dict[str, str]:
    """The version that the page carries, and each question answered by one's own words."""
    seen = re.search(r'name="version"[^>]*value="([^"]*)"', page)
    return {"version": seen[1], **dict(re.findall(r'name="(garder-\w+)" value="(moi-\w*)"', page))}


@pytest.mark.slow
def test_two_people_at_once_see_both_values(w: World, sign_in: SignIn) -> None:
    """Only of what both have changed is one asked; what only the other has, is theirs."""
    project = draft_of(w)
    path = f"/mes-projets/{project.id}/projet"
    mine, theirs = sign_in(w.applicant), sign_in(member(w.bearer, MemberRole.EDITOR))
    db.session.commit()
    opened = fields_of(mine, path)
    assert send(theirs, path, title="Leur titre", objectives="Les leurs").status_code == 302
    sent = {**opened, "title": "Mon titre", "description": "La mienne"}
    clash = mine.post(path, data=sent)
    assert clash.status_code == 422
    assert "Leur titre" in clash.text
    assert 'value="Mon titre"' in clash.text
    assert "Membre y écrit depuis" in clash.text
    assert "Les leurs</textarea>" in clash.text
    db.session.expire_all()
    stored = (project.title, project.objectives, project.description)
    assert stored == ("Leur titre", "Les leurs", "La mienne")
    answers = asked_in(clash.text)
    assert list(answers) == ["version", "garder-title"]
    sent |= {"objectives": "Les leurs"}
    unanswered = mine.post(path, data=sent | {"version": answers["version"]})
    assert "Garder ce que j" in unanswered.text, "asked until it is answered"
    send(theirs, path, title="Leur second titre")
    late = mine.post(path, data=sent | answers)
    assert "Leur second titre" in late.text, "answered over another one"
    theirs_kept = mine.post(path, data=sent | asked_in(late.text) | {"garder-title": "autre"})
    assert theirs_kept.status_code == 302
    db.session.expire_all()
    assert project.title == "Leur second titre"
    assert mine.post(path, data=sent | asked_in(late.text)).status_code == 302
    db.session.expire_all()
    assert (project.title, project.objectives) == ("Mon titre", "Les leurs")


@pytest.mark.slow
def test_a_line_of_the_budget_is_one_answer(w: World, sign_in: SignIn) -> None:
    """Where one renames a subsidy and the other changes its amount, neither is taken unasked."""
    project = draft_of(w)
    path = f"/mes-projets/{project.id}/budget"
    mine, theirs = sign_in(w.applicant), sign_in(member(w.bearer, MemberRole.EDITOR))
    db.session.commit()
    send(mine, path, other_label_0="CAF", other_amount_0="100")
    opened = fields_of(mine, path)
    send(theirs, path, other_label_0="Région", other_amount_0="900", a606="50")
    clash = mine.post(path, data={**opened, "other_amount_0": "150", "a613": "60"})
    assert {"garder-other_label_0", "garder-other_amount_0"} < set(asked_in(clash.text))
    page = fields_of(mine, path)
    assert (page["a606"], page["a613"], page["other_label_0"]) == ("50", "60", "Région")
    assert page["other_amount_0"] == "900"


def test_a_line_of_the_budget_that_goes_renumbers_no_other(w: World, sign_in: SignIn) -> None:
    """A line is known by its row: one window removes the first while the other mends the second."""
    project = draft_of(w)
    path = f"/mes-projets/{project.id}/budget"
    mine, theirs = sign_in(w.applicant), sign_in(member(w.bearer, MemberRole.EDITOR))
    db.session.commit()
    lines = {"CAF": "100", "Région": "200", "Fondation": "300"}
    written = {f"other_label_{row}": label for row, label in enumerate(lines)}
    written |= {f"other_amount_{row}": euros for row, euros in enumerate(lines.values())}
    assert send(mine, path, **written).status_code == 302
    opened = fields_of(mine, path)
    assert send(theirs, path, other_label_0="", other_amount_0="").status_code == 302
    assert mine.post(path, data={**opened, "other_amount_1": "250"}).status_code == 302
    db.session.expire_all()
    stored = [(line.label, line.amount) for line in project.budget if line.account == "74"]
    assert stored == [("Région", 250), ("Fondation", 300)]


def test_one_person_in_two_tabs_is_told_so(w: World, sign_in: SignIn) -> None:
    path, client = f"/mes-projets/{draft_of(w).id}/projet", sign_in(w.applicant)
    opened = fields_of(client, path)
    assert send(client, path, title="Premier onglet").status_code == 302
    clash = client.post(path, data={**opened, "title": "Second onglet"})
    assert "Vous-même, dans un autre onglet" in clash.text
    assert "autre personne" not in clash.text


@pytest.mark.parametrize("version", [None, "", "0", "9" * 50, "\x00"])
def test_a_forged_version_saves_and_deposits_nothing(w: World, sign_in: SignIn, version: str | None) -> None:
    project = draft_of(w)
    client = sign_in(w.applicant)
    sent = {} if version is None else {"version": version}
    path = f"/mes-projets/{project.id}"
    assert client.post(f"{path}/calendrier", data={"schedule": "x", **sent}).status_code == 422
    assert client.post(f"{path}/deposer", data=sent).status_code == 422
    db.session.expire_all()
    assert (project.schedule, project.state) == ("", State.DRAFT)
