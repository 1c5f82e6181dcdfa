"""The mail settings: read once, refused with what to write, their password never shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from grants import server
from grants.config import MailServer, Settings, SettingsError
from tests.mail.test_worker import in_this_process  # noqa: F401 - a fixture

GOOD = {
    "GRANTS_SMTP_URL": "smtp://user%40ville.fr:p%2Fw@mail.ville.fr",
    "GRANTS_MAIL_FROM": "grants@ville.fr",
    "GRANTS_BASE_URL": "https://grants.ville.fr/",
}


def read(folder: Path, **changes: str) -> Settings:
    return Settings.from_environment({"GRANTS_DATA_DIR": str(folder), **GOOD, **changes})


def test_encrypted_unless_said_otherwise(tmp_path: Path) -> None:
    settings = read(tmp_path)
    assert settings.mail_server == MailServer(
        "mail.ville.fr", 587, "starttls", "user@ville.fr", "p/w", "grants@ville.fr"
    )
    assert settings.base_url == "https://grants.ville.fr"
    other = read(tmp_path, GRANTS_SMTP_URL="smtps://m.fr").mail_server
    assert other
    assert (other.port, other.tls) == (465, "tls")
    plain = read(tmp_path, GRANTS_SMTP_URL="smtp://127.0.0.1:25?tls=none").mail_server
    assert plain
    assert (plain.port, plain.tls) == (25, "none")


def test_without_a_server_mails_are_kept(tmp_path: Path) -> None:
    settings = Settings.from_environment({"GRANTS_DATA_DIR": str(tmp_path)})
    assert settings.mail_server is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GRANTS_SMTP_URL", "http://:secret@x"),
        ("GRANTS_SMTP_URL", "smtp://u:secret@x:port"),
        ("GRANTS_SMTP_URL", "smtp://u:secret@x?tls=maybe"),
        ("GRANTS_SMTP_URL", "smtp://:secret@"),
        ("GRANTS_SMTP_URL", "smtp://[:secret@x"),
        ("GRANTS_MAIL_FROM", ""),
        ("GRANTS_MAIL_FROM", "a@b\nBcc: c@d"),
        ("GRANTS_MAIL_FROM", "x"),
        ("GRANTS_BASE_URL", ""),
        ("GRANTS_BASE_URL", "grants.ville.fr"),
        ("GRANTS_BASE_URL", "javascript:alert(1)"),
    ],
)
def test_what_will_not_do_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read(tmp_path, **{name: value})
    assert str(refused.value).startswith(name)
    assert "secret" not in str(refused.value)


def test_sent_mails_are_kept_long_enough_to_remind_once(tmp_path: Path) -> None:
    assert read(tmp_path).mail_days == 90
    assert read(tmp_path, GRANTS_MAIL_DAYS="30").mail_days == 30
    with pytest.raises(SettingsError, match="GRANTS_MAIL_DAYS"):
        read(tmp_path, GRANTS_MAIL_DAYS="7")


@pytest.mark.slow
@pytest.mark.usefixtures("in_this_process")
@pytest.mark.parametrize(
    ("host", "address"),
    [("127.0.0.1", "http://127.0.0.1:8080"), ("0.0.0.0", "http://127.0.0.1:8080"), ("::1", "http://[::1]:8080")],
)
def test_links_lead_to_the_port_that_is_served(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, address: str
) -> None:
    made = []
    monkeypatch.setattr(server, "_check_free", lambda host, port: None)
    monkeypatch.setattr(server, "_check_schema", lambda: None)
    monkeypatch.setattr(server, "_first_address", lambda settings: "")
    monkeypatch.setattr(server, "Server", lambda app, *_: made.append(app) or _Still())
    monkeypatch.setenv("GRANTS_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("GRANTS_BASE_URL", raising=False)
    server.serve(host, 8080)
    assert made[0].config["SETTINGS"].base_url == address
    monkeypatch.setenv("GRANTS_BASE_URL", "https://grants.ville.fr")
    server.serve(host, 8080)
    assert made[1].config["SETTINGS"].base_url == "https://grants.ville.fr"


class _Still:
    def run(self) -> None:
        """Serves nobody."""
