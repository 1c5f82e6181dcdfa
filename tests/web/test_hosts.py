"""Names by which the site is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import Client

from grants.config import Settings
from grants.hosts import KnownHosts

BAD = [
    "a b",
    "[::1",
    "x:99999",
    "x:abc",
    "\xe9vil",
    "a/../b",
    "<x>",
    "x" * 300,
    "..",
    "a..b",
    "-",
    "[",
    "]:",
    "@",
    "a:b:c",
    "*",
    "%00",
    "x\n",
    "\x7f",
]


@pytest.mark.parametrize("host", BAD)
def test_no_name_makes_an_accident(app: Flask, host: str) -> None:
    for path in ("/", "/connexion", "/rien"):
        page = app.test_client().get(path, environ_overrides={"HTTP_HOST": host})
        assert page.status_code < 500


@pytest.mark.parametrize(
    ("base_url", "public"),
    [
        ("https://subventions.ville.fr", "Subventions.ville.fr"),
        ("", "localhost"),
        ("https://[2001:db8::1]", "[2001:db8::1]"),
        ("https://évry.fr", "xn--vry-9la.fr"),
    ],
)
def test_in_production_other_names_are_refused(app: Flask, tmp_path: Path, base_url: str, public: str) -> None:
    settings = Settings.from_environment(
        {
            "GRANTS_DATA_DIR": str(tmp_path),
            "GRANTS_ENV": "production",
            "SECRET_KEY": "4f1d0a6b8c2e93571bd8f60e27ca945d",
            "GRANTS_BASE_URL": base_url,
        }
    )
    asked = Client(KnownHosts(app, settings))
    told = {
        host: asked.get("/connexion", headers={"Host": host}).status_code
        for host in (public, "127.0.0.1:8000", "[::1]:8000", "evil.example", "[::2]", "a b")
    }
    assert told == {
        public: 200,
        "127.0.0.1:8000": 200,
        "[::1]:8000": 200,
        "evil.example": 400,
        "[::2]": 400,
        "a b": 400,
    }
