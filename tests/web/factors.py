"""People with a second factor, and how they come in."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape

from flask import Flask
from flask.testing import FlaskClient
from pyotp import TOTP
from sqlalchemy import update

from grants.database import db
from grants.models import User, UserSession, now
from tests.authenticator import Authenticator
from tests.web.dossiers import fields_in

PASSWORD = "une phrase qui se retient"
FACTORS = "/compte/double-verification"


def enter(app: Flask, person: User) -> tuple[FlaskClient, str]:
    client = app.test_client()
    answer = client.post("/connexion", data={"email": person.email, "password": PASSWORD})
    return client, answer.text


def is_in(client: FlaskClient) -> bool:
    return client.get("/compte").status_code == 200


def add_application(client: FlaskClient, code: str = "") -> tuple[TOTP, str]:
    page = client.get(f"{FACTORS}/application").text
    totp = TOTP(re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1].replace(" ", ""))
    data = fields_in(page) | {"code": code or totp.now()}
    return totp, client.post(f"{FACTORS}/application", data=data).text


def codes_in(page: str) -> list[str]:
    return re.findall(r"<code>([A-Z2-7-]{19})</code>", page)


def add_passkey(client: FlaskClient, key: Authenticator) -> str:
    page = client.get(f"{FACTORS}/cle").text
    data = fields_in(page) | {"credential": key.create(options_in(page))}
    return client.post(f"{FACTORS}/cle", data=data).text


def options_in(page: str) -> dict:
    return json.loads(unescape(re.search(r'data-options="([^"]*)"', page)[1]))


def grow_old(**time: int) -> None:
    db.session.execute(update(UserSession).values(proved_at=now() - timedelta(**time)))
    db.session.commit()
