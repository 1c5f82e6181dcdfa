"""What tests of pages begin with."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import SignIn
from tests.factories import World
from tests.web.dossiers import applicants_world


@pytest.fixture
def w(app: Flask) -> World:
    return applicants_world("ici")


@pytest.fixture
def admin(w: World, sign_in: SignIn) -> FlaskClient:
    return sign_in(w.administrator)
