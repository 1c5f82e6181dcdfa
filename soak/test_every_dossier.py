"""Every dossier of the demonstration, where `make test` opens one of those that have the same parts."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from grants import demo
from grants.database import db
from grants.models import Project
from tests.conftest import SignIn
from tests.databases import once
from tests.web.test_every_dossier import KINDS, walk


@pytest.mark.parametrize("kind", KINDS)
def test_every_page_of_every_dossier(app: Flask, sign_in: SignIn, kind: str) -> None:
    once("demonstration", demo.load)
    walk(app, sign_in, kind, db.session.scalars(select(Project.id)).all())
