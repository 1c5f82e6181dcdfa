"""Settings, read once from the environment. Production refuses to start when unsafe."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

WEAK_KEY_LENGTH = 32


class SettingsError(Exception):
    """A setting is missing or unsafe; the message (in French) says which and what to write."""


@dataclass(frozen=True)
class Settings:
    environment: str
    database_url: str
    secret_key: str
    data_dir: Path
    behind_proxies: int

    @property
    def production(self) -> bool:
        return self.environment == "production"

    @classmethod
    def from_environment(cls, env: Mapping[str, str] | None = None) -> Settings:
        """Raises `SettingsError` for an unknown environment or a weak key in production."""
        env = os.environ if env is None else env
        environment = env.get("GRANTS_ENV", "development")
        if environment not in ("development", "production"):
            raise SettingsError(
                f"GRANTS_ENV : « {environment} » n'est pas connu, écrire development ou production"
            )
        data_dir = Path(env.get("GRANTS_DATA_DIR", "data")).resolve()
        key = env.get("SECRET_KEY", "")
        if environment == "production" and len(key) < WEAK_KEY_LENGTH:
            raise SettingsError(
                f"SECRET_KEY : en production, une clé d'au moins {WEAK_KEY_LENGTH} caractères"
                " est obligatoire (par exemple celle que donne « openssl rand -hex 32 »)"
            )
        return cls(
            environment=environment,
            database_url=_database_url(env, data_dir),
            secret_key=key or _development_key(data_dir),
            data_dir=data_dir,
            behind_proxies=_whole_number(env, "GRANTS_PROXIES"),
        )


def _database_url(env: Mapping[str, str], data_dir: Path) -> str:
    url = env.get("DATABASE_URL") or f"sqlite:///{data_dir / 'grants.sqlite3'}"
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise SettingsError(
            "DATABASE_URL : écrire sqlite:////chemin/grants.sqlite3"
            " ou postgresql://utilisateur:motdepasse@machine/base"
        )
    return url


def _whole_number(env: Mapping[str, str], name: str) -> int:
    value = env.get(name, "0")
    if not value.isascii() or not value.isdigit():
        raise SettingsError(f"{name} : « {value} » n'est pas un nombre entier")
    return int(value)


def _development_key(data_dir: Path) -> str:
    """A key of this machine's own, kept so that a restart signs nobody out."""
    file = data_dir / "secret_key"
    if not file.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(os.urandom(32).hex())
    return file.read_text().strip()
