"""A new site opened by the address that its server printed."""

from __future__ import annotations

from flask import Flask

from grants.database import db
from grants.models import User
from tests.domain.accounts.test_first_start import PASSWORD, secret


def test_who_opens_it_is_signed_in_and_led_to_what_is_missing(app: Flask) -> None:
    client = app.test_client()
    address = f"/premiere-ouverture/{secret()}"
    assert "Première ouverture" in client.get(address).text
    typed = {"name": "Ada Martin", "email": "ada@ville.fr", "password": "court"}
    refused = client.post(address, data=typed)
    assert (refused.status_code, db.session.query(User).count()) == (422, 0)
    assert "Ada Martin" in refused.text
    page = client.post(address, data=typed | {"password": PASSWORD}, follow_redirects=True).text
    assert "Prêt à ouvrir" in page
    for method in (client.get, client.post):
        assert method(address).status_code == 410
