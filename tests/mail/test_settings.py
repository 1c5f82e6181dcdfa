"""The mail settings: read once, refused with what to write, their password never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from grants.config import MailServer, Settings, SettingsError

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
        ("GRANTS_SMTP_URL", "http://:secret@x"), ("GRANTS_SMTP_URL", "smtp://u:secret@x:port"),
        ("GRANTS_SMTP_URL", "smtp://u:secret@x?tls=maybe"), ("GRANTS_SMTP_URL", "smtp://:secret@"),
        ("GRANTS_SMTP_URL", "smtp://[:secret@x"),
        ("GRANTS_MAIL_FROM", ""), ("GRANTS_MAIL_FROM", "a@b\nBcc: c@d"), ("GRANTS_MAIL_FROM", "x"),
        ("GRANTS_BASE_URL", ""), ("GRANTS_BASE_URL", "grants.ville.fr"),
        ("GRANTS_BASE_URL", "javascript:alert(1)"),
    ],
)  # fmt: skip
def test_what_will_not_do_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read(tmp_path, **{name: value})
    assert str(refused.value).startswith(name)
    assert "secret" not in str(refused.value)
