"""Every route declares who may use it (`@access`), and keeps to it for every kind of user."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from grants.models import User
from tests.place import KINDS, Place, address, dump, routes, untouched

SIGNED_IN = KINDS - {"anonymous"}
INSTRUCT = {"instructor", "other_instructor", "coordinator"}
MEMBERS = {"applicant", "editor"}

# What each action of `permissions.RULES` means, said a second time, in people.
ALLOWED = {
    "public": KINDS,
    "signed_in": SIGNED_IN,
    "administer": {"administrator"},
    "contract.instruct": INSTRUCT,
    "contract.coordinate": {"coordinator"},
    "contract.read_tables": INSTRUCT | {"committee"},
    "campaign.validate": {"coordinator"},
    "organisation.read": MEMBERS,
    "organisation.edit": MEMBERS,
    "organisation.invite": {"applicant"},
    "membership.approve": MEMBERS | {"administrator"},
    "membership.manage": {"applicant", "administrator"},
    "membership.remove": {"applicant", "administrator"},
    "document.read": MEMBERS | INSTRUCT,
    "document.edit": MEMBERS,
    "project.read_own": MEMBERS,
    "project.edit_own": MEMBERS,
    "project.instruct": INSTRUCT,
    "project.coordinate": {"coordinator"},
    "project.give_opinion": INSTRUCT | {"committee"},
    "operation.undo": {"instructor", "coordinator"},
    "funder.decide": {"instructor"},
    "funder.confirm": {"instructor"},
}


def refused(client: FlaskClient, rule: Rule, url: str) -> bool:
    """Sent to sign in, or told that the page is not theirs."""
    method = "POST" if "POST" in rule.methods else "GET"
    responses = [client.open(url, method=m) for m in sorted(rule.methods & {"GET", method})]
    assert all(r.status_code < 500 for r in responses), (rule, responses)
    return all(
        r.status_code == 403
        or (r.status_code == 302 and r.location.partition("?")[0] == "/connexion")
        for r in responses
    )


def test_every_route_says_who_may_use_it(app: Flask) -> None:
    undeclared = [
        r.endpoint for r in routes(app) if not hasattr(app.view_functions[r.endpoint], "access")
    ]
    assert undeclared == []


def test_every_action_is_said_in_people() -> None:
    from grants.permissions import RULES

    assert ALLOWED.keys() == RULES.keys()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_routes_keep_to_what_they_say(
    app: Flask, sign_in: Callable[[User | None], FlaskClient], kind: str
) -> None:
    place = Place()
    person = place.people[kind]
    before = dump(app)
    for rule in routes(app):
        action = app.view_functions[rule.endpoint].access
        url = address(app, place, rule)
        may = kind in ALLOWED[action]
        if action in ("public", "signed_in") and may:
            continue  # refusing there is the page's own business (a closed call, a wrong password)
        if may:
            with untouched(app):
                assert not refused(sign_in(person), rule, url), (kind, rule)
        else:
            assert refused(sign_in(person), rule, url), (kind, rule)
            assert dump(app) == before, (kind, rule, "changed something all the same")
