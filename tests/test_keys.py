"""A key that is not drawn at random signs nobody in, in production."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from grants.config import Settings, SettingsError


def read(folder: Path, key: str) -> Settings:
    return Settings.from_environment({"GRANTS_DATA_DIR": str(folder), "GRANTS_ENV": "production", "SECRET_KEY": key})


@pytest.mark.parametrize(
    "key",
    [
        "",
        "x" * 40,
        "k7Qz!pL2w9" * 4,
        "change-me-in-production-please-now",
        "0123456789abcdef" * 2,
        "un-secret-bien-garde-de-la-mairie!",
        "fc490ef16ece203b7e967b6c828a95",
    ],
)
def test_a_weak_key_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(SettingsError, match="openssl rand -hex 32"):
        read(tmp_path, key)


def test_one_drawn_at_random_is_taken(tmp_path: Path) -> None:
    for key in (secrets.token_hex(32), secrets.token_urlsafe(32), secrets.token_hex(16)):
        assert read(tmp_path, key).secret_key == key
