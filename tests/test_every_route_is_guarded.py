"""Every route declares who may use it (`@access`), and keeps to it for every kind of user."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from grants.web import errors
from tests.conftest import SignIn
from tests.databases import once
from tests.place import KINDS, Keeper, Place, address, routes

SIGNED_IN = KINDS - {"anonymous"}
INSTRUCT = {"instructor", "other_instructor", "coordinator"}
# Of the dossiers of this commune; who coordinates the other one has nothing to do with them.
HERE = {"commune_coordinator"}
PARTS = HERE | {"other_commune_coordinator"}
MEMBERS = {"applicant", "editor"}

# What each action of `permissions.RULES` means, said a second time, in people.
ALLOWED = {
    "public": KINDS,
    "signed_in": SIGNED_IN,
    "administer": {"administrator"},
    "contract.instruct": INSTRUCT,
    "contract.coordinate": {"coordinator"},
    "contract.read_tables": INSTRUCT | {"committee"},
    "contract.instruct_part": INSTRUCT | PARTS,
    "contract.read_part": INSTRUCT | PARTS | {"committee"},
    "campaign.open": {"administrator", "coordinator"},
    "campaign.validate": {"coordinator"},
    "organisation.read": MEMBERS,
    "organisation.edit": MEMBERS,
    "organisation.invite": {"applicant"},
    "membership.approve": MEMBERS | {"administrator"},
    "membership.manage": {"applicant", "administrator"},
    "membership.remove": {"applicant", "administrator"},
    "document.read": MEMBERS | INSTRUCT | HERE,
    "document.edit": MEMBERS,
    "project.read_own": MEMBERS,
    "project.edit_own": MEMBERS,
    "project.instruct": INSTRUCT | HERE,
    "project.coordinate": {"coordinator"} | HERE,
    "project.give_opinion": INSTRUCT | HERE | {"committee"},
    "operation.undo": {"instructor", "coordinator"},
    "funder.decide": {"instructor"},
    "funder.confirm": {"instructor"},
}


def refused(client: FlaskClient, method: str, url: str) -> bool:
    """Sent to sign in, or told that the page is not theirs."""
    response = client.open(url, method=method)
    assert response.status_code < 500, (method, url, response)
    return response.status_code == 403 or (
        response.status_code == 302 and response.location.partition("?")[0] == "/connexion"
    )


def test_every_route_says_who_may_use_it(app: Flask) -> None:
    undeclared = [r.endpoint for r in routes(app) if not hasattr(app.view_functions[r.endpoint], "access")]
    assert undeclared == []


def test_every_action_is_said_in_people() -> None:
    from grants.permissions import RULES

    assert ALLOWED.keys() == RULES.keys()


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_routes_keep_to_what_they_say(app: Flask, sign_in: SignIn, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "render_template", lambda *_, **__: "")  # the status says it all
    monkeypatch.setattr(errors, "note_denial", lambda: None)  # else all that is refused writes
    place = once("place", Place)
    client = sign_in(place.people[kind])
    with Keeper(app) as keeper:
        for rule in routes(app):
            action = app.view_functions[rule.endpoint].access
            may = kind in ALLOWED[action]
            if action in ("public", "signed_in") and may:
                continue  # refusing is the page's own business (a closed call, a wrong password)
            first, *_, last = sorted(rule.methods & {"GET", "POST"}) * 2
            # What is theirs is read where it can be; what is not, they try to write.
            told = refused(client, first if may else last, address(app, place, rule))
            assert told is not may, (kind, rule)
            if may:
                keeper.restore()
                client = sign_in(place.people[kind])
            else:
                assert not keeper.written(), (kind, rule, "changed something all the same")
