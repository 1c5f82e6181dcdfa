"""Names by which the site is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from grants import create_app
from grants.config import Settings

BAD = [
    "a b", "[::1", "x:99999", "x:abc", "\xe9vil", "a/../b", "<x>", "x" * 300, "..", "a..b", "-",
    "[", "]:", "@", "a:b:c", "*", "%00", "x\n", "\x7f",
]  # fmt: skip


@pytest.mark.parametrize("host", BAD)
def test_no_name_makes_an_accident(app: Flask, host: str) -> None:
    for path in ("/", "/connexion", "/rien"):
        page = app.test_client().get(path, environ_overrides={"HTTP_HOST": host})
        assert page.status_code < 500


def test_in_production_other_names_are_refused(tmp_path: Path) -> None:
    made = create_app(Settings.from_environment({
        "GRANTS_DATA_DIR": str(tmp_path), "GRANTS_ENV": "production", "SECRET_KEY": KEY,
        "GRANTS_BASE_URL": "https://subventions.ville.fr",
    }))  # fmt: skip
    asked = {
        host: made.test_client().get("/static/grants.css", headers={"Host": host}).status_code
        for host in ("subventions.ville.fr", "127.0.0.1:8000", "evil.example")
    }
    assert asked == {"subventions.ville.fr": 302, "127.0.0.1:8000": 302, "evil.example": 400}


KEY = "4f1d0a6b8c2e93571bd8f60e27ca945d"
